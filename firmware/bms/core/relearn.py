"""The learning cycle that a person guides: full, rest, empty, rest, full. At its end, capacity is measured.

Counted charge is only as good as the two points between which it was counted, so both are taken where the
voltage leaves no doubt, and rested, so that each cell's own charge can be read off. Nothing is lost when it
is broken off: the pack keeps what it knew. What is half done is written down and goes on after a power cut.

A pack that is used from full to empty and charged again has done by itself what the procedure asks for, but
for the rests. Such a cycle is taken as evidence, too: it puts off the next one that is due.
"""

from array import array

from micropython import const

from bms.core import chemistry
from bms.core import snapshot as s

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Values

# Steps, in their order; the names are keys of texts/relearn.txt.
IDLE = const(0)
FILL = const(1)
REST_FULL = const(2)
DRAIN = const(3)
REST_EMPTY = const(4)
REFILL = const(5)
DONE = const(6)
STEPS = ("idle", "fill", "rest full", "drain", "rest empty", "refill", "done")

REST_S = const(1800)
DUE_S = const(7776000)  # 90 days of operation from one full cycle to the next
_EMPTY_S = const(10)  # the lowest cell has been at its warning level for so long
_ON_THE_WAY_PERMILLE = const(50)  # of the capacity moved: whoever was to rest has driven off
_MAH_PER_C_NUM = const(5)  # 1 mAh is 18/5 C
_MAH_PER_C_DEN = const(18)
_SURE = const(1000)
_LEFT_PERMILLE = const(40)  # what a pack still holds at its lower limit, and how far that may be off, ...
_RESTED_SIGMA = const(10)  # ... and that, if it has rested there: then its voltage tells
_BEST_SIGMA = 0.015  # of a capacity measured both ways: the gain of the current sensor


class Relearn:
    """The procedure; `charge_c` in `second` is a running count of net coulombs, whatever its origin."""

    def __init__(self, cells: int) -> None:
        self.step = IDLE
        self.drawn_c = 0  # from full to empty
        self.filled_c = 0  # from empty to full
        self.rested_s = 0
        self.rests = 0  # bit 1: rested full, bit 2: rested empty
        self.before_mah = 0
        self.after_mah = 0
        self.full_mv = array("i", [0] * cells)  # each cell, rested
        self.empty_mv = array("i", [0] * cells)
        self.changed = False  # something that has to be written down
        self.before = [0, 0]  # resistance in uohm, and spread of the charge in permille, before it began
        self.left = [_LEFT_PERMILLE, _LEFT_PERMILLE]  # charge in permille, and its sigma, of the empty pack
        self.cycled_s = 0  # when a whole cycle was last completed, guided or natural
        self.natural_mah = 0  # what the last natural one moved
        self._natural = [0, 0, 0]  # seen: 1 full, 2 empty after it; then drawn and filled coulombs
        self._last_c = 0
        self._empty_s = 0
        self._known = False
        self._kind = 0
        self._capacity_mah = 0
        self._empty_mv = 0
        self._rest_ma = s.IDLE_MA

    @property
    def active(self) -> bool:
        """Between its beginning and its end."""
        return FILL <= self.step <= REFILL

    def configure(self, values: "Values") -> None:
        """Take what is empty and what is at rest from a checked set of parameters."""
        self._kind = chemistry.index(values["chemistry"])
        self._capacity_mah = values["capacity_mah"]
        self._empty_mv = values["cell_uv_warn_mv"]
        self._rest_ma = min(s.IDLE_MA, max(20, values["capacity_mah"] // 100))

    def begin(self, capacity_mah: int, uohm: int = 0, spread_permille: int = 0) -> None:
        """From the beginning; capacity, resistance and spread as believed until now."""
        self.before_mah = capacity_mah
        self.before = [uohm, spread_permille]
        self.left = [_LEFT_PERMILLE, _LEFT_PERMILLE]
        self.after_mah = self.rests = 0
        self._go(FILL)

    def abort(self) -> None:
        """Nothing has changed."""
        self._go(IDLE)

    def due_s(self, now_s: int) -> int:
        """Operating seconds until a full cycle is due; below 0: it has been for so long."""
        return self.cycled_s + DUE_S - now_s

    def second(self, snap: s.Snapshot, full: bool, charge_c: int, now_s: int = 0) -> None:
        """Once a second on a valid snapshot; `full`: the pack counts as full now. Allocates nothing."""
        moved_c = charge_c - self._last_c if self._known else 0
        if abs(moved_c) > self._capacity_mah // _MAH_PER_C_NUM * _MAH_PER_C_DEN:
            moved_c = 0  # the count itself was lost meanwhile
        self._last_c = charge_c
        self._known = True
        low = snap.values[s.CELL_MIN_MV] <= self._empty_mv
        self._empty_s = self._empty_s + 1 if low else 0
        self._watch_use(full, moved_c, now_s)
        if not self.active:
            return
        self.rested_s = self.rested_s + 1 if abs(snap.current_ma) < self._rest_ma else 0
        if self.step in (FILL, REST_FULL, DRAIN):
            self._towards_empty(snap, full, moved_c)
        else:
            self._towards_full(snap, full, moved_c)

    def _watch_use(self, full: bool, moved_c: int, now_s: int) -> None:
        """A whole cycle that nobody asked for."""
        seen = self._natural
        if seen[0] == 1:
            seen[1] -= moved_c
            if self._empty_s >= _EMPTY_S:
                seen[0], seen[2] = 2, 0
                self.changed = True
        elif seen[0] == 2:
            seen[2] += moved_c
        if full:
            if seen[0] == 2 and self._on_the_way(seen[2]):
                self.natural_mah = (seen[1] + seen[2]) // 2 * _MAH_PER_C_NUM // _MAH_PER_C_DEN
                self.cycled_s = now_s
            self.changed = self.changed or seen[0] != 1
            seen[0], seen[1] = 1, 0

    def _towards_empty(self, snap: s.Snapshot, full: bool, moved_c: int) -> None:
        if full:  # whatever was counted before begins here again
            self.drawn_c = 0
            if self.step != REST_FULL:
                self.rests = 0
                self._go(REST_FULL)
            return
        if self.step == FILL:
            return
        self.drawn_c -= moved_c
        if self.step == REST_FULL:
            if self.rested_s >= REST_S:
                self._note(self.full_mv, snap, 1)
                self._go(DRAIN)
            elif self._on_the_way(self.drawn_c):
                self._go(DRAIN)
        if self._empty_s >= _EMPTY_S:
            self.filled_c = 0
            self._go(REST_EMPTY)

    def _towards_full(self, snap: s.Snapshot, full: bool, moved_c: int) -> None:
        self.filled_c += moved_c
        if self.step == REST_EMPTY:
            if self.rested_s >= REST_S:
                self._note(self.empty_mv, snap, 2)
                mean_mv = snap.sum_mv // len(snap.cells_mv)
                self.left = [chemistry.soc_from_ocv(self._kind, mean_mv), _RESTED_SIGMA]
                self._go(REFILL)
            elif self._on_the_way(self.filled_c):
                self._go(REFILL)
        if full and self._on_the_way(self.filled_c):
            self.after_mah = (self.drawn_c + self.filled_c) // 2 * _MAH_PER_C_NUM // _MAH_PER_C_DEN
            self._go(DONE)

    def _on_the_way(self, moved_c: int) -> bool:
        return moved_c >= self._capacity_mah * _ON_THE_WAY_PERMILLE // 1000 * _MAH_PER_C_DEN // _MAH_PER_C_NUM

    def _note(self, cells_mv: "array[int]", snap: s.Snapshot, rest: int) -> None:
        self.rests |= rest
        for index in range(len(cells_mv)):
            cells_mv[index] = snap.cells_mv[index]

    def _go(self, step: int) -> None:
        self.step = step
        self.rested_s = self._empty_s = 0
        self.changed = True

    def confidence_permille(self) -> int:
        """How far the two ways agree, less a fifth for each rest that was left out; 0 before the end."""
        if self.step != DONE or self.after_mah <= 0:
            return 0
        apart = abs(self.drawn_c - self.filled_c) * 100 // max(1, (self.drawn_c + self.filled_c) // 200)
        missing = 200 * ((0 if self.rests & 1 else 1) + (0 if self.rests & 2 else 1))
        return max(0, _SURE - apart // 2 - missing)

    def taught(self) -> "tuple[float, float]":
        """(mAh, relative sigma) of the whole capacity: what was moved, and what was left when empty."""
        share = max(0.5, 1.0 - self.left[0] * 0.001)
        doubt = (_SURE - self.confidence_permille()) * 0.00005 + self.left[1] * 0.001
        return self.after_mah / share, _BEST_SIGMA + doubt

    def left_s(self, soc_permille: int, current_ma: int) -> int:
        """Seconds to the end of this step at the present pace; -1 if that cannot be said."""
        if self.step in (REST_FULL, REST_EMPTY):
            return REST_S - self.rested_s
        towards = -current_ma if self.step == DRAIN else current_ma
        share = soc_permille if self.step == DRAIN else 1000 - soc_permille
        if not self.active or towards < s.IDLE_MA:
            return -1
        return self._capacity_mah * share // 1000 * 36 // (towards // 100)

    def to_keep(self) -> "dict[str, object]":
        """Plain data for the state record."""
        kept: "dict[str, object]" = {
            "use": [self.cycled_s, self.natural_mah, self._last_c] + self._natural,
        }
        if self.step != IDLE:
            kept["step"] = self.step
            kept["c"] = [self.drawn_c, self.filled_c, self.rests, self.before_mah, self.after_mah]
            kept["before"] = self.before + self.left
            kept["mv"] = [list(self.full_mv), list(self.empty_mv)]
        return kept

    def take_up(self, kept: object) -> None:
        """Go on with what `to_keep` wrote; a rest begins anew, and rubbish is no procedure."""
        if not isinstance(kept, dict):
            return
        use = kept.get("use")
        if _ints(use, 6):
            # What flowed between that write and a power cut is in the pack's lifetime count.
            self.cycled_s, self.natural_mah, self._last_c = use[0], use[1], use[2]  # type: ignore[index]
            self._natural = [max(0, min(2, use[3])), use[4], use[5]]  # type: ignore[index]
            self._known = True
        step, counts, cells = kept.get("step"), kept.get("c"), kept.get("mv")
        if not isinstance(step, int) or not IDLE < step <= DONE or not _ints(counts, 5):
            return
        if (
            not isinstance(cells, list)
            or len(cells) != 2
            or not all(_ints(each, len(self.full_mv)) for each in cells)
        ):
            return
        self.step = step
        self.drawn_c, self.filled_c, self.rests, self.before_mah, self.after_mah = counts  # type: ignore[misc]
        before = kept.get("before")
        if _ints(before, 4):
            self.before, self.left = before[:2], before[2:]  # type: ignore[index]
        for index in range(len(self.full_mv)):
            self.full_mv[index] = cells[0][index]
            self.empty_mv[index] = cells[1][index]


def _ints(value: object, count: int) -> bool:
    return isinstance(value, list) and len(value) == count and all(isinstance(each, int) for each in value)
