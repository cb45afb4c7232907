"""The firmware's serial wire and what may hang on its far end.

Nothing here waits for the pack or lets the pack wait: bytes go across when both sides are ready. A reader
that stalls fills the wire, and the firmware sees what it would see on USB.
"""

import signal
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from packwarden.hands import Hands
from packwarden.sim.board import SerialPort


class Console:
    """Where the serial wire ends; this one ends nowhere, and is what `--console none` means."""

    interactive = False  # a person or a program may be waiting on the other side, in real time
    ended = False  # nothing more will come: an interactive one was left, the input of another has ended
    idle = False  # told by the run: the firmware waits for a command
    hands: Hands | None = None  # told by the run: who plays the world, where keys can be had for it

    def open(self) -> None:
        """Get ready; InputError if that cannot be."""

    def close(self) -> None:
        """Leave everything as it was found."""

    def exchange(self, serial: SerialPort, wait_s: float) -> int:
        """Move bytes both ways, waiting at most so long for input; returns how many went to the firmware."""
        serial.take()
        pause(wait_s)
        return 0


def pause(wait_s: float) -> None:
    """Let wall time pass."""
    if wait_s > 0.0:
        time.sleep(wait_s)


class Wire:
    """A file descriptor as the far end: what it does not take waits, and then the wire fills."""

    def __init__(self) -> None:
        self._unsent = b""

    def send(self, serial: SerialPort, write: Callable[[bytes], int]) -> None:
        """Hand over what the reader takes now."""
        if not self._unsent:
            self._unsent = serial.take()
        if self._unsent:
            with suppress(BlockingIOError):
                self._unsent = self._unsent[write(self._unsent) :]

    def drop(self, serial: SerialPort) -> None:
        """Nobody is there: what is printed is lost."""
        self._unsent = b""
        serial.take()


Handler = Callable[[int, FrameType | None], object] | int | None


class Interruptible:
    """While it lasts, being told to end (SIGTERM, SIGHUP) is the same as Ctrl-C: every clean-up runs."""

    def __enter__(self) -> None:
        self._before: dict[int, Handler] = {}
        with suppress(ValueError):  # only the main thread may
            for number in (signal.SIGTERM, signal.SIGHUP):
                self._before[number] = signal.signal(number, signal.default_int_handler)

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
