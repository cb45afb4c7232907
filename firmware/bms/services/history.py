"""The last events, newest last, for `history`: when, what, and the detail that explains it."""

from micropython import const

_KEPT = const(48)


class History:
    """A bounded list of (operating seconds, event, detail)."""

    def __init__(self) -> None:
        self.events: list[tuple[int, str, str]] = []

    def add(self, t_s: int, event: str, detail: str = "") -> None:
        """Remember one event; the oldest makes room."""
        if len(self.events) >= _KEPT:
            self.events.pop(0)
        self.events.append((t_s, event, detail))
