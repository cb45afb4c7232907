"""What `packwarden sim` tells of the LED after a press: as a person counts it, on one colour and on two."""

from pathlib import Path

import pytest
from packwarden.lamp import words
from tools.sim_command import PACK, sim, write

MS = 1000
GREEN, RED, AMBER, SOUND = 1, 2, 3, 4
HURRY = (
    "dark for 3.0 s, 3 amber blinks in 2.3 s, 4 amber blinks in 1.6 s, 10 amber blinks in 1.8 s, "  # 1.85 s
    "9 amber blinks in 0.8 s, "  # 2, 4, 10 and 10, but the first of a faster row still keeps the old pace
)


def blinks(count: int, lamp: int, on_ms: int, period_ms: int, at_ms: int = 0) -> list[tuple[int, int]]:
    """Changes of so many blinks, the last one being dark."""
    found: list[tuple[int, int]] = []
    for k in range(count):
        found += [((at_ms + k * period_ms) * MS, lamp), ((at_ms + k * period_ms + on_ms) * MS, 0)]
    return found


def ended(spans: list[tuple[int, int]], after_ms: int = 0) -> list[tuple[int, int]]:
    return [*spans, (spans[-1][0] + after_ms * MS, 0)]


def test_blinks_are_counted_by_colour_and_pace() -> None:
    assert words(ended(blinks(3, RED, 250, 600))) == "3 red blinks in 1.4 s"
    assert words(ended(blinks(1, GREEN, 60, 600))) == "1 green blink in 0.1 s"
    assert words(ended(blinks(3, RED, 250, 600)), two_colours=False) == "3 blinks in 1.4 s"
    both = blinks(2, RED, 250, 600) + blinks(2, GREEN, 250, 600, 1200)
    assert words(ended(both)) == "2 red blinks in 0.8 s, 2 green blinks in 0.8 s"
    # The first of a faster row comes at the old pace, and is counted with it.
    faster = blinks(4, AMBER, 250, 500) + blinks(5, AMBER, 100, 200, 2000)
    assert words(ended(faster)) == "5 amber blinks in 2.1 s, 4 amber blinks in 0.7 s"


def test_a_long_dark_ends_a_count_and_a_long_light_is_none() -> None:
    twice = blinks(2, RED, 250, 600) + blinks(2, RED, 250, 600, 3000)
    assert words(ended(twice, 800)) == (
        "2 red blinks in 0.8 s, dark for 2.1 s, 2 red blinks in 0.8 s, dark for 0.8 s"
    )
    assert words([(0, GREEN), (1500 * MS, 0), (1600 * MS, 0)]) == "green light for 1.5 s"
    assert words([(0, 0), (100 * MS, 0)]) == "dark"
    assert words([(0, RED), (10 * MS, 0), (3000 * MS, 0)]) == "dark for 3.0 s", "nobody sees 10 ms"


def told(folder: Path, story: str, *options: object) -> list[str]:
    """What `packwarden sim` says of each press of a story."""
    result = sim(
        "--pack", write(folder, "pack.toml", PACK), "--scenario", write(folder, "story.toml", story), *options
    )
    assert result.exit_code == 0, result.stderr
    lines = result.stderr.replace("packwarden: ", "").splitlines()
    return [line for line in lines if line.startswith("Button down")]


def test_a_reset_that_is_done_is_seen_and_heard(tmp_path: Path) -> None:
    (line,) = told(tmp_path, "[[at]]\nt = 5\npress_s = 10.5\n", "--duration", 30)
    assert line.startswith(f"Button down at 5.0 s for 10.5 s; LED: {HURRY}1 green blink in 0.5 s. Released: ")
    assert "Released: dark for 0.8 s, green light for 1.5 s, " in line
    assert line.endswith("The buzzer sounded 28 times."), "26 to hurry, once to release, once for yes"


def test_a_refusal_can_be_counted(tmp_path: Path) -> None:
    story = "[[at]]\nt = 4\ncharger = {v = 14.4, i = 5}\n[[at]]\nt = 5\npress_s = 10.5\n"
    (line,) = told(tmp_path, story, "--duration", 30)
    again = "2 red blinks in 0.9 s, dark for 1.2 s, "  # 0.85 s
    assert f"Released: dark for 0.8 s, {again}{again}2 red blinks in 0.9 s, " in line


@pytest.mark.parametrize(("hold_s", "seen"), [(9.9, "Released: dark"), (16, "green light for 5.0 s")])
def test_too_short_and_too_long_are_told_apart(tmp_path: Path, hold_s: float, seen: str) -> None:
    (line,) = told(tmp_path, f"[[at]]\nt = 5\npress_s = {hold_s}\n", "--duration", 32)
    assert seen in line
    assert "red" not in line


def test_a_board_with_one_led_shows_the_same_without_colours(tmp_path: Path) -> None:
    story = "[[at]]\nt = 5\npress_s = 0.3\n"
    (line,) = told(tmp_path, story, "--duration", 20)
    assert line.startswith(
        "Button down at 5.0 s for 0.3 s; LED: dark. Released: dark for 0.8 s, 3 green blinks "
    )
    (plain,) = told(tmp_path, story, "--duration", 20, "--board", "rpi_pico")
    assert plain == line.replace("green ", "").split(" The buzzer")[0]


def test_each_press_is_told_and_a_run_may_end_within_one(tmp_path: Path) -> None:
    story = "[[at]]\nt = 5\npress_s = 0.3\n[[at]]\nt = 7\npress_s = 60\n"
    first, second = told(tmp_path, story, "--duration", 12)
    assert "Button down at 5.0 s" in first
    assert "Button down at 7.0 s for 60 s; LED: dark for 3.0 s, 2 amber blinks" in second
    assert second.endswith("Released: dark. The buzzer sounded 2 times.")
