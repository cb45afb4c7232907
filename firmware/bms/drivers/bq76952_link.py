"""How the BQ769x2 is spoken to: registers with or without CRC, and the subcommand window behind them.

What fails is repeated once (`transport`), as TRM 9.2 asks: noise, or an oscillator that was off.

The chip takes up to 560 us for the subcommands of the cycle (TRM table 9-2) and may lose one that comes
sooner. With no clock at hand, the bus is the clock: `_pause` reads as many bytes as take longer at 400 kHz,
the most that the chip allows. Longer waits are the caller's, who polls with `answer`.
"""

from micropython import const

from bms.drivers import crc8
from bms.drivers.afe import BusError
from bms.drivers.transport import Block, Transport

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import I2cBus

_BATTERY_STATUS = const(0x12)
_SUBCOMMAND = const(0x3E)
_ECHO_SIZE = const(2)
_BUFFER_SIZE = const(32)
_CHECKSUM = const(0x60)
_LENGTH = const(0x61)
_CELLS = const(0x14)
_PAUSE_SIZE = const(24)  # 27 bytes with the addresses: 607 us
_OVERHEAD = const(4)  # the length counts address, checksum and itself too (TRM 3.1)

# Answers of Link.answer.
BUSY = const(0)
READY = const(1)
LOST = const(2)  # another subcommand was sent meanwhile, or the buffer is torn: ask again


class Link(Transport):
    """One chip: its registers, and the window."""

    def __init__(self, bus: "I2cBus", address: int, crc: bool | None) -> None:
        super().__init__(bus, address, crc)
        self.length = 0  # of the last answer
        self._window = Block(_SUBCOMMAND, _ECHO_SIZE + _BUFFER_SIZE + 1)  # echo, buffer, sum
        self.answered = memoryview(self._window.data)[_ECHO_SIZE : _ECHO_SIZE + _BUFFER_SIZE]
        self.longest = _PAUSE_SIZE  # no subcommand is under way
        self._quiet = Block(_CELLS, _PAUSE_SIZE)
        self._answer_length = Block(_LENGTH, 1)
        self.detect_block = Block(_BATTERY_STATUS, 4)
        self._pair = bytearray(3)
        self._pair_crc = bytearray(5)
        self._word = bytearray(5)
        self._word_crc = bytearray(9)
        self._staged_sum = 0
        self._staged_length = 0

    def write_pair(self, register: int, low: int, high: int) -> None:
        """Write two consecutive registers."""
        if self.crc is None:
            self.detect()
        if not self.crc:
            frame = self._pair
            frame[0] = register
            frame[1] = low
            frame[2] = high
        else:  # as in `_send`, and faster: each cycle clears its alarms by this
            table = crc8.TABLE
            frame = self._pair_crc
            frame[0] = register
            frame[1] = low
            frame[2] = table[table[table[self._address << 1] ^ register] ^ low]
            frame[3] = high
            frame[4] = table[high]
        self._write(frame)

    def command(self, code: int) -> None:
        """Send a subcommand, or ask for the 32 bytes of data memory at that address (TRM 3.1)."""
        self._pause()
        self.write_pair(_SUBCOMMAND, code & 0xFF, code >> 8)
        self.longest = 0

    def answer(self, code: int, length: int = 0) -> int:
        """BUSY; READY: the answer to command(code) is in `answered`, `length` bytes; or LOST.

        A `length` that is known, as of all data memory, need not be asked for.
        """
        if not length:  # it is read alone: together with the sum it might move the window on (TRM 3.1)
            self.read(self._answer_length)
            length = self._answer_length.data[0] - _OVERHEAD
        self.read(self._window)
        data = self._window.data
        low = data[0]
        high = data[1]
        if low != code & 0xFF or high != code >> 8:
            return BUSY if low == 0xFF and high == 0xFF else LOST
        if length < 0 or length > _BUFFER_SIZE:
            return LOST
        total = sum(data)
        for index in range(_ECHO_SIZE + length, _ECHO_SIZE + _BUFFER_SIZE):
            total -= data[index]
        if total & 0xFF != 0xFF:  # the sum's complement is the last of them
            return LOST
        self.length = length
        return READY

    def stage(self, code: int, data: bytes | bytearray) -> None:
        """Put up to 32 bytes for a subcommand or data-memory address in the buffer; `commit` enters them."""
        size = len(data)
        frame = bytearray(3 + size)
        frame[0] = _SUBCOMMAND
        frame[1] = code & 0xFF
        frame[2] = code >> 8
        frame[3:] = data
        self._stage(frame, bytearray(5 + 2 * size))

    def stage_word(self, code: int, value: int) -> None:
        """The same for two bytes, without allocating."""
        frame = self._word
        frame[0] = _SUBCOMMAND
        frame[1] = code & 0xFF
        frame[2] = code >> 8
        frame[3] = value & 0xFF
        frame[4] = value >> 8 & 0xFF
        self._stage(frame, self._word_crc)

    def commit(self) -> None:
        """Sum and length must arrive in one transaction; a wrong sum is dropped in silence (TRM 3.1)."""
        self._pause()
        self.write_pair(_CHECKSUM, self._staged_sum, self._staged_length)
        self.longest = 0

    def rested(self) -> None:
        """It has had a millisecond for the last word, two for a write: it is done with it (TRM table 9-2)."""
        self.longest = _PAUSE_SIZE

    def _pause(self) -> None:
        """Let the subcommand before this one finish."""
        if self.longest < _PAUSE_SIZE:
            try:
                self.read(self._quiet)
            except BusError:  # no reason to keep the command back
                self.longest = _PAUSE_SIZE

    def _stage(self, frame: bytearray, coded: bytearray) -> None:
        total = 0
        for index in range(1, len(frame)):
            total += frame[index]
        self._staged_sum = ~total & 0xFF
        self._staged_length = len(frame) - 3 + _OVERHEAD
        self._pause()
        self._send(frame, coded)
        self.longest = 0

    def _crc_of_read(self, register: int) -> int:
        """Only the first CRC covers the addresses too, and the register (TRM 9.2)."""
        table = crc8.TABLE
        return table[table[table[self._address << 1] ^ register] ^ (self._address << 1 | 1)]

    def _send(self, frame: bytearray, coded: bytearray) -> None:
        """Write a frame [register, data...], in CRC mode by way of `coded`, which has room for the CRCs."""
        if self.crc is None:
            self.detect()
        if self.crc:
            table = crc8.TABLE
            coded[0] = frame[0]
            crc = table[table[self._address << 1] ^ frame[0]]
            at = 1
            for index in range(1, len(frame)):
                value = frame[index]
                coded[at] = value
                coded[at + 1] = table[crc ^ value]
                crc = 0
                at += 2
            frame = coded
        self._write(frame)
