"""One pass over the cells: which is highest and lowest, and what none can have done since it was seen.

What every cycle does for every cell, and nothing else: `snapshot` and `plausible` say what it means.
`cells_fast` does the same as machine code, where a controller can load it.
"""

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from array import array

# What `extremes` fills, after the number of cells.
COUNT = const(0)
SUM = const(1)
HIGH = const(2)
HIGH_AT = const(3)
LOW = const(4)
LOW_AT = const(5)
EXTREMES = const(6)

# What `compare` is told, after the number of cells ...
MIDDLE = const(1)  # of the cells
STACK_OFF = const(2)  # stack reading less the sum of the cells
ELAPSED_MS = const(3)
SWING = const(4)  # by how much the middle has moved
STILL = const(5)  # no cell follows a swing by so little; -1: nothing has happened that it would follow
CEILING = const(6)  # as far from the middle as the AFE can read
STILL_MS = const(7)  # so long, to the bit, is no reading
# ... and what it finds.
STUCK = const(8)  # a cell that did not follow, ...
STRUCK = const(9)  # ... and whether it was found just now
JUMP = const(10)
JUMP_AT = const(11)
TAP = const(12)
TAP_AT = const(13)
FROZEN = const(14)
FROZEN_AT = const(15)
LOOK = const(16)

# What is kept of each cell in `held`: four runs of as many numbers as there are cells.
HELD_RUNS = const(4)  # a reading, the middle and STACK_OFF when it was first seen, and since how many ms


def extremes(cells: "array[int]", found: "array[int]") -> None:
    """Sum, highest and lowest of the cells, and where."""
    low = high = cells[0]
    low_at = high_at = total = 0
    for i in range(found[COUNT]):
        cell = cells[i]
        total += cell
        if cell > high:
            high = cell
            high_at = i
        elif cell < low:
            low = cell
            low_at = i
    found[SUM] = total
    found[HIGH] = high
    found[HIGH_AT] = high_at
    found[LOW] = low
    found[LOW_AT] = low_at


def compare(cells: "array[int]", older: "array[int]", held: "array[int]", look: "array[int]") -> None:
    """Jumps, pairs that a loose tap pulls apart, readings that stand still.

    `older`: how far from the middle each was.
    """
    count = look[COUNT]
    middle = look[MIDDLE]
    jump = tap = frozen = before = 0
    for i in range(count):
        cell = cells[i]
        away = cell - middle
        step = away - older[i]
        if abs(step + look[SWING]) <= look[STILL] and look[STUCK] != i:
            look[STUCK] = i  # the others moved at once, and this one did not
            look[STRUCK] = 1
        step = abs(step)
        if step > jump:
            jump = step
            look[JUMP_AT] = i
        if away > 0 > before or away < 0 < before:
            pulled = min(abs(away), abs(before))
            # Both by as much, as far as the AFE can read: a dead cell falls alone.
            alike = abs(away + before) * 2 <= pulled or max(away, before) >= look[CEILING]
            if pulled > tap and alike:
                tap = pulled
                look[TAP_AT] = i
        before = away
        if cell != held[i]:
            held[i] = cell
            held[count + i] = middle
            held[2 * count + i] = look[STACK_OFF]
            held[3 * count + i] = 0
        elif held[3 * count + i] < look[STILL_MS]:
            held[3 * count + i] += look[ELAPSED_MS]
        else:  # not one bit for so long, while the others moved on, and the stack as if this one had too
            gap = middle - held[count + i]
            drift = look[STACK_OFF] - held[2 * count + i]
            if abs(gap) > frozen and abs(drift) * 2 >= abs(gap) and (gap < 0) == (drift < 0):
                frozen = abs(gap)
                look[FROZEN_AT] = i
    look[JUMP] = jump
    look[TAP] = tap
    look[FROZEN] = frozen
