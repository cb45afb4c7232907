"""An external watchdog: a monostable that each edge of the controller's ALIVE output starts anew.

When its time runs out, and before the first edge, it holds both gates (or coils) off, whoever drives them. On
the ALERT line of a BQ769x0 it would be useless: a host that hangs no longer clears CC_READY, so that the chip
drives the line itself, and has no eyes for others who do.
"""

WATCHDOG_MS = 1000  # as the boards that have one describe it
_NEVER_US = 1 << 62


class ExternalWatchdog:
    """`cut`: both gates are held off. Without a period there is none, and nothing is ever held."""

    def __init__(self, period_ms: "int | None") -> None:
        self.next_us = _NEVER_US
        self.cut = period_ms is not None
        self._period_ms = period_ms

    def edge(self, now_us: int) -> None:
        """The controller lives."""
        if self._period_ms is not None:
            self.next_us = now_us + 1000 * self._period_ms
            self.cut = False

    def run(self, now_us: int) -> None:
        """Time has passed."""
        if now_us >= self.next_us:
            self.next_us = _NEVER_US
            self.cut = True
