"""Compares one window of a BQ76952's data memory with what it must hold, row by row.

Every other cycle does this for up to 32 bytes. `bq76952_window_fast` does the same as machine code, where a
controller can load it.
"""

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from array import array

SIZE = const(32)  # bytes of data memory that one question brings

# What to do with registers that are kept.
SKIP = const(0)
LEARN = const(1)
COMPARE = const(2)

# `place`: where the window begins, as a row and as the place of its first byte in the image; ...
ROW = const(0)
AT = const(1)
ROWS = const(2)  # ... how many rows there are; what to do with those that are kept; ...
KEPT = const(3)
OTHER_ROW = const(4)  # ... and the row that differs.
OTHER_AT = const(5)
PLACE = const(6)


def compare(
    data: "bytearray | memoryview",
    image: bytearray,
    addresses: "array[int]",
    sizes: "array[int]",
    place: "array[int]",
) -> int:
    """Go through the rows that lie wholly in `data`: -1 if they hold what they must, and `place` moves on.

    Else which byte of place[OTHER_ROW] differs. `sizes` are negative where the chip keeps its own.
    """
    row = place[ROW]
    at = place[AT]
    start = addresses[row]
    while row < place[ROWS]:
        size = abs(sizes[row])
        offset = addresses[row] - start
        if offset + size > SIZE:
            break
        kept = sizes[row] < 0
        for index in range(size):
            if kept and place[KEPT] == LEARN:
                image[at + index] = data[offset + index]
            elif data[offset + index] != image[at + index] and not (kept and place[KEPT] == SKIP):
                place[OTHER_ROW] = row
                place[OTHER_AT] = at
                return index
        at += size
        row += 1
    place[ROW] = row
    place[AT] = at
    return -1
