"""Puts back what was kept of codes and lifetime: needed once, at the start, and let go then.

Whatever the counters would not have written themselves is passed over: no content of a record makes this
raise.
"""

from micropython import const

from bms.core import dtc
from bms.core import faults as f
from bms.core import lifetime as li
from bms.core import snapshot as s

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from array import array

    from bms.ports import Fields

_FIGURES = const(6)  # of a code
_LATEST = const(1 << 30)


def codes(into: "dtc.Codes", kept: "Fields") -> None:
    """Trouble codes, by mnemonic: rows may have moved since."""
    entries = kept.get("codes")
    if not isinstance(entries, dict):
        return
    cycle = kept.get("cycle")
    into.cycle = cycle if isinstance(cycle, int) and 0 <= cycle < _LATEST else 0
    untested = kept.get("untested")
    for i in range(len(into.status)):
        name = f.ROWS[i][f.MNEMONIC]
        if isinstance(untested, list) and name not in untested:
            into.status[i] &= ~dtc.UNTESTED
        entry = entries.get(name, 0)
        if _is_list(entry, 0) and len(entry) == _FIGURES:
            into.status[i] = entry[0] & 255
            into.count[i] = min(dtc.MOST, entry[1])
            into.ever[i] = min(dtc.MOST, entry[2])
            into.first_s[i] = entry[3]
            into.last_s[i] = entry[4]
            into.clean[i] = min(255, entry[5])


def life(into: "li.Lifetime", kept: "Fields") -> None:
    """All that counts up."""
    _fill(into.ah, kept.get("ah"), 0)
    _fill(into.temps_s, kept.get("temps_s"), 0)
    _fill(into.charges_s, kept.get("charges_s"), 0)
    _fill(into.counts, kept.get("counts"), 0)
    _fill(into.bled_c, kept.get("bled_c"), 0)
    into.deep = kept.get("deep") is True


def extremes(into: "li.Lifetime", kept: "Fields") -> None:
    """All that has a time."""
    cells = kept.get("cells", 0)
    if _is_list(cells, 0) and len(cells) <= li.EXTREMES and max(cells or [0]) < 256:
        _fill(into.extremes, kept.get("values"), -s.ABSENT)
        _fill(into.extremes_s, kept.get("times_s"), 0)
        for i in range(len(cells)):
            into.extremes_at[i] = cells[i]


def _is_list(kept: object, least: int) -> bool:
    return isinstance(kept, list) and all(isinstance(each, int) and least <= each < _LATEST for each in kept)


def _fill(mine: "array[int]", kept: "list[int] | None", least: int) -> None:
    """Take a list of numbers over; one that cannot be one of ours changes nothing."""
    if kept is not None and _is_list(kept, least):
        for i in range(min(len(mine), len(kept))):
            mine[i] = kept[i]
