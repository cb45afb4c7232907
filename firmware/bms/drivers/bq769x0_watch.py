"""What a BQ769x0 must hold: its settings and its calibration, compared for as long as it runs.

All settings fit into the block of registers that every cycle reads anyway, so each of them is compared ten
times a second. Gain and offset are the factory's, different for each chip, and all that it measures goes by
them; they are read again every few seconds.
"""

from micropython import const

from bms.drivers.afe import NoAnswerError, ReadbackError
from bms.drivers.bq769x0_link import Link
from bms.drivers.transport import Block

SYS_STAT = const(0x00)
SYS_CTRL1 = const(0x04)
SYS_CTRL2 = const(0x05)
_CONTROL_SIZE = const(12)  # SYS_STAT to CC_CFG
_CALIBRATION = const(0x50)  # ADCGAIN1, ADCOFFSET, ... ADCGAIN2
_CALIBRATION_SIZE = const(10)
_AT_GAIN2 = const(9)

CC_READY = const(0x80)  # SYS_STAT
XREADY = const(0x20)
ADC_EN = const(0x10)  # SYS_CTRL1
TEMP_SEL = const(0x08)
CC_EN = const(0x40)  # SYS_CTRL2
CC_CFG = const(0x19)  # what the register must hold (8.5); 0 after any reset

_NAMES = ("SYS_CTRL1", "SYS_CTRL2", "PROTECT1", "PROTECT2", "PROTECT3", "OV_TRIP", "UV_TRIP", "CC_CFG")
# What must be as written: not LOAD_PRESENT, nor the gates.
_MASKS = b"\x1f\xfc\xff\xff\xff\xff\xff\xff"
_CALIBRATE_EVERY = const(64)  # calls


class Watch:
    """What each register must hold. `gain_uv` and `offset_mv` are this very chip's."""

    def __init__(self, link: Link) -> None:
        self.gain_uv = 380
        self.offset_mv = 0
        self.control = Block(SYS_STAT, _CONTROL_SIZE)  # read every cycle
        self._link = link
        self._calibration = Block(_CALIBRATION, _CALIBRATION_SIZE)
        self._known = bytearray(b"\xff\xff\xff")  # which no chip has
        self._expected = bytearray(len(_MASKS))
        self._calls = 0

    def calibrate(self) -> None:
        """Learn gain and offset: read until twice the same."""
        block = self._calibration
        known = self._known
        for _ in range(3):
            self._link.read(block)
            data = block.data
            if known[0] == data[0] and known[1] == data[1] and known[2] == data[_AT_GAIN2]:
                self.gain_uv = 365 + ((data[0] >> 2 & 3) << 3 | data[_AT_GAIN2] >> 5)  # table 8-21
                self.offset_mv = (data[1] ^ 0x80) - 0x80
                return
            known[0] = data[0]
            known[1] = data[1]
            known[2] = data[_AT_GAIN2]
        raise NoAnswerError("show the same calibration twice")

    def hold(self, register: int, value: int) -> None:
        """This is what is written to a register, and what it must hold from now on."""
        self._link.write(register, value)
        self._expected[register - SYS_CTRL1] = value
        self.control.data[register] = value

    def intact(self) -> bool:
        """As far as the last reading of the control registers knows, the chip has not been reset since."""
        return self.control.data[0x0B] == CC_CFG

    def verify(self) -> None:
        """Compare the control registers as last read, and now and then the calibration, read again."""
        data = self.control.data
        for index in range(len(_MASKS)):
            if (data[SYS_CTRL1 + index] ^ self._expected[index]) & _MASKS[index]:
                register = SYS_CTRL1 + index
                raise ReadbackError(_NAMES[index], register, self._expected[index], data[register])
        self._calls = (self._calls + 1) % _CALIBRATE_EVERY
        if self._calls:
            return
        self._link.read(self._calibration)
        for index in range(len(self._known)):
            at = _AT_GAIN2 if index == 2 else index
            seen = self._calibration.data[at]
            if seen != self._known[index]:
                raise ReadbackError("ADC calibration", _CALIBRATION + at, self._known[index], seen)
