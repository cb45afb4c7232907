"""Every front end passes the same protection suite, through its own simulated chip and its own driver.

What differs between them stands in one table: how often it converts, and what it does without the firmware.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from bms.app import fronts
from bms.core import commission, params, silicon
from packwarden import boards, packfile
from system.rig import Rig
from tools.sim_command import sim

CHG_OPEN = (False, True)
DSG_OPEN = (True, False)
OPEN = (False, False)
CLOSED = (True, True)


@dataclass(frozen=True)
class FrontEnd:
    """One chip as it is fitted here."""

    afe: str
    cells: int
    picture_s: float  # how old readings may be
    heat_s: float = 1.0  # how old temperatures may be
    silicon: bool = True  # comparators that need no firmware
    watchdog: bool = False  # opens by itself when the firmware is silent
    frozen_s: float = 6.0  # until converters that stand still are found out
    flipped: tuple[int, int] = (0x09, 3)  # a bit of a limit
    crc: bool = False
    error_mv: int = 2  # of a cell, and ...
    stack_error_mv: int = 4  # ... of the stack, per cell
    fitted: tuple[tuple[str, Any], ...] = ()  # what else stands in the pack file

    def __str__(self) -> str:
        return (
            f"{self.afe}-{self.cells}s{'-crc' if self.crc else ''}{''.join(f'-{v}' for _, v in self.fitted)}"
        )

    def rig(self, **changes: Any) -> Rig:
        """A pack on it, with the path closed."""
        rig = Rig(cells=self.cells, afe=self.afe, crc=self.crc, boot=False, **dict(self.fitted) | changes)
        rig.until(lambda: rig.session.loop is not None and rig.mode == "active", 4)
        rig.run(0.5)
        return rig

    def trips(self, rig: Rig, mnemonic: str, delay_s: float, slack_s: float | None = None) -> None:
        """The fault stands within its delay, and not much before."""
        slack = self.picture_s + 0.2 if slack_s is None else slack_s
        spent = rig.until(lambda: mnemonic in rig.faults, delay_s + slack)
        assert spent >= delay_s - slack, f"{mnemonic} after {spent} s of {delay_s} s"
        rig.run(0.15)


FRONT_ENDS = [
    FrontEnd("bq76952", 4, 0.063, 1.0, watchdog=True, flipped=(0x9275, 0)),
    FrontEnd("bq76920", 4, 0.35, 7.5, frozen_s=36.0),
    FrontEnd("bq76930", 7, 0.35, 7.5, frozen_s=36.0, crc=True),
    FrontEnd("bq76940", 13, 0.35, 7.5, frozen_s=36.0),
    FrontEnd(
        "ads1115", 4, 0.1, silicon=False, flipped=(0x4802, 3), error_mv=4, stack_error_mv=30,
        fitted=(("chips", 1), ("meter", "ina226")),
    ),
    FrontEnd(
        "ads1115", 8, 0.1, silicon=False, watchdog=True, flipped=(0x4902, 6), error_mv=8, stack_error_mv=20,
        fitted=(("chips", 2), ("meter", "ina228"), ("watchdog_ms", 1000)),
    ),
]  # fmt: skip
fitted = pytest.mark.parametrize("front", FRONT_ENDS, ids=str)
silicon_only = pytest.mark.parametrize("front", [each for each in FRONT_ENDS if each.silicon], ids=str)
monitors = pytest.mark.parametrize("front", [each for each in FRONT_ENDS if not each.silicon], ids=str)
host_bound = pytest.mark.parametrize(
    "front", [each for each in FRONT_ENDS if each.afe in ("bq76920", "bq76930", "bq76940")], ids=str
)


@fitted
def test_every_cell_is_read_where_it_sits(front: FrontEnd) -> None:
    rig = front.rig(spread={"soc": 0.1})
    for seen, true in zip(rig.cells_mv, rig.world.pack.volts, strict=True):
        assert abs(seen - true * 1000) <= front.error_mv
    assert abs(rig.session.parts.snap.stack_mv - sum(rig.cells_mv)) <= front.stack_error_mv * front.cells
    rig.world.load_a = 5
    rig.run(0.6)
    assert abs(rig.session.parts.snap.current_ma + 5000) <= 60
    assert rig.world.chip.complaints == []


@fitted
def test_a_cell_too_high(front: FrontEnd) -> None:
    rig = front.rig(soc=0.985, weak=[{"cell": 2, "capacity": 0.97}])
    rig.world.charger = (front.cells * 3.9, 10)
    rig.until(lambda: max(rig.cells_mv) >= 3700, 300, 0.1)
    front.trips(rig, "CELL_OV", 1.0)
    assert rig.fets == CHG_OPEN
    rig.world.charger = None
    rig.world.load_a = 5
    rig.until(lambda: "CELL_OV" not in rig.faults, 600, 0.1)
    assert max(rig.cells_mv) <= 3500
    rig.closed()


@fitted
def test_a_body_diode_is_not_left_to_burn(front: FrontEnd) -> None:
    """With charging stopped, a load flows through the charge FET all the same; a charger then does not."""
    rig = front.rig(soc=0.985, weak=[{"cell": 2, "capacity": 0.97}])
    rig.world.charger = (front.cells * 3.9, 10)
    rig.until(lambda: "CELL_OV" in rig.faults, 300, 0.1)
    rig.world.charger = None
    rig.world.load_a = 10
    rig.until(lambda: rig.fets == CLOSED, 0.8)
    rig.run(1)
    assert set(rig.faults) <= {"CELL_OV", "CELL_OV_WARN"}
    rig.world.load_a = 0
    rig.world.charger = (front.cells * 3.9, 10)
    rig.until(lambda: rig.fets == CHG_OPEN, 0.8)
    rig.run(5)
    assert rig.fets == CHG_OPEN


@fitted
def test_a_cell_too_low(front: FrontEnd) -> None:
    rig = front.rig(soc=0.05)
    rig.world.load_a = 15
    rig.until(lambda: min(rig.cells_mv) <= 2500, 600, 0.1)
    front.trips(rig, "CELL_UV", 2.0)
    assert rig.fets == DSG_OPEN
    rig.world.load_a = 0
    rig.run(30)
    assert "CELL_UV" in rig.faults
    rig.world.charger = (front.cells * 3.6, 5)
    rig.until(lambda: "CELL_UV" not in rig.faults, 600, 0.1)
    rig.closed()


@fitted
def test_too_much_charge_current(front: FrontEnd) -> None:
    rig = front.rig(soc=0.5)
    rig.world.charger = (front.cells * 3.65, 16)  # limit 14 A
    front.trips(rig, "OCC", 2.0)
    assert rig.fets == CHG_OPEN
    rig.world.charger = None
    rig.until(lambda: "OCC" not in rig.faults, 5)
    rig.closed()


@fitted
@pytest.mark.parametrize(("mnemonic", "load_a", "delay_s"), [("OCD1", 26, 5.0), ("OCD2", 44, 0.5)])
def test_too_much_load(front: FrontEnd, mnemonic: str, load_a: float, delay_s: float) -> None:
    """The firmware's own stages; they end once the load is gone, and not before."""
    rig = front.rig()
    rig.world.load_a = load_a
    front.trips(rig, mnemonic, delay_s)
    assert rig.fets[1] is False
    for _ in range(20):
        rig.run(0.5)
        assert mnemonic in rig.faults
    rig.world.load_a = 0
    rig.until(lambda: mnemonic not in rig.faults, 6)
    rig.closed()
    assert rig.faults == []


@silicon_only
def test_an_overload_that_only_the_silicon_is_fast_enough_for(front: FrontEnd) -> None:
    rig = front.rig()
    rig.world.load_a = 62
    rig.until(lambda: rig.world.chip.dsg_on is False, 0.5, 0.001)
    rig.until(lambda: "OCD2" in rig.faults, 0.2)
    rig.run(8)
    assert "OCD2" in rig.faults, "the load is still there"
    rig.world.load_a = 0
    rig.until(lambda: rig.faults == [], 8)
    rig.closed()


@silicon_only
def test_a_short_circuit(front: FrontEnd) -> None:
    rig = front.rig()
    rig.world.inject("external_short", ohm=0.002)
    rig.run(0.001)
    assert rig.world.chip.dsg_on is False
    assert rig.world.current_a == 0
    rig.until(lambda: "SCD" in rig.faults, 0.2)
    rig.run(0.2)
    assert rig.fets == OPEN
    rig.run(20)
    assert "SCD" in rig.faults
    rig.world.clear("external_short")
    rig.until(lambda: "SCD" not in rig.faults, 8)
    rig.closed()


@monitors
def test_a_short_circuit_is_the_fuses_and_the_firmware_only_sees_it(front: FrontEnd) -> None:
    """PW-006, as far as software can: a hundred times slower than silicon."""
    rig = front.rig()
    rig.world.inject("external_short", ohm=0.002)
    rig.run(0.001)
    assert rig.world.chip.dsg_on is True
    assert rig.world.current_a < -400
    rig.until(lambda: "SCD" in rig.faults, 0.15)
    assert rig.fets == OPEN
    assert rig.world.current_a == 0
    rig.run(20)
    assert "SCD" in rig.faults
    rig.world.clear("external_short")
    rig.until(lambda: "SCD" not in rig.faults, 8)
    rig.closed()


@fitted
@pytest.mark.parametrize(
    ("mnemonic", "celsius", "back_c", "fets"),
    [
        ("OTC", 51.0, 43.0, CHG_OPEN),
        ("UTC", -1.0, 5.0, CHG_OPEN),
        ("OTD", 61.5, 40.0, OPEN),
        ("UTD", -21.0, 5.0, OPEN),
    ],
)
def test_heat_and_cold(
    front: FrontEnd, mnemonic: str, celsius: float, back_c: float, fets: tuple[bool, bool]
) -> None:
    rig = front.rig(parameters={"temp_rise_ddegc": 600})
    rig.warm(celsius)
    front.trips(rig, mnemonic, 3.0, slack_s=front.heat_s + 1.5)
    assert rig.fets == fets
    rig.warm(back_c)
    rig.until(lambda: mnemonic not in rig.faults, 20)


@fitted
def test_a_hot_front_end(front: FrontEnd) -> None:
    rig = front.rig()
    rig.world.die_rise_c = 57.0
    rig.until(lambda: "BOARD_OT" in rig.faults, 36)
    rig.run(0.3)
    assert rig.fets == OPEN
    rig.world.die_rise_c = 3.0
    rig.until(lambda: "BOARD_OT" not in rig.faults, 40)


@fitted
@pytest.mark.parametrize("kind", ["thermistor_open", "thermistor_short"])
def test_a_broken_thermistor(front: FrontEnd, kind: str) -> None:
    rig = front.rig()
    rig.world.inject(kind, sensor=1)
    front.trips(rig, kind.upper(), 1.0, slack_s=front.heat_s + 1.5)
    rig.run(0.3)
    assert rig.fets == OPEN
    rig.world.clear(kind)
    rig.until(lambda: rig.faults == [], 25)
    rig.closed()


@fitted
def test_an_open_tap(front: FrontEnd) -> None:
    rig = front.rig(soc=0.5)
    rig.world.inject("open_tap", tap=2)
    rig.until(lambda: rig.faults != [], 120, 0.1)
    rig.until(lambda: rig.fets == OPEN, 300, 0.5)


@fitted
def test_readings_that_stop_coming(front: FrontEnd) -> None:
    rig = front.rig()
    rig.world.inject("stuck_bus", hold=True)
    front.trips(rig, "STALE", 0.5)
    assert rig.mode == "fault"
    rig.world.clear("stuck_bus")
    rig.until(lambda: "STALE" not in rig.faults, 3)
    rig.closed()


@fitted
def test_a_bus_held_once_is_freed_before_anything_trips(front: FrontEnd) -> None:
    rig = front.rig()
    rig.world.inject("stuck_bus")
    rig.run(2)
    assert rig.faults == []
    assert rig.session.parts.keeper.recoveries == 1
    assert rig.fets == CLOSED


@fitted
def test_a_disturbed_bus_is_no_reason_to_open(front: FrontEnd) -> None:
    rig = front.rig()
    rig.world.inject("nack", rate=0.2)
    rig.run(60)
    assert rig.fets == CLOSED
    assert [each for each in rig.faults if each != "BUS_NOISY"] == []


@fitted
def test_a_silent_front_end_locks_out(front: FrontEnd) -> None:
    rig = front.rig()
    rig.world.load_a = 5
    rig.run(1)
    rig.world.inject("afe_silent")
    front.trips(rig, "AFE_COMMS", 3.0)
    rig.run(6)
    # A gate on the front end cannot be reached; one on the controller can.
    assert rig.fets == (OPEN if front.watchdog or not front.silicon else CLOSED)
    rig.world.clear("afe_silent")
    rig.until(lambda: rig.fets == OPEN, 2)
    rig.run(5)
    assert rig.fets == OPEN
    assert "AFE_COMMS" in rig.faults or rig.session.boots > 1


@fitted
def test_a_brown_out_of_the_front_end(front: FrontEnd) -> None:
    """PW-017."""
    rig = front.rig()
    rig.world.inject("afe_brownout")
    assert rig.fets == (OPEN if front.silicon else CLOSED)
    rig.until(lambda: "AFE_CONFIG" in rig.faults, 0.7)
    assert rig.fets == OPEN
    rig.closed(10)
    assert "AFE_COMMS" not in rig.faults


@fitted
def test_a_flipped_bit_is_found(front: FrontEnd) -> None:
    """PW-017."""
    rig = front.rig()
    address, bit = front.flipped
    rig.world.inject("bit_flip_config", address=address, bit=bit)
    rig.until(lambda: "AFE_CONFIG" in rig.faults, 10)
    rig.run(0.2)
    rig.closed(10)
    assert rig.world.chip.complaints == []


@fitted
def test_converters_that_stand_still(front: FrontEnd) -> None:
    """PW-050: although the chip goes on answering, and counting its conversions."""
    rig = front.rig()
    rig.world.load_a = 5
    rig.run(2)
    rig.world.inject("frozen_reading")
    rig.until(lambda: "FROZEN_AFE" in rig.faults, front.frozen_s)
    rig.run(0.2)
    assert rig.fets == OPEN
    rig.world.load_a = 0
    rig.world.clear("frozen_reading")
    rig.until(lambda: "FROZEN_AFE" not in rig.faults, 45)


@fitted
def test_a_resting_pack_is_not_taken_for_a_frozen_one(front: FrontEnd) -> None:
    # Not one bit may move in 14 bits; the BQ76952 is judged by counts of 30 nV, which always do.
    rig = front.rig(sensors={"current_noise_uv": 5.0 if front.afe == "bq76952" else 0.0})
    rig.run(300)
    assert rig.faults == []
    assert rig.fets == CLOSED


@fitted
def test_firmware_that_hangs(front: FrontEnd) -> None:
    """PW-024: the controller's watchdog restarts it, and the first thing that it does is to open.

    A front end without a host watchdog conducts until then: 8 s, and the time of a start; an external one
    on ALIVE ends that sooner.
    """
    rig = front.rig()
    rig.world.load_a = 10
    rig.run(1)
    rig.world.inject("hung_firmware")
    rig.run(7.5)
    assert rig.fets == (OPEN if front.watchdog else CLOSED)
    rig.until(lambda: rig.fets == OPEN, 2)
    rig.until(lambda: rig.session.boots == 2 and rig.session.loop is not None and rig.mode == "active", 20)
    assert rig.faults == ["WATCHDOG_RESET"]


@silicon_only
def test_without_the_firmware_the_silicon_stops_a_charge(front: FrontEnd) -> None:
    rig = front.rig(soc=0.985, weak=[{"cell": 2, "capacity": 0.97}])
    rig.world.charger = (front.cells * 3.9, 10)
    rig.until(lambda: max(rig.world.pack.volts) >= 3.69, 300, 0.1)
    rig.world.inject("hung_firmware")
    rig.until(lambda: not rig.world.chip.chg_on, 9)
    assert max(rig.world.pack.volts) < 3.9


@fitted
def test_ship_mode(front: FrontEnd) -> None:
    rig = front.rig()
    rig.session.parts.loop.ship_asked = True
    rig.run(2)
    assert rig.mode == "ship"
    assert rig.fets == OPEN


@silicon_only
def test_balancing_bleeds_the_high_cell_and_only_that(front: FrontEnd) -> None:
    rig = front.rig(parameters={"balance_min_mv": 3000, "cell_uv_clear_mv": 2900}, soc=0.6)
    rig.world.pack.set_soc([0.6] * (front.cells - 1) + [0.95])
    rig.run(70)  # it takes a minute of looks
    assert rig.world.sense.cells_of(rig.world.chip.balancing) == 1 << (front.cells - 1)
    assert rig.world.chip.complaints == []


@monitors
def test_the_controllers_own_look_at_the_stack_contradicts_a_wrong_divider(front: FrontEnd) -> None:
    """PW-013: of the two ways to the same figure one must be wrong."""
    rig = front.rig()
    tap = rig.world.chip.ratio[-1]
    rig.world.chip.ratio[-1] = tap * 1.012  # the top tap's resistor has aged: its cell seems low
    rig.run(5)
    assert "STACK_SUM" not in rig.faults, "within what an ADC of twelve bits can say"
    rig.world.chip.ratio[-1] = tap
    rig.world.chip.stack_ratio *= 1.05
    rig.until(lambda: "STACK_SUM" in rig.faults, 4)
    rig.run(0.2)
    assert rig.fets == OPEN


@monitors
def test_the_button_and_nothing_else_ends_ship_mode(front: FrontEnd) -> None:
    rig = front.rig()
    rig.world.press(4)
    rig.run(1)
    rig.rpc("unlock")
    rig.run(4)
    assert rig.rpc("ship")["wakes"] == "a press of the button the firmware"
    rig.run(3)
    assert (rig.mode, rig.fets) == ("ship", OPEN)
    rig.world.charger = (front.cells * 3.6, 5)
    rig.run(5)
    assert (rig.mode, rig.fets) == ("ship", OPEN)
    rig.world.press(0.4)
    rig.until(lambda: rig.session.loop is not None and rig.fets == CLOSED, 10)


@monitors
def test_what_cannot_bleed_does_not_claim_to(front: FrontEnd) -> None:
    rig = front.rig(parameters={"balance_min_mv": 3000, "cell_uv_clear_mv": 2900}, soc=0.6)
    rig.world.pack.set_soc([0.6] * (front.cells - 1) + [0.95])
    rig.run(70)  # it takes a minute of looks
    assert rig.rpc("balance")["bleeding"] == []
    assert rig.status()["balance_mask"] == 0


@monitors
def test_nobody_is_asked_to_prove_bleeding_that_there_is_not(front: FrontEnd) -> None:
    rig = Rig(cells=front.cells, afe=front.afe, boot=False, commissioned=False, **dict(front.fitted))
    rig.run(2)
    missing = rig.session.parts.arming.missing
    assert missing == commission.ALL & ~(1 << commission.BLEED)
    assert rig.fets == OPEN


@monitors
def test_that_no_silicon_protects_is_told_wherever_somebody_looks(front: FrontEnd) -> None:
    rig = front.rig()
    assert any("NO SILICON PROTECTION" in detail for detail in rig.events("front end"))
    assert "Safe      NO SILICON PROTECTION, firmware only; FETs" in rig.type("status")
    assert rig.status()["silicon"] is False
    assert {row["afe"] for row in rig.rpc("limits")} == {None}


@host_bound
def test_an_external_watchdog_ends_what_a_hang_leaves_closed(front: FrontEnd) -> None:
    """PW-024: a BQ769x0 has none for its host; one on ALIVE holds the gates off within its second."""
    rig = front.rig(watchdog_ms=1000)
    rig.world.load_a = 5
    rig.run(30)
    assert rig.faults == []
    rig.world.inject("hung_firmware")
    rig.run(0.8)
    assert rig.world.current_a < -4
    rig.run(0.4)
    assert rig.world.current_a == 0
    assert rig.world.chip.dsg_on, "the chip has not noticed"
    rig.until(lambda: rig.session.boots == 2 and rig.session.loop is not None and rig.mode == "active", 20)
    assert rig.faults == ["WATCHDOG_RESET"]


@host_bound
def test_an_internal_fault_of_the_chip_opens_and_is_cleared_after_a_while(front: FrontEnd) -> None:
    """DEVICE_XREADY: a transient may set it; it costs a new set-up and counts as a lost configuration."""
    rig = front.rig()
    rig.world.chip.raise_status(0x20)
    assert rig.fets == OPEN
    rig.until(lambda: "AFE_CONFIG" in rig.faults, 0.5)
    rig.closed(10)
    assert rig.world.chip.image[0] & 0x20 == 0
    assert rig.faults == []


@host_bound
def test_somebody_else_pulls_the_alert_line_up(front: FrontEnd) -> None:
    """OVRD_ALERT: a secondary protector, or a wrong wire; a person has to look."""
    rig = front.rig()
    rig.until(lambda: not rig.world.chip.driven, 1, 0.001)
    rig.world.chip.force_alert(True)
    assert rig.fets == OPEN
    rig.until(lambda: "AFE_FAULT" in rig.faults, 0.3)
    rig.world.chip.force_alert(False)
    rig.run(10)
    assert "AFE_FAULT" in rig.faults
    assert rig.rpc("reset", "soft")["accepted"] is True
    rig.closed(5)


@host_bound
def test_what_the_chip_does_not_do_by_itself_is_told(front: FrontEnd) -> None:
    rig = front.rig()
    assert any("dead controller" in detail for detail in rig.events("front end"))
    limits = {row["limit"]: row["afe"] for row in rig.rpc("limits")}
    assert limits["cell_ov_mv"]
    assert limits["scd_ma"]
    for name in ("hwd_s", "occ_ma", "otc_ddegc", "utc_ddegc", "otd_ddegc", "utd_ddegc"):
        assert limits[name] is None, name


def test_every_board_has_a_front_end_that_there_is() -> None:
    for name in boards.names():
        assert boards.load(name).afe in fronts.NAMES
    assert tuple(packfile.AFES) == fronts.NAMES


def test_a_board_with_an_unknown_front_end_does_not_start() -> None:
    rig = Rig(boot=False)
    rig.board.afe = "bq76941"
    with pytest.raises(ValueError, match="use one of: bq76952, bq76920"):
        rig.run(1)


def test_limits_that_a_front_end_cannot_enforce_are_named() -> None:
    """PW-110."""
    given = {"chemistry": "lfp", "cell_count": 13, "capacity_mah": 20000, "shunt_uohm": 1000}

    def against(**changes: int) -> list[str]:
        return fronts.unreachable(silicon.derive(params.resolve(given | changes)), "bq76940")

    assert against() == []
    assert "9 to 15 cells" in against(cell_count=16)[0]
    assert "shunt is too large" in against(shunt_uohm=5000)[0]
    assert "before the firmware" in against(ocd1_ma=8000, ocd2_ma=11_100, scd_ma=40_000, occ_ma=5000)[0]
    assert "precharg" in against(precharge_fitted=1)[0]


def test_a_board_decides_unless_the_pack_file_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load = boards.load
    (tmp_path / "forty").mkdir()
    (tmp_path / "forty" / "board.py").write_text(
        "NAME = 'forty'\nAFE = 'bq76940'\nAFE_ADDRESS = 0x18\nAFE_CRC = True\nCOIL_DSG = AUX_SENSE = None\n"
        "LED_RED = BUZZER = None\n"
    )
    monkeypatch.setattr(boards, "load", lambda name: load(name, tmp_path))
    pack = tmp_path / "pack.toml"
    pack.write_text('chemistry = "nmc"\ncells = 10\ncapacity_ah = 50\n')
    done = sim("--pack", pack, "--board", "forty", "--duration", 5, "--console", "stdio", typed="version\n")
    assert "configured and verified" in done.stdout
    refused = sim("--board", "forty", "--duration", 5)
    assert refused.exit_code != 0
    assert "9 to 15 cells" in refused.stderr
