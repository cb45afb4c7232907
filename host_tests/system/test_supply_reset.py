"""The supply taken away and brought back: a plain start after seconds, a soft reset after minutes."""

import pytest
from bms.core import faults, protection, reset
from system.rig import Rig

AWAY = "supply away for 5 min: reset done"


def locked_out(**more: object) -> Rig:
    """A pack in a lockout whose cause is gone, with a code pending besides; all of it written down."""
    rig = Rig(**more)
    rig.run(8)
    p = rig.session.parts
    now = p.hal.ticks_ms()
    p.protect.resume(faults.index("AFE_COMMS"), protection.LOCKED, 0, now)
    rig.world.load_a = 100 * rig.values["capacity_mah"] / 20000
    rig.until(lambda: "OCD2" in rig.faults or "AFE_COMMS" in rig.faults, 3)
    rig.world.load_a = 0
    p.archive.codes.failed(faults.index("OCD2"), p.reporter.operating_s, False)
    p.remembered.urgent = True
    rig.run(20)
    assert "AFE_COMMS" in rig.faults
    return rig


def away(rig: Rig, seconds: float) -> None:
    """The controller without its supply for so long, the cells and the AFE as they were."""
    rig.world.powered = False
    rig.run(seconds)
    rig.world.powered = True
    rig.run(10)


def codes(rig: Rig) -> dict[str, str]:
    return {row["mnemonic"]: row["state"] for row in rig.rpc("dtc")}


def settings(rig: Rig) -> dict[str, int]:
    return {row["name"]: row["value"] for row in rig.rpc("params")}


def test_three_seconds_are_a_plain_start() -> None:
    rig = locked_out()
    before = settings(rig)
    away(rig, 3)
    assert rig.faults == ["AFE_COMMS"]
    assert rig.fets == (False, False)
    assert "OCD2" in codes(rig)
    assert rig.events("reset soft") == []
    assert settings(rig) == before


def test_five_minutes_are_a_soft_reset() -> None:
    rig = locked_out()
    before = settings(rig)
    away(rig, 300)
    assert rig.events("reset soft") == [AWAY]
    assert rig.faults == []
    rig.closed(5)
    assert codes(rig) == {"AFE_COMMS": "confirmed"}, "what is confirmed stays, as with the button"
    assert settings(rig) == before
    memory = rig.session.parts.remembered
    assert (memory.resets, len(memory.resets_s)) == (1, 1), "it counts"


def test_five_minutes_with_the_afe_gone_too_are_a_plain_start() -> None:
    """Nobody can tell how long it was: a chip that starts anew begins to count at nothing."""
    rig = locked_out()
    rig.world.powered = False
    rig.run(299)
    rig.world.inject("afe_brownout")
    rig.run(1)
    rig.world.powered = True
    rig.run(10)
    assert rig.faults == ["AFE_COMMS"]
    assert rig.events("reset soft") == []
    assert "OCD2" in codes(rig)


def test_a_front_end_without_a_clock_tells_of_no_absence() -> None:
    rig = locked_out(cells=9, afe="bq76940", boot=False)
    away(rig, 300)
    assert "AFE_COMMS" in rig.faults
    assert rig.events("reset soft") == []


@pytest.mark.parametrize("seconds", [100, 119])
def test_less_than_two_minutes_are_too_few(seconds: int) -> None:
    """The clock is set to zero every five seconds, so it may show that much more."""
    rig = locked_out()
    away(rig, seconds - 6)
    assert rig.faults == ["AFE_COMMS"]


def test_with_nothing_to_clear_it_is_no_reset_and_counts_as_none() -> None:
    """A shed whose supply fails every night must not use up the resets that its owner has."""
    rig = Rig()
    for _ in range(4):
        away(rig, 300)
    assert rig.events("reset soft") == []
    assert rig.session.parts.remembered.resets_s == []
    assert rig.mode == "active"


def test_the_first_start_of_all_is_no_return() -> None:
    rig = Rig(boot=False)
    rig.world.powered = False
    rig.run(600)
    rig.world.powered = True
    rig.run(5)
    assert rig.mode == "active"
    assert rig.events("reset soft") == []


def test_it_is_refused_as_any_other_reset() -> None:
    """PW-133: with a charger there, and with the cause still there."""
    rig = locked_out()
    rig.world.charger = (14.4, 5)
    away(rig, 300)
    assert rig.faults == ["AFE_COMMS"]
    (told,) = rig.events("reset soft")
    assert told.startswith("supply away for 5 min: refused: the pack is not isolated")
    rig.world.charger = None
    rig.world.inject("thermistor_open", sensor=1)
    away(rig, 300)
    assert "AFE_COMMS" in rig.faults
    assert "still present" in rig.events("reset soft")[-1]


def test_the_fourth_in_a_day_is_refused() -> None:
    rig = locked_out()
    memory = rig.session.parts.remembered
    memory.resets_s += [memory.base_s] * reset.PER_DAY
    memory.urgent = True
    rig.run(1)
    away(rig, 300)
    assert rig.faults == ["AFE_COMMS"]
    assert "three resets in 24 h" in rig.events("reset soft")[-1]


def test_a_hang_of_minutes_is_no_reset() -> None:
    """The watchdog's restart is told apart from a supply that was away."""
    rig = locked_out()
    rig.world.inject("hung_firmware")
    rig.run(30)
    assert rig.session.boots == 2
    assert "AFE_COMMS" in rig.faults
    assert rig.events("reset soft") == []


def test_the_afe_s_clock_never_stands_far_from_zero_while_we_run() -> None:
    rig = Rig()
    worst_us = 0
    for _ in range(60):
        rig.run(0.5)
        worst_us = max(worst_us, rig.world.chip.meter.charge_us)
    assert 3e6 < worst_us < 6e6


def test_an_afe_that_does_not_answer_at_a_start_is_a_plain_start() -> None:
    rig = locked_out()
    rig.world.powered = False
    rig.run(300)
    rig.world.inject("afe_silent")
    rig.world.powered = True
    rig.run(2)
    rig.world.clear("afe_silent")
    rig.run(10)
    assert "AFE_COMMS" in rig.faults
    assert rig.events("reset soft") == []


def test_settings_survive_whatever_the_supply_does() -> None:
    rig = Rig(parameters={"cell_ov_mv": 3620})
    for seconds in (0.1, 3, 300):
        away(rig, seconds)
        assert settings(rig)["cell_ov_mv"] == 3620
