"""Where the screen's news comes from: a pack on a port, a simulated one in this process, or a recording.

A feed is stepped by the screen's timer and never waits. It tells its listeners what was said, when, in the
words of `packwarden.recording`, so that showing, recording and replaying are the same thing.
"""

import time
from bisect import bisect_right
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from packwarden import recording
from packwarden.client import LinkError, Port, RefusalError
from packwarden.jsonvalues import objects
from packwarden.monitor.picture import is_status
from packwarden.monitor.talk import Talk, Then

_EVERY_S = 0.5  # a status
_CALM_S = 10.0  # faults and events are asked for this often when nothing seems to have happened
_AGAIN_S = 2.0  # between two attempts to open a port that has gone
_LIMITS = ("cell_uv_mv", "cell_ov_mv")
_RECORDED_EVENTS = 50
SPEEDS = (1, 2, 5, 10, 60, 600)


class Feed:
    """What all have in common."""

    live = True  # a pack answers; commands make sense
    speeds: tuple[int, ...] = ()  # times real time, where that can be chosen

    def __init__(self, title: str) -> None:
        self.title = title
        self.trouble = ""  # why there is nothing new, in a sentence
        self.speed = 1
        self.paused = False
        self.listeners: list[recording.Listener] = []

    def step(self) -> None:
        """Go on; never waits."""

    def ask(self, method: str, *arguments: object, then: Then) -> None:  # noqa: ARG002 - nobody answers
        """Ask the pack something on behalf of the user."""
        then(RefusalError("A recording answers nothing: commands need a pack.", 0))

    def close(self) -> None:
        """No more."""

    def faster(self, steps: int) -> None:
        """The next speed up, or down."""
        if self.speeds:
            at = self.speeds.index(self.speed) + steps
            self.speed = self.speeds[max(0, min(len(self.speeds) - 1, at))]

    def seek(self, by_s: float) -> None:
        """Go to another moment, where that is possible."""

    def tell(self, t_s: float, kind: str, value: Any) -> None:
        """Tell whoever listens."""
        for listener in self.listeners:
            listener(t_s, kind, value)


class PackFeed(Feed):
    """A pack that is asked; the port may go and come back."""

    def __init__(
        self, title: str, make: Callable[[], Port], clock: Callable[[], float] | None = None
    ) -> None:
        super().__init__(title)
        self._make = make
        self._clock = clock  # by which what is said is dated
        self._zero_s = time.monotonic()
        self._talk: Talk | None = None
        self._retry_s = 0.0
        self._seen: tuple[object, ...] = ()
        self._calm_s = 0.0
        self.every_s = _EVERY_S
        self._asked_s = -_EVERY_S
        self._events: list[dict[str, Any]] = []
        self.connect()

    @property
    def now_s(self) -> float:
        """Seconds since the beginning."""
        return self._clock() if self._clock else time.monotonic() - self._zero_s

    def connect(self) -> None:
        """Open the port, and ask for what does not change; LinkError if it cannot be."""
        self._talk = Talk(self._make())
        self._seen = ()
        self.ask("version", then=lambda value: self._hear(recording.VERSION, value))
        for name in _LIMITS:
            self.ask("get", name, then=lambda value: self._hear(recording.PARAMETERS, value))

    def step(self) -> None:
        now_s = time.monotonic()
        if self._talk is None:
            if now_s >= self._retry_s:
                self._retry_s = now_s + _AGAIN_S
                with suppress(LinkError):
                    self.connect()
            return
        try:
            if self._talk.idle and not self.paused and now_s - self._asked_s >= self.every_s:
                self._asked_s = now_s
                self._talk.ask("status", then=self._hear_status)
            self._talk.step()
        except LinkError as error:
            self.trouble = f"{error} It is tried again until it is back."
            self.close()
            return
        if self._talk.silent:
            self.trouble = f"{self.title} does not answer; the last picture stays. Does its firmware run?"

    def ask(self, method: str, *arguments: object, then: Then) -> None:
        if self._talk is None:
            then(RefusalError(self.trouble, 0))
        else:
            self._talk.ask(method, *arguments, then=then)

    def close(self) -> None:
        if self._talk is not None:
            self._talk.port.close()
            self._talk = None

    def _hear_status(self, value: Any) -> None:
        if not is_status(value):
            self.trouble = f"{self.title} answers something that is no status: {str(value)[:60]}"
            return
        self.trouble = ""
        self.tell(self.now_s, recording.STATUS, value)
        seen = (value.get("mode"), value.get("faults"), value.get("chg_fet"), value.get("dsg_fet"))
        now_s = time.monotonic()
        if seen != self._seen or now_s - self._calm_s >= _CALM_S:
            self._seen = seen
            self._calm_s = now_s
            self.ask("faults", then=lambda rows: self._hear(recording.FAULTS, rows))
            self.ask("history", then=self._hear_history)

    def _hear(self, kind: str, value: Any) -> None:
        if isinstance(value, recording.KINDS[kind]):
            self.tell(self.now_s, kind, value)

    def _hear_history(self, value: Any) -> None:
        """Tell those that were not there the last time; the firmware keeps the latest only."""
        rows = objects(value) or []
        if not rows:
            return
        known = len(self._events)
        while known and self._events[-known:] != rows[:known]:
            known -= 1
        self._events = rows
        for row in rows[known:]:
            self.tell(self.now_s, recording.EVENT, row)


class RecordedFeed(Feed):
    """A recording, played at a speed of choice; it stops at its end."""

    live = False
    speeds = SPEEDS

    def __init__(self, file: Path) -> None:
        super().__init__(f"recording {file.name}")
        self._said = recording.read(file)
        self._times_s = [said.t_s for said in self._said]
        self._next = 0
        self._last_s: float | None = None
        self.at_s = self._times_s[0]

    @property
    def end_s(self) -> float:
        """How long it is."""
        return self._times_s[-1]

    def step(self) -> None:
        now_s = time.monotonic()
        if self._last_s is not None and not self.paused:
            self.play((now_s - self._last_s) * self.speed)
        elif self._last_s is None:
            self.play(0.0)
        self._last_s = now_s

    def play(self, seconds: float) -> None:
        """Let so much of it pass."""
        self.at_s = min(self.end_s, self.at_s + seconds)
        upto = bisect_right(self._times_s, self.at_s)
        for said in self._said[self._next : upto]:
            self.tell(*said)
        self._next = upto
        at_end = upto == len(self._said)
        self.trouble = "The recording has come to its end: ← goes back, q quits." if at_end else ""

    def seek(self, by_s: float) -> None:
        """Forward it plays quickly; backward it begins anew, so that everything fits together."""
        target_s = max(self._times_s[0], min(self.end_s, self.at_s + by_s))
        if target_s < self.at_s:
            self._next = 0
            self.at_s = self._times_s[0]
            self.tell(self.at_s, REWOUND, None)
        self.play(target_s - self.at_s)


REWOUND = "rewound"  # told by a recording that begins anew
