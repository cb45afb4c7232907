"""Tick arithmetic: right on both sides of the wrap at 2^30 ms."""

from bms.core import ticks

WRAP = 1 << 30


def test_difference_across_the_wrap() -> None:
    """PW-129."""
    assert ticks.diff(5, WRAP - 10) == 15
    assert ticks.diff(WRAP - 10, 5) == -15
    assert ticks.diff(7, 7) == 0


def test_addition_wraps_both_ways() -> None:
    assert ticks.add(WRAP - 1, 1) == 0
    assert ticks.add(0, -1) == WRAP - 1


def test_longest_span_that_is_right() -> None:
    assert ticks.diff(ticks.add(123, (1 << 29) - 1), 123) == (1 << 29) - 1


def test_addition_and_difference_agree_everywhere() -> None:
    for start in (0, 1, WRAP // 2 - 1, WRAP // 2, WRAP - 2, WRAP - 1):
        for span in (0, 1, 20, 10000, 86400000):
            assert ticks.diff(ticks.add(start, span), start) == span


def test_days_in_either_direction() -> None:
    day = 86400000
    for start in (0, 5, ticks.PERIOD - 5):
        for span in (day, 6 * day, -day, -6 * day):
            assert ticks.diff(ticks.add(start, span), start) == span
