"""How the BQ769x0 is spoken to: plain registers, with or without a CRC after each byte.

What the protection cycle needs works in buffers made once and allocates nothing. A transaction that is not
acknowledged, or fails its CRC, is repeated once; one that timed out is not: each costs the whole time-out.
Writes are of one register each, so that no half of a block is ever left behind.
"""

from micropython import const

from bms.drivers import crc8
from bms.drivers.afe import BusError, CrcError

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import I2cBus

_TIMEOUTS = (110, 116)  # ETIMEDOUT as MicroPython and as newlib number it
_NACK = const(5)
_DETECT_TRIES = const(3)
_OV_TRIP = const(0x09)  # it and what follows it are not zero, whose CRC would be zero too


class Block:
    """A run of registers that one transaction reads, with room for a CRC after each byte."""

    def __init__(self, register: int, size: int) -> None:
        self.register = register
        self.data = bytearray(size)
        self.raw = bytearray(2 * size)

    def word(self, at: int) -> int:
        """Two registers, the high one first."""
        return self.data[at] << 8 | self.data[at + 1]


class Link:
    """`crc` None: found out at the first access. `errors` counts failed transactions, the mended ones too."""

    def __init__(self, bus: "I2cBus", address: int, crc: bool | None) -> None:
        self.crc = crc
        self.errors = 0
        self._bus = bus
        self._address = address
        self._failed = 0
        self._detect = Block(_OV_TRIP, 4)
        self._frame = bytearray(2)
        self._frame_crc = bytearray(3)

    def read(self, block: Block) -> None:
        """Fill block.data. Raises BusError or CrcError after the second failure."""
        if self.crc is None:
            self.detect()
        errno = 0
        for _ in range(2):
            try:
                if self._read_once(block):
                    self._failed = 0
                    return
                errno = 0
            except OSError as error:
                errno = error.args[0]
            self.errors += 1
            self._failed += 1
            if errno in _TIMEOUTS:
                break
        if errno:
            raise BusError(errno, self._failed)
        raise CrcError(self._failed)

    def write(self, register: int, value: int) -> None:
        """Write one register. Raises BusError after the second failure."""
        if self.crc is None:
            self.detect()
        frame = self._frame
        if self.crc:
            frame = self._frame_crc
            table = crc8.TABLE
            frame[2] = table[table[table[self._address << 1] ^ register] ^ value]
        frame[0] = register
        frame[1] = value
        errno = 0
        for _ in range(2):
            try:
                if self._bus.writeto(self._address, frame) == len(frame):
                    self._failed = 0
                    return
                errno = _NACK  # a bit-banged bus reports a refused data byte by its count only
            except OSError as error:
                errno = error.args[0]
            self.errors += 1
            self._failed += 1
            if errno in _TIMEOUTS:
                break
        raise BusError(errno, self._failed)

    def detect(self) -> None:
        """A CRC part sends a CRC after each byte that is read; four in a row that match are no accident."""
        self.crc = True
        for _ in range(_DETECT_TRIES):
            try:
                if self._read_once(self._detect):
                    return
            except OSError as error:
                self.crc = None
                self.errors += 1
                self._failed += 1
                raise BusError(error.args[0], self._failed)  # noqa: B904 - MicroPython keeps no cause
        self.crc = False

    def _read_once(self, block: Block) -> bool:
        """One transaction; False if a CRC is wrong. The first covers the address read from, too (8.3.1.4)."""
        if not self.crc:
            self._bus.readfrom_mem_into(self._address, block.register, block.data)
            return True
        raw = block.raw
        data = block.data
        self._bus.readfrom_mem_into(self._address, block.register, raw)
        table = crc8.TABLE
        crc = table[self._address << 1 | 1]
        at = 0
        for index in range(len(data)):
            value = raw[at]
            if table[crc ^ value] != raw[at + 1]:
                return False
            data[index] = value
            crc = 0
            at += 2
        return True
