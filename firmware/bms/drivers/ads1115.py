"""Taps of the stack behind dividers, on one to four ADS1115: converters that protect nothing.

Tap by tap goes round the chips, so that neighbours, whose difference is a cell, are converted at the same
time as far as there are chips. A conversion takes 1.2 ms at 860 samples a second; whoever reads waits for it.
So the taps of a picture are some milliseconds apart, and a stack that moves meanwhile would show in the cells
at the seams. Hence the first tap of each chip is measured again at the end: `skewed` says that it has moved.

Nothing in a result tells that it is new: a resting pack moves no bit of it. So every now and then the second
look at that tap uses another range, in which the same voltage is a third less: a converter that answers with
the same figure as before stands still.

A chip that has been reset measures on as if nothing had happened, since each conversion brings its own
settings. What tells is a mark in a register that is not used otherwise. Bits: SBAS444, 8.6 (Register Map).
"""

from array import array

from micropython import const

from bms.drivers.afe import NoAnswerError, ReadbackError

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.drivers.words import Words

INPUTS = const(4)
_CONVERSION = const(0)
_CONFIG = const(1)
_LOW = const(2)  # threshold of a comparator that is off
_MARK = const(0x5057)  # 0x8000 after a reset

_START = const(0x8000)  # written: convert; read: the conversion has ended
_ONCE = const(0x41E3)  # input n against ground, one conversion, 860 SPS, comparator off, 6.144 V
_FINE = const(0x0200)  # 4.096 V: 125 uV a count
_PATIENCE = const(48)  # looks, of 0.11 ms at least: a conversion takes 1.3 ms at most
_PROVE_EVERY = const(8)
_PROOF = const(3)  # two converters that stand still in a row are proof (row FROZEN_AFE: 5)
_MOST = const(30)
_LEAST = const(800)  # counts (0.1 V): nothing can be told from less
_SKEW_PERMILLE = const(2)


class Taps:
    """`codes`: the taps, the lowest first, in counts of 125 uV at the pin."""

    def __init__(self, words: "Words", address: int, chips: int, count: int) -> None:
        self.codes = array("i", [0] * count)
        self.skewed = False  # the stack has moved while the taps were read
        self.still = 0  # grows while a converter gives the same figure for two ranges
        self._words = words
        self._address = address
        self._chips = min(chips, count)
        self._turn = 0
        self._next = 0

    def set_up(self) -> None:
        """Mark each chip."""
        for chip in range(self._chips):
            self._words.write(self._address + chip, _LOW, _MARK)
        self.still = 0
        self._turn = 0

    def verify(self) -> bool:
        """Look for the mark of one chip, another one with each call; True after the last.

        Raises ReadbackError: the chip has lost its supply in between.
        """
        address = self._address + self._next
        read = self._words.read_word(address, _LOW)
        if read != _MARK:
            raise ReadbackError(f"Lo_thresh of the ADS1115 at 0x{address:02X}", _LOW, _MARK, read)
        self._next = (self._next + 1) % self._chips
        return not self._next

    def scan(self) -> None:
        """Convert all taps; 6 to 12 ms. Raises ReadbackError where a chip does not hold what it is told."""
        first = 0
        while first < len(self.codes):
            self._convert(first, _ONCE | _FINE | first // self._chips << 12)
            first += self._chips
        self._turn = (self._turn + 1) % _PROVE_EVERY
        if self._turn:
            self._look_for_movement()
        else:
            self._look_for_life()

    def _convert(self, first: int, told: int) -> None:
        """One tap on each chip, at the same time."""
        address = self._address
        count = min(self._chips, len(self.codes) - first)
        chip = 0
        while chip < count:
            self._words.write(address + chip, _CONFIG, told | _START)
            chip += 1
        chip = 0
        while chip < count:
            self.codes[first + chip] = self._result(address + chip, told)
            chip += 1

    def _look_for_movement(self) -> None:
        """The first tap of each chip once more: has it moved since?"""
        self.skewed = False
        for chip in range(self._chips):
            self._words.write(self._address + chip, _CONFIG, _ONCE | _FINE | _START)
        for chip in range(self._chips):
            before = self.codes[chip]
            moved = abs(self._result(self._address + chip, _ONCE | _FINE) - before)
            if before >= _LEAST and moved * 1000 > _SKEW_PERMILLE * before:
                self.skewed = True

    def _look_for_life(self) -> None:
        """The same in the other range, which makes two thirds of every figure."""
        self.skewed = same = False
        for chip in range(self._chips):
            self._words.write(self._address + chip, _CONFIG, _ONCE | _START)
        for chip in range(self._chips):
            before = self.codes[chip]
            again = self._result(self._address + chip, _ONCE)
            if before >= _LEAST and again * 6 > before * 5:
                same = True
        self.still = min(_MOST, self.still + _PROOF) if same else 0

    def _result(self, address: int, told: int) -> int:
        """Wait for the end of a conversion."""
        config = self._words.read_word(address, _CONFIG)
        patience = _PATIENCE
        while not config & _START:
            patience -= 1
            if not patience:
                raise NoAnswerError("convert")
            config = self._words.read_word(address, _CONFIG)
        if config ^ _START != told:
            self._refuse(address, told, config)
        return (self._words.read_word(address, _CONVERSION) ^ 0x8000) - 0x8000

    def _refuse(self, address: int, told: int, config: int) -> None:
        name = f"config of the ADS1115 at 0x{address:02X}"
        raise ReadbackError(name, _CONFIG, told | _START, config)
