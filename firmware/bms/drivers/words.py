"""How chips are spoken to whose registers are words: one register a transaction, the high byte first.

No checksum protects these chips: a byte that arrives wrong is believed.
"""

from micropython import const

from bms.drivers.transport import Block, Transport

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import I2cBus


class Words(Transport):
    """One bus with such chips."""

    def __init__(self, bus: "I2cBus") -> None:
        super().__init__(bus, 0, False)
        self._two = Block(0, 2)
        self._three = Block(0, 3)
        self._frame = bytearray(3)

    def read_word(self, address: int, register: int) -> int:
        """A register of 16 bits. Raises BusError after the second failure."""
        block = self._two
        block.register = register
        self._address = address
        self.read(block)
        return block.word(0)

    def read_long(self, address: int, register: int) -> int:
        """A register of 24 bits."""
        block = self._three
        block.register = register
        self._address = address
        self.read(block)
        return block.word(0) << 8 | block.data[2]

    def write(self, address: int, register: int, value: int) -> None:
        """Write a register of 16 bits. Raises BusError after the second failure."""
        frame = self._frame
        frame[0] = register
        frame[1] = value >> 8
        frame[2] = value & 0xFF
        self._address = address
        self._write(frame)
