"""What closes the path, FETs or contactors: commands out, what reads closed back in."""

from types import SimpleNamespace
from typing import Any

import pytest
from bms.app.switch import Switch
from bms.core import contactor, ticks
from bms.core.snapshot import BOTH, CHG, DSG, PCHG, PDSG

VALUES = {
    "precharge_fitted": 0,
    "precharge_delta_mv": 500,
    "coil_pull_ms": 100,
    "coil_hold_permille": 300,
    "coil_rest_ms": 500,
}


class Bench:
    """A switch between an AFE that obeys at the next scan and contactors that obey at once."""

    def __init__(self, contactors: bool = True, **changes: int) -> None:
        self.now = (1 << 30) - 1000
        self.calls: list[tuple[Any, ...]] = []
        self.coils: dict[int, int] = {}
        self.gates = 0
        self.deaf = False
        self.stuck_closed = 0
        self.afe = SimpleNamespace(stack_mv=48000, ld_mv=0, current_ma=0)
        self.contactors = contactors
        self.keeper = SimpleNamespace(command=self._command, open_path=self._open, afe=self.afe)
        self.switch = Switch(self, self.keeper)
        self.switch.configure(VALUES | changes)
        self.read = 0
        self.silent = False
        self.run(600)
        self.calls.clear()

    def ticks_ms(self) -> int:
        return self.now

    def coil(self, which: int, permille: int) -> None:
        self.calls.append(("coil", which, permille))
        self.coils[which] = permille

    def contacts(self) -> int:
        made = sum(which for which in (CHG, DSG) if self.coils.get(which) and self.gates & which)
        return made | self.stuck_closed

    def _command(self, fets: int) -> bool:
        self.calls.append(("afe", fets))
        if not self.deaf:
            self.gates = fets
        return not self.deaf

    def _open(self) -> None:
        self.calls.append(("afe opens",))
        self.gates = 0

    def run(self, for_ms: int) -> None:
        """Polls every 10 ms, a scan every 100 ms."""
        for _ in range(for_ms // 10):
            self.now = ticks.add(self.now, 10)
            self.switch.poll(self.now)
            if self.now % 100 < 10 and not self.silent:
                self.read = self.switch.reads(self.gates)

    def drive(self) -> tuple[int, int, int]:
        return self.coils.get(CHG, 0), self.coils.get(DSG, 0), self.coils.get(PDSG, 0)


def closed(**changes: int) -> Bench:
    bench = Bench(**changes)
    bench.switch.command(BOTH)
    bench.run(500)
    assert bench.drive() == (300, 300, 0)
    bench.calls.clear()
    return bench


# -- FETs


def test_fets_are_the_front_ends_business() -> None:
    bench = Bench(contactors=False)
    assert bench.switch.command(BOTH)
    assert bench.calls == [("afe", BOTH)]
    for gates in range(16):
        assert bench.switch.reads(gates) == gates
    bench.deaf = True
    assert not bench.switch.command(0)
    bench.switch.open_path()
    assert bench.calls[1:] == [("afe", 0), ("afe opens",)]
    assert bench.switch.welded == bench.switch.failed == 0


@pytest.mark.parametrize(
    ("commanded", "gates", "moving"),
    [(BOTH, CHG, 0), (BOTH, CHG | PDSG, DSG), (CHG, CHG | PDSG, 0), (BOTH, BOTH, 0), (DSG, PDSG, DSG)],
)
def test_a_predischarge_is_a_direction_on_its_way(commanded: int, gates: int, moving: int) -> None:
    bench = Bench(contactors=False)
    bench.switch.command(commanded)
    bench.switch.reads(gates)
    assert bench.switch.moving == moving


# -- contactors


def test_coils_are_off_from_the_first() -> None:
    bench = Bench()
    assert bench.coils == {CHG: 0, DSG: 0, PDSG: 0}


def test_a_coil_waits_for_its_gate() -> None:
    """PW-143."""
    bench = Bench()
    bench.deaf = True
    assert not bench.switch.command(BOTH)
    bench.run(2000)
    assert bench.drive() == (0, 0, 0)
    assert bench.switch.moving == 0, "the front end's fault: a mismatch"
    bench.gates = CHG
    bench.run(500)
    assert bench.drive() == (300, 0, 0)
    assert bench.read == CHG


def test_what_is_on_its_way_says_so() -> None:
    bench = Bench()
    bench.switch.command(BOTH)
    bench.switch.reads(BOTH)
    assert bench.switch.moving == BOTH
    assert bench.drive() == (1000, 1000, 0)
    bench.run(200)
    assert bench.switch.moving == 0
    assert bench.read == BOTH
    bench.switch.command(0)
    bench.run(100)
    bench.switch.command(BOTH)
    bench.run(100)
    assert bench.read == 0
    assert bench.switch.moving == BOTH, "resting"


def test_our_half_opens_before_the_bus_is_asked() -> None:
    """PW-143."""
    bench = closed()
    bench.deaf = True
    assert not bench.switch.command(CHG)
    assert bench.calls == [("coil", DSG, 0), ("afe", CHG)]
    assert bench.drive() == (300, 0, 0)


def test_a_gate_that_comes_back_has_its_coil_pull_in_again() -> None:
    bench = closed()
    bench.gates = CHG
    bench.run(100)
    assert bench.drive() == (300, 0, 0)
    assert bench.read == CHG
    bench.gates = BOTH
    bench.run(100)
    assert bench.drive() == (300, 0, 0)
    bench.run(500)
    assert bench.drive() == (300, 1000, 0) or ("coil", DSG, 1000) in bench.calls
    bench.run(200)
    assert bench.drive() == (300, 300, 0)
    assert bench.read == BOTH


def test_a_gate_remembered_from_before_drives_nothing() -> None:
    bench = closed()
    bench.deaf = bench.silent = True
    bench.switch.command(0)
    bench.switch.command(BOTH)
    bench.run(3000)
    assert bench.drive() == (0, 0, 0)


def test_gates_that_a_restart_finds_on_drive_nothing() -> None:
    bench = Bench()
    bench.gates = BOTH
    bench.switch = Switch(bench, bench.keeper)
    assert bench.switch.reads(BOTH) == 0
    bench.run(3000)
    assert bench.drive() == (0, 0, 0)
    assert bench.switch.moving == 0


def test_a_trip_of_the_front_end_counts_with_the_current_before_it() -> None:
    bench = closed()
    bench.afe.current_ma = -80000
    bench.run(100)
    bench.afe.current_ma = 0
    bench.gates = 0
    bench.run(100)
    assert bench.switch.contactors is not None
    assert bench.switch.contactors.hot_openings == 1


def test_a_command_repeated_changes_nothing() -> None:
    bench = closed()
    for _ in range(10):
        assert bench.switch.command(BOTH)
        bench.run(50)
    assert bench.drive() == (300, 300, 0)
    assert [call for call in bench.calls if call[0] == "coil"] == []


def test_a_welded_contact_reads_closed_whatever_the_gate_says() -> None:
    bench = closed()
    bench.stuck_closed = DSG
    bench.switch.command(CHG)
    bench.run(200)
    assert bench.read == CHG
    bench.run(200)
    assert bench.read == BOTH
    assert bench.switch.welded == DSG
    bench.switch.command(0)
    bench.run(200)
    assert bench.read == DSG


def test_a_lost_contact_reads_open_whatever_the_gate_says() -> None:
    bench = closed()
    bench.coils[CHG] = 0  # its supply is gone
    bench.run(200)
    assert bench.read == DSG
    assert bench.switch.failed == CHG
    assert bench.switch.moving == 0
    bench.switch.command(DSG)
    bench.run(100)
    assert bench.switch.failed == 0


def test_precharge_reads_as_a_detour_for_discharge() -> None:
    bench = Bench(precharge_fitted=1)
    bench.switch.command(DSG)
    bench.run(300)
    assert bench.read == PDSG
    assert bench.switch.moving == DSG
    assert bench.drive() == (0, 0, 300)
    bench.afe.ld_mv = 47600
    bench.run(400)
    assert bench.read == DSG
    assert bench.drive() == (0, 300, 0)
    assert bench.switch.moving == 0


def test_a_load_that_does_not_come_up_is_let_go() -> None:
    bench = Bench(precharge_fitted=1)
    bench.switch.command(BOTH)
    bench.afe.ld_mv = 47499
    bench.run(5000)
    assert bench.read == CHG | PDSG
    bench.switch.command(CHG)
    assert bench.drive() == (300, 0, 0)
    bench.run(100)
    assert bench.read == CHG


def test_a_gentle_charge_passes_beside_the_contactors() -> None:
    bench = Bench()
    bench.switch.command(CHG)
    assert bench.switch.reads(PCHG) == PCHG


def test_open_path_opens_whatever_has_gone_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = closed()
    pair = bench.switch.contactors
    monkeypatch.setattr(pair, "step", lambda *_arguments: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        bench.switch.poll(bench.now)
    bench.switch.open_path()
    assert bench.calls == [("coil", CHG, 0), ("coil", DSG, 0), ("coil", PDSG, 0), ("afe opens",)]
    monkeypatch.undo()
    bench.calls.clear()
    bench.run(1000)
    assert bench.calls == []
    assert bench.read == 0
    bench.switch.command(BOTH)
    bench.run(500)
    assert bench.drive() == (300, 300, 0)


def test_a_hang_that_ends_begins_from_open() -> None:
    """The front end's host watchdog has dropped its gates, and takes them back at the first word."""
    bench = closed()
    bench.now = ticks.add(bench.now, contactor.BLIND_MS)
    assert bench.switch.reads(BOTH) == 0
    assert bench.drive() == (0, 0, 0)
    bench.run(700)
    assert bench.drive() == (300, 300, 0)
