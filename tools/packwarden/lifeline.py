"""A line to a pack that outlives its restarts: over USB it goes away with each of them, and comes back."""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from packwarden import pin
from packwarden.client import Client, LinkError, Port, RefusalError
from packwarden.errors import InputError

BACK_S = 30.0  # after a restart, USB included
_FINGER_S = 60.0
_STEP_S = 0.5


class Line(Port, Protocol):
    """A line on which one can also wait."""

    def pause(self, wait_s: float, /) -> None:
        """Let so much of its time pass."""


class Lifeline:
    """One pack; `connect` opens its line, the first time at once. LinkError if that fails."""

    def __init__(self, connect: Callable[[], Line]) -> None:
        self._connect = connect
        self._line = connect()
        self.client = Client(self._line)

    @property
    def name(self) -> str:
        """What the line calls itself."""
        return self._line.name

    def close(self) -> None:
        """Leave the line."""
        self._line.close()

    def asked(self, method: str) -> Any:
        """An answer, even across a restart. RefusalError as it comes; LinkError if the pack stays away."""
        for _ in self.waiting(BACK_S):
            try:
                return self.client.call(method)
            except LinkError:
                self._line.close()
            try:
                self._line = self._connect()
                self.client = Client(self._line)
            except LinkError:
                continue
        raise LinkError(f"{self.name}: the pack did not come back within {BACK_S:g} s.")

    def waiting(self, most_s: float) -> Iterator[None]:
        """Yields at once and every half second, so long."""
        start_s = self._line.now_s()
        while self._line.now_s() - start_s < most_s:
            yield
            self._line.pause(_STEP_S)

    def unlock(self, secret: str | None, finger: Callable[[], None]) -> None:
        """By the pack's PIN, or a finger on its button while none is set. RefusalError of a wrong PIN."""
        if pin.unlock(self.client, secret):
            return
        for attempt, _ in enumerate(self.waiting(_FINGER_S)):
            try:
                self.client.call("unlock")
            except RefusalError:
                if not attempt:
                    finger()
            else:
                return
        raise InputError(f"Nobody held the button down within {_FINGER_S:g} s: nothing was changed.")
