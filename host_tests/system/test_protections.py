"""Every protection on the simulated pack: it trips in time, opens the right FET, and ends only by its rule.

In time means its delay, one scan of the AFE (63 ms) and one cycle (100 ms), and some grace for the readings.
"""

import pytest
from system.rig import Rig

SCAN_AND_CYCLE_S = 0.063 + 0.1 + 0.1
CHG_OPEN = (False, True)
DSG_OPEN = (True, False)
OPEN = (False, False)


def trips(rig: Rig, mnemonic: str, delay_s: float, slack_s: float = SCAN_AND_CYCLE_S) -> None:
    """The fault stands within its delay, and not much before."""
    spent = rig.until(lambda: mnemonic in rig.faults, delay_s + slack_s)
    assert spent >= delay_s - slack_s, f"{mnemonic} after {spent} s of {delay_s} s"


def stays(rig: Rig, mnemonic: str, seconds: float) -> None:
    for _ in range(int(seconds * 2)):
        rig.run(0.5)
        assert mnemonic in rig.faults


def ends(rig: Rig, mnemonic: str, seconds: float) -> None:
    rig.until(lambda: mnemonic not in rig.faults, seconds)


def test_cell_over_voltage() -> None:
    """PW-001: a cell above its limit stops charging; it ends below the clear level."""
    rig = Rig(soc=0.985, weak=[{"cell": 2, "capacity": 0.97}])
    rig.world.charger = (4 * 3.9, 10)
    rig.until(lambda: max(rig.cells_mv) >= 3700, 300, 0.1)
    trips(rig, "CELL_OV", 1.0)
    rig.run(0.05)
    assert rig.fets == CHG_OPEN
    assert rig.mode == "discharge_only"
    highest = max(rig.world.pack.volts)
    assert highest < 3.8
    rig.world.charger = None
    stays(rig, "CELL_OV", 30)
    rig.world.load_a = 5
    rig.until(lambda: max(rig.cells_mv) <= 3500, 600, 0.1)
    assert "CELL_OV" in rig.faults, "hysteresis and a delay"
    ends(rig, "CELL_OV", 4)
    rig.closed()


def test_cell_under_voltage() -> None:
    """PW-002: an empty cell stops discharging; only charging ends it."""
    rig = Rig(soc=0.05)
    rig.world.load_a = 15
    rig.until(lambda: min(rig.cells_mv) <= 2500, 600, 0.1)
    trips(rig, "CELL_UV", 2.0)
    rig.run(0.05)
    assert rig.fets == DSG_OPEN
    assert rig.mode == "charge_only"
    rig.world.load_a = 0
    stays(rig, "CELL_UV", 60)
    assert min(rig.cells_mv) > 2500
    rig.world.charger = (14.4, 5)
    ends(rig, "CELL_UV", 600)
    assert min(rig.cells_mv) >= 2900
    rig.run(0.5)
    assert rig.fets == (True, True)


def test_charge_over_current() -> None:
    """PW-003: too much charge current stops charging until the charger is gone."""
    rig = Rig(soc=0.5)
    rig.world.charger = (14.6, 16)  # limit 14 A
    trips(rig, "OCC", 2.0)
    rig.run(0.05)
    assert rig.fets == CHG_OPEN
    stays(rig, "OCC", 30)
    rig.world.charger = None
    ends(rig, "OCC", 3.0 + 1)
    rig.run(0.5)
    assert rig.fets == (True, True)


def test_sustained_discharge_over_current() -> None:
    """PW-004: a long overload opens discharge until the load is gone."""
    rig = Rig()
    rig.world.load_a = 26  # limit 24 A
    trips(rig, "OCD1", 5.0)
    rig.run(0.05)
    assert rig.fets == DSG_OPEN
    stays(rig, "OCD1", 20)
    rig.world.load_a = 0
    ends(rig, "OCD1", 3.0 + 1)
    rig.run(0.5)
    assert rig.fets == (True, True)


def test_fast_discharge_over_current() -> None:
    """PW-005: a heavy overload opens discharge in half a second."""
    rig = Rig()
    rig.world.load_a = 44  # limit 40 A, the AFE's own 50 A
    trips(rig, "OCD2", 0.5)
    rig.run(0.05)
    assert rig.fets == DSG_OPEN
    stays(rig, "OCD2", 20)
    rig.world.load_a = 0
    ends(rig, "OCD2", 3.0 + 1)


def test_the_afe_cuts_a_heavier_overload_by_itself() -> None:
    """PW-005: above the AFE's own limits its comparators are first, and the firmware agrees."""
    rig = Rig()
    rig.world.load_a = 95
    rig.until(lambda: not rig.world.chip.dsg_on, 0.05, 0.001)
    trips(rig, "OCD2", 0.0)
    assert rig.fets[1] is False
    stays(rig, "OCD2", 10)


def test_short_circuit() -> None:
    """PW-006: a short is cut by the AFE within a millisecond; retries are counted, then it locks out."""
    rig = Rig()
    rig.world.inject("external_short")
    rig.until(lambda: not rig.world.chip.dsg_on, 0.002, 0.0005)
    trips(rig, "SCD", 0.0)
    rig.run(0.1)
    assert rig.fets == OPEN
    stays(rig, "SCD", 30)
    for _ in range(2):
        rig.world.clear("external_short")
        ends(rig, "SCD", 15)
        rig.closed()
        rig.world.inject("external_short")
        trips(rig, "SCD", 0.0)
    rig.world.clear("external_short")
    stays(rig, "SCD", 60)
    assert rig.mode == "fault"
    assert "locked out" in rig.status()["why"]


@pytest.mark.parametrize(
    ("mnemonic", "trip_c", "clear_c", "opened", "mode"),
    [
        pytest.param("OTC", 51, 44, CHG_OPEN, "discharge_only", id="PW-007"),
        pytest.param("UTC", -2, 4, CHG_OPEN, "discharge_only", id="PW-008"),
        pytest.param("OTD", 61, 44, OPEN, "fault", id="PW-009"),
        pytest.param("UTD", -21, 4, OPEN, "fault", id="PW-010"),
    ],
)
def test_temperature(
    mnemonic: str, trip_c: float, clear_c: float, opened: tuple[bool, bool], mode: str
) -> None:
    """Too hot or too cold opens the right direction after its delay and ends with hysteresis."""
    limit_ddegc = {"OTC": 500, "UTC": 0, "OTD": 600, "UTD": -200}[mnemonic]
    rig = Rig(parameters={"temp_rise_ddegc": 600})  # the pack is warmed in no time here
    sign = 1 if trip_c > 25 else -1
    rig.warm(limit_ddegc / 10 - sign * 0.5)
    rig.run(10)
    assert mnemonic not in rig.faults
    rig.warm(trip_c)
    rig.until(lambda: sign * rig.session.parts.snap.temps_ddegc[0] >= sign * limit_ddegc, 3, 0.1)
    trips(rig, mnemonic, 3.0, slack_s=0.5)
    rig.run(0.3)
    assert rig.fets == opened
    assert rig.mode == mode
    rig.warm(limit_ddegc / 10 - sign * 2)
    stays(rig, mnemonic, 10)
    rig.warm(clear_c)
    ends(rig, mnemonic, 6)
    rig.closed(10)


def test_hot_front_end() -> None:
    """PW-011: an AFE above 80 degC opens both, before it shuts itself down at 85."""
    rig = Rig()
    rig.world.die_rise_c = 57.0
    trips(rig, "BOARD_OT", 2.0, slack_s=1.5)
    rig.run(0.3)
    assert rig.fets == OPEN
    rig.world.die_rise_c = 3.0
    rig.closed(10)


def test_imbalance() -> None:
    """PW-012: cells far apart open both after their delay."""
    rig = Rig(soc=0.5, parameters={"imbalance_mv": 100, "imbalance_clear_mv": 60})
    rig.world.pack.set_soc([0.5, 0.04, 0.5, 0.5])
    rig.until(lambda: rig.session.parts.snap.values[2] >= 100, 5, 0.01)
    trips(rig, "IMBALANCE", 10.0)
    rig.run(0.3)
    assert rig.fets == OPEN
    stays(rig, "IMBALANCE", 20)
    rig.world.pack.set_soc([0.5, 0.5, 0.5, 0.5])
    ends(rig, "IMBALANCE", 7)
    rig.until(lambda: rig.mode == "active", 3)


def test_open_tap_is_not_driven_with() -> None:
    """PW-013: what the taps say must add up and be possible; a broken wire opens the path."""
    rig = Rig(soc=0.5)
    rig.world.inject("open_tap", tap=2)
    rig.until(lambda: rig.faults != [], 120, 0.1)
    rig.run(0.5)
    assert rig.fets[0] is False or rig.fets[1] is False
    rig.until(lambda: rig.mode == "fault", 300, 0.5)
    assert rig.fets == OPEN


def test_stack_against_sum() -> None:
    """PW-013: a stack reading that is not the sum of the cells opens both."""
    rig = Rig(soc=0.5)
    rig.world.inject("swapped_taps", tap=2)
    rig.until(lambda: set(rig.faults) & {"STACK_SUM", "CELL_UV", "CELL_OV", "IMBALANCE"}, 5, 0.1)
    rig.until(lambda: rig.fets == OPEN, 15, 0.1)


@pytest.mark.parametrize("kind", ["thermistor_open", "thermistor_short"])
def test_thermistor(kind: str) -> None:
    """PW-014, PW-027: a thermistor that cannot be right opens both, and is named; mended, it ends."""
    rig = Rig()
    rig.world.inject(kind, sensor=1)
    trips(rig, kind.upper(), 1.0, slack_s=1.5)
    rig.run(0.3)
    assert rig.fets == OPEN
    rig.world.clear(kind)
    rig.until(lambda: rig.faults == [], 20)
    rig.until(lambda: rig.mode == "active", 3)


def test_readings_that_stop_coming() -> None:
    """PW-015: no new scan for half a second opens both."""
    rig = Rig()
    rig.world.inject("stuck_bus", hold=True)
    trips(rig, "STALE", 0.5)
    assert rig.mode == "fault"
    rig.world.clear("stuck_bus")
    ends(rig, "STALE", 3)
    rig.closed()


def test_a_bus_held_down_in_the_middle_of_a_byte_is_freed_before_anything_trips() -> None:
    """PW-122."""
    rig = Rig()
    rig.world.inject("stuck_bus")
    rig.run(2)
    assert rig.faults == []
    assert rig.session.parts.keeper.recoveries == 1
    assert rig.fets == (True, True)


def test_a_silent_afe_locks_out_and_its_own_watchdog_opens() -> None:
    """PW-016: comms lost is a lockout; the AFE opens by itself meanwhile."""
    rig = Rig()
    rig.world.load_a = 5
    rig.run(1)
    rig.world.inject("afe_silent")
    trips(rig, "AFE_COMMS", 3.0)
    rig.until(lambda: rig.fets == OPEN, 7)
    rig.run(20)
    assert "AFE_COMMS" in rig.faults
    rig.world.load_a = 0
    rig.world.clear("afe_silent")
    rig.run(10)
    assert rig.fets == OPEN
    assert "AFE_COMMS" in rig.faults or rig.session.boots > 1


def test_a_reset_afe_is_noticed_at_once_and_set_up_again() -> None:
    """PW-017: a brown-out of the AFE opens, says so, and ends when it holds its configuration again."""
    rig = Rig()
    rig.world.inject("afe_brownout")
    trips(rig, "AFE_CONFIG", 0.0, slack_s=0.4)
    assert rig.fets == OPEN
    rig.closed(10)


def test_a_flipped_bit_in_the_configuration_is_found_within_ten_seconds() -> None:
    """PW-017: configuration that changed silently is found by reading it back."""
    rig = Rig()
    rig.world.inject("bit_flip_config", address=0x9275, bit=0)
    rig.until(lambda: "AFE_CONFIG" in rig.faults, 10)
    assert any("0x9275" in each for each in [rig.session.parts.keeper.error])
    rig.run(0.3)
    rig.until(lambda: rig.mode == "active", 10)
    assert rig.world.chip.complaints == []


def test_the_afes_own_failure_locks_out() -> None:
    """PW-018: a permanent failure that the AFE reports opens and stays open."""
    rig = Rig()
    snap = rig.session.parts.snap
    taken = rig.session.parts.switch.reads

    def failing(gates: int) -> int:
        snap.hardware |= 1 << 12
        return taken(gates)

    rig.session.parts.switch.reads = failing
    rig.until(lambda: "AFE_FAULT" in rig.faults, 0.3)
    rig.run(0.2)
    assert rig.fets == OPEN
    rig.session.parts.switch.reads = taken
    stays(rig, "AFE_FAULT", 30)


def test_hung_firmware_is_cut_by_the_afe_and_restarted_by_the_watchdog() -> None:
    """PW-019, PW-024: silence opens the FETs in silicon; the restart says why."""
    rig = Rig()
    rig.world.load_a = 10
    rig.run(1)
    rig.world.inject("hung_firmware")
    spent = rig.until(lambda: rig.fets == OPEN, 7)
    assert spent >= 4
    assert rig.world.current_a == 0
    rig.until(lambda: rig.session.boots == 2 and rig.session.loop is not None, 9)
    assert "WATCHDOG_RESET" in rig.faults or rig.mode == "boot"
    rig.until(lambda: rig.mode == "active", 20)
    assert rig.faults == ["WATCHDOG_RESET"]
    rig.run(620)
    assert rig.faults == []


def test_a_fet_that_does_not_follow() -> None:
    """PW-020: a gate that reads otherwise than commanded locks out."""
    rig = Rig()
    rig.world.chip.pins_asserted.add("DFETOFF")
    rig.world.chip.analog_changed(rig.world.clock.now_us)
    taken = rig.session.parts.switch.reads
    rig.session.parts.switch.reads = lambda gates: taken(gates) & ~2
    trips(rig, "FET_MISMATCH", 1.5)
    rig.run(0.2)
    assert rig.fets == OPEN
    rig.session.parts.switch.reads = taken
    stays(rig, "FET_MISMATCH", 20)


def test_an_exception_opens_first_and_explains_later() -> None:
    """PW-022: any unexpected error locks out with the path open."""
    rig = Rig()
    loop = rig.session.loop
    assert loop is not None
    original = rig.session.parts.limits.step

    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    rig.session.parts.limits.step = broken
    rig.until(lambda: rig.fets == OPEN, 0.25)
    rig.session.parts.limits.step = original
    rig.run(1)
    assert rig.faults == ["EXCEPTION"]
    assert rig.events("exception") == ["ZeroDivisionError: a bug"]
    assert rig.rpc("reset", "soft")["accepted"] is True
    rig.until(lambda: rig.mode == "active", 3)


def test_an_impact_is_permanent_and_survives_power_loss() -> None:
    """PW-023: after an impact the pack stays open until it is inspected."""
    rig = Rig()
    rig.world.inject("impact")
    trips(rig, "IMPACT", 0.0)
    rig.run(0.2)
    assert rig.fets == OPEN
    assert rig.mode == "permanent"
    assert rig.status()["service_needed"] is True
    rig.world.clear("impact")
    rig.run(5)
    again = Rig(files=rig.files, boot=False)
    again.run(5)
    assert again.mode == "permanent"
    assert again.fets == OPEN
    assert "an impact is on record" in again.rpc("reset", "soft")["reason"]


def test_a_stuck_button_is_told() -> None:
    """PW-025: a button held over 30 s is a warning, not a reset."""
    rig = Rig()
    rig.world.button = True
    trips(rig, "BUTTON_STUCK", 30.0)
    assert rig.fets == (True, True)
    rig.world.button = False
    ends(rig, "BUTTON_STUCK", 2)
    assert rig.session.parts.remembered.resets == 0


@pytest.mark.parametrize(
    ("mnemonic", "level", "load_a", "charger"),
    [
        pytest.param("CELL_OV_WARN", {"cell_ov_warn_mv": 3250}, 0, None, id="PW-028"),
        pytest.param("CELL_UV_WARN", {"cell_uv_warn_mv": 3350}, 0, None, id="PW-030"),
        pytest.param("OCC_WARN", {"occ_warn_ma": 3000}, 0, (14.2, 4), id="PW-037"),
        pytest.param("OCD_WARN", {"ocd_warn_ma": 3000}, 4, None, id="PW-038"),
        pytest.param("OTC_WARN", {"otc_warn_ddegc": 240}, 0, None, id="PW-039"),
        pytest.param("OTD_WARN", {"otd_warn_ddegc": 250}, 0, None, id="PW-040"),
    ],
)
def test_a_warning_is_told_and_opens_nothing(
    mnemonic: str, level: dict[str, int], load_a: float, charger: tuple[float, float] | None
) -> None:
    """Its level is reached, it says so, the pack goes on; with the usual level there is nothing to say."""
    rig = Rig(parameters=level)
    rig.world.load_a = load_a
    rig.world.charger = charger
    rig.until(lambda: rig.faults == [mnemonic], 8)
    rig.run(20)
    assert rig.faults == [mnemonic]
    assert rig.mode == "active"
    assert rig.fets == (True, True)
    rows = [row for row in rig.rpc("faults") if row["mnemonic"] == mnemonic]
    assert rows[0]["class"] == "warning"
    assert rows[0]["advice"]
    calm = Rig()
    calm.world.load_a = load_a
    calm.world.charger = charger
    calm.run(10)
    assert calm.faults == []
