"""What one LED tells: the mode at a glance, the gesture of a held button, and counted blinks as answers.

Precedence: the finger on the button sees its gesture; then an answer that is being blinked out (charge in
fifths, or why a reset was refused); then the mode.
"""

from micropython import const

from bms.core import button as b
from bms.core import ticks

_BLINK_ON_MS = const(250)
_BLINK_MS = const(600)
_LEAD_MS = const(800)  # dark before an answer, so that it can be counted

# Mode: (period, lit) in ms. A calm heartbeat is good news; the more light, the worse.
_MODE = (
    (400, 200),  # boot
    (400, 200),  # selftest
    (6000, 60),  # standby
    (800, 400),  # precharge
    (3000, 60),  # active
    (1500, 300),  # charge only
    (1500, 300),  # discharge only
    (1500, 750),  # limp
    (600, 300),  # fault
    (240, 120),  # permanent
    (1000, 0),  # ship: dark
)
# Blinks of the hold, (from ms, period): whole periods fit each stretch, so that none is cut short.
_HURRY = ((9000, 100), (7000, 200), (5000, 500), (b.HURRY_MS, 1000))


class Led:
    """Level of the LED at any tick."""

    def __init__(self) -> None:
        self._answer = 0
        self._repeats = 0
        self._start = 0

    def answer(self, now: int, blinks: int, repeats: int = 1) -> None:
        """Blink a number out, `repeats` times."""
        self._answer = blinks
        self._repeats = repeats
        self._start = now

    def level(self, now: int, mode: int, stage: int, held_ms: int) -> bool:
        """Whether the LED is lit now. Allocates nothing."""
        if stage == b.RELEASE_NOW:
            return True
        if stage == b.HURRY:
            for start, period in _HURRY:
                if held_ms >= start:
                    return (held_ms - start) % period < period // 2
        if stage == b.HELD:
            return False
        if self._repeats:
            return self._answering(now)
        period, lit = _MODE[mode]
        return now % period < lit

    def _answering(self, now: int) -> bool:
        since = ticks.diff(now, self._start) - _LEAD_MS
        if since < 0:
            return False
        if since >= self._answer * _BLINK_MS:
            self._repeats -= 1
            self._start = now
            return False
        return since % _BLINK_MS < _BLINK_ON_MS


def fifths(soc_permille: int) -> int:
    """Blinks that show a charge: one per started fifth, 1..5."""
    return max(1, min(5, (soc_permille + 199) // 200))
