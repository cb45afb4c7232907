"""What one LED tells: the mode at a glance, the gesture of a held button, and counted blinks as answers.

Precedence: the finger on the button sees its gesture; then an answer that is being blinked out (charge in
fifths, or why a reset was refused; one long light: it is done); then the mode. A LED of two colours and a
buzzer tell the same at the same time and nothing more, so one LED is enough: the colour says how good it is,
and the buzzer speaks only to whoever has just touched the button.
"""

from micropython import const

from bms.core import button as b
from bms.core import ticks

_BLINK_ON_MS = const(250)
_BLINK_MS = const(600)
_LEAD_MS = const(800)  # dark before an answer, so that it can be counted
_LONG_MS = const(1500)  # an answer of no blinks: yes

# What is driven. A single LED is lit by either colour.
DARK = const(0)
GREEN = const(1)
RED = const(2)
AMBER = const(3)
SOUND = const(4)

# Mode: (period, lit) in ms, colour. A calm heartbeat is good news; the more light, the worse.
_MODE = (
    (400, 200, AMBER),  # boot
    (400, 200, AMBER),  # selftest
    (6000, 60, GREEN),  # standby
    (800, 400, AMBER),  # precharge
    (3000, 60, GREEN),  # active
    (1500, 300, AMBER),  # charge only
    (1500, 300, AMBER),  # discharge only
    (1500, 750, AMBER),  # limp
    (600, 300, RED),  # fault
    (240, 120, RED),  # permanent
    (1000, 0, DARK),  # ship
)
# Blinks of the hold, (from ms, period): whole periods fit each stretch, so that none is cut short.
_HURRY = ((9000, 100), (7000, 200), (5000, 500), (b.HURRY_MS, 1000))


class Led:
    """Level of the LED at any tick."""

    def __init__(self) -> None:
        self._answer = 0
        self._colour = GREEN
        self._repeats = 0
        self._start = 0

    def answer(self, now: int, blinks: int, repeats: int = 1, colour: int = GREEN) -> None:
        """Blink a number out, `repeats` times; of 0, one long light."""
        self._answer = blinks
        self._colour = colour | SOUND
        self._repeats = repeats
        self._start = now

    def level(self, now: int, mode: int, stage: int, held_ms: int) -> int:
        """What is lit and sounds now, as bits; DARK if nothing is. Allocates nothing."""
        if stage == b.RELEASE_NOW:
            return GREEN | SOUND
        if stage == b.HURRY:
            for start, period in _HURRY:
                if held_ms >= start:
                    return AMBER | SOUND if (held_ms - start) % period < period // 2 else DARK
        if stage == b.HELD:
            return DARK
        if self._repeats:
            return self._colour if self._answering(now) else DARK
        period, lit, colour = _MODE[mode]
        return colour if now % period < lit else DARK

    def _answering(self, now: int) -> bool:
        since = ticks.diff(now, self._start) - _LEAD_MS
        if since < 0:
            return False
        if since >= (self._answer * _BLINK_MS or _LONG_MS):
            self._repeats -= 1
            self._start = now
            return False
        return not self._answer or since % _BLINK_MS < _BLINK_ON_MS


def fifths(soc_permille: int) -> int:
    """Blinks that show a charge: one per started fifth, 1..5."""
    return max(1, min(5, (soc_permille + 199) // 200))
