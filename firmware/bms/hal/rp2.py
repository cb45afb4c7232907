"""RP2040 and RP2350: a reset cause that tells little.

They differ in nothing that is used here: the same I2C lines, PWM channels and ADC pins, and a watchdog that
counts to 8.3 s on the older one, to 16.7 s on the other.
"""

from machine import WDT_RESET, reset_cause

from bms.hal.common import Common


class Rp2(Common):
    """A Pico and its relatives."""

    def reset_cause(self) -> str:
        """The watchdog carries out `machine.reset()` on this chip: both read alike, so our mark decides."""
        if self.reboot_asked:
            return "request"
        return "watchdog" if reset_cause() == WDT_RESET else "power"
