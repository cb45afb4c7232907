"""What lies beyond the first limit: warnings that take current away, rescue charging, and what ends a pack.

Each level on the simulated pack: it trips in time, opens what it should, says why, and ends only as its class
says.
"""

from typing import Any

import pytest
from bms.core import snapshot as s
from system.rig import Rig

GRACE_S = 0.4  # a scan, a cycle, and the moment in which the test broke something
CHG_OPEN = (False, True)
DSG_OPEN = (True, False)
CLOSED = (True, True)
OPEN = (False, False)

EDGES = pytest.mark.parametrize("cell", [0, 3], ids=["first cell", "last cell"])
CHEMISTRIES = pytest.mark.parametrize("chemistry", ["lfp", "nmc"])

# A charge at which a cell rests a little beyond a level: beyond full, below deep, below no return.
TOO_FULL = {"lfp": 1.003, "nmc": 1.0134}
DEEP = {"lfp": -0.0005, "nmc": -0.0015}
DEAD = {"lfp": -0.006, "nmc": -0.028}
NEARLY_EMPTY = {"lfp": 0.02, "nmc": 0.05}
CHARGER_V = {"lfp": 14.4, "nmc": 16.6}
QUICK = {"jump_mv": 2000}  # cells are charged and emptied in no time here


def one(cell: int, soc: float, others: float) -> list[float]:
    """Charges of four cells, one of which differs."""
    return [soc if k == cell else others for k in range(4)]


def trips(rig: Rig, mnemonic: str, delay_s: float, early_s: float = GRACE_S) -> None:
    """The fault stands within its delay, and not much before."""
    spent = rig.until(lambda: mnemonic in rig.faults, delay_s + GRACE_S)
    assert spent >= delay_s - early_s, f"{mnemonic} after {spent} s of {delay_s} s"


def stays(rig: Rig, mnemonic: str, seconds: float, fets: tuple[bool, bool] | None = None) -> None:
    for _ in range(int(seconds)):
        rig.run(1)
        assert mnemonic in rig.faults
        assert fets is None or rig.fets == fets


def ends(rig: Rig, mnemonic: str, delay_s: float, grace_s: float = GRACE_S) -> None:
    """It ends after its delay, and not before."""
    spent = rig.until(lambda: mnemonic not in rig.faults, delay_s + grace_s)
    assert spent >= delay_s - GRACE_S, f"{mnemonic} was over after {spent} s of {delay_s} s"


def for_good(rig: Rig, mnemonic: str, repaired: list[float]) -> None:
    """No charger, no reset, no power cut and no other cells bring the pack back."""
    assert rig.mode == "permanent"
    assert rig.fets == OPEN
    assert rig.status()["why"].startswith(f"{mnemonic}:")
    assert rig.status()["service_needed"] is True
    assert rig.status()["charge_limit_ma"] == rig.status()["discharge_limit_ma"] == 0
    rig.world.charger = (14.4, 0.8)
    stays(rig, mnemonic, 10, OPEN)
    rig.world.charger = None
    rig.world.pack.set_soc(repaired)
    stays(rig, mnemonic, 20, OPEN)
    assert "permanent" in rig.rpc("reset", "soft")["reason"]
    again = Rig(files=rig.files, boot=False)
    again.run(10)
    assert mnemonic in again.faults
    assert (again.mode, again.fets) == ("permanent", OPEN)


def deep(chemistry: str = "lfp", cell: int = 1, parameters: dict[str, int] | None = None, **more: Any) -> Rig:
    """A pack, one cell of which is deeply discharged, and the rest nearly empty."""
    given = QUICK | (parameters or {})
    rig = Rig(chemistry, soc=NEARLY_EMPTY[chemistry], boot=False, parameters=given, **more)
    rig.world.pack.set_soc(one(cell, DEEP[chemistry], NEARLY_EMPTY[chemistry]))
    rig.run(1)
    rig.until(lambda: "CELL_DEEP" in rig.faults, 6, 0.1)
    rig.until(lambda: rig.mode == "charge_only", 5, 0.1)
    rig.run(30)  # the limits rise slowly
    return rig


def freeze(rig: Rig) -> None:
    """The readings of all cells stand still; the stack's does not."""
    for cell in range(1, 5):
        rig.world.inject("frozen_reading", cell=cell)


# -- over-voltage


@CHEMISTRIES
@EDGES
def test_a_cell_charged_beyond_what_it_stands_ends_the_pack(chemistry: str, cell: int) -> None:
    """PW-029: 5 s above the permanent limit, long after charging was stopped."""
    rig = Rig(chemistry, soc=0.98, parameters=QUICK)
    rig.world.pack.set_soc(one(cell, TOO_FULL[chemistry], 0.98))
    rig.until(lambda: rig.mode == "discharge_only", 1.6)
    rig.run(0.3)
    assert rig.fets == CHG_OPEN
    trips(rig, "CELL_OV_PERM", 5.0 - 1.3, early_s=0.7)
    rig.run(0.2)
    for_good(rig, "CELL_OV_PERM", [0.5] * 4)


@CHEMISTRIES
def test_a_short_visit_above_the_permanent_limit_is_a_trip(chemistry: str) -> None:
    """PW-029: less than 5 s is an over-voltage like any other."""
    rig = Rig(chemistry, soc=0.98, parameters=QUICK)
    rig.world.pack.set_soc(one(2, TOO_FULL[chemistry], 0.98))
    rig.run(4.5)
    assert "CELL_OV" in rig.faults
    rig.world.pack.set_soc([0.9] * 4)
    rig.until(lambda: rig.mode == "active", 10)
    assert "CELL_OV_PERM" not in rig.faults


@pytest.mark.parametrize(
    ("chemistry", "frozen", "over", "below"), [("lfp", 1.0005, 1.0014, 0.9), ("nmc", 1.003, 1.0061, 0.9)]
)
def test_the_stack_reading_stops_a_charge_that_no_cell_shows(
    chemistry: str, frozen: float, over: float, below: float
) -> None:
    """PW-035: the stack 20 mV a cell above the cells' limit opens charge; hysteresis, then 3 s."""
    rig = Rig(chemistry, soc=0.98)
    rig.world.pack.set_soc([frozen] * 4)
    rig.run(1)
    freeze(rig)
    rig.world.pack.set_soc([over] * 4)
    trips(rig, "PACK_OV", 2.0)
    assert max(rig.cells_mv) < rig.values["cell_ov_mv"]
    rig.run(0.3)
    assert (rig.fets, rig.mode) == (CHG_OPEN, "discharge_only")
    assert rig.status()["why"].startswith("PACK_OV:")
    assert rig.status()["charge_limit_ma"] == 0
    rig.world.clear("frozen_reading")
    rig.world.pack.set_soc([frozen] * 4)  # below the trip, above the clear level
    stays(rig, "PACK_OV", 10, CHG_OPEN)
    rig.world.pack.set_soc([below] * 4)
    ends(rig, "PACK_OV", 3.0)
    rig.closed()


# -- under-voltage, and the way back


@pytest.mark.parametrize(("chemistry", "frozen", "under"), [("lfp", 0.0045, 0.0031), ("nmc", 0.016, 0.011)])
def test_the_stack_reading_stops_a_load_that_no_cell_shows(
    chemistry: str, frozen: float, under: float
) -> None:
    """PW-036: the stack 50 mV a cell below the cells' limit for 5 s opens discharge until it is charged."""
    rig = Rig(chemistry, soc=frozen, parameters={"stack_error_mv": 400})
    freeze(rig)
    rig.world.pack.set_soc([under] * 4)
    trips(rig, "PACK_UV", 5.0)
    assert min(rig.cells_mv) > rig.values["cell_uv_mv"]
    rig.run(0.3)
    assert (rig.fets, rig.mode) == (DSG_OPEN, "charge_only")
    assert rig.status()["why"].startswith("PACK_UV:")
    assert rig.status()["discharge_limit_ma"] == 0
    rig.world.clear("frozen_reading")
    rig.world.pack.set_soc([0.3] * 4)
    stays(rig, "PACK_UV", 20, DSG_OPEN)
    rig.world.charger = (CHARGER_V[chemistry], 2)
    ends(rig, "PACK_UV", 2.0)
    rig.closed()


@CHEMISTRIES
@EDGES
def test_a_deeply_discharged_cell_is_brought_back_gently(chemistry: str, cell: int) -> None:
    """PW-031: rescue charging only, at the current shown, until the cell is up; then like any empty one."""
    rig = Rig(chemistry, soc=NEARLY_EMPTY[chemistry], boot=False, parameters=QUICK)
    rig.run(1.9)
    rig.world.pack.set_soc(one(cell, DEEP[chemistry], NEARLY_EMPTY[chemistry]))
    trips(rig, "CELL_DEEP", 2.0)
    rig.until(lambda: rig.mode == "charge_only", 6)
    rig.run(0.5)
    assert rig.fets == DSG_OPEN
    rig.run(25)
    status = rig.status()
    assert status["charge_limit_ma"] == rig.values["rescue_ma"] * 9 // 10
    assert status["discharge_limit_ma"] == 0
    assert status["why"].startswith("CELL_DEEP:")
    assert rig.session.parts.snap.cell_min_at == cell
    rig.world.charger = (CHARGER_V[chemistry], 0.8)
    rig.until(lambda: min(rig.cells_mv) >= rig.values["deep_clear_mv"], 1200, 0.5)
    assert rig.session.parts.snap.current_ma > 700
    ends(rig, "CELL_DEEP", 5.0, grace_s=2.0)
    rig.run(1)
    assert rig.faults[:1] != ["RESCUE_OCC"]
    assert rig.mode == "charge_only", "it is still empty"
    assert rig.status()["charge_limit_ma"] > rig.values["rescue_ma"]
    rig.world.charger = (CHARGER_V[chemistry], 4)
    rig.until(lambda: rig.mode in ("active", "limp"), 2400, 1)
    assert min(rig.cells_mv) >= rig.values["cell_uv_clear_mv"]
    assert rig.fets == CLOSED


def test_a_deep_discharge_is_remembered_over_a_power_cut() -> None:
    """PW-031: a cell between the two levels is still to be charged gently."""
    rig = deep()
    rig.world.pack.set_soc(one(1, 0.00015, 0.02))
    rig.run(1)
    assert rig.values["deep_mv"] < min(rig.cells_mv) < rig.values["deep_clear_mv"]
    again = Rig(files=rig.files, boot=False)
    again.world.pack.set_soc(one(1, 0.00015, 0.02))
    again.run(20)
    assert "CELL_DEEP" in again.faults
    assert (again.mode, again.fets) == ("charge_only", DSG_OPEN)
    assert again.status()["charge_limit_ma"] <= again.values["rescue_ma"]


def test_a_rescue_through_the_gentle_fet() -> None:
    """PW-031: with such a FET fitted the AFE charges through its resistor, and changes over by itself."""
    rig = deep(parameters={"pchg_fitted": 1})
    rig.world.charger = (14.4, 0.8)
    rig.run(5)
    assert rig.world.chip.pchg_on
    assert not rig.world.chip.chg_on
    assert 20 < rig.session.parts.snap.current_ma < 200
    assert rig.faults.count("FET_MISMATCH") == 0
    rig.until(lambda: "CELL_DEEP" not in rig.faults, 3000, 1)
    assert rig.mode == "charge_only"
    rig.until(lambda: rig.world.chip.chg_on, 3000, 1)
    assert "CELL_DEEP" not in rig.faults, "not before the rescue is over"


def test_a_strong_charger_rescues_through_the_gentle_fet() -> None:
    """PW-031, PW-033: the resistor limits the current, so that any charger will do."""
    rig = deep(parameters={"pchg_fitted": 1})
    rig.world.charger = (14.4, 10)
    rig.until(lambda: "CELL_DEEP" not in rig.faults or "RESCUE_OCC" in rig.faults, 3000, 1)
    assert "RESCUE_OCC" not in rig.faults


@pytest.mark.parametrize(
    ("cells", "charger_v"),
    [
        (3, 10.8),
        (16, 57.6),
    ],
)
def test_a_whole_pack_deep_down_is_rescued(cells: int, charger_v: float) -> None:
    """PW-031: from 3 cells (5.8 V) to 16."""
    rig = Rig(cells=cells, soc=0.0, boot=False)
    rig.world.pack.set_soc([DEEP["lfp"]] * cells)
    rig.run(15)
    assert rig.mode == "charge_only"
    rig.world.charger = (charger_v, 0.8)
    rig.until(lambda: "CELL_DEEP" not in rig.faults, 600, 1)


@CHEMISTRIES
@EDGES
def test_a_cell_below_no_return_ends_the_pack(chemistry: str, cell: int) -> None:
    """PW-032: 30 s below, during which nothing closes; then for good, whatever the cell does."""
    rig = Rig(chemistry, soc=NEARLY_EMPTY[chemistry], boot=False)
    rig.world.pack.set_soc(one(cell, DEAD[chemistry], NEARLY_EMPTY[chemistry]))
    rig.world.charger = (CHARGER_V[chemistry], 0.8)
    rig.run(25)
    assert "CELL_DEAD" not in rig.faults
    assert (rig.mode, rig.fets) == ("selftest", OPEN), "not charged even while it is in doubt"
    rig.until(lambda: "CELL_DEAD" in rig.faults, 8)
    rig.run(0.2)
    for_good(rig, "CELL_DEAD", [0.5] * 4)


def test_a_cell_that_comes_back_in_time_is_not_dead() -> None:
    """PW-032: less than 30 s below the voltage of no return is a deep discharge."""
    rig = deep()
    rig.world.pack.set_soc(one(1, DEAD["lfp"], 0.02))
    rig.run(28)
    rig.world.pack.set_soc(one(1, DEEP["lfp"], 0.02))
    rig.run(40)
    assert "CELL_DEAD" not in rig.faults
    assert rig.mode == "charge_only"


@EDGES
def test_a_dead_cell_beside_a_fuller_one_is_dead(cell: int) -> None:
    """PW-032: a loose tap moves two cells by as much, one up and one down; a dead cell moves alone."""
    rig = Rig(soc=0.03, boot=False)
    rig.world.pack.set_soc([DEAD["lfp"], 0.5, 0.03, 0.03] if cell == 0 else [0.03, 0.03, 0.5, DEAD["lfp"]])
    rig.world.charger = (14.4, 0.8)
    rig.run(45)
    assert "CELL_DEAD" in rig.faults
    assert rig.fets == OPEN


# -- how a rescue is bounded


@CHEMISTRIES
def test_a_rescue_charge_that_is_too_strong_is_refused(chemistry: str) -> None:
    """PW-033: 0.2 C opens charge after 2 s until the charger is gone; 0.045 C is let through."""
    rig = deep(chemistry)
    rig.world.charger = (CHARGER_V[chemistry], 4)
    trips(rig, "RESCUE_OCC", 2.0)
    rig.run(0.3)
    assert (rig.fets, rig.mode) == (OPEN, "fault")
    assert rig.status()["charge_limit_ma"] == 0
    stays(rig, "RESCUE_OCC", 20, OPEN)
    rig.world.charger = (CHARGER_V[chemistry], 0.5)
    stays(rig, "RESCUE_OCC", 10, OPEN)
    rig.world.charger = None
    ends(rig, "RESCUE_OCC", 3.0, grace_s=1.0)
    rig.until(lambda: rig.mode == "charge_only", 2)
    rig.world.charger = (CHARGER_V[chemistry], 0.9)
    for _ in range(20):
        rig.run(1)
        assert rig.fets[0], rig.status()["why"]
    assert rig.session.parts.snap.current_ma > 850


def test_a_refused_rescue_says_to_unplug() -> None:
    """PW-033: with everything open the sentence is that of what must be done now."""
    rig = deep()
    rig.world.charger = (14.4, 4)
    rig.until(lambda: "RESCUE_OCC" in rig.faults, 3)
    assert rig.status()["why"].startswith("RESCUE_OCC:")


def too_strong_once_more(rig: Rig) -> None:
    rig.world.charger = (14.4, 4)
    rig.until(lambda: "RESCUE_OCC" in rig.faults, 3)
    rig.world.charger = None
    rig.run(6)


def test_the_fourth_rescue_that_is_too_strong_locks_out() -> None:
    """PW-033: three retries an hour; then a person must look, and a power cut does not count as one."""
    rig = deep()
    for _ in range(3):
        too_strong_once_more(rig)
        assert rig.faults.count("RESCUE_OCC") == 0
    too_strong_once_more(rig)
    stays(rig, "RESCUE_OCC", 30, OPEN)
    assert "locked out" in rig.status()["why"]
    again = Rig(files=rig.files, boot=False)
    again.run(10)
    assert "RESCUE_OCC" in again.faults
    assert again.fets == OPEN


def test_a_lockout_of_the_charge_ends_by_a_reset_though_the_pack_is_empty() -> None:
    """PW-033: the cause, the charger, is gone; what is left can only be charged away."""
    rig = deep()
    for _ in range(4):
        too_strong_once_more(rig)
    assert rig.rpc("reset", "soft")["accepted"] is True


def slow_drain(rig: Rig, cell: int, ohm: float) -> None:
    """All that the cell is given it loses inside."""
    rig.world.inject("cell_short", cell=cell, ohm=ohm)


@EDGES
def test_a_rescue_that_does_not_help_locks_out(cell: int) -> None:
    """PW-034: time counts while it charges; a power cut keeps the lockout, a new cell and a reset end it."""
    rig = deep(cell=cell, parameters={"rescue_min": 10})
    slow_drain(rig, cell + 1, 2.4)
    rig.world.charger = (14.4, 0.8)
    rig.run(300)
    rig.world.charger = None
    rig.run(100)  # does not count
    rig.world.charger = (14.4, 0.8)
    rig.run(296)
    assert "RESCUE_LONG" not in rig.faults
    assert rig.fets[0]
    rig.until(lambda: "RESCUE_LONG" in rig.faults, 12)
    rig.run(0.3)
    assert (rig.fets, rig.mode) == (OPEN, "fault")
    assert rig.status()["why"].startswith("RESCUE_LONG:")
    rig.world.charger = None
    stays(rig, "RESCUE_LONG", 30, OPEN)
    assert "still present" in rig.rpc("reset", "soft")["reason"], "that cell is still low"
    again = Rig(files=rig.files, soc=0.5, boot=False)  # with another cell
    again.run(10)
    assert "RESCUE_LONG" in again.faults
    assert again.fets == OPEN
    assert again.rpc("reset", "soft")["accepted"] is True
    again.until(lambda: again.mode == "active", 5)


def test_a_rescue_of_a_small_pack_is_bounded_as_well() -> None:
    """PW-034: 3 Ah may be rescued with 150 mA; that a charge is weak does not make it endless."""
    rig = deep(capacity_ah=3.0, parameters={"rescue_min": 10, "shunt_uohm": 5000}, shunt_ohm=0.005)
    slow_drain(rig, 2, 14.0)
    rig.world.charger = (14.4, 0.14)
    rig.run(700)
    assert "RESCUE_LONG" in rig.faults


# -- imbalance


@pytest.mark.parametrize(
    ("chemistry", "apart_mv"), [("lfp", 405), ("nmc", 450)], ids=["lfp, by its owner", "nmc"]
)
@EDGES
def test_drifting_cells_limp(chemistry: str, apart_mv: int, cell: int) -> None:
    """PW-045: a warning after 10 s; nothing opens, the current shown falls to 30 %; it ends 50 mV below."""
    given = QUICK | ({"imbalance_mv": 450} if chemistry == "lfp" else {})
    rig = Rig(chemistry, soc=0.6, parameters=given)
    full = rig.values["occ_ma"] * 9 // 10, rig.values["ocd1_ma"] * 9 // 10
    rig.run(25)
    assert rig.status()["charge_limit_ma"] == full[0]
    low = 0.005 if chemistry == "lfp" else 0.15
    high = 0.75 if chemistry == "nmc" else 0.95
    rig.world.pack.set_soc(one(cell, low, high))
    rig.run(0.2)
    assert rig.session.parts.snap.values[s.SPREAD_MV] >= apart_mv
    trips(rig, "IMBALANCE_WARN", 10.0, early_s=0.6)
    rig.run(0.2)
    status = rig.status()
    assert (rig.fets, rig.mode) == (CLOSED, "limp")
    assert 0 < status["charge_limit_ma"] <= full[0] * 3 // 10
    assert 0 < status["discharge_limit_ma"] <= full[1] * 3 // 10
    assert status["why"].startswith("reduced current: IMBALANCE_WARN,")
    rig.run(20)
    assert "IMBALANCE" not in rig.faults
    rig.world.pack.set_soc([high] * 4)
    ends(rig, "IMBALANCE_WARN", 5.0)
    rig.until(lambda: rig.mode == "active", 1)


@pytest.mark.parametrize(("chemistry", "low"), [("lfp", 0.001), ("nmc", 0.02)])
@EDGES
def test_cells_far_apart_open_and_stay_so(chemistry: str, low: float, cell: int) -> None:
    """PW-012: both open after 10 s; waiting does not help; below the clear level it ends after 5 s."""
    rig = Rig(chemistry, soc=0.9, parameters=QUICK | {"imbalance_mv": 300, "imbalance_clear_mv": 200})
    rig.world.pack.set_soc(one(cell, low, 0.9))
    trips(rig, "IMBALANCE", 10.0)
    rig.run(0.3)
    assert (rig.fets, rig.mode) == (OPEN, "fault")
    stays(rig, "IMBALANCE", 30, OPEN)
    rig.world.pack.set_soc([0.9] * 4)
    ends(rig, "IMBALANCE", 5.0)
    rig.world.charger = (CHARGER_V[chemistry], 2)  # the low cell was an empty one, too
    rig.closed(10)


def test_how_deep_an_empty_cell_lies_is_no_imbalance() -> None:
    """PW-012: below the knee the voltage says nothing of the charge; a deep cell must still be rescued."""
    rig = Rig(soc=0.6, boot=False)
    rig.world.pack.set_soc(one(0, DEEP["lfp"], 0.6))
    rig.run(60)
    assert max(rig.cells_mv) - min(rig.cells_mv) > 1300
    assert "IMBALANCE" not in rig.faults
    assert (rig.mode, rig.fets) == ("charge_only", DSG_OPEN)


def test_a_healthy_lfp_pack_is_charged_from_empty_without_a_warning() -> None:
    """PW-045: 1 % of capacity and 1.5 % of charge between cells is a good pack."""
    rig = Rig(
        cells=16,
        capacity_ah=20.0,
        soc=0.12,
        seed=1,
        spread={"capacity": 0.01, "soc": 0.015, "resistance": 0.05},
    )
    rig.world.load_a = 10
    rig.until(lambda: "CELL_UV" in rig.faults, 3000, 1)
    rig.world.load_a = 0
    rig.run(300)
    rig.world.charger = (57.6, 10)
    for _ in range(200):
        rig.run(1)
        assert "IMBALANCE_WARN" not in rig.faults, rig.cells_mv


# -- heat


@pytest.mark.parametrize("pin", [0, 1], ids=["first thermistor", "last thermistor"])
def test_a_cell_as_hot_as_cells_that_burn_ends_the_pack(pin: int) -> None:
    """PW-041: 5 s at 85 degC, on any thermistor; cold again it stays out of use."""
    rig = Rig(soc=0.5, parameters={"thermistors": 2, "temp_rise_ddegc": 600}, thermistors=["TS1", "TS2"])
    on = (1, 3)[pin]
    rig.world.pack.temp_c[on] = 84.0
    rig.run(20)
    assert "OTD" in rig.faults
    assert rig.mode == "fault"
    rig.world.pack.temp_c[on] = 86.0
    rig.run(4)
    assert "OT_PERM" not in rig.faults
    rig.until(lambda: "OT_PERM" in rig.faults, 3)
    rig.run(0.2)
    rig.warm(25)
    for_good(rig, "OT_PERM", [0.5] * 4)


@pytest.mark.parametrize("chemistry", ["lfp", "nmc"])
def test_a_pack_that_heats_up_too_fast(chemistry: str) -> None:
    """PW-044: more than 20 degrees a minute opens both, far from any limit; it ends when the rise is over."""
    rig = Rig(chemistry, soc=0.5)
    rig.world.inject("cell_hot", cell=1, watts=220)
    rig.until(lambda: rig.session.parts.snap.values[s.TEMP_RISE_DDEGC] >= 200, 60, 0.1)
    trips(rig, "TEMP_RISE", 5.0)
    rig.run(0.3)
    assert (rig.fets, rig.mode) == (OPEN, "fault")
    assert rig.status()["why"].startswith("TEMP_RISE:")
    assert rig.session.parts.snap.values[s.TEMP_MAX_DDEGC] < 550
    rig.world.clear("cell_hot")
    stays(rig, "TEMP_RISE", 20, OPEN)
    rig.until(lambda: rig.session.parts.snap.values[s.TEMP_RISE_DDEGC] <= 170, 60, 0.1)
    ends(rig, "TEMP_RISE", 5.0)


def test_the_fourth_time_that_it_heats_up_locks_out() -> None:
    """PW-044: three retries an hour."""
    rig = Rig(soc=0.5)
    for turn in range(4):
        rig.warm(25)
        rig.run(70)
        assert rig.fets == CLOSED, turn
        rig.warm(48)
        rig.until(lambda: "TEMP_RISE" in rig.faults, 8)
    rig.warm(25)
    stays(rig, "TEMP_RISE", 90, OPEN)
    assert "locked out" in rig.status()["why"]
    assert rig.rpc("reset", "soft")["accepted"] is True
    rig.until(lambda: rig.mode == "active", 5)


def test_a_warm_room_is_no_rise() -> None:
    """PW-044: neither slow warming, nor a hot start, nor a thermistor that was plugged in again."""
    rig = Rig(soc=0.5, parameters={"thermistors": 2}, thermistors=["TS1", "TS2"])
    for step in range(100):
        rig.warm(25 + step * 0.19)  # 19 degrees a minute
        rig.run(0.6)
    rig.run(10)
    assert rig.faults == []
    rig.world.inject("thermistor_open", sensor=2)
    rig.run(80)
    rig.world.clear("thermistor_open")
    rig.until(lambda: rig.mode == "active", 20)
    hot = Rig(soc=0.5, boot=False, environment={"ambient_c": 44.0})
    hot.run(60)
    assert "TEMP_RISE" not in hot.faults


@pytest.mark.parametrize("pin", [0, 1], ids=["first thermistor", "last thermistor"])
def test_one_corner_warmer_than_the_other_limps(pin: int) -> None:
    """PW-043: 15 degrees apart for 10 s: a warning, and 30 % of the current; it ends below 12 degrees."""
    rig = Rig(soc=0.5, parameters={"thermistors": 2}, thermistors=["TS1", "TS2"])
    rig.run(25)
    on = (1, 3)[pin]
    rig.world.pack.temp_c[on] = 39.5
    rig.run(20)
    assert rig.faults == []
    rig.world.pack.temp_c[on] = 41.0
    rig.until(lambda: rig.session.parts.snap.values[s.TEMP_SPREAD_DDEGC] >= 150, 3)
    trips(rig, "TEMP_SPREAD", 10.0)
    rig.run(0.3)
    status = rig.status()
    assert (rig.fets, rig.mode) == (CLOSED, "limp")
    assert status["charge_limit_ma"] == rig.values["occ_ma"] * 9 // 10 * 3 // 10
    assert status["discharge_limit_ma"] == rig.values["ocd1_ma"] * 9 // 10 * 3 // 10
    assert status["why"].startswith("reduced current: TEMP_SPREAD,")
    rig.world.pack.temp_c[on] = 38.0
    stays(rig, "TEMP_SPREAD", 15, CLOSED)
    rig.world.pack.temp_c[on] = 36.0
    ends(rig, "TEMP_SPREAD", 5.0, grace_s=1.5)
    rig.until(lambda: rig.mode == "active", 1)


def fets_at(rig: Rig, celsius: float) -> None:
    """The FETs at a temperature from now on."""
    heat = rig.world.fet_heat
    heat.temp_c = celsius
    heat.added_w = (celsius - rig.world.ambient_c) / heat._k_per_w


def test_hot_fets() -> None:
    """PW-042: limits fall from 70 degC, both open at 90 (2 s), and close below 75 (3 s)."""
    rig = Rig(
        soc=0.5,
        parameters={"fet_thermistor": 1, "thermistors": 2},
        thermistors=["TS1", "TS2"],
        fet_thermistor=True,
    )
    rig.run(25)
    fets_at(rig, 80)
    rig.run(5)
    assert rig.faults == []
    assert rig.mode == "active"
    full = rig.values["ocd1_ma"] * 9 // 10
    assert 0.45 * full < rig.status()["discharge_limit_ma"] < 0.55 * full
    fets_at(rig, 91)
    rig.until(lambda: rig.session.parts.snap.values[s.FET_DDEGC] >= 900, 3)
    trips(rig, "FET_OT", 2.0)
    rig.run(0.3)
    assert (rig.fets, rig.mode) == (OPEN, "fault")
    assert rig.status()["why"].startswith("FET_OT:")
    fets_at(rig, 77)
    stays(rig, "FET_OT", 15, OPEN)
    fets_at(rig, 60)
    ends(
        rig, "FET_OT", 3.0, grace_s=6
    )  # the AFE's own limit has a hysteresis of 15 degrees, and its own delay
    rig.closed()


def test_without_a_thermistor_on_them_fets_are_never_hot() -> None:
    """PW-042: what is not measured neither trips nor limits."""
    rig = Rig(soc=0.5)
    fets_at(rig, 120)
    rig.run(30)
    assert rig.faults == []
    assert rig.status()["discharge_limit_ma"] == rig.values["ocd1_ma"] * 9 // 10


def test_a_broken_thermistor_on_the_fets_is_not_a_hot_fet() -> None:
    """PW-042, PW-027: a temperature that cannot be is not a temperature."""
    rig = Rig(
        soc=0.5,
        parameters={"fet_thermistor": 1, "thermistors": 2},
        thermistors=["TS1", "TS2"],
        fet_thermistor=True,
    )
    rig.world.inject("thermistor_short", sensor=3)
    rig.run(15)
    assert rig.faults == ["THERMISTOR_SHORT"]


# -- the wrong charger


@pytest.mark.parametrize(
    ("chemistry", "right_v", "high_v", "wrong_v"), [("lfp", 14.6, 15.5, 16.0), ("nmc", 16.8, 17.5, 18.0)]
)
def test_the_wrong_charger_is_not_let_in(
    chemistry: str, right_v: float, high_v: float, wrong_v: float
) -> None:
    """PW-056: far too much voltage outside keeps charge open as long as it is there, and 3 s longer."""
    rig = Rig(chemistry, soc=0.6, boot=False)
    rig.world.charger = (wrong_v, 5)
    rig.run(1)
    rig.until(lambda: "CHARGER_OV" in rig.faults, 4)
    rig.until(lambda: rig.mode == "discharge_only", 2)
    rig.run(0.3)
    assert rig.fets == CHG_OPEN
    assert rig.status()["why"].startswith("CHARGER_OV:")
    assert rig.status()["charge_limit_ma"] == 0
    stays(rig, "CHARGER_OV", 20, CHG_OPEN)
    rig.world.charger = (right_v, 5)
    ends(rig, "CHARGER_OV", 3.0)
    rig.closed()
    careless = Rig(chemistry, soc=0.6, boot=False)
    careless.world.charger = (high_v, 5)
    careless.run(6)
    assert "CHARGER_OV" not in careless.faults
    assert careless.mode == "active"


def test_a_charger_that_goes_wild_on_a_full_pack() -> None:
    """PW-056: once charging has stopped the pin shows the charger, and what it does is told."""
    rig = Rig(soc=0.97)
    rig.world.charger = (14.9, 10)
    rig.until(lambda: "CELL_OV" in rig.faults, 600, 1)
    rig.run(10)
    assert "CHARGER_OV" not in rig.faults
    rig.world.inject("charger_fault", volts=24.0)
    trips(rig, "CHARGER_OV", 1.0)
    assert rig.fets == CHG_OPEN
    rig.world.charger = None
    ends(rig, "CHARGER_OV", 3.0)
    assert "CELL_OV" in rig.faults
