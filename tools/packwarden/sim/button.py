"""The push-button as a finger works it: presses planned ahead, and contacts that bounce the same way every
time.
"""

_CHATTER_US = 700


class Button:
    """Level over time; `held` is a finger that stays until told otherwise."""

    def __init__(self) -> None:
        self.held = False
        self._presses: "list[tuple[int, int, int]]" = []  # start, end, bounce, all in us

    def press(self, now_us: int, seconds: float, bounce_ms: float = 0) -> None:
        """Press now for a time; for `bounce_ms` after each of the two edges the contact chatters."""
        if seconds <= 0.0 or bounce_ms < 0.0:
            raise ValueError("a press needs a time above zero, and bounce_ms not below")
        end_us = now_us + int(seconds * 1e6)
        self._presses = [p for p in self._presses if p[1] + p[2] > now_us]
        self._presses.append((now_us, end_us, int(bounce_ms * 1000)))

    def level(self, now_us: int) -> bool:
        """Is the contact closed?"""
        if self.held:
            return True
        for start_us, end_us, bounce_us in self._presses:
            if start_us <= now_us < end_us:
                return now_us - start_us >= bounce_us or _chatter(now_us - start_us)
            if end_us <= now_us < end_us + bounce_us:
                return not _chatter(now_us - end_us)
        return False


def _chatter(since_us: int) -> bool:
    """Closed at the very edge, then now and then open."""
    k = since_us // _CHATTER_US
    return k == 0 or bool((k * 2654435761 >> 13) & 1)
