"""RP2040 and RP2350: a reset cause that tells little.

They differ in nothing that is used here: the same I2C lines, PWM channels and ADC pins, and a watchdog that
counts to 8.3 s on the older one, to 16.7 s on the other.
"""

from machine import ADC, WDT_RESET, Pin, lightsleep, reset_cause
from micropython import const

from bms.hal.common import Common

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.hal.board import Board
    from bms.hal.monitor import MonitorPins


class Rp2(Common):
    """A Pico and its relatives."""

    def __init__(self, board: "Board") -> None:
        super().__init__(board)
        # In light sleep PWM stands still, and no edge at a pin is seen.
        dozes = not self.contactors and board.IMPACT is None
        self._usb = Pin(board.USB_SENSE, Pin.IN) if dozes and board.USB_SENSE is not None else None

    def doze_ms(self, ms: int) -> None:
        """Light sleep, while no USB cable is plugged in: it stops the clock of a USB that no computer has
        configured yet, so none ever could.

        Core, bus and pins stand still, and pins keep their levels. What ticks goes on: `ticks_ms` counts, and
        the time up is an interrupt. `lightsleep` itself takes 0 and 1 for a plain delay.
        """
        if self._usb is None or self._usb.value():
            self.sleep_ms(ms)
        else:
            lightsleep(ms)

    def reset_cause(self) -> str:
        """The watchdog carries out `machine.reset()` on this chip: both read alike, so our mark decides."""
        if self.reboot_asked:
            return "request"
        return "watchdog" if reset_cause() == WDT_RESET else "power"

    def lend(self, pins: "MonitorPins") -> None:
        """The ADC, for a front end that has none. Its own sensor: 0.706 V at 27 degC, 1.721 mV less for each
        degree more (RP2040 datasheet, 4.9.5)."""
        core = ADC(ADC.CORE_TEMP)
        pins.measure(
            self._make_adc,
            self._level,
            lambda: 270 - (self._level(core) * 3300 // 4096 - 706) * 10_000 // 1721,
        )
        self.monitor = pins
