"""RP2040 and RP2350: a reset cause that tells little.

They differ in nothing that is used here: the same I2C lines, PWM channels and ADC pins, and a watchdog that
counts to 8.3 s on the older one, to 16.7 s on the other.
"""

from machine import ADC, WDT_RESET, reset_cause
from micropython import const

from bms.hal.common import Common

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.hal.monitor import MonitorPins


class Rp2(Common):
    """A Pico and its relatives."""

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
