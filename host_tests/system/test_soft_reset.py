"""The ten-second button and the soft reset on the running pack: exact, guarded, recorded."""

import pytest
from packwarden.sim.world import World
from system.rig import Rig

NOTHING = (0, 0)


def counts(rig: Rig) -> tuple[int, int]:
    """(resets done, refused)."""
    memory = rig.session.parts.remembered
    return memory.resets, memory.refusals


def locked_out() -> Rig:
    """A pack that three short circuits locked out, with the short long gone."""
    rig = Rig()
    for _ in range(3):
        rig.closed(20)
        rig.world.inject("external_short")
        rig.run(0.5)
        rig.world.clear("external_short")
        rig.run(8)
    assert rig.mode == "fault"
    assert "locked out" in rig.status()["why"]
    return rig


@pytest.mark.parametrize("bounce_ms", [0, 8])
@pytest.mark.parametrize(
    ("hold_s", "resets"), [(9.94, 0), (10.06, 1), (14.94, 1), (15.06, 0), (31.0, 0), (0.5, 0)]
)
def test_the_button_is_exact_while_the_console_is_flooded(hold_s: float, resets: int, bounce_ms: int) -> None:
    """PW-140: across the tick wrap, 20 s after power-on, and under a flood of garbage and long answers."""
    rig = Rig()
    rig.run(16.0 - rig.world.clock.now_us / 1e6)
    rig.world.press(hold_s, bounce_ms)
    for i in range(int((hold_s + 1) * 20)):
        rig.board.serial.feed(b"params\r" if i % 3 else bytes(range(256)))
        rig.run(0.05)
    assert hold_s < 5 or rig.world.clock.ticks_ms() < 2**29, "the wrap was crossed"
    rig.run(2)
    assert counts(rig) == (resets, 0)
    assert rig.mode == "active"


def test_a_lockout_ends_by_a_person_and_by_nothing_less() -> None:
    rig = locked_out()
    rig.world.press(9.9)
    rig.run(11)
    assert rig.mode == "fault"
    assert counts(rig) == NOTHING
    rig.world.press(10.5)
    rig.run(12)
    assert counts(rig) == (1, 0)
    rig.closed(5)
    assert rig.faults == []
    assert rig.events("reset soft") == ["button: reset done"]


def test_a_lockout_survives_a_power_cut() -> None:
    """PW-113."""
    rig = locked_out()
    rig.world.powered = False
    rig.run(1)
    rig.world.powered = True
    rig.run(5)
    assert rig.mode == "fault"
    assert rig.fets == (False, False)
    assert rig.rpc("reset", "soft")["accepted"] is True
    rig.closed(5)


def _charging(world: World) -> None:
    world.charger = (14.4, 5)


def _driving(world: World) -> None:
    world.load_a = 5


def _short(world: World) -> None:
    world.inject("thermistor_open", sensor=1)


@pytest.mark.parametrize(
    ("prepare", "words"),
    [(_charging, "not isolated"), (_driving, "not isolated"), (_short, "still present")],
)
def test_a_refused_reset_changes_nothing_and_says_why(prepare, words: str) -> None:
    """PW-133."""
    rig = Rig()
    prepare(rig.world)
    rig.run(10)
    before = (rig.mode, rig.faults, rig.fets)
    charge = rig.status()["soc_permille"]
    answer = rig.rpc("reset", "soft")
    assert answer["accepted"] is False
    assert words in answer["reason"]
    rig.run(1)
    assert (rig.mode, rig.faults, rig.fets) == before
    assert abs(rig.status()["soc_permille"] - charge) <= 1, "it is being charged, in one of the cases"
    assert counts(rig) == (0, 1)
    assert words in rig.events("reset soft")[0]


def test_the_fourth_reset_in_a_day_is_refused_even_across_power_loss() -> None:
    rig = Rig()
    for _ in range(3):
        assert rig.rpc("reset", "soft")["accepted"] is True
        rig.run(5)
    rig.world.powered = False
    rig.run(1)
    rig.world.powered = True
    rig.run(5)
    answer = rig.rpc("reset", "soft")
    assert answer["accepted"] is False
    assert "three resets in 24 h" in answer["reason"]


def test_the_path_opens_for_a_reset_and_closes_after_a_new_self_test() -> None:
    rig = Rig()
    assert rig.rpc("reset", "soft")["accepted"] is True
    rig.until(lambda: rig.fets == (False, False), 0.5)
    modes = set()
    for _ in range(100):
        rig.run(0.01)
        modes.add(rig.mode)
    assert "selftest" in modes
    rig.closed(3)


def test_charge_after_a_reset_is_unsure_unless_rested() -> None:
    rig = Rig()
    rig.rpc("reset", "soft")
    rig.run(2)
    assert rig.status()["soc_settling"] is True
    assert rig.status()["soc_sigma_permille"] >= 150


def test_other_levels_and_nonsense_are_refused_with_the_right_word() -> None:
    rig = Rig()
    for level in ("", "SOFT", "please"):
        assert "reset soft" in rig.rpc("reset", level)["message"]
    for level in ("hard", "relearn", "factory"):
        assert "locked" in rig.rpc("reset", level)["message"]
    assert counts(rig) == NOTHING


def led_trace(rig: Rig, seconds: float) -> str:
    """The LED as a person sees it, a character per 50 ms."""
    trace = ""
    for _ in range(int(seconds * 20)):
        rig.run(0.05)
        trace += "#" if rig.world.led_on else "."
    return trace


def test_the_led_tells_when_to_release_and_why_not() -> None:
    rig = Rig()
    rig.world.charger = (14.4, 5)
    rig.run(2)
    rig.world.press(10.5)
    trace = led_trace(rig, 10.4)
    assert "#" not in trace[4:58], "dark up to 3 s"
    assert trace[-6:] == "######", "solid from 10 s: release now"
    rig.run(0.2)
    blinks = [part for part in led_trace(rig, 1.9).split(".") if part]
    assert len(blinks) == 2, "two blinks: not isolated"


def test_a_short_press_shows_the_charge_in_fifths() -> None:
    rig = Rig(soc=0.5)
    rig.session.parts.soc.set(500, 20)
    rig.run(1)
    rig.world.press(0.3)
    rig.run(0.45)
    blinks = [part for part in led_trace(rig, 2.5).split(".") if part]
    assert len(blinks) == 3


def test_held_at_power_up_is_ignored_until_released() -> None:
    rig = Rig(boot=False)
    rig.world.button = True
    rig.run(12)
    rig.world.button = False
    rig.run(2)
    assert counts(rig) == NOTHING
    assert rig.mode == "active"
