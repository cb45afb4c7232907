"""How long a BQ76952 has heard nothing from us, by its own clock: asked once, at a start.

The chip lives from the cells and goes on counting while this controller has no supply. `bq76952_watch` sets
the time of its charge counter to zero every five seconds; what stands there at a start is how long nobody was
there to do so. A chip that has lost its own supply, too, begins at nothing, and tells of no absence.
"""

from micropython import const

from bms.drivers.bq76952_watch import ask, number

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Generator

    from bms.drivers.bq76952 import Bq76952

_DASTATUS6 = const(0x0076)
_AT_TIME = const(8)  # seconds, behind the charge and its fraction (TRM 4.6)


def seconds(afe: "Bq76952") -> "Generator[int, None, int]":
    """Yields milliseconds to wait; returns the seconds since the clock was last set to zero."""
    yield from ask(afe.link, _DASTATUS6)
    return number(afe.link.answered, _AT_TIME, 4)
