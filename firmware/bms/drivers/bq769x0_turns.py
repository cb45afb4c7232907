"""Thermistors and die take turns on the BQ769x0's ADC, and the change itself proves that the ADC lives.

TEMP_SEL gives the temperature registers to the thermistors or to the die; after a change the next result may
be 2 s away (8.3.1.1.5). So the die is looked at twice a minute, for 2.5 s, and for as long again nothing new
comes from the thermistors: their last readings stand meanwhile.

A resting pack moves no bit of a 14-bit reading for minutes, so standing still proves nothing by itself. But a
change of TEMP_SEL must move the temperature registers, or else they, and all that is converted with them,
stand still. Until they move again, what they hold is nobody's temperature, and every 2.5 s TEMP_SEL changes.
"""

from micropython import const

from bms.drivers.bq769x0_heat import die_ddegc

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.drivers.transport import Block

_SETTLED = const(10)  # conversions, 2.5 s
_EVERY = const(110)
_FIRST = const(102)  # the first look at the die comes 2 s after the set-up
_MOST = const(30)
_DOUBT = const(3)  # two changes in a row without an answer are proof (row FROZEN_AFE: 5)
_AT_TS1 = const(2)


class Turns:
    """Counts conversions. `settled`: the temperature registers hold thermistors."""

    def __init__(self) -> None:
        self.on_die = False
        self.settled = False
        self.still = 0
        self.die_ddegc = 0
        self._turn = 0
        self._moved = True
        self._was = bytearray(40)

    def start(self) -> None:
        """The set-up has seen to it that the thermistors have had their turn."""
        self.on_die = False
        self.settled = True
        self.still = 0
        self._turn = _FIRST
        self._moved = True

    def step(self, cells: bytearray, rest: bytearray) -> bool:
        """New results are here; True if TEMP_SEL should change now. Allocates nothing."""
        if self._differs(cells, rest):
            if self.still:
                self.still = self._turn = 0  # they live again: wait for the next temperatures
            self._moved = True
        self._turn += 1
        if self._turn == _SETTLED:
            self.settled = self._moved and not self.on_die
            if not self._moved and self.still < _MOST:
                self.still += _DOUBT
        return self._turn >= (_SETTLED if self.on_die or self.still else _EVERY)

    def switched(self, thermistors: bool, rest: "Block", groups: int) -> None:
        """TEMP_SEL has been changed; if that ended the die's turn, this is what it said."""
        if thermistors and self._moved:
            hottest = die_ddegc(rest.word(_AT_TS1) & 0x3FFF)
            for group in range(1, groups):
                hottest = max(hottest, die_ddegc(rest.word(_AT_TS1 + 2 * group) & 0x3FFF))
            self.die_ddegc = hottest
        self.on_die = not thermistors
        self.settled = False
        self._moved = False
        self._turn = 0

    def _differs(self, cells: bytearray, rest: bytearray) -> bool:
        """Has any bit moved since the results before?"""
        moved = self._copy(cells, 0)
        return self._copy(rest, len(cells)) or moved

    def _copy(self, data: bytearray, at: int) -> bool:
        """Remember these bytes; True if they are new."""
        was = self._was
        moved = False
        for value in data:
            if was[at] != value:
                was[at] = value
                moved = True
            at += 1
        return moved
