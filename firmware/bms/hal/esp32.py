"""ESP32 family: reset causes that can be told apart, mostly."""

from machine import HARD_RESET, SOFT_RESET, WDT_RESET, reset_cause

from bms.hal.common import Common


class Esp32(Common):
    """An ESP32 and its relatives."""

    def reset_cause(self) -> str:
        """`machine.reset()` and a panic both read as HARD_RESET: without our mark it counts as the worse one.

        A brown-out reads as power-up.
        """
        cause = reset_cause()
        if self.reboot_asked or cause == SOFT_RESET:
            return "request"
        return "watchdog" if cause in {WDT_RESET, HARD_RESET} else "power"
