"""What looks like a bad BMS, told apart from what is one: evidence -> cause, best first.

A row says which figure speaks for a cause, and from what on. Rows stand in the order in which a good mechanic
looks: charger, cold, heat, supply, use and wires before anything that has to be replaced. A cause with three
times the evidence that it needs comes before those that only just have it.
"""

from array import array

from micropython import const

from bms.core import evidence as e

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Row

# Figures that do not come from `evidence` but from the estimators and the fault table, behind its own.
WEAK_CELL_PERMILLE = const(14)  # resistance of the worst cell, in permille of the middle one ...
WEAK_CELL_AT = const(15)  # ... and which, 1..n
SPREAD_PERMILLE = const(16)  # charge of the fullest cell over that of the emptiest
LOSS_PERMILLE = const(17)  # of the capacity that it had
PERMANENT = const(18)  # permanent faults that stand
COUNT = const(19)
NOWHERE = const(-1)

# cause (see texts/diagnosis.txt), figure, enough, unit, where.
ROWS: "tuple[Row, ...]" = (
    ("charger", e.CHARGES_ENDED, 3, "times", NOWHERE),
    ("refused", e.CHARGES_REFUSED, 3, "times", NOWHERE),
    ("cold", e.COLD_S, 300, "s", NOWHERE),
    ("hot", e.HOT_S, 300, "s", NOWHERE),
    ("supply", e.AUX_SHORT_MV, 1, "mV", NOWHERE),
    ("use", e.HARD_S, 600, "s", NOWHERE),
    ("joint", e.JOINTS, 1, "times", e.JOINT_CELL),
    ("sensor", e.SENSORS, 1, "times", NOWHERE),
    ("bus", e.BUS, 3, "times", NOWHERE),
    ("drift", e.CORRECTED, 100, "permille", NOWHERE),
    ("spread", SPREAD_PERMILLE, 50, "permille", NOWHERE),
    ("weak", WEAK_CELL_PERMILLE, 1500, "permille", WEAK_CELL_AT),
    ("aged", LOSS_PERMILLE, 100, "permille", NOWHERE),
    ("cell", e.CELLS, 1, "times", e.CELL_AT),
    ("permanent", PERMANENT, 1, "", NOWHERE),
    ("own", e.OWN, 2, "times", NOWHERE),
)
CAUSE, FIGURE, ENOUGH, UNIT, WHERE = range(5)
_STRONG = const(3)


def gather(counted: "array[int]") -> "array[int]":
    """Room for all figures, with those of `evidence` in it."""
    figures = array("i", [0] * COUNT)
    for index in range(e.COUNT):
        figures[index] = counted[index]
    return figures


def causes(figures: "array[int]") -> list[int]:
    """Rows for which there is enough evidence, best first; none: nothing wrong was found."""
    strong = []
    plain = []
    for index in range(len(ROWS)):
        row = ROWS[index]
        value = figures[row[FIGURE]]
        if value >= row[ENOUGH] * _STRONG and row[ENOUGH] > 1:
            strong.append(index)
        elif value >= row[ENOUGH]:
            plain.append(index)
    return strong + plain
