"""How every front end is spoken to: what a transaction is, when it is repeated, what is said if it fails.

What the protection cycle needs, ten times a second, works in buffers made once and allocates nothing. A
transaction that is not acknowledged, or fails its CRC, is repeated once; one that timed out is not: each
costs the whole time-out.
"""

from micropython import const

from bms.drivers import crc8
from bms.drivers.afe import BusError, CrcError

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import I2cBus

try:
    from bms.drivers.crc8_fast import unpack, words
except (AttributeError, ImportError, NameError, SyntaxError, ValueError):  # no machine code here
    from bms.drivers.crc8 import unpack, words

__all__ = ("Block", "Transport", "words")

_TIMEOUTS = (110, 116)  # ETIMEDOUT as MicroPython and as newlib number it
_NACK = const(5)
_DETECT_TRIES = const(3)


class Block:
    """A run of registers that one transaction reads, with room for a CRC after each byte."""

    def __init__(self, register: int, size: int) -> None:
        self.register = register
        self.data = bytearray(size)
        self.raw = bytearray(2 * size)
        self.crc = -1  # of what the first CRC covers besides its byte, once that is known

    def signed(self, at: int) -> int:
        """Two registers, the low one first."""
        data = self.data
        return ((data[at] | data[at + 1] << 8) ^ 0x8000) - 0x8000

    def word(self, at: int) -> int:
        """Two registers, the high one first."""
        return self.data[at] << 8 | self.data[at + 1]


class Transport:
    """`crc` None: found out at the first access. `errors` counts failed transactions, the mended ones too."""

    detect_block: Block  # bytes that are not zero, whose CRC would be zero too

    def __init__(self, bus: "I2cBus", address: int, crc: bool | None) -> None:
        self.crc = crc
        self.errors = 0
        self.longest = 0  # bytes read at once since somebody put it to 0: who has no clock can go by that
        self._bus = bus
        self._address = address
        self._failed = 0  # in a row

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

    def detect(self) -> None:
        """A CRC part sends a CRC after each byte that is read; four in a row that match are no accident."""
        self.crc = True
        for _ in range(_DETECT_TRIES):
            try:
                if self._read_once(self.detect_block):
                    return
            except OSError as error:
                self.crc = None
                self.errors += 1
                self._failed += 1
                raise BusError(error.args[0], self._failed)  # noqa: B904 - MicroPython keeps no cause
        self.crc = False

    def _write(self, frame: bytearray) -> None:
        """Send a frame as it is. Raises BusError after the second failure."""
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

    def _read_once(self, block: Block) -> bool:
        """One transaction; False if a CRC is wrong."""
        data = block.data
        size = len(data)
        if self.crc:
            self._bus.readfrom_mem_into(self._address, block.register, block.raw)
            if block.crc < 0:
                block.crc = self._crc_of_read(block.register)
            good = unpack(block.raw, data, crc8.TABLE, size << 8 | block.crc)
        else:
            self._bus.readfrom_mem_into(self._address, block.register, data)
            good = 1
        if size > self.longest:
            self.longest = size
        return good == 1

    def _crc_of_read(self, _register: int) -> int:
        """Of what the first CRC of a read covers besides its byte: the address that is read from."""
        return crc8.TABLE[self._address << 1 | 1]
