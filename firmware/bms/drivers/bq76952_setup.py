"""Programming a BQ76952 and never quite believing it: write everything, read everything back, keep looking.

A wrong sum is dropped in silence, a brown-out brings back defaults, a flipped bit in the chip's RAM moves a
limit: none of these announces itself, so the whole table of `bq76952_registers` is compared before the FETs
may close and again every two seconds afterwards, one window of 32 bytes at a time.
"""

from micropython import const

from bms.drivers.afe import IdentityError, NoAnswerError, ReadbackError, ResetError
from bms.drivers.bq76952_link import LOST, READY, Block, Link
from bms.drivers.bq76952_registers import ALARM_MASK, ROWS

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Generator

_BQ76952 = const(0x7695)
_BATTERY_STATUS = const(0x12)
_CFGUPDATE = const(0x01)  # low byte
_POR = const(0x08)
_SECURITY = const(0x03)  # high byte
_FULL_ACCESS = const(1)  # CONFIG_UPDATE is allowed in this mode only (TRM 8.1)
_ALARM_ENABLE = const(0x66)

_DEVICE_NUMBER = const(0x0001)
_FET_ENABLE = const(0x0022)
_MANUFACTURING_STATUS = const(0x0057)
_FET_EN = const(0x10)
_SET_CFGUPDATE = const(0x0090)
_EXIT_CFGUPDATE = const(0x0092)
_SLEEP_DISABLE = const(0x009A)

_WINDOW = const(32)  # bytes of data memory that one question brings
_TRIES = const(20)
_TOGGLES = const(3)
_STEP_MS = const(2)  # SET_CFGUPDATE, the slowest command used, takes as long (TRM table 9-2)


class Setup:
    """What was written to one chip, and how far the present round of comparing has come."""

    def __init__(self, link: Link) -> None:
        self.passes = 0  # how often the whole configuration has been found right
        self._link = link
        self._status = Block(_BATTERY_STATUS, 2)
        self._image = bytearray()  # what was written: the rows' bytes, one after the other
        self._row = 0  # where the next window starts: row, and its first byte in the image
        self._at = 0
        self._asked = False
        self._lost = 0

    def forget(self) -> None:
        self._image = bytearray()
        self._row = self._at = self._lost = 0
        self._asked = False

    def verify_step(self) -> None:
        """Ask for a window, or compare the one asked for. Call it once a cycle: a window takes under 2 ms.

        Another subcommand in between moves the window away, or leaves 0xFF in its place for ever if it is one
        that returns nothing (TRM 3.1); so whatever is not the window is asked for again. Raises ReadbackError
        at the first difference, NoAnswerError if a window cannot be had at all.
        """
        if not self._image:
            return
        address = ROWS[self._row][0]
        if self._asked:
            if self._link.answer(address) == READY:
                self._asked = False
                self._lost = 0
                self._compare()
                return
            self._lost += 1
            self._asked = False
            if self._lost > _TRIES:
                self._lost = 0
                raise NoAnswerError("show its configuration")
        self._link.command(address)
        self._asked = True

    def program(self, image: bytearray) -> "Generator[int, None, None]":
        """Identify the chip, write `image` and read every row back. Yields the milliseconds to wait."""
        yield _STEP_MS
        yield from self._identify()
        yield from self._update_mode(_SET_CFGUPDATE, _CFGUPDATE)
        yield from self._write(image)
        self.forget()
        self._image = image
        before = self.passes
        while self.passes == before:
            yield from self._answer(ROWS[self._row][0])
            self._compare()
        yield from self._update_mode(_EXIT_CFGUPDATE, 0)

    def start(self) -> "Generator[int, None, None]":
        """From FET test mode to autonomous control (TRM 5.2.3), and the alarms that we want to hear of."""
        yield _STEP_MS
        self._link.command(_SLEEP_DISABLE)
        yield _STEP_MS
        for _ in range(_TOGGLES):
            yield from self._answer(_MANUFACTURING_STATUS)
            if self._link.answer_block.data[0] & _FET_EN:
                break
            self._link.command(_FET_ENABLE)  # it toggles: only ever after a look
            yield _STEP_MS
        else:
            raise NoAnswerError("take control of its FETs (FET_EN)")
        self._link.write_pair(_ALARM_ENABLE, ALARM_MASK & 0xFF, ALARM_MASK >> 8)
        yield _STEP_MS
        enabled = Block(_ALARM_ENABLE, 2)
        self._link.read(enabled)
        if _number(enabled.data, 0, 2) != ALARM_MASK:
            raise ReadbackError("Alarm Enable", _ALARM_ENABLE, ALARM_MASK, _number(enabled.data, 0, 2))
        self._link.read(self._status)
        if self._status.data[0] & (_POR | _CFGUPDATE):  # leaving CONFIG_UPDATE had cleared both
            raise ResetError("the AFE restarted while it was being configured")

    def _identify(self) -> "Generator[int, None, None]":
        yield from self._answer(_DEVICE_NUMBER)
        number = _number(self._link.answer_block.data, 0, 2)
        if number != _BQ76952:
            raise IdentityError(f"this is no BQ76952: it calls itself 0x{number:04X}")
        for _ in range(_TRIES):
            self._link.read(self._status)
            mode = self._status.data[1] & _SECURITY
            if mode == _FULL_ACCESS:
                return
            if mode:
                raise IdentityError("the AFE is sealed and takes no configuration")
            yield _STEP_MS  # it has not loaded its own settings yet
        raise NoAnswerError("start")

    def _update_mode(self, command: int, wanted: int) -> "Generator[int, None, None]":
        """Enter or leave CONFIG_UPDATE."""
        self._link.command(command)
        for _ in range(_TRIES):
            yield _STEP_MS
            self._link.read(self._status)
            if self._status.data[0] & _CFGUPDATE == wanted:
                return
        raise NoAnswerError("enter CONFIG_UPDATE" if wanted else "leave CONFIG_UPDATE")

    def _write(self, image: bytearray) -> "Generator[int, None, None]":
        """Write the rows, neighbours together."""
        start = at = size = 0
        for address, kind, _name, _rule, _argument, _limit in ROWS:
            if address != start + size:
                yield from self._write_run(start, image[at : at + size])
                at += size
                start = address
                size = 0
            size += abs(kind)
        yield from self._write_run(start, image[at : at + size])

    def _write_run(self, address: int, data: bytearray) -> "Generator[int, None, None]":
        if data:
            self._link.stage(address, data)
            yield _STEP_MS
            self._link.commit()
            yield _STEP_MS

    def _compare(self) -> None:
        """Compare the rows that lie wholly in the window just read; move on to the first that does not."""
        row = self._row
        at = self._at
        data = self._link.answer_block.data
        image = self._image
        start = ROWS[row][0]
        while row < len(ROWS):
            address, kind, name, _rule, _argument, _limit = ROWS[row]
            size = abs(kind)
            offset = address - start
            if offset + size > _WINDOW:
                break
            for index in range(size):
                if data[offset + index] != image[at + index]:
                    wrote = _number(image, at, size)
                    raise ReadbackError(name, address, wrote, _number(data, offset, size))
            at += size
            row += 1
        if row == len(ROWS):
            row = at = 0
            self.passes += 1
        self._row = row
        self._at = at

    def _answer(self, code: int) -> "Generator[int, None, None]":
        """Ask and poll until the answer is in."""
        self._link.command(code)
        for _ in range(_TRIES):
            yield _STEP_MS
            state = self._link.answer(code)
            if state == READY:
                return
            if state == LOST:
                self._link.command(code)
        raise NoAnswerError(f"answer subcommand 0x{code:04X}")


def _number(data: bytearray, at: int, size: int) -> int:
    """Unsigned, little-endian."""
    value = 0
    for index in range(size):
        value |= data[at + index] << 8 * index
    return value
