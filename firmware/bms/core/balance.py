"""Passive balancing: which cells to bleed, and when it is done.

By charge where that is known (`spread`): a cell that will hold more than the emptiest one once the pack is
full is bled wherever it stands, in an LFP plateau too, until counting and a new look agree that it is down.
Where charge is not known yet, by voltage, and only near the top, where voltage tells charge. Only while
charging or resting; never two neighbours, because the bleed currents of adjacent inputs share their filter
resistors (BQ769x2, TI E2E 1505209); never more at once than the parameters and the warmth of the chip allow;
and now and then not at all, so that the cells can be measured without bleed currents in their wires.
Hysteresis keeps a cell that started until it is half way down.
"""

from micropython import const

from bms.core import snapshot as s

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from array import array

    from bms.core.spread import Spread
    from bms.ports import Values

_DISCHARGING_MA = const(500)
_DIE_LIMIT_DDEGC = const(650)
_WARM_DDEGC = const(500)  # from here on the chip's warmth takes one cell after the other
_PER_CELL_DDEGC = const(20)
_START_PERMILLE = 5.0  # more charge than the emptiest cell by this, and by twice what it is uncertain: bleed
_STOP_PERMILLE = 2.0
_HALF_PERMILLE = 500.0  # below, a cell that holds less may only be smaller: the others are not bled for it
_EVIDENCE_PERMILLE = 6.2  # a cell whose charge is less certain is judged by its voltage
_AGAIN_S = const(20)  # the set is chosen anew this often: two as good must not take turns each second
_ROUND_S = const(1800)  # of bleeding, then ...
_LOOK_S = const(60)  # ... a pause to measure


def starts_at(spread: "Spread", index: int) -> float:
    """How much more charge (permille) a cell must hold to be bled: the surer its charge is, the less."""
    sigma: float = spread.var[index] ** 0.5
    return _START_PERMILLE + 2.0 * sigma


class Balancer:
    """Holds the mask of cells being bled (bit 0: the lowest cell)."""

    def __init__(self) -> None:
        self.mask = 0
        self._min_mv = 0
        self._start_mv = 0
        self._most = 0
        self._least_mv = 0
        self._clock_s = 0
        self._unfinished = 0  # cells bled by charge: a pause or a drive does not end it

    def configure(self, values: "Values") -> None:
        """Take the balancing rows from a checked set of parameters."""
        self._min_mv = values["balance_min_mv"]
        self._start_mv = values["balance_start_mv"]
        self._most = values["balance_max_cells"]
        self._least_mv = values["cell_uv_clear_mv"]

    def forbid(self) -> None:
        """There is nothing that could bleed a cell."""
        self._most = 0

    def step(
        self, snap: s.Snapshot, allowed: bool, spread: "Spread | None" = None, charge: float = 1000.0
    ) -> int:
        """Choose anew, once a second; returns the mask. `allowed`: no fault forbids it."""
        warm = snap.values[s.DIE_DDEGC]
        ready = allowed and snap.valid and snap.fresh and warm < _DIE_LIMIT_DDEGC
        if not ready or snap.current_ma < -_DISCHARGING_MA:
            self.mask = 0
            self._clock_s = 0
            return 0
        if self.mask or self._clock_s >= _ROUND_S:
            self._clock_s += 1
        if _ROUND_S <= self._clock_s < _ROUND_S + _LOOK_S:
            self.mask = 0
            return 0
        if self._clock_s >= _ROUND_S + _LOOK_S:
            self._clock_s = 0
        most = min(self._most, 1 + max(0, _DIE_LIMIT_DDEGC - max(_WARM_DDEGC, warm)) // _PER_CELL_DDEGC)
        if spread is not None and spread.certain(_EVIDENCE_PERMILLE):
            if not self.mask or self._clock_s % _AGAIN_S == 0 or self._count(self.mask) > most:
                self.mask = self._unfinished = self._by_charge(snap.cells_mv, spread, most, charge)
            return self.mask
        mask = picked = 0
        while picked < most:
            best = self._highest(snap.cells_mv, mask, snap.values[s.CELL_MIN_MV])
            if best < 0:
                break
            mask |= 1 << best
            picked += 1
        self.mask = mask
        return mask

    def _by_charge(self, cells: "array[int]", spread: "Spread", most: int, charge: float) -> int:
        """The cells without neighbours that have the most charge to lose together: the best set of a chain.

        For each cell the best set that may hold it follows from those up to one and up to two cells before.
        """
        emptiest = 0.0
        if charge > _HALF_PERMILLE:
            for index in range(len(cells)):
                emptiest = min(emptiest, spread.at_full(index, charge))
        mask = mask_before = 0
        total = total_before = 0.0
        for index in range(len(cells)):
            excess = self._excess(index, cells[index], spread, spread.at_full(index, charge) - emptiest)
            taken = total_before + excess
            if excess > 0.0 and taken > total:
                mask, mask_before = mask_before | 1 << index, mask
                total, total_before = taken, total
            else:
                mask_before = mask
                total_before = total
        while self._count(mask) > most:
            mask &= ~(1 << self._least(mask, spread))
        return mask

    def _excess(self, index: int, cell_mv: int, spread: "Spread", excess: float) -> float:
        """Charge that a cell is to lose, or 0: it must be more than its evidence may be wrong by."""
        enough = _STOP_PERMILLE if self._unfinished & 1 << index else starts_at(spread, index)
        return excess if excess > enough and cell_mv >= self._least_mv else 0.0

    def _least(self, mask: int, spread: "Spread") -> int:
        least = -1
        for index in range(len(spread.off)):
            if mask & (1 << index) and (least < 0 or spread.off[index] < spread.off[least]):
                least = index
        return least

    def _count(self, mask: int) -> int:
        count = 0
        while mask:
            mask &= mask - 1
            count += 1
        return count

    def _highest(self, cells: "array[int]", mask: int, lowest: int) -> int:
        """The highest cell that deserves bleeding and has no neighbour in `mask`, or -1."""
        best = -1
        best_mv = self._min_mv - 1
        index = 0
        for cell in cells:
            threshold = self._start_mv // 2 if self.mask & (1 << index) else self._start_mv
            near = mask & (7 << index) >> 1
            if cell > best_mv and cell - lowest > threshold and not near:
                best = index
                best_mv = cell
            index += 1
        return best
