"""Never quite believing a BQ76952: all of its data memory is read again and again, and compared.

A wrong sum is dropped in silence, a brown-out brings back defaults, a flipped bit in RAM moves a limit or a
reading: none of these announces itself. So every byte of `bq76952_registers.ROWS` is compared before the
FETs may close, and again every 4.4 s (sixteen windows of up to 32 bytes, two calls each, and every fourth
question is another one).

After each round the chip's own clock, the time of its charge counter, is set to zero: it runs on while this
controller has no supply, and so tells the next start how long that was (`bq76952_away`).

That other question is whether the converters live. In millivolts a steady pack stands still for minutes; in
raw counts of 0.7 uV no reading is ever the same twice, unless it is the same reading.

What we decided is known. What we keep is not: it has to be learned from a chip that has just loaded it, and
is trusted until one byte of it differs, or until this controller forgets. Without that trust the chip is
reset before it is learned from again (`bq76952_setup`): a flipped bit must not become the measure.
"""

from array import array

from micropython import const

from bms.drivers.afe import NoAnswerError, ReadbackError
from bms.drivers.bq76952_link import LOST, READY, Link

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Generator

_WINDOW = const(32)  # bytes of data memory that one question brings
_TRIES = const(20)
_RESET_PASSQ = const(0x0082)
_RAW_COUNTS = const(0x0071)  # DASTATUS1: four cells' voltages and currents, 32 bits each (TRM 4.1.2)
_RAW_SIZE = const(32)
_BEAT = const(4)  # every so many questions
_STEP_MS = const(2)  # the slowest subcommand asked takes 660 us (TRM table 9-2)

# What to do with registers that are kept.
SKIP = const(0)
LEARN = const(1)
COMPARE = const(2)


class Watch:
    """What each register of one chip must hold, and how far the present round of comparing has come."""

    def __init__(self, link: Link) -> None:
        self.trusted = False  # what is kept was learned from a fresh chip, and has been the same ever since
        self.passes = 0  # how often the whole memory has been found right
        self.image = bytearray()  # the rows' bytes, one after the other
        self.addresses = array("H")  # of the rows ...
        self.sizes = array("b")  # ... and how many bytes they have: negative where the chip keeps its own
        self._link = link
        self._running = False
        self._kept = COMPARE
        self._row = 0  # where the next window starts: row, and its first byte in the image
        self._at = 0
        self.still = 0  # how often in a row the raw counts were the same, to the last bit
        self._raw = bytearray(_RAW_SIZE)
        self._beat = 0
        self._asked = 0  # the question that an answer is due to
        self._lost = 0

    def stop(self) -> None:
        self._running = False

    def lay_out(self, addresses: "array[int]", sizes: "array[int]") -> None:
        """Where the rows are, before anything else."""
        self.addresses = addresses
        self.sizes = sizes

    def expect(self, image: bytearray) -> None:
        """What is decided must be as in `image` from now on; what is kept stays as it was learned."""
        if not self.image:
            self.image = bytearray(len(image))
        at = 0
        for size in self.sizes:
            end = at + abs(size)
            if size > 0:
                self.image[at:end] = image[at:end]
            at = end

    def round(self, kept: int) -> "Generator[int, None, None]":
        """One whole round at once. Yields milliseconds to wait."""
        self.stop()
        self._row = self._at = 0
        self._kept = kept
        before = self.passes
        while self.passes == before:
            yield from ask(self._link, self.addresses[self._row])
            self._compare()

    def start(self) -> None:
        """Begin with `step`."""
        self._row = self._at = self._lost = 0
        self._kept = COMPARE
        self._asked = self.still = self._beat = 0
        self._running = True

    def step(self) -> None:
        """Ask for a window (or the raw counts), or compare what was asked for. Call it once a cycle.

        Another subcommand in between moves the window away, or leaves 0xFF in its place for ever if it is one
        that returns nothing (TRM 3.1); so whatever is not the window is asked for again. Raises ReadbackError
        at the first difference, NoAnswerError if a window cannot be had at all.
        """
        if not self._running:
            return
        asked = self._asked
        if asked:
            self._asked = 0
            if self._link.answer(asked) == READY:
                self._lost = 0
                if asked == _RAW_COUNTS:
                    self._feel_pulse()
                else:
                    self._compare()
                    if self._row == 0:
                        self._link.command(_RESET_PASSQ)
                return
            self._lost += 1
            if self._lost > _TRIES:
                self._lost = 0
                raise NoAnswerError("show its configuration")
        self._beat = (self._beat + 1) % _BEAT
        question = _RAW_COUNTS if self._beat == 0 else self.addresses[self._row]
        self._link.command(question)
        self._asked = question

    def _feel_pulse(self) -> None:
        """Have the raw counts moved since they were last looked at?"""
        data = self._link.answer_block.data
        raw = self._raw
        moved = False
        for index in range(_RAW_SIZE):
            if raw[index] != data[index]:
                raw[index] = data[index]
                moved = True
        self.still = 0 if moved else self.still + 1

    def _compare(self) -> None:
        """Compare the rows that lie wholly in the window just read; move on to the first that does not."""
        row = self._row
        at = self._at
        data = self._link.answer_block.data
        image = self.image
        start = self.addresses[row]
        while row < len(self.sizes):
            size = abs(self.sizes[row])
            offset = self.addresses[row] - start
            if offset + size > _WINDOW:
                break
            if self._kept == COMPARE or self.sizes[row] > 0:
                for index in range(size):
                    if data[offset + index] != image[at + index]:
                        self._differs(row, at, offset, index)
            elif self._kept == LEARN:
                image[at : at + size] = data[offset : offset + size]
            at += size
            row += 1
        if row == len(self.sizes):
            row = at = 0
            self.passes += 1
        self._row = row
        self._at = at

    def _differs(self, row: int, at: int, offset: int, index: int) -> None:
        """A decided register differs as a whole, a kept run in one byte."""
        from bms.drivers.bq76952_registers import ROWS  # noqa: PLC0415 - for its name; a chip has no room for all

        data = self._link.answer_block.data
        size = self.sizes[row]
        address = self.addresses[row]
        if size < 0:
            self.trusted = False
            address += index
            at += index
            offset += index
            size = 1
        raise ReadbackError(ROWS[row][2], address, number(self.image, at, size), number(data, offset, size))


def ask(link: Link, code: int) -> "Generator[int, None, None]":
    """Ask and poll until the answer is in. Yields milliseconds to wait."""
    link.command(code)
    for _ in range(_TRIES):
        yield _STEP_MS
        link.rested()
        state = link.answer(code)
        if state == READY:
            return
        if state == LOST:
            link.command(code)
    raise NoAnswerError(f"answer subcommand 0x{code:04X}")


def number(data: bytearray, at: int, size: int) -> int:
    """Unsigned, little-endian."""
    value = 0
    for index in range(size):
        value |= data[at + index] << 8 * index
    return value
