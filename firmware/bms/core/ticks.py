"""Wrap-around arithmetic for the millisecond tick.

MicroPython's `ticks_ms` wraps at 2^30 ms (12.4 days), so a plain `a - b` is wrong once a fortnight.
Everything in the firmware that compares two ticks comes through here. Plain ints, because `time.ticks_diff`
does not exist on the bench; the formula is the one of `extmod/modtime.c`.
"""

from micropython import const

PERIOD = const(1 << 30)
_HALF = const(1 << 29)


def diff(later: int, earlier: int) -> int:
    """Milliseconds from `earlier` to `later`, for spans under 2^29 ms (6.2 days); negative if reversed."""
    return ((later - earlier + _HALF) & (PERIOD - 1)) - _HALF


def add(tick: int, delta_ms: int) -> int:
    """The tick `delta_ms` after `tick` (or before it, when negative)."""
    return (tick + delta_ms) & (PERIOD - 1)
