"""What a BQ769x0 holds for its balancing switches: needed when a pack is commissioned, and not before."""

from micropython import const

from bms.drivers.bq769x0_gates import GROUP, inputs_of
from bms.drivers.transport import Block

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Generator

    from bms.drivers.bq769x0 import Bq769x0

_CELLBAL1 = const(0x01)


def bled(afe: "Bq769x0", groups: int) -> "Generator[int, None, int]":
    """Yields nothing: there is no wait; returns the cells whose switches are told to close (8.5.2)."""
    block = Block(_CELLBAL1, groups)
    afe.link.read(block)
    cells = index = 0
    for place in inputs_of(groups, len(afe.cells_mv)):
        cells |= (block.data[place // GROUP] >> place % GROUP & 1) << index
        index += 1
    yield from ()
    return cells
