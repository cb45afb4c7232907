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

from bms.drivers import bq76952_window as w
from bms.drivers.afe import NoAnswerError, ReadbackError
from bms.drivers.bq76952_link import LOST, READY, Link

try:
    from bms.drivers.bq76952_window_fast import compare
except (AttributeError, ImportError, NameError, SyntaxError, ValueError):  # no machine code here
    from bms.drivers.bq76952_window import compare

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Generator

_TRIES = const(20)
_RESET_PASSQ = const(0x0082)
_RAW_COUNTS = const(0x0071)  # DASTATUS1: four cells' voltages and currents, 32 bits each (TRM 4.1.2)
_BEAT = const(4)  # every so many questions
_STEP_MS = const(1)  # the slowest subcommand asked takes 660 us (TRM table 9-2)


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
        self._place = array("i", [0] * w.PLACE)  # where the next window starts
        self.still = 0  # how often in a row the raw counts were the same, to the last bit
        self._raw = bytearray(w.SIZE)
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
        self._begin(kept)
        before = self.passes
        while self.passes == before:
            yield from ask(self._link, self.addresses[self._place[w.ROW]])
            self._compare()

    def start(self) -> None:
        """Begin with `step`."""
        self._begin(w.COMPARE)
        self._lost = self._asked = self.still = self._beat = 0
        self._running = True

    def _begin(self, kept: int) -> None:
        """At the first row; what to do with registers that are kept: SKIP, LEARN or COMPARE."""
        place = self._place
        place[w.ROW] = place[w.AT] = 0
        place[w.ROWS] = len(self.sizes)
        place[w.KEPT] = kept

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
            if self._link.answer(asked, w.SIZE) == READY:  # so long are the raw counts, too
                self._lost = 0
                if asked == _RAW_COUNTS:
                    self._feel_pulse()
                else:
                    self._compare()
                    if self._place[w.ROW] == 0:
                        self._link.command(_RESET_PASSQ)
                return
            self._lost += 1
            if self._lost > _TRIES:
                self._lost = 0
                raise NoAnswerError("show its configuration")
        self._beat = (self._beat + 1) % _BEAT
        question = _RAW_COUNTS if self._beat == 0 else self.addresses[self._place[w.ROW]]
        self._link.command(question)
        self._asked = question

    def _feel_pulse(self) -> None:
        """Have the raw counts moved since they were last looked at?"""
        data = self._link.answered
        same = data == self._raw  # pyright: ignore[reportUnnecessaryComparison] - a view of bytes, and bytes
        self.still = self.still + 1 if same else 0
        self._raw[:] = data

    def _compare(self) -> None:
        """Compare the rows that lie wholly in the window just read; move on to the first that does not."""
        place = self._place
        other = compare(self._link.answered, self.image, self.addresses, self.sizes, place)
        if other >= 0:
            self._differs(other)
        if place[w.ROW] == place[w.ROWS]:
            place[w.ROW] = place[w.AT] = 0
            self.passes += 1

    def _differs(self, index: int) -> None:
        """A decided register differs as a whole, a kept run in one byte."""
        from bms.drivers.bq76952_registers import ROWS  # noqa: PLC0415 - for its name; a chip has no room for all

        data = self._link.answered
        row = self._place[w.OTHER_ROW]
        at = self._place[w.OTHER_AT]
        size = self.sizes[row]
        address = self.addresses[row]
        offset = address - self.addresses[self._place[w.ROW]]
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


def number(data: "bytearray | memoryview", at: int, size: int) -> int:
    """Unsigned, little-endian."""
    value = 0
    for index in range(size):
        value |= data[at + index] << 8 * index
    return value
