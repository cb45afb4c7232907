"""Simulated time beside real time: what passes between two looks at the screen, and what the LED did in it.

A step never takes longer than its budget, so a machine that cannot keep up shows a slower pack, not a stuck
screen.
"""

import time
from collections.abc import Callable

from packwarden.session import Session

SPEEDS = (1, 10, 60, 600)
_SLICE_US = 10_000  # as often as the firmware drives the LED
_LONGEST_PAUSE_S = 0.25  # a screen that was away for longer does not catch up
_SMOOTHING = 0.2


class Pace:
    """Runs a session at a chosen multiple of real time."""

    def __init__(self, session: Session, clock: Callable[[], float] = time.perf_counter) -> None:
        self.speed = SPEEDS[0]
        self.achieved = 1.0
        self.brightness = 0.0  # share of the last step in which the LED was lit: what an eye would blend
        self.colour = 0  # in which it was lit last: green 1, red 2, both 3
        self._session = session
        self._clock = clock
        self._last_s = clock()
        self._ahead_us = 0  # the firmware moves in whole steps, so a slice may take longer than asked

    def faster(self) -> None:
        """The next speed up, if there is one."""
        self.speed = SPEEDS[min(len(SPEEDS) - 1, SPEEDS.index(self.speed) + 1)]

    def slower(self) -> None:
        """The next speed down, if there is one."""
        self.speed = SPEEDS[max(0, SPEEDS.index(self.speed) - 1)]

    def real_time(self) -> None:
        """As slow as life, for what is done by hand."""
        self.speed = SPEEDS[0]

    def step(self, budget_s: float) -> None:
        """Let the time since the last call pass in the simulation, or what of it the budget allows."""
        session, clock = self._session, self._clock
        now_s = clock()
        passed_s = now_s - self._last_s
        if passed_s <= 0.0:
            return
        self._last_s = now_s
        world_clock = session.world.clock
        begin_us = world_clock.now_us
        self._ahead_us -= round(min(passed_s, _LONGEST_PAUSE_S) * self.speed * 1e6)
        lit = slices = 0
        while self._ahead_us < 0 and clock() - now_s < budget_s:
            before_us = world_clock.now_us
            session.advance(_SLICE_US)
            self._ahead_us += world_clock.now_us - before_us
            slices += 1
            if session.world.led_on:
                lit += 1
                self.colour = session.world.lamp & 3
        self._ahead_us = max(0, self._ahead_us)
        if slices:
            self.brightness = lit / slices
        achieved = (world_clock.now_us - begin_us) / 1e6 / passed_s
        self.achieved += _SMOOTHING * (achieved - self.achieved)
