"""What outlives a power cut, when it is written, and what becomes of the marks that a cycle leaves."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from bms.app.remembered import Remembered
from bms.app.reporter import Reporter
from bms.core import button as b
from bms.core import faults, params, path, protection
from bms.core import snapshot as s
from bms.core.soc import ChargeCounter
from bms.services.history import History
from bms.services.journal import Journal
from bms.services.storage import Record
from core.pack_fixture import calm, protect, values
from services.fixture import Flash

DAY_S = 86400


def counter(permille: int = 640, sigma: int = 25) -> ChargeCounter:
    soc = ChargeCounter()
    soc.configure(values())
    soc.set(permille, sigma)
    return soc


def kept(flash: Flash) -> Any:
    return Record(flash, "state").load()


def stored(content: dict[str, Any]) -> Flash:
    flash = Flash()
    Record(flash, "state").save(content)
    return flash


def test_a_new_board_remembers_nothing() -> None:
    memory = Remembered(Flash())
    soc = ChargeCounter()
    memory.take_up(protect(), 0)
    memory.restore(soc)
    assert not soc.known
    assert (memory.base_s, memory.resets, memory.refusals, memory.resets_s) == (0, 0, 0, [])
    assert memory.damage == []
    assert not memory.lost
    assert not memory.urgent
    assert not memory.due(soc, 100)


def test_everything_comes_back() -> None:
    flash = Flash()
    memory = Remembered(flash)
    memory.resets, memory.refusals, memory.resets_s = 3, 2, [100, 5000]
    machine = protect()
    snap = calm()
    snap.values[s.SILENT_MS] = 5000
    snap.values[s.IMPACT] = 1
    machine.step(0, snap)
    memory.write(counter(), machine, 6000)
    again = Remembered(flash)
    soc, machine = counter(100, 300), protect()
    again.take_up(machine, 0)
    again.restore(soc)
    assert (again.base_s, again.resets, again.refusals, again.resets_s) == (6000, 3, 2, [100, 5000])
    assert soc.permille == 640
    assert soc.sigma_permille == 35, "nobody counted while the power was off"
    assert machine.state[faults.index("AFE_COMMS")] == protection.LOCKED
    assert machine.state[faults.index("IMPACT")] == protection.PERMANENT


def test_a_charge_that_nobody_knows_is_not_remembered_as_one() -> None:
    flash = Flash()
    soc = ChargeCounter()
    Remembered(flash).write(soc, protect(), 10)
    Remembered(flash).restore(soc)
    assert not soc.known


def test_resets_older_than_a_month_are_forgotten() -> None:
    flash = Flash()
    memory = Remembered(flash)
    now_s = 100 * DAY_S
    memory.resets_s = [now_s - 30 * DAY_S, now_s - 30 * DAY_S + 1, now_s]
    memory.write(counter(), protect(), now_s)
    assert Remembered(flash).resets_s == [now_s - 30 * DAY_S + 1, now_s]


@pytest.mark.parametrize(
    "content",
    [
        {"operating_s": "x", "soc": "x", "resets_s": "x", "resets": None, "refusals": [], "standing": 3},
        {"operating_s": -5, "soc": [1], "resets_s": {}, "resets": -1, "refusals": -1, "standing": []},
        {"soc": [1, "x"], "resets_s": ["x", None], "standing": {"SCD": 3, "NOPE": [2, 1]}},
        {"soc": ["x", 1]},
        {},
    ],
)
def test_nonsense_in_a_record_is_passed_over(content: dict[str, Any]) -> None:
    memory = Remembered(stored(content))
    soc, machine = ChargeCounter(), protect()
    memory.take_up(machine, 0)
    memory.restore(soc)
    assert (memory.base_s, memory.resets, memory.refusals, memory.resets_s) == (0, 0, 0, [])
    assert not soc.known
    assert not any(machine.state)


def test_a_write_is_due_after_a_percent_or_an_hour() -> None:
    flash = Flash()
    memory = Remembered(flash)
    soc = counter(640)
    assert memory.due(soc, 1), "a charge that was never written"
    memory.write(soc, protect(), 100)
    assert not memory.due(soc, 3699)
    assert memory.due(soc, 3700)
    for permille, due in ((649, False), (650, True), (631, False), (630, True)):
        soc.set(permille, 20)
        assert memory.due(soc, 200) is due, permille


def test_what_was_just_restored_is_not_due() -> None:
    memory = Remembered(stored({"operating_s": 5000, "soc": [640, 20]}))
    soc = counter(0)
    memory.take_up(protect(), 0)
    memory.restore(soc)
    assert not memory.due(soc, 5001)
    assert memory.due(soc, 8600)


def test_what_is_urgent_is_written_to_both_copies_and_a_failure_is_tried_again_in_a_while() -> None:
    """PW-114."""
    flash = Flash()
    memory = Remembered(flash)
    assert not memory.pressing(100)
    memory.urgent = True
    assert memory.pressing(100)
    flash.fail = True
    with pytest.raises(OSError, match="28"):
        memory.write(counter(), protect(), 100)
    assert memory.urgent
    assert not memory.pressing(104)
    assert memory.pressing(105)
    flash.fail = False
    writes = flash.writes
    memory.write(counter(), protect(), 105)
    assert flash.writes == writes + 2
    assert not memory.pressing(106)
    memory.urgent = True
    assert memory.pressing(106), "only a failure makes the next one wait"
    memory.urgent = False
    memory.write(counter(), protect(), 300)
    assert flash.writes == writes + 3


def test_one_damaged_copy_is_told_and_mended_two_are_a_loss() -> None:
    flash = Flash()
    memory = Remembered(flash)
    memory.write(counter(), protect(), 100)
    memory.write(counter(), protect(), 200)
    good = dict(flash.files)
    flash.files["state.a"] = b"\xff" * 50
    once = Remembered(flash)
    assert len(once.damage) == 1
    assert not once.lost
    assert once.base_s in (100, 200)
    assert once.urgent
    flash.files["state.b"] = b""
    twice = Remembered(flash)
    assert twice.lost
    assert len(twice.damage) == 2
    assert set(good) == {"state.a", "state.b"}


class Desk:
    """A reporter with everything that it writes to in view."""

    def __init__(self, base_s: int = 0) -> None:
        self.flash = stored({"operating_s": base_s}) if base_s else Flash()
        self.said: list[str] = []
        self.streamed: list[str] = []
        self.soc = ChargeCounter()
        self.parts = SimpleNamespace(
            history=History(),
            journal=Journal(self.flash),
            archive=SimpleNamespace(fault=lambda *_: None, step=lambda *_: False, news=[]),
            doctor=SimpleNamespace(
                tripped=lambda _row: None, entered=lambda _mode: None, step=lambda _now_s: False
            ),
            remembered=Remembered(self.flash),
            settings=SimpleNamespace(second=lambda _ready: ""),
            keeper=SimpleNamespace(ready=True),
            protect=protect(),
            soc=self.soc,
            snap=calm(),
            console=SimpleNamespace(
                say=self.said.append, stream=lambda it: self.streamed.append("".join(it))
            ),
            panel=SimpleNamespace(button=SimpleNamespace(stage=b.IDLE, stuck=False)),
            desk=SimpleNamespace(rows=[()], second=lambda _now_s: None),
            api=SimpleNamespace(answers=SimpleNamespace(status=self._status)),
        )
        self.soc.configure(params.resolve({"chemistry": "lfp", "capacity_mah": 20000}))
        self.reporter = Reporter(self.parts)
        self.statuses = 0

    def _status(self) -> dict[str, Any]:
        self.statuses += 1
        return {"mode": "active", "n": self.statuses}

    def second(self, uptime_s: int, mode: int = path.BOOT) -> None:
        for _ in range(10):
            self.reporter.step(uptime_s, mode)

    def events(self) -> list[tuple[int, str, str]]:
        return self.parts.history.events


def test_operating_time_goes_on_where_it_stood() -> None:
    desk = Desk(base_s=5000)
    assert desk.reporter.operating_s == 5000
    desk.second(7)
    assert desk.reporter.operating_s == 5007


def test_a_change_of_mode_is_told_once() -> None:
    desk = Desk()
    desk.second(1, path.BOOT)
    assert desk.events() == []
    desk.second(2, path.SELFTEST)
    desk.second(3, path.ACTIVE)
    assert [detail for _, event, detail in desk.events() if event == "mode"] == [
        "boot -> selftest",
        "selftest -> active",
    ]
    assert desk.said[-1].endswith("mode: selftest -> active")


def test_the_story_of_a_fault_is_told_in_words() -> None:
    desk = Desk()
    machine, snap = desk.parts.protect, desk.parts.snap
    snap.hardware = s.HW_OV
    snap.values[s.EXCEPTIONS] = 1
    machine.step(0, snap)
    snap.hardware = 0
    machine.step(100, snap)
    machine.step(4000, snap)
    desk.second(1)
    told = [(event, detail.split()[0]) for _, event, detail in desk.events()]
    assert told == [("fault", "CELL_OV"), ("lockout", "EXCEPTION"), ("fault over", "CELL_OV")]
    assert len(desk.said) == 3
    assert "P0AFB: a cell is charged too high" in desk.said[0]


def test_the_status_is_streamed_every_so_many_seconds() -> None:
    desk = Desk()
    desk.second(1)
    assert desk.statuses == 0
    desk.reporter.watch_s = 3
    desk.reporter.watch_json = True
    for uptime_s in range(2, 10):
        desk.second(uptime_s)
    assert desk.statuses == 3
    assert json.loads(desk.streamed[0]) == {
        "jsonrpc": "2.0",
        "method": "status",
        "params": {"mode": "active", "n": 1},
    }
    assert desk.streamed[0].endswith("}\r\n")
    assert desk.said == []


def test_a_person_watches_a_line_at_a_time() -> None:
    desk = Desk()
    desk.parts.api.answers.status = lambda: {
        "mode": "active",
        "soc_permille": 640,
        "soc_sigma_permille": 20,
        "cells_mv": [3300, 3310],
        "pack_mv": 6610,
        "current_ma": -1500,
        "temps_ddegc": [250],
        "faults": [],
        "uptime_ms": 1000,
    }
    desk.reporter.watch_s = 1
    desk.second(1)
    assert len(desk.said) == 1
    assert "active" in desk.said[0]
    assert desk.streamed == []


def test_a_watchdog_reset_is_warned_of_for_ten_minutes() -> None:
    desk = Desk()
    desk.parts.snap.values[s.WATCHDOG_RESET] = 1
    desk.second(599)
    assert desk.parts.snap.values[s.WATCHDOG_RESET] == 1
    desk.second(600)
    assert desk.parts.snap.values[s.WATCHDOG_RESET] == 0


def test_the_charge_is_written_when_it_moved_but_not_under_a_finger() -> None:
    desk = Desk()
    desk.second(1)
    assert desk.flash.writes == 0
    desk.soc.set(500, 20)
    desk.parts.panel.button.stage = b.HELD
    desk.second(2)
    assert desk.flash.writes == 0, "an erase would make the button late"
    desk.parts.panel.button.stage = b.IDLE
    desk.second(3)
    assert desk.flash.writes == 1
    assert kept(desk.flash)["operating_s"] == 3
    desk.second(4)
    assert desk.flash.writes == 1


def test_a_flash_that_refuses_is_an_event_and_what_was_lost_stays_lost() -> None:
    desk = Desk()
    desk.parts.snap.values[s.STATE_LOST] = 1
    desk.flash.fail = True
    desk.reporter.remember()
    assert desk.events()[0][1] == "storage"
    assert desk.parts.snap.values[s.STATE_LOST] == 1
    desk.flash.fail = False
    desk.reporter.remember()
    assert desk.parts.snap.values[s.STATE_LOST] == 0
