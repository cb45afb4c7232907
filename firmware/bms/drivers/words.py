"""How chips are spoken to whose registers are words: one register a transaction, the high byte first.

No checksum protects these chips: a byte that arrives wrong is believed. What the protection cycle needs works
in buffers made once and allocates nothing. A transaction that is not acknowledged is repeated once; one that
timed out is not: each costs the whole time-out.
"""

from micropython import const

from bms.drivers.afe import BusError

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import I2cBus

_TIMEOUTS = (110, 116)  # ETIMEDOUT as MicroPython and as newlib number it
_NACK = const(5)


class Words:
    """One bus with such chips. `errors` counts failed transactions, the mended ones too."""

    def __init__(self, bus: "I2cBus") -> None:
        self.errors = 0
        self._bus = bus
        self._failed = 0
        self._two = bytearray(2)
        self._three = bytearray(3)
        self._frame = bytearray(3)

    def read(self, address: int, register: int) -> int:
        """A register of 16 bits. Raises BusError after the second failure."""
        data = self._two
        self._fill(address, register, data)
        return data[0] << 8 | data[1]

    def read_long(self, address: int, register: int) -> int:
        """A register of 24 bits."""
        data = self._three
        self._fill(address, register, data)
        return data[0] << 16 | data[1] << 8 | data[2]

    def write(self, address: int, register: int, value: int) -> None:
        """Write a register of 16 bits. Raises BusError after the second failure."""
        frame = self._frame
        frame[0] = register
        frame[1] = value >> 8
        frame[2] = value & 0xFF
        errno = 0
        for _ in range(2):
            try:
                if self._bus.writeto(address, frame) == len(frame):
                    self._failed = 0
                    return
                errno = _NACK  # a bit-banged bus reports a refused data byte by its count only
            except OSError as error:
                errno = error.args[0]
            if self._count(errno):
                break
        raise BusError(errno, self._failed)

    def _fill(self, address: int, register: int, data: bytearray) -> None:
        errno = 0
        for _ in range(2):
            try:
                self._bus.readfrom_mem_into(address, register, data)
            except OSError as error:
                errno = error.args[0]
                if self._count(errno):
                    break
            else:
                self._failed = 0
                return
        raise BusError(errno, self._failed)

    def _count(self, errno: int) -> bool:
        """One more that failed; True if there is no point in repeating it."""
        self.errors += 1
        self._failed += 1
        return errno in _TIMEOUTS
