"""How the BQ769x0 is spoken to: plain registers, with or without a CRC after each byte.

Writes are of one register each, so that no half of a block is ever left behind.
"""

from micropython import const

from bms.drivers import crc8
from bms.drivers.transport import Block, Transport

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import I2cBus

_OV_TRIP = const(0x09)  # it and what follows it are not zero, whose CRC would be zero too


class Link(Transport):
    """One chip; of a read, the first CRC covers the address read from, too (8.3.1.4)."""

    def __init__(self, bus: "I2cBus", address: int, crc: bool | None) -> None:
        super().__init__(bus, address, crc)
        self.detect_block = Block(_OV_TRIP, 4)
        self._frame = bytearray(2)
        self._frame_crc = bytearray(3)

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
        self._write(frame)
