"""How much more or less charge each cell holds than the others, how much smaller it is, and how sure that is.

What limits a pack is its emptiest cell on the way down and its fullest on the way up, and what balancing
must remove is charge, not millivolts. A voltage tells charge only where the curve is steep: there a cell's
distance from the others is read, weighed by what a few millivolts would mean at this place of the curve,
and kept; in an LFP plateau it is only kept, growing slowly older. What is bled from a cell is taken off by
counting, and what the middle of the pack loses by it is told, for no shunt sees it.

A smaller cell falls behind as the pack empties, and catches up again. So each cell is a Kalman filter over
two figures, the distance and how it grows with the charge of the pack (`steeper`: 0.1 is a cell of 1 / 1.1
of the usual size). Seen near full and near empty, both are known, and what the smallest cell has left
follows in between, where no voltage shows it.
"""

from array import array

from micropython import const

from bms.core import chemistry
from bms.core import snapshot as s
from bms.core.ends import UNKNOWN, Ends

_CURVE_MV = const(2)  # cells of one kind differ by this at the same charge, and by resistance and warmth
_NONE = 9999.0
_GENTLE_PER_AH = 0.1  # C: above, differences of resistance look like differences of charge
_TOGETHER = 6.0  # readings in a row that share their error
_STEEP = 12.0  # of a chemistry with a plateau: its knees alone tell charge
_KNEE = const(150)  # permille: where its knees end
_TOP = const(990)
_FLAT = 25.0  # permille that a few millivolts mean: flatter, and nothing is learned
_SHARED_MV = const(4)  # by which all cells lie beside the curve, and by half of what the current adds,
_LAGGING_MV = const(25)  # and by so much a charge may have left an LFP cell above its curve
_EDGE = 2.0  # permille: of a bound, which has been drawn wide already
_FLOOR = 1.0  # variance, permille^2
_AGING = 4e-6  # variance a second: cells leak differently, half a percent in two months
_BEST = 0.2  # of what one reading may be wrong by, squared: all of them together are not surer
_LARGEST = 0.7  # of `steeper`, either way, ...
_LARGEST_VAR = 0.02  # ... and of its variance
_BLEED_OHM = const(33)  # of the balancing loop, and its duty (`balance`)
_BLEED_SHARE = 0.83


def middle(total: float, high: float, low: float, cells: int) -> float:
    """The mean without the highest and the lowest: one odd cell does not move it."""
    return (total - high - low) / (cells - 2) if cells > 2 else total / cells


def middle_mv(snap: s.Snapshot) -> float:
    """The same of all cell voltages."""
    values = snap.values
    return middle(snap.sum_mv, values[s.CELL_MAX_MV], values[s.CELL_MIN_MV], len(snap.cells_mv))


class Spread(Ends):
    """Learns the distances, a cell a second."""

    def __init__(self, cells: int) -> None:
        super().__init__(cells)
        self.bled_mah = array("f", [0.0] * cells)  # so far
        self._kind = 0
        self._flat = False
        self._gentle_ma = 0.0
        self._per_ma_s = 0.0
        self._at = 0
        self._moved = self._moving = 0.0  # permille, in the last round and in this one
        self._mean = _NONE  # of what all cells were read to be apart, one round ago: the curve is bent
        self._sum = self._most = self._least = 0
        self._top_at = 0  # the cell that holds most: it does not count for the middle
        self._read_cells = 0
        self.over_mv = 0.0  # what the current adds to a cell's voltage
        self.reading = False  # the voltage tells charge, here and now
        self.sunk_ma = 0  # by this current bleeding has discharged the usual cell in this second

    def configure(self, kind: int, capacity_mah: int) -> None:
        """Choose the chemistry and the size."""
        self._kind = kind
        self._flat = chemistry.NAMES[kind] == "lfp"
        self.doubtful = _STEEP if self._flat else 0.0
        self._gentle_ma = capacity_mah * _GENTLE_PER_AH
        self._per_ma_s = 1000.0 / (capacity_mah * 3600.0)

    def second(self, snap: s.Snapshot, over_mv: float, bleeding: int, charge: float, moved: float) -> None:
        """One cell a second, in turn, and one to compare them; `over_mv`: what the current adds to a cell.

        `charge` of the usual cell in permille, and by how much it has `moved` in this second.
        """
        cells = len(self.off)
        round_s = cells + 1
        at = self._at
        self.over_mv = over_mv
        self._moving += moved
        self.sunk_ma = 0
        if at == cells:
            self._at = 0
            self._gather(cells)
            return
        self._pass(at, round_s)
        self.reading = False
        if bleeding & 1 << at:
            bled_ma = snap.cells_mv[at] * _BLEED_SHARE / _BLEED_OHM
            self.off[at] -= bled_ma * self._per_ma_s * round_s
            self.bled_mah[at] += bled_ma * round_s / 3600.0
            if at != self._top_at:
                self.sunk_ma = int(bled_ma * round_s) // max(1, cells - 2)
        elif not bleeding and abs(snap.current_ma) < self._gentle_ma:
            self._read(at, snap, over_mv)
        self.compare(at, charge)
        self._at = at + 1

    def skip(self, moved: float) -> None:
        """A second in which there is time for no cell; by how much the charge has `moved`, in permille."""
        self._moving += moved
        self.sunk_ma = 0

    def bound(self) -> None:
        """After figures were taken from flash: none of them may be absurd."""
        for k in range(len(self.off)):
            self.off[k] = max(-500.0, min(500.0, self.off[k]))
            self.var[k] = max(_FLOOR, min(UNKNOWN * UNKNOWN, self.var[k]))
            self.steeper[k] = max(-_LARGEST, min(_LARGEST, self.steeper[k]))
            self.steeper_var[k] = max(1e-6, min(_LARGEST_VAR, self.steeper_var[k]))
            self.both[k] = 0.0

    def _pass(self, at: int, round_s: int) -> None:
        """Charge has moved through the pack: smaller cells have moved further."""
        moved = self._moved
        self.off[at] += moved * self.steeper[at]
        self.var[at] += moved * (2.0 * self.both[at] + moved * self.steeper_var[at]) + _AGING * round_s
        self.both[at] += moved * self.steeper_var[at]

    def _read(self, at: int, snap: s.Snapshot, over_mv: float) -> None:
        cell_mv = int(snap.cells_mv[at] - over_mv)
        mean_mv = int(middle_mv(snap) - over_mv)
        # Both of the same moment: what the current adds is the same for both, and so is its error.
        charge = self._apart(cell_mv, mean_mv)
        self._sum += charge
        self._most = max(self._most, charge) if self._read_cells else charge
        self._least = min(self._least, charge) if self._read_cells else charge
        self._read_cells += 1
        if self._mean == _NONE:
            return
        kind = self._kind
        alone_mv = _CURVE_MV + int(abs(over_mv) * 0.1)
        limit = _FLAT
        if self._flat:
            limit = _STEEP
            low = chemistry.soc_from_ocv(kind, min(cell_mv, mean_mv) - _LAGGING_MV)
            high = chemistry.soc_from_ocv(kind, max(cell_mv, mean_mv))
            if high > _KNEE and low < _TOP:
                self._bound(at, cell_mv, mean_mv, alone_mv + _LAGGING_MV + int(abs(over_mv) * 0.5))
                return
        shared_mv = _SHARED_MV + int(abs(over_mv) * 0.5)
        # All may stand that much higher or lower on the curve: what would the same difference mean there?
        reach = 0.5
        for shift_mv in (-shared_mv, shared_mv):
            low = chemistry.soc_from_ocv(kind, cell_mv + shift_mv - alone_mv)
            high = chemistry.soc_from_ocv(kind, cell_mv + shift_mv + alone_mv)
            there = (low + high) * 0.5 - chemistry.soc_from_ocv(kind, mean_mv + shift_mv)
            reach = max(reach, 0.5 + (high - low) * 0.5, 0.5 + abs(there - charge))
        if reach < limit:
            self.reading = True
            self._learn(at, charge - self._mean, reach, True)

    def _bound(self, at: int, cell_mv: int, mean_mv: int, wrong_mv: int) -> None:
        """One of the two is in a knee and the other is not: how far apart they are at least, and at most.

        A belief between these stays as it is, and as unsure. A small cell is found by this: the emptiest one
        when the pack is empty, it is the only one in the knee when the pack is full.
        """
        kind = self._kind
        low = chemistry.soc_from_ocv(kind, mean_mv - wrong_mv)
        high = chemistry.soc_from_ocv(kind, mean_mv + wrong_mv)
        least = chemistry.soc_from_ocv(kind, cell_mv - wrong_mv) - high
        most = chemistry.soc_from_ocv(kind, cell_mv + wrong_mv) - low
        seen = max(least, min(most, self.off[at]))
        if seen != self.off[at]:
            self._learn(at, seen, _EDGE, False)

    def _apart(self, cell_mv: int, mean_mv: int) -> int:
        """How far apart in permille two cells of these voltages are, at rest."""
        return chemistry.soc_from_ocv(self._kind, cell_mv) - chemistry.soc_from_ocv(self._kind, mean_mv)

    def _learn(self, at: int, seen: float, reach: float, exact: bool) -> None:
        """A cell has been seen so far from the others, give or take `reach`; not exact: at least so far."""
        noise = _TOGETHER * reach * reach
        surprise = seen - self.off[at]
        more = surprise * surprise / (self.var[at] + noise)
        if more > 9.0:  # whatever it was that was taken for certain, it was not
            more = min(more, _LARGEST_VAR / self.steeper_var[at])
            self.steeper_var[at] *= more
            self.both[at] *= more
            self.var[at] *= more
        var = self.var[at]
        gain = var / (var + noise)
        # Many readings of the same voltage do not make it say more than it can.
        worth = (var - max(_FLOOR, reach * reach * _BEST)) / (gain * var)
        if worth <= 0.0:
            return
        if worth < 1.0:
            gain *= worth
        both = self.both[at]
        size = self.steeper[at] + gain * both / var * surprise
        self.steeper[at] = max(-_LARGEST, min(_LARGEST, size))
        self.off[at] += gain * surprise
        if exact:
            self.steeper_var[at] -= gain * both / var * both
            self.both[at] = both * (1.0 - gain)
            self.var[at] = var * (1.0 - gain)

    def _gather(self, cells: int) -> None:
        """After each round: the middle stays zero, and the cells that limit the pack are known anew."""
        if self._read_cells == cells:
            self._mean = middle(self._sum, self._most, self._least, cells)
        else:
            self._mean = _NONE
        self._sum = self._read_cells = 0
        self._moved = self._moving
        self._moving = 0.0
        mean = middle(sum(self.off), max(self.off), min(self.off), cells)
        top = 0
        for k in range(cells):
            self.off[k] -= mean
            if self.off[k] > self.off[top]:
                top = k
        self._top_at = top
        self.compared()
