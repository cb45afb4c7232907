"""ESP32 family (ESP32, S3, C3): reset causes that can be told apart, mostly, an ADC that needs its
calibration, a scheduler that must be let in for the core to rest, a USB that does not say when it is full.

Where the chips differ, MicroPython hides it, as far as it is used here: an image drives the blocks that its
chip has (a C3 has one I2C and one core), and the console is on UART 0 and on the chip's own USB at once.
"""

import select
import sys
import time

from machine import ADC, HARD_RESET, SOFT_RESET, WDT_RESET, Pin, reset_cause
from micropython import const

from bms.hal.common import Common
from bms.hal.stdio import WRITE_MOST, Stdio

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.hal.board import Board
    from bms.hal.monitor import MonitorPins

_UV_PER_LEVEL = const(806)  # 3.3 V / 4096
_TICK_MS = const(10)  # of the scheduler: the port keeps ESP-IDF's 100 Hz
_SLOW_MS = const(100)
_RETRY_MS = const(60000)


class UsbStdio(Stdio):
    """A console that gives up on a host that has stopped reading.

    A poll says on this port that there is room even when its USB has none; then a write waits half a second
    (S3, TinyUSB) or a fifth (C3, USB serial/JTAG). So a write that was slow is the last, until something
    arrives or a minute has passed.
    """

    def __init__(self) -> None:
        super().__init__()
        self._stalled = False
        self._since = 0

    def readinto(self, buf: bytearray) -> int:
        """How many bytes had arrived; whoever sends, reads."""
        count = super().readinto(buf)
        if count:
            self._stalled = False
        return count

    def write(self, buf: bytes) -> int:
        """How many bytes were taken: 32 at most, 0 while the reader stalls."""
        now = time.ticks_ms()
        if self._stalled and time.ticks_diff(now, self._since) < _RETRY_MS:
            return 0
        piece = buf[:WRITE_MOST]
        self._out.write(piece)
        self._since = time.ticks_ms()
        self._stalled = time.ticks_diff(self._since, now) >= _SLOW_MS
        return len(piece)


class Esp32(Common):
    """An ESP32 and its relatives."""

    def __init__(self, board: "Board") -> None:
        super().__init__(board)
        self._nothing = select.poll()
        self._nothing.register(sys.stdout, 0)

    def sleep_ms(self, ms: int) -> None:
        """Until the scheduler's tick that ends this time: its idle task runs meanwhile and halts the core.

        `time.sleep_ms` counts off a wait as short as a tick in a loop, at full current. A poll for nothing
        does not.
        """
        for _ in self._nothing.ipoll(max(1, ms - _TICK_MS + 1)):
            pass

    def reset_cause(self) -> str:
        """`machine.reset()` and a panic both read as HARD_RESET: without our mark it counts as the worse one.

        A brown-out reads as power-up.
        """
        cause = reset_cause()
        if self.reboot_asked or cause == SOFT_RESET:
            return "request"
        return "watchdog" if cause in {WDT_RESET, HARD_RESET} else "power"

    def _make_serial(self) -> Stdio:
        return UsbStdio()

    def lend(self, pins: "MonitorPins") -> None:
        """The ADC, for a front end that has none. An S3 and a C3 know their own temperature."""
        try:
            from esp32 import mcu_temperature  # type: ignore[attr-defined,unused-ignore]  # noqa: PLC0415 - not on every chip
        except ImportError:
            raise ValueError(
                "AFE = 'ads1115' needs the temperature of the chip, which an ESP32 lacks"
            ) from None
        pins.measure(self._make_adc, self._level, lambda: 10 * mcu_temperature())
        self.monitor = pins

    def _make_adc(self, pin: int) -> ADC:
        return ADC(Pin(pin), atten=ADC.ATTN_11DB)

    def _level(self, adc: ADC) -> int:
        """In microvolts by the chip's own calibration: its raw readings are off by several percent.

        It is right up to 2.45 V on an ESP32, 2.5 V on a C3, 3.1 V on an S3, and sees little beyond.
        """
        return adc.read_uv() // _UV_PER_LEVEL
