"""Finds the next row of the fault table that is not calm: nearly all are, nearly always.

This is what a cycle does most often. `calm_fast` does the same as machine code, where a controller can load
it.
"""

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable

# What `look` begins with; a byte a row follows: its source, doubled, and 1 more if low is bad.
START = const(0)
FIRST_UNMEASURED = const(1)  # sources from here on count without valid readings; 0 when readings are valid
COUNT = const(2)
ROWS_AT = const(3)


def plain(values: "array[int]", trips: "array[int]", states: bytearray, look: bytearray) -> int:
    """The first row from look[START] on that is past its trip level or already not OK, or the count."""
    i = look[START]
    count = look[COUNT]
    lowest = look[FIRST_UNMEASURED] * 2
    while i < count:
        if states[i]:
            return i
        source = look[ROWS_AT + i]
        if source >= lowest:
            value = values[source >> 1]
            if source & 1:
                value = -value
            if value >= trips[i]:
                return i
        i += 1
    return count


first: "Callable[[array[int], array[int], bytearray, bytearray], int]" = plain
try:
    from bms.core import calm_fast

    first = calm_fast.first  # pyright: ignore[reportAssignmentType]
except (AttributeError, ImportError, NameError, SyntaxError, ValueError):  # no machine code here
    pass
