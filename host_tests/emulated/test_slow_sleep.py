"""A pack that nobody needs, on the emulated RP2040: its controller sleeps lightly, guards, and wakes."""

from collections.abc import Callable

from emulated.story import READY_S, Story

SCAN_AND_CYCLE_S = 0.063 + 0.1 + 0.1
WRITTEN_S = 75  # the journal holds for a minute what came up at the start
CLOSED, CHG_OPEN = (True, True), (False, True)
TRANSACTIONS_A_CYCLE = 2  # at least


def dozed(story: Story, seconds: float) -> float:
    """Of the next time, how much is spent in light sleep."""
    before = story.dozed_us
    story.run(seconds)
    return (story.dozed_us - before) / seconds / 1e6


def test_it_sleeps_and_guards(emulator: Callable[..., Story]) -> None:
    """Through one night: asleep, woken by the button, by a current with a fault in it, by a cable."""
    story = emulator(parameters={"sleep_after_s": 5}, plugged=False)
    story.until(lambda: story.dozed_us > 0, WRITTEN_S, 0.5)
    read = story.bus.transactions
    assert dozed(story, 5) > 0.7
    assert story.bus.transactions - read >= 50 * TRANSACTIONS_A_CYCLE, "ten cycles a second, as awake"

    story.press(0.3, bounce_ms=8)
    pressed_s = story.now_us / 1e6
    assert dozed(story, 3) < 0.1, "it counts the charge out"
    assert sum(on for at, on in story.led if pressed_s + 0.5 < at) >= 3

    story.until(lambda: dozed(story, 0.5) > 0.3, WRITTEN_S, 0)
    story.world.inject("contact_resistance", cell=2, ohm=0.038)  # 0.38 V: cell 2 reads 3.72 V
    story.world.charger = (14.9, 10)
    spent = story.until(lambda: story.fets == CHG_OPEN, 1.0 + SCAN_AND_CYCLE_S)
    assert spent >= 1.0 - SCAN_AND_CYCLE_S, f"after {spent} s of 1 s"
    assert dozed(story, 2) == 0, "a charger waits"
    story.world.charger = None
    story.world.clear("contact_resistance")
    story.until(lambda: story.fets == CLOSED, READY_S + 30)

    story.until(lambda: dozed(story, 0.5) > 0.3, WRITTEN_S, 0)
    story.plug()
    assert dozed(story, 1) < 0.02
    status = story.ask("status")
    assert (status["mode"], status["protected"], status["faults"]) == ("active", True, [])
    assert not story.resets
    assert any("CELL_OV" in each for each in story.events("fault"))
