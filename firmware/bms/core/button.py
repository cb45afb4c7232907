"""The one button: presses, the ten-second hold, and what a wet button may not do.

Exactly the gesture of the safety concept: under 1 s shows the charge; released between 10.0 s and 15.0 s
resets; released earlier, nothing; still held at 15.0 s, cancelled, because a shorted button must never reset
a pack; at 30 s it is called stuck. Held at power-up it is ignored until released. Times count from edge to
edge, so the 20 ms of debouncing on either side cancel out.
"""

from micropython import const

from bms.core import ticks

DEBOUNCE_MS = const(20)
SHORT_MS = const(1000)
HURRY_MS = const(3000)
RESET_MS = const(10000)
CANCEL_MS = const(15000)
STUCK_MS = const(30000)

# What a poll may report, once each.
NOTHING = const(0)
SHOW_CHARGE = const(1)
SOFT_RESET = const(2)
CANCELLED = const(3)
STUCK = const(4)
FREED = const(5)  # a stuck button came loose

# Where the gesture stands, for the LED.
IDLE = const(0)
HELD = const(1)
HURRY = const(2)  # past 3 s: blinking ever faster
RELEASE_NOW = const(3)  # 10.0 to 15.0 s
IGNORED = const(4)  # cancelled, stuck, or held since power-up


class Button:
    """Gesture machine of an active button, driven by polls at any cadence under DEBOUNCE_MS."""

    def __init__(self, now: int, pressed: bool) -> None:
        self.stage = IGNORED if pressed else IDLE
        self.held_ms = 0
        self.stuck = False
        self._raw = pressed
        self._stable = pressed
        self._edge = now
        self._start = now

    def poll(self, now: int, pressed: bool) -> int:
        """Take one sample; returns what happened, usually NOTHING. Allocates nothing."""
        if pressed != self._raw:
            self._raw = pressed
            self._edge = now
        if pressed != self._stable and ticks.diff(now, self._edge) >= DEBOUNCE_MS:
            self._stable = pressed
            return self._press() if pressed else self._release()
        if pressed and self._stable:
            return self._hold(now)
        return NOTHING

    def ignore(self) -> None:
        """Let the press under way count for nothing: it was used for something else."""
        self.stage = IGNORED

    def _press(self) -> int:
        self.stage = HELD
        self._start = self._edge
        self.held_ms = 0
        return NOTHING

    def _hold(self, now: int) -> int:
        if self.stuck:
            return NOTHING
        self.held_ms = held = ticks.diff(now, self._start)
        if held >= STUCK_MS:
            self.stuck = True
            self.stage = IGNORED
            return STUCK
        if self.stage == IGNORED:
            return NOTHING
        if held >= CANCEL_MS:
            self.stage = IGNORED
            return CANCELLED
        if held >= RESET_MS:
            self.stage = RELEASE_NOW
        elif held >= HURRY_MS:
            self.stage = HURRY
        return NOTHING

    def _release(self) -> int:
        held = ticks.diff(self._edge, self._start)
        ignored = self.stage == IGNORED
        self.stage = IDLE
        self.held_ms = 0
        if self.stuck:
            self.stuck = False
            return FREED
        if ignored or held >= CANCEL_MS:
            return NOTHING
        if held >= RESET_MS:
            return SOFT_RESET
        return SHOW_CHARGE if held < SHORT_MS else NOTHING
