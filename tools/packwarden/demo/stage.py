"""Where the guided tour happens: time passes, the console and the LED are heard and seen, claims are checked.

Nothing is told that was not seen. A sentence of the tour comes with the fact it rests on, and the first one
that is not true ends the tour.
"""

import textwrap
from collections.abc import Callable
from itertools import pairwise
from typing import Any, TextIO

from packwarden.demo.pack import Demo

WIDTH = 79
_SLICE_US = 10_000  # as often as the firmware drives the LED
_SECOND_US = 1_000_000
_LEAD_S, _BLINK_S = 0.8, 0.6  # dark before a counted answer, and each of its blinks


class NotSeenError(Exception):
    """The simulation did not do what the tour was about to say."""


class Stage:
    """A demo pack, told about in plain text."""

    def __init__(self, demo: Demo, out: TextIO) -> None:
        self.demo = demo
        self.world = demo.world
        self._out = out
        self._heard = ""

    @property
    def now_s(self) -> float:
        """Simulated seconds since power-up."""
        return self.world.clock.now_us / _SECOND_US

    @property
    def status(self) -> dict[str, Any]:
        """The firmware's own status; empty while it does not run."""
        return self.demo.ask("status") or {}

    def title(self, text: str) -> None:
        """Begin a chapter."""
        minutes, seconds = divmod(int(self.now_s), 60)
        stamp = f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
        self._out.write(f"\n{text} {'-' * (WIDTH - len(text) - len(stamp) - 2)} {stamp}\n")

    def say(self, text: str) -> None:
        """Set the scene: what is done to the pack, not what follows from it."""
        self._out.write(textwrap.fill(text, WIDTH, break_on_hyphens=False) + "\n")
        self._out.flush()

    def claim(self, fact: bool, text: str) -> None:
        """Tell what happened, if it did."""
        if not fact:
            raise NotSeenError(text)
        self._out.write(textwrap.fill(text, WIDTH, initial_indent="  - ", subsequent_indent="    ") + "\n")
        self._out.flush()

    # -- time

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.demo.session.advance(round(seconds * _SECOND_US))

    def wait_for(self, reached: Callable[[], bool], at_most_s: float, step_s: float = 0.1) -> float:
        """Let time pass until something is so; returns how long that took. NotSeenError after too long."""
        start_s = self.now_s
        while not reached():
            if self.now_s - start_s > at_most_s:
                raise NotSeenError(f"the next step was not reached within {at_most_s:g} s")
            self.wait(step_s)
        return self.now_s - start_s

    # -- the console

    def command(self, line: str, keep: Callable[[str], bool] = lambda _: True) -> None:
        """Type a line at the firmware's console; show what it answers, or the lines of it worth keeping."""
        self.listen()
        self.demo.board.serial.feed(line.encode() + b"\r")
        self.wait(2)
        answer = self._lines(f"pw> {line}\n", self._take())
        self._print([f"pw> {line}", *(each for each in answer if keep(each))])

    def listen(self) -> list[str]:
        """What the firmware said unasked since last time."""
        return self._lines("", self._take())

    def events(self) -> None:
        """Show what the firmware said unasked."""
        self._print(self.listen())

    def _take(self) -> str:
        return self.demo.board.serial.take().decode("ascii", "replace").replace("\r", "")

    def _lines(self, lead: str, text: str) -> list[str]:
        """Printed lines without prompts and without the echo of what was typed."""
        echo = lead.removeprefix("pw> ").strip()
        lines = [line.removeprefix("pw> ").rstrip() for line in text.split("\n")]
        return [line for line in lines if line and line not in ("pw>", echo)]

    def _print(self, lines: list[str]) -> None:
        for line in lines:
            for part in textwrap.wrap(line, WIDTH - 2, subsequent_indent=" " * 12):
                self._out.write(f"| {part}\n")
        self._out.flush()

    # -- button and LED

    def hold(self, seconds: float) -> list[tuple[float, bool]]:
        """Hold the button for a time; returns the LED meanwhile, as (seconds since the press, lit)."""
        self.world.press(seconds, bounce_ms=5)
        return self.watch_led(seconds)

    def answer(self, blinks: int) -> list[int]:
        """The blinks after a release, for as long as so many take three times over: see `groups`."""
        self.wait(0.1)
        return groups(self.watch_led(3 * (_LEAD_S + blinks * _BLINK_S) - 0.1))

    def watch_led(self, seconds: float) -> list[tuple[float, bool]]:
        """The LED over the next seconds."""
        start_us = self.world.clock.now_us
        seen: list[tuple[float, bool]] = []
        while self.world.clock.now_us - start_us < seconds * _SECOND_US:
            self.demo.session.advance(_SLICE_US)
            seen.append(((self.world.clock.now_us - start_us) / _SECOND_US, self.world.led_on))
        return seen


def flashes(seen: list[tuple[float, bool]]) -> list[float]:
    """When the LED went from dark to lit."""
    return [at for (_, before), (at, lit) in pairwise(seen) if lit and not before]


def groups(seen: list[tuple[float, bool]]) -> list[int]:
    """Blinks counted as a person counts them: how many between two longer dark pauses."""
    counts: list[int] = []
    last_s = -1.0
    for at_s in flashes(seen):
        if at_s - last_s > 1.5 * _BLINK_S:
            counts.append(0)
        counts[-1] += 1
        last_s = at_s
    return counts
