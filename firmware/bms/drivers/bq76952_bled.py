"""What a BQ76952 says about its balancing switches: needed when a pack is commissioned, and not before."""

from micropython import const

from bms.drivers.bq76952_watch import ask, number

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Generator

    from bms.drivers.bq76952 import Bq76952

_CB_ACTIVE_CELLS = const(0x0083)
_TOP_INPUT = const(15)


def bled(afe: "Bq76952") -> "Generator[int, None, int]":
    """Yields milliseconds to wait; returns the cells whose switches the chip has closed (TRM 10.1)."""
    yield from ask(afe.link, _CB_ACTIVE_CELLS)
    inputs = number(afe.link.answered, 0, 2)
    top = len(afe.cells_mv) - 1
    return inputs & ((1 << top) - 1) | (inputs >> _TOP_INPUT & 1) << top
