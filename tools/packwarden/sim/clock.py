"""Simulated time, so that an hour of battery life costs seconds and every run is the same.

Time moves only when somebody says so. The tick counter starts 20 s before it wraps, so wrap-around is met
in every test instead of after twelve days on the bench.
"""

TICKS_PERIOD_MS = 2**30


class Clock:
    """True time in whole microseconds since power-on, and the wrapping tick counter that firmware sees."""

    def __init__(self, start_ms: int = TICKS_PERIOD_MS - 20_000) -> None:
        self.start_ms = start_ms
        self.now_us = 0

    def ticks_ms(self) -> int:
        return (self.start_ms + self.now_us // 1000) & (TICKS_PERIOD_MS - 1)

    def elapse_us(self, duration_us: int) -> None:
        """Time passes and nothing else happens: events that fall due are run by whoever owns them."""
        if duration_us < 0:
            raise ValueError("time does not run backwards")
        self.now_us += duration_us
