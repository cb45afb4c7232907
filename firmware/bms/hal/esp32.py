"""ESP32 family: reset causes that can be told apart, mostly, and an ADC that needs its calibration."""

from machine import ADC, HARD_RESET, SOFT_RESET, WDT_RESET, Pin, reset_cause
from micropython import const

from bms.hal.common import Common

_UV_PER_LEVEL = const(806)  # 3.3 V / 4096


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

    def _make_adc(self, pin: int) -> ADC:
        return ADC(Pin(pin), atten=ADC.ATTN_11DB)

    def _level(self, adc: ADC) -> int:
        """In microvolts by the chip's own calibration: its raw readings are off by several percent.

        It sees no more than about 3.1 V, whatever stands on the pin.
        """
        return adc.read_uv() // _UV_PER_LEVEL
