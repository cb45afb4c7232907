"""How the BQ769x2 is spoken to: registers with or without CRC, and the subcommand window behind them.

Reads and two-byte writes are what the protection cycle needs, ten times a second, so they work in buffers
made once and allocate nothing. A transaction that is not acknowledged, or fails its CRC, is repeated once
(TRM 9.2: noise, or an oscillator that was off); one that timed out is not: each costs the whole time-out.

The chip takes up to 560 us for the subcommands of the cycle (TRM table 9-2) and may lose one that comes
sooner. With no clock at hand, the bus is the clock: `_pause` reads as many bytes as take longer at 400 kHz,
the most that the chip allows. Longer waits are the caller's, who polls with `answer`.
"""

from micropython import const

from bms.drivers import crc8
from bms.drivers.afe import BusError, CrcError

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import I2cBus, Unpack

unpack: "Unpack" = crc8.unpack
try:
    from bms.drivers import crc8_fast

    unpack = crc8_fast.unpack  # pyright: ignore[reportAssignmentType]
except (AttributeError, ImportError, NameError, SyntaxError, ValueError):  # no machine code here
    pass

_TIMEOUTS = (110, 116)  # ETIMEDOUT as MicroPython and as newlib number it
_NACK = const(5)
_DETECT_TRIES = const(3)
_BATTERY_STATUS = const(0x12)
_SUBCOMMAND = const(0x3E)
_BUFFER = const(0x40)
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


class Block:
    """A run of registers that one transaction reads, with room for a CRC after each byte."""

    def __init__(self, register: int, size: int) -> None:
        self.register = register
        self.data = bytearray(size)
        self.raw = bytearray(2 * size)

    def signed(self, at: int) -> int:
        data = self.data
        return ((data[at] | data[at + 1] << 8) ^ 0x8000) - 0x8000


class Link:
    """`crc` None: found out at the first access. `errors` counts failed transactions, the mended ones too."""

    def __init__(self, bus: "I2cBus", address: int, crc: bool | None) -> None:
        self.crc = crc
        self.errors = 0
        self.length = 0  # of the last answer
        self.answer_block = Block(_BUFFER, _BUFFER_SIZE)
        self._bus = bus
        self._address = address
        self._failed = 0
        self._working = False  # on a subcommand, as far as we know
        self._quiet = Block(_CELLS, _PAUSE_SIZE)
        self._echo = Block(_SUBCOMMAND, 2)
        self._answer_length = Block(_LENGTH, 1)
        self._answer_sum = Block(_CHECKSUM, 1)
        self._detect = Block(_BATTERY_STATUS, 4)
        self._pair = bytearray(3)
        self._pair_crc = bytearray(5)
        self._word = bytearray(5)
        self._word_crc = bytearray(9)
        self._staged_sum = 0
        self._staged_length = 0

    def read(self, block: Block) -> None:
        """Fill block.data. Raises BusError or CrcError after the second failure."""
        if self.crc is None:
            self.detect()
        errno = 0
        for _ in range(2):
            try:
                if self._read_once(block):
                    self._failed = 0
                    if len(block.data) >= _PAUSE_SIZE:
                        self._working = False
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

    def write_pair(self, register: int, low: int, high: int) -> None:
        """Write two consecutive registers."""
        frame = self._pair
        frame[0] = register
        frame[1] = low
        frame[2] = high
        self._send(frame, self._pair_crc)

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

    def command(self, code: int) -> None:
        """Send a subcommand, or ask for the 32 bytes of data memory at that address (TRM 3.1)."""
        self._pause()
        self.write_pair(_SUBCOMMAND, code & 0xFF, code >> 8)
        self._working = True

    def answer(self, code: int) -> int:
        """BUSY; READY: the answer to command(code) is in answer_block, `length` bytes; or LOST."""
        echo = self._echo.data
        self.read(self._echo)
        low = echo[0]
        high = echo[1]
        if low != code & 0xFF or high != code >> 8:
            return BUSY if low == 0xFF and high == 0xFF else LOST
        # The sum is read last and alone: read together with the length it might move the window on (TRM 3.1).
        self.read(self._answer_length)
        length = self._answer_length.data[0] - _OVERHEAD
        if length < 0 or length > _BUFFER_SIZE:
            return LOST
        self.read(self.answer_block)
        self.read(self._answer_sum)
        data = self.answer_block.data
        total = low + high
        for index in range(length):
            total += data[index]
        if ~total & 0xFF != self._answer_sum.data[0]:
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
        self._working = True

    def rested(self) -> None:
        """Two milliseconds have passed since the last word: the chip is done with it (TRM table 9-2)."""
        self._working = False

    def _pause(self) -> None:
        """Let the subcommand before this one finish."""
        if self._working:
            try:
                self.read(self._quiet)
            except BusError:
                self._working = False  # a read that failed is no reason to keep the command back

    def _stage(self, frame: bytearray, coded: bytearray) -> None:
        total = 0
        for index in range(1, len(frame)):
            total += frame[index]
        self._staged_sum = ~total & 0xFF
        self._staged_length = len(frame) - 3 + _OVERHEAD
        self._pause()
        self._send(frame, coded)
        self._working = True

    def _read_once(self, block: Block) -> bool:
        """One transaction; False if a CRC is wrong. Only the first CRC covers the addresses too (TRM 9.2)."""
        if not self.crc:
            self._bus.readfrom_mem_into(self._address, block.register, block.data)
            return True
        raw = block.raw
        data = block.data
        self._bus.readfrom_mem_into(self._address, block.register, raw)
        table = crc8.TABLE
        crc = table[table[table[self._address << 1] ^ block.register] ^ (self._address << 1 | 1)]
        return unpack(raw, data, table, len(data) << 8 | crc) == 1

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
