"""Passive balancing: which cells to bleed, and when it is done.

By charge where that is known (`spread`): a cell that will hold more than the emptiest one once the pack is
full is bled wherever it stands, in an LFP plateau too, until counting and a new look agree that it is down.
Where charge is not known yet, by voltage, and only near the top, where voltage tells charge: by the mean of a
round, so that no noise sets it off, and beyond what a current makes of resistances that differ. Only while
charging or resting; never two neighbours, because the bleed currents of adjacent inputs share their filter
resistors (BQ769x2, TI E2E 1505209); never more at once than the parameters and the warmth of the chip allow;
and now and then not at all, so that the cells can be measured without bleed currents in their wires. A cell
that started goes on until it is down, whoever's turn it is meanwhile; and what one cell began, beyond doubt,
is then done for all of them, so that a pack is either left alone or balanced to the end.
"""

from array import array

from micropython import const

from bms.core import snapshot as s

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.core.spread import Spread
    from bms.ports import Values

_DISCHARGING_MA = const(500)
_DIE_LIMIT_DDEGC = const(650)
_WARM_DDEGC = const(500)  # from here on the chip's warmth takes one cell after the other
_PER_CELL_DDEGC = const(20)
# More charge than the emptiest by this, and the first by so many standard deviations besides: bleed.
_START_PERMILLE = 5.0
_START_SIGMAS = 1.5
_STOP_PERMILLE = 2.0
_HALF_PERMILLE = 500.0  # below, a cell that holds less may only be smaller: the others are not bled for it
# Cells whose charge is less certain are judged by their voltage. Two that are as uncertain as this and 5 %
# apart still begin to be bled: that much is what balancing has to find.
_EVIDENCE_PERMILLE = 20.0
# Of what the current adds: so far the resistances of sixteen cells, 10 % apart, may part them.
_APART_SHARE = 0.4
_LOOKS = const(60)  # a round: what is looked at in so many seconds (two for each cell, and one) ...
_WEIGHED = const(61)  # ... has been weighed in the next and decides in the one after it
_ROUND_S = const(1800)  # of bleeding, then ...
_LOOK_S = const(60)  # ... a pause to measure


def starts_at(spread: "Spread", index: int, charge: float, other_var: float = 0.0) -> float:
    """How much more charge (permille) than another a cell must hold to be bled: less, the surer that is."""
    sigma: float = (spread.at_full_var(index, charge) + other_var) ** 0.5
    return _START_PERMILLE + _START_SIGMAS * sigma


class Balancer:
    """Holds the mask of cells being bled (bit 0: the lowest cell)."""

    def __init__(self) -> None:
        self.mask = 0
        self._min_mv = 0
        self._start_mv = 0
        self._most = 0
        self._least_mv = 0
        self._clock_s = 0
        self._looks = 0
        self._by_charge = False
        self._over_mv = 0.0  # most that the current has added in this round
        self._wanted = 0  # cells that started and are not down yet ...
        self._begun = 0  # ... when this round was weighed
        self._least_var = 0.0  # of what the emptiest cell holds
        self._level = array("f")  # of each cell in this round: charge in permille, or the sum of voltages

    def configure(self, values: "Values") -> None:
        """Take the balancing rows from a checked set of parameters."""
        self._min_mv = values["balance_min_mv"]
        self._start_mv = values["balance_start_mv"]
        self._most = values["balance_max_cells"]
        self._least_mv = values["cell_uv_clear_mv"]

    def forbid(self) -> None:
        """There is nothing that could bleed a cell."""
        self._most = 0

    def step(self, snap: s.Snapshot, allowed: bool, spread: "Spread", charge: float = 1000.0) -> int:
        """Once a second; returns the mask, chosen anew after each round. `allowed`: no fault forbids it."""
        warm = snap.values[s.DIE_DDEGC]
        overdue = snap.values[s.AGE_MS] > 0  # one picture a second, of an AFE that sleeps, is not
        ready = allowed and snap.valid and not overdue and warm < _DIE_LIMIT_DDEGC
        by_charge = spread.certain(_EVIDENCE_PERMILLE)
        changed = by_charge != self._by_charge or len(self._level) != len(snap.cells_mv)
        if not ready or changed or snap.current_ma < -_DISCHARGING_MA:
            self._restart(by_charge, len(snap.cells_mv))
            return 0
        most = min(self._most, 1 + max(0, _DIE_LIMIT_DDEGC - max(_WARM_DDEGC, warm)) // _PER_CELL_DDEGC)
        while _count(self.mask) > most:
            self.mask &= self.mask - 1  # whichever, until the next choice
        if self.mask or self._clock_s >= _ROUND_S:
            self._clock_s += 1
        if self._clock_s >= _ROUND_S + _LOOK_S:
            self._clock_s = self._looks = 0
            self._choose(most)
        elif self._clock_s >= _ROUND_S:
            self.mask = 0
            return 0
        if not by_charge and not self.mask and spread.reading:
            self._looks = 0  # better evidence is on its way
            return 0
        self._looks += 1
        if self._looks > _WEIGHED:
            self._choose(most)
            self._looks = 0
        elif by_charge:
            self._weigh_charge(self._looks - 1, snap.cells_mv, spread, charge)
        elif self._looks <= _LOOKS:
            self._look(snap, spread)
        else:
            self._weigh_voltage()
        return self.mask

    def _restart(self, by_charge: bool, cells: int) -> None:
        """Bleed nothing now. A drive does not end what charge has shown, only what a voltage has."""
        self.mask = self._clock_s = self._looks = 0
        if not by_charge or not self._by_charge:
            self._wanted = 0
        self._by_charge = by_charge
        if len(self._level) != cells:
            self._level = array("f", [0.0] * cells)

    def _look(self, snap: s.Snapshot, spread: "Spread") -> None:
        """The voltages of all cells: their mean is weighed."""
        level = self._level
        first = self._looks == 1
        self._over_mv = max(abs(spread.over_mv), 0.0 if first else self._over_mv)
        for k in range(len(level)):
            level[k] = snap.cells_mv[k] + (0.0 if first else level[k])

    def _weigh_charge(self, at: int, cells_mv: "array[int]", spread: "Spread", charge: float) -> None:
        """A step a second: what each cell holds, what it holds too much, and whether that is evidence."""
        level = self._level
        cells = len(level)
        if at < cells:
            level[at] = spread.at_full(at, charge)
        elif at == cells:
            self._begun = self._wanted
            self._above_emptiest(spread, charge)
        elif at <= 2 * cells:
            at -= cells + 1
            start = _START_PERMILLE if self._begun else starts_at(spread, at, charge, self._least_var)
            self._want(at, start, _STOP_PERMILLE, cells_mv[at] >= self._least_mv)

    def _above_emptiest(self, spread: "Spread", charge: float) -> None:
        """`_level` becomes what each one holds more than the emptiest, or than the usual one."""
        level = self._level
        self._least_var = 0.0
        if charge <= _HALF_PERMILLE:
            return
        emptiest = min(level)
        at = 0
        while level[at] > emptiest:
            at += 1
        self._least_var = spread.at_full_var(at, charge)
        for k in range(len(level)):
            level[k] -= emptiest

    def _weigh_voltage(self) -> None:
        """The same, in mV above the lowest."""
        level = self._level
        lowest_mv = min(level) / _LOOKS
        start_mv = self._start_mv + _APART_SHARE * self._over_mv
        for k in range(len(level)):
            level[k] = level[k] / _LOOKS - lowest_mv
            high = lowest_mv + level[k] >= self._min_mv
            self._want(k, start_mv, start_mv - 0.5 * self._start_mv, high)

    def _want(self, index: int, start: float, stop: float, may: bool) -> None:
        """A cell that started goes on down to `stop`."""
        bit = 1 << index
        if may and self._level[index] > (stop if self._wanted & bit else start):
            self._wanted |= bit
        else:
            self._wanted &= ~bit

    def _choose(self, most: int) -> None:
        """The cells without neighbours that have the most to lose together: the best set of a chain.

        For each cell the best set that may hold it follows from those up to one and up to two cells before.
        """
        level = self._level
        mask = mask_before = 0
        total = total_before = 0.0
        for k in range(len(level)):
            taken = total_before + level[k]
            if self._wanted >> k & 1 and taken > total:
                mask, mask_before = mask_before | 1 << k, mask
                total, total_before = taken, total
            else:
                mask_before = mask
                total_before = total
        while _count(mask) > most:
            least = -1
            for k in range(len(level)):
                if mask >> k & 1 and (least < 0 or level[k] < level[least]):
                    least = k
            mask &= ~(1 << least)
        self.mask = mask


def _count(mask: int) -> int:
    count = 0
    while mask:
        mask &= mask - 1
        count += 1
    return count
