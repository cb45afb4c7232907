"""The button, the LED and the buzzer: what a person without a screen can ask, and what they see."""

from micropython import const

from bms.core import button as b
from bms.core import led, path, reset
from bms.core import snapshot as s

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.app.parts import Parts

_REFUSAL_REPEATS = const(3)


class Panel:
    """Polls the button, acts on its gestures, drives the LED."""

    def __init__(self, parts: "Parts", now: int) -> None:
        self.p = parts
        self.button = b.Button(now, parts.hal.button())
        self.led = led.Led()

    def poll(self, now: int, mode: int) -> None:
        """One sample of the button, one update of the LED."""
        hal = self.p.hal
        button = self.button
        event = button.poll(now, hal.button())
        if event:
            self._happened(event, now)
        hal.led(self.led.level(now, mode, button.stage, button.held_ms))

    def _happened(self, event: int, now: int) -> None:
        p = self.p
        p.idle.wake()
        if event == b.SHOW_CHARGE:
            self.led.answer(now, led.fifths(p.shown.permille))
            if p.loop.mode == path.SHIP:
                p.loop.restart_asked = True
        elif event == b.SOFT_RESET:
            reason = p.resetter.soft("button")
            blinks = reset.REASONS[reason][0]
            if blinks:
                self.led.answer(now, blinks, _REFUSAL_REPEATS, led.RED)
            else:
                self.led.answer(now, 0)
        elif event == b.CANCELLED:
            p.reporter.note("button", "held over 15 s: reset cancelled")
        elif event == b.STUCK:
            p.snap.values[s.BUTTON_STUCK] = 1
        elif event == b.FREED:
            p.snap.values[s.BUTTON_STUCK] = 0
