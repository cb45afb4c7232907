"""Calibrating the taps of a monitor class front end, as whoever built it does: by meter and console."""

from typing import Any

from bms.services.storage import Record
from system.rig import Rig

CELLS = 4


def rig(**changes: Any) -> Rig:
    """A board that has been soldered and told what the pack is, and no more."""
    made = Rig(cells=CELLS, afe="ads1115", boot=False, **changes)
    for name in ("taps.a", "taps.b"):
        made.files.remove(name)
    return made


def volts(on: Rig, soc: float) -> str:
    """Cells at this charge; what the meter says."""
    on.world.pack.set_soc([soc] * CELLS)
    on.run(0.5)
    total, told = 0.0, []
    for each in on.world.pack.volts:
        total += each
        told.append(str(round(total * 1000)))
    return ",".join(told)


def unlocked(on: Rig) -> Rig:
    on.run(1.5)
    on.world.press(4)
    on.run(1)
    assert "unlocked_s" in on.rpc("unlock")
    on.run(4)
    return on


def test_nothing_closes_before_two_points_are_there() -> None:
    on = unlocked(rig())
    assert on.mode == "fault"
    assert on.fets == (False, False)
    assert "measure each with a meter" in on.rpc("version")["afe"]
    assert on.rpc("taps") == {"points": 0, "needed": 2}
    low = volts(on, 0.02)
    assert on.rpc("taps", low)["points"] == 1
    assert "100 mV" in on.rpc("taps", low)["message"], "the same voltage says nothing new"
    assert on.fets == (False, False)
    done = on.rpc("taps", volts(on, 0.995))
    assert done["points"] == 2
    on.until(lambda: on.session.boots == 2 and on.session.loop is not None and on.mode == "active", 10)
    for seen, true in zip(on.cells_mv, on.world.pack.volts, strict=True):
        assert abs(seen - true * 1000) <= 5


def test_what_is_not_a_set_of_readings_is_refused() -> None:
    on = unlocked(rig())
    for readings, why in (
        ("3300,6600,9900", "4 cells are set, and 3 readings"),
        ("3300,6600,6600,13200", "lies above the one before"),
        ("3300,x,9900,13200", "'x'"),
        ("3300,6600,9900,1320000", "'1320000'"),
    ):
        assert why in on.rpc("taps", readings)["message"], readings
    assert Record(on.files, "taps").load() is None


def test_a_reading_that_the_resistors_cannot_make_is_refused() -> None:
    on = unlocked(rig())
    assert on.rpc("taps", volts(on, 0.02))["points"] == 1
    third = [int(each) for each in volts(on, 0.995).split(",")]
    third[2] += 400
    assert "tap 3" in on.rpc("taps", ",".join(str(each) for each in third))["message"]
    assert on.rpc("taps") == {"points": 1, "needed": 2}


def test_a_running_pack_is_not_calibrated_anew() -> None:
    on = Rig(cells=CELLS, afe="ads1115")
    unlocked(on)
    assert "'standby' first" in on.rpc("taps", "3300,6600,9900,13200")["message"]
    on.rpc("standby")
    on.run(1)
    assert "'taps forget'" in on.rpc("taps", "3300,6600,9900,13200")["message"]
    assert on.rpc("taps", "forget")["points"] == 0
    on.run(8)
    assert on.fets == (False, False)
    assert on.mode == "fault"


def test_who_may_not_change_protection_may_not_calibrate() -> None:
    on = rig()
    on.run(2)
    assert "locked" in on.rpc("taps", "3300,6600,9900,13200")["message"]


def test_other_front_ends_have_no_dividers() -> None:
    on = Rig()
    assert "calibrated by its factory" in on.rpc("taps")["message"]
