"""RP2040 and RP2350: a reset cause that tells little."""

from machine import WDT_RESET, reset_cause

from bms.hal.common import Common


class Rp2(Common):
    """A Pico and its relatives."""

    def reset_cause(self) -> str:
        """The watchdog carries out `machine.reset()` on this chip: both read alike, so our mark decides."""
        if self.reboot_asked:
            return "request"
        return "watchdog" if reset_cause() == WDT_RESET else "power"
