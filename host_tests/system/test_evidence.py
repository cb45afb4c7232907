"""Readings that cannot be right, switches that do not obey, loads that do not come up: each on its evidence.

Each row on the simulated pack, for both chemistries, at the first and at the last cell: it trips in time,
opens what it should, tells the figure that made it, and ends only as its class says. And a healthy pack is
accused of none of it.
"""

import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from bms.core import faults
from bms.core import snapshot as s
from system.rig import Rig

GRACE_S = 0.4  # a scan, a cycle, and the moment in which the test broke something
CHG_OPEN = (False, True)
DSG_OPEN = (True, False)
CLOSED = (True, True)
OPEN = (False, False)

EDGES = pytest.mark.parametrize("cell", [1, 4], ids=["first cell", "last cell"])
CHEMISTRIES = pytest.mark.parametrize("chemistry", ["lfp", "nmc"])
SIGNS = pytest.mark.parametrize("sign", [1, -1], ids=["charging", "discharging"])

# Rows that accuse a cell, a wire, a switch or the AFE of something that a healthy pack never does.
ACCUSATIONS = {
    "STACK_SUM", "OPEN_TAP", "TAPS_SWAPPED", "CELL_JUMP", "FROZEN_CELL", "FROZEN_AFE",
    "CELL_OV_PERM", "CELL_DEAD", "OT_PERM",
    "FET_MISMATCH", "FET_STUCK_OPEN", "CHG_WELDED", "DSG_WELDED", "OPEN_CURRENT", "WRONG_PORT", "PRECHARGE",
    "BUS_NOISY",
}  # fmt: skip


def told(rig: Rig, mnemonic: str, kind: str = "fault") -> float:
    """The figure of the latest event of this row in the history."""
    of_row = [each for each in rig.events(kind) if each.startswith(f"{mnemonic} ")]
    assert of_row, rig.session.parts.history.events
    found = re.search(r"\((?:cells? [^:]*: )?(-?[\d.]+) (?:mV|mA|ms|C)\)$", of_row[-1])
    assert found, of_row[-1]
    return float(found[1])


def trips(rig: Rig, mnemonic: str, delay_s: float, early_s: float = GRACE_S) -> None:
    """The fault stands within its delay, and not much before."""
    spent = rig.until(lambda: mnemonic in rig.faults, delay_s + GRACE_S)
    assert spent >= delay_s - early_s, f"{mnemonic} after {spent} s of {delay_s} s"
    rig.run(0.15)


def stays(rig: Rig, mnemonic: str, seconds: float, fets: tuple[bool, bool] | None = None) -> None:
    for _ in range(int(seconds)):
        rig.run(1)
        assert mnemonic in rig.faults
        assert fets is None or rig.fets == fets


def ends(rig: Rig, mnemonic: str, delay_s: float) -> None:
    """It ends after its delay, and not before."""
    spent = rig.until(lambda: mnemonic not in rig.faults, delay_s + GRACE_S)
    assert spent >= delay_s - GRACE_S, f"{mnemonic} was over after {spent} s of {delay_s} s"


def opened(rig: Rig, mnemonic: str, mode: str = "fault", fets: tuple[bool, bool] = OPEN) -> None:
    """What its owner is told, and what really conducts."""
    assert rig.mode == mode
    assert rig.fets == fets
    assert rig.status()["why"].startswith(f"{mnemonic}:")


def locked(rig: Rig, mnemonic: str) -> None:
    """A lockout: time ends nothing, and a reset with the cause gone does."""
    stays(rig, mnemonic, 30, OPEN)
    assert "locked out" in rig.status()["why"]
    assert rig.rpc("reset", "soft")["accepted"] is True
    rig.closed()
    assert rig.mode == "active"


def for_good(rig: Rig, mnemonic: str) -> None:
    """No reset and no power cut bring the pack back."""
    assert rig.mode == "permanent"
    assert rig.status()["service_needed"] is True
    stays(rig, mnemonic, 20, OPEN)
    assert "permanent" in rig.rpc("reset", "soft")["reason"]
    again = Rig(files=rig.files, boot=False)
    again.run(10)
    assert mnemonic in again.faults
    assert (again.mode, again.fets) == ("permanent", OPEN)


def occurred(rig: Rig) -> set[str]:
    """Every row that has tripped since this start."""
    counts = rig.session.parts.protect.occurrences
    return {row[faults.MNEMONIC] for row, count in zip(faults.ROWS, counts, strict=True) if count}


# -- readings that cannot be right


@CHEMISTRIES
@EDGES
def test_a_cell_that_jumps(chemistry: str, cell: int) -> None:
    """PW-046: a cell that falls by half a volt against the others opens both until it is back for 5 s."""
    rig = Rig(chemistry)
    rig.world.load_a = 15
    rig.run(3)
    rig.world.inject("contact_resistance", cell=cell, ohm=0.03)
    rig.run(3)
    assert rig.faults == [], "450 mV"
    rig.world.inject("contact_resistance", cell=cell, ohm=0.07)
    trips(rig, "CELL_JUMP", 0.2)
    opened(rig, "CELL_JUMP")
    assert f"cell {cell}:" in rig.events("fault")[-1]
    assert told(rig, "CELL_JUMP") == pytest.approx(600, abs=30)
    rig.world.load_a = 0
    rig.world.clear("contact_resistance")
    rig.until(lambda: rig.session.parts.snap.values[s.JUMP_MV] <= 400, 3)
    ends(rig, "CELL_JUMP", 5.0)
    rig.closed()


def test_a_cell_that_goes_on_jumping_locks_out() -> None:
    """PW-046: the fourth time within the hour."""
    rig = Rig()
    rig.world.load_a = 15
    rig.run(3)
    rig.world.inject("contact_resistance", cell=2, ohm=0.07)
    rig.until(lambda: rig.events("lockout") != [], 60, 0.1)
    assert rig.session.parts.protect.occurrences[faults.index("CELL_JUMP")] == 4
    rig.world.load_a = 0
    rig.world.clear("contact_resistance")
    locked(rig, "CELL_JUMP")


@CHEMISTRIES
@pytest.mark.parametrize("tap", [1, 3], ids=["first tap", "last tap"])
def test_an_open_tap(chemistry: str, tap: int) -> None:
    """PW-047: two neighbours that part by 300 mV open both, and condemn no cell."""
    rig = Rig(chemistry)
    rig.world.inject("open_tap", tap=tap)
    rig.until(lambda: "OPEN_TAP" in rig.faults, 4)
    rig.run(0.15)
    opened(rig, "OPEN_TAP")
    assert f"(cells {tap} and {tap + 1}:" in rig.events("fault")[0]
    assert told(rig, "OPEN_TAP") >= 300
    stays(rig, "OPEN_TAP", 40, OPEN)
    rig.world.clear("open_tap")
    ends(rig, "OPEN_TAP", 5.0)
    rig.run(20)
    assert rig.mode in ("active", "charge_only")
    assert not occurred(rig) & {"CELL_DEAD", "CELL_OV_PERM"}


@CHEMISTRIES
@pytest.mark.parametrize(("tap", "reversed_cell"), [(0, 1), (3, 4)], ids=["first cell", "last cell"])
def test_swapped_taps(chemistry: str, tap: int, reversed_cell: int) -> None:
    """PW-048: a cell that reads reversed opens both at once; put right in time, it ends by itself."""
    rig = Rig(chemistry)
    rig.world.inject("swapped_taps", tap=tap)
    trips(rig, "TAPS_SWAPPED", 0.3)
    assert (rig.mode, rig.fets) == ("fault", OPEN)
    assert f"(cell {reversed_cell}:" in next(each for each in rig.events("fault") if "TAPS_SWAPPED" in each)
    assert told(rig, "TAPS_SWAPPED") <= -200
    rig.world.clear("swapped_taps")
    ends(rig, "TAPS_SWAPPED", 5.0)
    rig.until(lambda: rig.fets[0], 10)


@CHEMISTRIES
def test_swapped_taps_condemn_no_cell(chemistry: str) -> None:
    """PW-048: whatever the AFE makes of them, in minutes, it is nothing that lasts for ever."""
    rig = Rig(chemistry)
    rig.world.inject("swapped_taps", tap=2)
    for _ in range(120):
        rig.run(1)
        assert rig.fets == OPEN
        assert rig.session.loop is None or rig.mode != "permanent", rig.faults


@CHEMISTRIES
@EDGES
def test_a_cell_whose_reading_stands_still(chemistry: str, cell: int) -> None:
    """PW-049: what a load does to the others and not to this one opens both."""
    rig = Rig(chemistry)
    rig.world.inject("frozen_reading", cell=cell)
    rig.run(10)
    assert rig.faults == []
    rig.world.load_a = 15
    trips(rig, "FROZEN_CELL", 0.5)
    opened(rig, "FROZEN_CELL")
    assert f"(cell {cell}:" in rig.events("fault")[-1]
    assert told(rig, "FROZEN_CELL") >= 30
    rig.world.load_a = 0
    rig.world.clear("frozen_reading")
    rig.run(10)
    assert "FROZEN_CELL" not in rig.faults or rig.rpc("reset", "soft")["accepted"] is True
    rig.closed()
    rig.world.load_a = 15
    rig.run(20)
    assert rig.fets == CLOSED


@CHEMISTRIES
def test_converters_that_stand_still(chemistry: str) -> None:
    """PW-050: seconds in which not one bit of the raw counts moves open both, and accuse no switch."""
    rig = Rig(chemistry)
    rig.world.load_a = 10
    rig.run(3)
    rig.world.inject("frozen_reading")
    trips(rig, "FROZEN_AFE", 4.8, early_s=0.8)
    opened(rig, "FROZEN_AFE")
    stays(rig, "FROZEN_AFE", 60, OPEN)
    assert occurred(rig) & ACCUSATIONS == {"FROZEN_AFE"}
    rig.world.clear("frozen_reading")
    ends(rig, "FROZEN_AFE", 5.6)
    rig.closed()


@CHEMISTRIES
@EDGES
def test_a_stack_that_is_not_the_sum_of_its_cells(chemistry: str, cell: int) -> None:
    """PW-013: a frozen reading that hides a loose joint is found out by the stack's own."""
    rig = Rig(chemistry)
    rig.world.load_a = 15
    rig.run(10)
    rig.world.inject("frozen_reading", cell=cell)
    rig.world.inject("contact_resistance", cell=cell, ohm=0.01)
    rig.run(10)
    assert rig.faults == [], "half of what it takes"
    rig.world.inject("contact_resistance", cell=cell, ohm=0.02)
    trips(rig, "STACK_SUM", 2.0)
    opened(rig, "STACK_SUM")
    assert told(rig, "STACK_SUM") == pytest.approx(75, abs=10)
    rig.world.load_a = 0
    rig.world.clear("contact_resistance")
    rig.world.clear("frozen_reading")
    ends(rig, "STACK_SUM", 2.0)
    rig.closed(10)


# -- switches that do not obey


@CHEMISTRIES
@pytest.mark.parametrize(("kind", "drop_mv"), [("dsg_fet_stuck_off", 10000), ("chg_fet_stuck_off", 500)])
def test_a_path_that_does_not_conduct(chemistry: str, kind: str, drop_mv: int) -> None:
    """PW-051: what does not arrive outside, or only through a body diode, is a lockout after 3 s."""
    rig = Rig(chemistry)
    rig.world.load_a = 8
    rig.run(2)
    rig.world.inject(kind)
    trips(rig, "FET_STUCK_OPEN", 3.0)
    opened(rig, "FET_STUCK_OPEN")
    assert told(rig, "FET_STUCK_OPEN", "lockout") >= drop_mv
    rig.world.load_a = 0
    rig.run(5)
    assert rig.rpc("reset", "soft")["accepted"] is True, "an open path shows nothing"
    rig.closed()
    rig.world.load_a = 8
    rig.until(lambda: rig.faults == ["FET_STUCK_OPEN"], 5)
    rig.world.load_a = 0
    rig.world.clear(kind)
    rig.run(1)
    locked(rig, "FET_STUCK_OPEN")
    rig.world.load_a = 8
    rig.run(10)
    assert rig.fets == CLOSED


@CHEMISTRIES
@SIGNS
def test_a_welded_switch(chemistry: str, sign: int) -> None:
    """PW-052, PW-053: what still flows with everything open, in or out, is a weld, for good."""
    side, mnemonic, through = ("chg", "CHG_WELDED", CHG_OPEN) if sign > 0 else ("dsg", "DSG_WELDED", DSG_OPEN)
    rig = Rig(chemistry)
    rig.world.inject(f"{side}_fet_stuck_on")
    rig.run(5)
    assert rig.faults == []
    if sign > 0:
        rig.world.charger = (rig.world.stack_v + 2.0, 21)
    else:
        rig.world.load_a = 42
    rig.until(lambda: rig.fets == through, 8)
    trips(rig, "OPEN_CURRENT", 2.0)
    opened(rig, "OPEN_CURRENT")
    assert told(rig, "OPEN_CURRENT", "lockout") == pytest.approx(21000 if sign > 0 else 42000, rel=0.02)
    trips(rig, mnemonic, 3.0, early_s=0.6)
    assert told(rig, mnemonic, "lockout") == pytest.approx(21000 if sign > 0 else 42000, rel=0.02)
    opened(rig, mnemonic, "permanent")
    rig.world.charger, rig.world.load_a = None, 0
    rig.world.clear(f"{side}_fet_stuck_on")
    for_good(rig, mnemonic)


@CHEMISTRIES
@SIGNS
def test_a_current_with_everything_open(chemistry: str, sign: int) -> None:
    """PW-054: it is a lockout; with nothing outside that it could flow from or to, no switch is blamed."""
    rig = Rig(chemistry)
    rig.board.enable = False
    rig.run(1)
    rig.world.inject("current_sensor_offset", amps=0.2 * sign)
    rig.run(20)
    assert rig.faults == [], "less than a sensor may be off"
    rig.world.inject("current_sensor_offset", amps=0.8 * sign)
    trips(rig, "OPEN_CURRENT", 2.0)
    rig.board.enable = True
    rig.run(1)
    opened(rig, "OPEN_CURRENT")
    assert told(rig, "OPEN_CURRENT", "lockout") == pytest.approx(1000, abs=30)
    stays(rig, "OPEN_CURRENT", 30, OPEN)
    assert occurred(rig) == {"OPEN_CURRENT"}
    assert "isolated" in rig.rpc("reset", "soft")["reason"]
    rig.world.clear("current_sensor_offset")
    rig.run(1)
    locked(rig, "OPEN_CURRENT")


@CHEMISTRIES
def test_what_is_fed_back_through_the_load_s_port(chemistry: str) -> None:
    """PW-060: where charging has its own contactor, the other one opens as well; in the end it stays so."""
    rig = Rig(chemistry, contactors=True, boot=False, parameters={"temp_rise_ddegc": 600})
    rig.run(5)
    rig.warm(53)
    rig.until(lambda: rig.mode == "discharge_only", 10)
    rig.run(1)
    rig.world.load_a = -5
    trips(rig, "WRONG_PORT", 0.5)
    rig.run(0.1)
    assert (rig.mode, rig.world.contacts()) == ("fault", 0)
    assert told(rig, "WRONG_PORT") == pytest.approx(5000, rel=0.02)
    rig.world.load_a = 0
    ends(rig, "WRONG_PORT", 3.0)
    rig.until(lambda: rig.world.contacts() == 2, 3)
    rig.world.load_a = -5
    rig.until(lambda: rig.events("lockout") != [], 30)
    assert rig.session.parts.protect.occurrences[faults.index("WRONG_PORT")] == 4


# -- a load that does not come up


def precharged(**more: Any) -> Rig:
    """A pack with a precharge FET, in its first second."""
    given = {"precharge_fitted": 1} | more.pop("parameters", {})
    return Rig(parameters=given, boot=False, **more)


def watched(rig: Rig, seconds: float) -> Iterator[None]:
    """Millisecond by millisecond, so that nothing can close unseen."""
    for _ in range(int(seconds * 200)):
        rig.run(0.005)
        yield


@CHEMISTRIES
def test_an_empty_capacitor_comes_up_before_the_path_closes(chemistry: str) -> None:
    """PW-055: no inrush, and no discharge FET before the load is within half a volt of the stack."""
    rig = precharged(chemistry=chemistry, load={"capacitance_f": 0.01})
    modes = set()
    most_a = 0.0
    for _ in watched(rig, 8):
        world = rig.world
        most_a = max(most_a, abs(world.current_a))
        if rig.session.loop:
            modes.add(rig.mode)
        if world.chip.dsg_on:
            assert world.stack_v - world.path.terminal_v < 0.6
        if rig.session.loop and rig.mode == "precharge":
            assert rig.status()["discharge_limit_ma"] == 0
    assert modes == {"boot", "selftest", "precharge", "active"}
    assert most_a < 20, "half a volt across the path, against 500 A from empty"
    assert rig.fets == CLOSED
    assert rig.faults == []


@CHEMISTRIES
@pytest.mark.parametrize("ohm", [0.005, 1.0, 40.0])
def test_the_path_never_closes_onto_a_short(chemistry: str, ohm: float) -> None:
    """PW-055: a short behind the pack is found through the resistor, told, and waited for."""
    rig = precharged(chemistry=chemistry, load={"capacitance_f": 0.001})
    rig.world.inject("external_short", ohm=ohm)
    for _ in watched(rig, 20):
        assert not rig.world.chip.dsg_on
        assert abs(rig.world.current_a) < 0.5
    assert rig.faults == ["PRECHARGE"]
    opened(rig, "PRECHARGE", "charge_only", DSG_OPEN)
    assert told(rig, "PRECHARGE") == pytest.approx(2000, abs=200)
    assert not rig.world.chip.pdsg_on
    rig.world.clear("external_short")
    rig.until(lambda: "PRECHARGE" not in rig.faults, 60, 0.1)
    rig.until(lambda: rig.mode == "active", 5)
    assert rig.fets == CLOSED


def test_a_load_that_is_too_large_is_tried_three_times_and_then_locked_out() -> None:
    """PW-055: each time 5 s after the last, and not for ever."""
    rig = precharged(load={"capacitance_f": 0.1})
    for _ in range(4):
        rig.until(lambda: rig.session.loop is not None and rig.mode == "precharge", 8, 0.05)
        assert rig.until(lambda: "PRECHARGE" in rig.faults, 3) >= 1.8
        assert not rig.world.chip.dsg_on
    stays(rig, "PRECHARGE", 60, DSG_OPEN)
    assert len(rig.events("fault")) == 3
    assert len(rig.events("lockout")) == 1
    rig.world.charger = (14.4, 5)
    rig.run(2)
    assert rig.session.parts.snap.current_ma > 4000, "charging has no part in this"


def test_a_load_that_draws_from_the_start_is_let_go_until_it_is_off() -> None:
    """PW-055."""
    rig = precharged(load={"capacitance_f": 0.001})
    rig.world.load_a = 0.5
    rig.until(lambda: rig.session.loop and "PRECHARGE" in rig.faults, 8)
    stays(rig, "PRECHARGE", 30, DSG_OPEN)
    rig.world.load_a = 0
    rig.until(lambda: "PRECHARGE" not in rig.faults, 60, 0.1)
    rig.closed(5)
    rig.world.load_a = 15
    rig.run(5)
    assert rig.fets == CLOSED


# -- around the pack


def test_a_weak_auxiliary_supply_is_told() -> None:
    """PW-057: below 12.4 V for 10 s, until it is above 12.6 V; the path is no part of it."""
    rig = Rig()
    rig.world.aux_v = 12.39
    trips(rig, "AUX_LOW", 11.0, early_s=1.2)  # it is looked at once a second
    assert (rig.mode, rig.fets) == ("active", CLOSED)
    assert told(rig, "AUX_LOW") == 12390
    rig.world.aux_v = 12.59
    stays(rig, "AUX_LOW", 20, CLOSED)
    rig.world.aux_v = 12.65
    rig.until(lambda: rig.faults == [], 6.5)


def test_a_board_that_does_not_sense_the_supply_says_nothing_of_it() -> None:
    """PW-057."""
    rig = Rig(boot=False)
    rig.board.aux_mv = lambda: -1
    rig.world.aux_v = 3
    rig.run(60)
    assert rig.faults == []


@pytest.mark.parametrize("kind", ["nack", "stuck_bus"])
def test_a_disturbed_bus_is_told(kind: str) -> None:
    """PW-058: a disturbance a second for eleven seconds is a warning, until it has been quiet for long."""
    rig = Rig()
    rig.world.load_a = 10
    seen_after = 0
    for k in range(1, 15):
        rig.world.inject(kind, **({"count": 4} if kind == "nack" else {}))
        rig.run(1)
        if "BUS_NOISY" in rig.faults and not seen_after:
            seen_after = k
    assert 10 <= seen_after <= 12
    assert (rig.mode, rig.fets) == ("active", CLOSED)
    quiet_s = rig.until(lambda: rig.faults == [], 150, 0.1)
    assert quiet_s > 60
    assert occurred(rig) == {"BUS_NOISY"}


def test_a_late_cycle_is_told() -> None:
    """PW-059: half a second late is a warning for 10 s, and the AFE covered it."""
    rig = Rig()
    rig.world.load_a = 10
    for hung_s, late in ((0.4, False), (0.8, True)):
        rig.world.inject("hung_firmware")
        rig.run(hung_s)
        rig.world.clear("hung_firmware")
        rig.run(0.3)
        assert ("CYCLE_OVERRUN" in rig.faults) is late
    assert told(rig, "CYCLE_OVERRUN") == pytest.approx(750, abs=60)
    assert (rig.mode, rig.fets) == ("active", CLOSED)
    ends(rig, "CYCLE_OVERRUN", 9.8)


# -- and a healthy pack is accused of none of it


@CHEMISTRIES
@pytest.mark.parametrize("cells", [4, 16])
@pytest.mark.parametrize("noise_mv", [0.0, 2.0], ids=["quiet", "noisy"])
def test_load_steps_accuse_nobody(chemistry: str, cells: int, noise_mv: float) -> None:
    """PW-013, PW-046, PW-047, PW-049, PW-051: whatever moment of a scan they fall into."""
    spread = {"capacity": 0.02, "soc": 0.02, "resistance": 0.1}
    rig = Rig(chemistry, cells, soc=0.55, spread=spread, sensors={"voltage_noise_mv": noise_mv})
    chance = random.Random(f"{chemistry} {cells} {noise_mv}")
    most_a = 58 if chemistry == "nmc" else 38
    for _ in range(60):
        rig.world.load_a = most_a
        rig.run(chance.uniform(0.02, 0.45))
        rig.world.load_a = 0
        rig.run(chance.uniform(0.1, 1.5))
    assert not occurred(rig) & ACCUSATIONS


@pytest.mark.parametrize("seed", range(8))
def test_interruptions_accuse_nobody(seed: int) -> None:
    """PW-013, PW-046, PW-051, PW-052, PW-053, PW-054: resets, gaps, set-ups and loads, in any order."""
    chance = random.Random(seed)
    chemistry = chance.choice(("nmc", "lfp"))
    cells = chance.choice((4, 7, 16))
    rig = Rig(
        chemistry,
        cells,
        soc=chance.choice((0.3, 0.6, 0.9)),
        seed=seed,
        boot=False,
        spread={"capacity": 0.01, "soc": 0.005, "resistance": 0.05},
        sensors={"voltage_noise_mv": 2.0, "current_gain_error": 0.01, "current_offset_a": 0.02},
    )
    world = rig.world
    for _ in range(40):
        rig.run(chance.uniform(0.5, 3))
        act = chance.choice(
            ("load", "load", "rest", "charge", "brownout", "gap", "hang", "reset", "cut", "standby")
        )
        if act == "load":
            world.charger, world.load_a = None, chance.uniform(0, 55 if chemistry == "nmc" else 38)
        elif act == "rest":
            world.charger, world.load_a = None, 0
        elif act == "charge":
            world.load_a, world.charger = (
                0,
                ((4.15 if chemistry == "nmc" else 3.45) * cells, chance.uniform(1, 12)),
            )
        elif act == "brownout":
            world.inject("afe_brownout")
        elif act == "gap":
            kind, how = chance.choice((("stuck_bus", {"hold": True}), ("afe_silent", {})))
            world.inject(kind, **how)
            rig.run(chance.uniform(0.05, 2.8))
            world.clear(kind)
        elif act == "hang":
            world.inject("hung_firmware")
            rig.run(chance.uniform(0.05, 6))
            world.clear("hung_firmware")
        elif act == "reset":
            rig.board.serial.feed(b"reset soft\r")
        elif act == "cut":
            world.powered = False
            rig.run(chance.uniform(0.1, 8))
            world.powered = True
            rig.run(1)
        else:
            rig.board.enable = not rig.board.enable
        if rig.session.loop:
            assert not occurred(rig) & ACCUSATIONS, act


@pytest.mark.parametrize("amps", [1, 4, 10])
def test_a_lagging_cell_near_the_top_is_not_frozen(amps: float) -> None:
    """PW-049: an LFP cell on its plateau moves by less than a bit a minute while the others climb."""
    rig = Rig("lfp", soc=0.95)
    rig.world.pack.set_soc([0.95, 0.95, 0.93, 0.95])
    rig.world.charger = (14.2, amps)
    rig.until(lambda: max(rig.cells_mv) >= 3500, 5400, 1)
    assert not occurred(rig) & ACCUSATIONS


@pytest.mark.parametrize("amps", [1, 4, 10])
@pytest.mark.parametrize("noise_mv", [0.0, 2.0], ids=["quiet", "noisy"])
def test_a_strong_cell_near_the_bottom_is_not_frozen(amps: float, noise_mv: float) -> None:
    """PW-049: likewise while the others fall, and at the knee by 30 mV within two seconds."""
    rig = Rig("lfp", soc=0.06, sensors={"voltage_noise_mv": noise_mv})
    rig.world.pack.set_soc([0.06, 0.06, 0.12, 0.06])
    rig.run(5)  # else a cell that is altered while a load comes on does not follow
    rig.world.load_a = amps
    rig.until(lambda: rig.mode != "active", 5400, 1)
    assert not occurred(rig) & ACCUSATIONS
    assert rig.mode == "charge_only"


@pytest.mark.parametrize("shunt_uohm", [250, 2500])
def test_a_small_and_steady_load_is_no_frozen_afe(shunt_uohm: int) -> None:
    """PW-050: in the units that the firmware reads, nothing may move for minutes."""
    capacity_ah = 25_000 / shunt_uohm
    rig = Rig(
        "nmc", capacity_ah=capacity_ah, parameters={"shunt_uohm": shunt_uohm}, shunt_ohm=shunt_uohm / 1e6
    )
    for load_a in (0.025 * capacity_ah, 0):
        rig.world.load_a = load_a
        rig.run(900)
    assert not occurred(rig) & ACCUSATIONS


def test_a_moment_that_nothing_followed_condemns_nobody() -> None:
    """PW-029: one reading beyond the permanent limit, and then none for longer than its delay."""
    for late_s in (0.0, 0.01, 0.02, 0.03):
        rig = Rig("nmc", soc=0.999)
        rig.run(0.5 + late_s)
        rig.world.load_a = -58
        rig.until(lambda rig=rig: max(rig.cells_mv) >= 4350, 0.4)
        rig.world.inject("stuck_bus", hold=True)
        rig.world.load_a = 0
        rig.run(7)
        rig.world.clear("stuck_bus")
        rig.run(4)
        assert rig.mode != "permanent"


def test_a_mismatch_keeps_nobody_from_verifying_the_configuration() -> None:
    """PW-017, PW-058: a flipped bit is found while a switch does not obey, and no bus is blamed."""
    rig = Rig()
    switch = rig.session.parts.switch
    taken = switch.reads
    switch.reads = lambda gates: taken(gates) | s.CHG
    rig.board.enable = False
    rig.until(lambda: "FET_MISMATCH" in rig.faults, 5)
    rig.world.inject("bit_flip_config", address=0x9275, bit=0)
    rig.until(lambda: "AFE_CONFIG" in rig.faults, 10)
    rig.run(60)
    assert "BUS_NOISY" not in rig.faults
