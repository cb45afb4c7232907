"""How much more or less charge each cell holds than the mean of all, and how sure that is.

What limits a pack is its emptiest cell on the way down and its fullest on the way up, and what balancing
must remove is charge, not millivolts. A voltage tells charge only where the curve is steep: there a cell's
distance from the others is read, weighed by what a few millivolts would mean at this place of the curve,
and kept; in an LFP plateau it is only kept, growing slowly older. What is bled from a cell is taken off by
counting.
"""

from array import array

from micropython import const

from bms.core import chemistry
from bms.core import snapshot as s

UNKNOWN = 60.0  # permille: cells of a pack that nobody has looked at
_CURVE_MV = const(2)  # cells of one kind differ by this at the same charge, and by resistance and warmth
_NONE = 9999.0
_GENTLE_PER_AH = 0.1  # C: above, differences of resistance look like differences of charge
_TOGETHER = 40.0  # readings in a row that share their error
_FLOOR = 1.0  # variance, permille^2
_AGING = 4e-6  # variance a second: cells leak differently, half a percent in two months
_BLEED_OHM = const(33)  # of the balancing loop, and its duty (`balance`)
_BLEED_SHARE = 0.83


class Spread:
    """`off[k]`: charge of cell k against the mean in permille; `var[k]`: variance of that."""

    def __init__(self, cells: int) -> None:
        self.off = array("f", [0.0] * cells)
        self.var = array("f", [UNKNOWN * UNKNOWN] * cells)
        self.low = 0.0  # of the emptiest cell against the mean, as far as it is certain
        self.high = 0.0
        self.low_at = 0
        self.bled_mah = array("f", [0.0] * cells)  # so far
        self._kind = 0
        self._gentle_ma = 0.0
        self._per_ma_s = 0.0
        self._bled_s = 0
        self._at = 0
        self._mean = _NONE  # of what all cells were read to be apart, one round ago: the curve is bent
        self._sum = 0
        self._read_cells = 0

    def configure(self, kind: int, capacity_mah: int) -> None:
        """Choose the chemistry and the size."""
        self._kind = kind
        self._gentle_ma = capacity_mah * _GENTLE_PER_AH
        self._per_ma_s = 1000.0 / (capacity_mah * 3600.0)

    def second(self, snap: s.Snapshot, over_mv: float, bleeding: int) -> None:
        """One cell a second, in turn; `over_mv`: what the current adds to a cell's voltage."""
        cells = len(self.off)
        at = self._at
        self.var[at] += _AGING * cells
        if bleeding & 1 << at:
            bled_ma = snap.cells_mv[at] * _BLEED_SHARE / _BLEED_OHM
            self.off[at] -= bled_ma * self._per_ma_s * cells
            self.bled_mah[at] += bled_ma * cells / 3600.0
        elif not bleeding and abs(snap.current_ma) < self._gentle_ma:
            self._read(at, snap, over_mv)
        self._at = at + 1
        if self._at == cells:
            self._at = 0
            self._gather(cells)

    def usable(self, mean: float) -> float:
        """Charge of the pack (permille): what the emptiest cell holds, over that and the fullest's room."""
        low = max(0.0, mean + self.low)
        room = max(0.0, 1000.0 - mean - self.high)
        return 1000.0 * low / max(1.0, low + room)

    def certain(self, permille: float) -> bool:
        """Whether every cell's distance is good to `permille` (one standard deviation)."""
        return max(self.var) < permille * permille

    def _read(self, at: int, snap: s.Snapshot, over_mv: float) -> None:
        kind = self._kind
        cell_mv = int(snap.cells_mv[at] - over_mv)
        mean_mv = int(snap.sum_mv / len(self.off) - over_mv)
        # Both of the same moment: what the current adds is the same for both, and so is its error.
        charge = chemistry.soc_from_ocv(kind, cell_mv) - chemistry.soc_from_ocv(kind, mean_mv)
        self._sum += charge
        self._read_cells += 1
        if self._mean == _NONE:
            return
        seen = charge - self._mean
        unsure_mv = _CURVE_MV + int(abs(over_mv) * 0.1)
        cell_reach = chemistry.soc_from_ocv(kind, cell_mv + unsure_mv) - chemistry.soc_from_ocv(
            kind, cell_mv - unsure_mv
        )
        mean_reach = chemistry.soc_from_ocv(kind, mean_mv + unsure_mv) - chemistry.soc_from_ocv(
            kind, mean_mv - unsure_mv
        )
        reach = max(cell_reach, mean_reach) * 0.5 + 0.5
        noise = _TOGETHER * reach * reach
        surprise = seen - self.off[at]
        if surprise * surprise > 9.0 * (self.var[at] + noise):
            self.var[at] += surprise * surprise
        gain = self.var[at] / (self.var[at] + noise)
        self.off[at] += gain * surprise
        # Many readings of the same voltage do not make it say more than it can.
        self.var[at] = max(_FLOOR, min(self.var[at], max(self.var[at] * (1.0 - gain), reach * reach * 0.3)))

    def _gather(self, cells: int) -> None:
        """After each round: the mean stays zero, and what is certain of the extremes is worked out."""
        self._mean = self._sum / cells if self._read_cells == cells else _NONE
        self._sum = self._read_cells = 0
        mean = sum(self.off) / cells
        low = high = 0.0
        for k in range(cells):
            self.off[k] -= mean
            sure = abs(self.off[k]) - 2.0 * self.var[k] ** 0.5
            if sure > 0.0:
                if self.off[k] < low:
                    low = self.off[k]
                    self.low_at = k
                elif self.off[k] > high:
                    high = self.off[k]
        self.low = low
        self.high = high
