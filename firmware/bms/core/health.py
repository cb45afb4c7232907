"""What the pack has become: capacity, resistance, the spread of its cells, and which cell is the weak one.

The parts do the work (`capacity`, `resistance`, `spread`); here they are fed once a second, a piece at a
time, and asked together. What is learned is handed out as plain numbers, to be kept over a power cut.
"""

from micropython import const

from bms.core import chemistry
from bms.core import snapshot as s
from bms.core.capacity import Capacity
from bms.core.resistance import Resistance
from bms.core.soc import ChargeCounter
from bms.core.spread import Spread

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Values

_REST_AGAIN_S = const(1800)
_WORST_ANCHOR = 0.035  # a rest that says less about the charge is no anchor
_WEAK_PERMILLE = 20.0  # less charge than the mean: worth naming
_IDLE_RATE = 0.005  # C: slower, and it is not worth a forecast
_WEAK_SHARE = 1.25  # more resistance than the mean: likewise


class Health:
    """Fed by the loop, asked by the console."""

    def __init__(self, soc: ChargeCounter, cells: int) -> None:
        self.soc = soc
        self.capacity = Capacity()
        self.resistance = Resistance(cells)
        self.spread = Spread(cells)
        soc.spread = self.spread
        self.changed = False  # something has been learned that is worth keeping
        self._kind = self._capacity_mah = 0
        self._new_uohm = 0.0  # ten seconds, of a new cell of this kind at 25 degC
        self._anchors = 0
        self._rested = 0

    def configure(self, values: "Values") -> None:
        """Take chemistry and size."""
        self._kind = kind = chemistry.index(values["chemistry"])
        self._capacity_mah = capacity_mah = values["capacity_mah"]
        self._new_uohm = chemistry.ten_s_mv(kind, 500.0) * 1000000.0 / capacity_mah
        self.resistance.configure(capacity_mah)
        self.spread.configure(kind, capacity_mah)

    def second(self, snap: s.Snapshot, bleeding: int) -> None:
        """Once a second, in another cycle than the charge estimate."""
        soc = self.soc
        self.capacity.moved(soc.moved_share * soc.capacity_share)
        self.resistance.second(snap, soc.over.colder)
        self.spread.second(snap, soc.over_mv, bleeding)
        if soc.anchors != self._anchors:
            self._anchors = soc.anchors
            self._anchor(1.0, 0.008)
        if not soc.rest.relaxed:
            self._rested = 0
        elif self._rested == 0 and not bleeding:
            self._rested = _REST_AGAIN_S
            self._rest(snap)
        elif self._rested:
            self._rested -= 1

    @property
    def soh_permille(self) -> "int | None":
        """Capacity against the stated one; None until it has been measured."""
        if not self.capacity.swings:
            return None
        return min(1000, int(self.capacity.share * 1000.0 + 0.5))

    @property
    def power_permille(self) -> "int | None":
        """Resistance of a new pack against that of this one; None until a step of ten seconds was seen."""
        if not self.resistance.late_steps:
            return None
        row = self.resistance.ten_s
        return min(1000, int(1000.0 * self._new_uohm * len(row) / max(1.0, sum(row))))

    def ten_s_uohm(self) -> int:
        """What ten seconds of current meet in the worst cell, at this charge and temperature."""
        soc = self.soc
        usual = soc.over.ten_s_mv * 1000000.0 * 3.6 / soc.stated_c
        row = self.resistance.ten_s
        if self.resistance.late_steps:
            usual *= max(row) / self._new_uohm
        else:
            usual *= max(0.5, 1.0 + soc.trusted.ohm)
        return int(usual)

    def weakest(self) -> "tuple[int, str]":
        """(cell from 0, why), or (-1, what is not known yet)."""
        spread = self.spread
        row = self.resistance
        if row.steps:
            worst = row.weakest()
            known = row.ten_s if row.late_steps else row.ohmic
            mean = sum(known) / len(known)
            if known[worst] > mean * _WEAK_SHARE:
                return worst, f"resistance {known[worst] * 0.001:.2f} mohm, mean {mean * 0.001:.2f} mohm"
        if spread.low < -_WEAK_PERMILLE:
            low = spread.low_at
            return low, f"holds {-spread.off[low] * 0.1:.1f} % less charge than the mean"
        if not row.steps:
            return -1, "no step of the current has been seen yet"
        return -1, "no cell differs enough to be named"

    def left_min(self) -> "tuple[int | None, int | None]":
        """Minutes to full and to empty at the current of the last minutes; None for what does not come."""
        soc = self.soc
        rate = soc.over.lately()
        if abs(rate) < _IDLE_RATE:
            return None, None
        left = (1000.0 - soc.permille if rate > 0.0 else soc.permille) * 0.06 / abs(rate) * soc.capacity_share
        return (int(left), None) if rate > 0.0 else (None, int(left))

    def kept(self) -> "list[int]":
        """What is worth keeping, as integers."""
        kept = [int(self.capacity.share * 10000), int(self.capacity.sigma * 10000), self.capacity.swings]
        kept += [int(self.soc.rest.offset_ma * 1000), int(self.resistance.late_steps)]
        kept += [int(each) for each in self.resistance.ten_s]
        kept += [int(each * 10) for each in self.spread.off]
        return kept + [int(each) for each in self.spread.var]

    def restore(self, kept: object) -> bool:
        """Take back what `kept` gave; anything else is left alone. True when taken."""
        cells = len(self.spread.off)
        if not isinstance(kept, list) or len(kept) != 5 + 3 * cells:
            return False
        for each in kept:
            if not isinstance(each, int) or abs(each) >= 1 << 30:
                return False
        if not 2000 <= kept[0] <= 16000 or not 10 <= kept[1] <= 2000 or kept[2] < 0 or kept[4] < 0:
            return False
        self.capacity.take(kept[0] * 0.0001, kept[1] * 0.0001, kept[2])
        self.soc.rest.offset_ma = kept[3] * 0.001
        self.resistance.late_steps = float(kept[4])
        for k in range(cells):
            self.resistance.ten_s[k] = float(max(0, kept[5 + k]))
            self.spread.off[k] = max(-500.0, min(500.0, kept[5 + cells + k] * 0.1))
            self.spread.var[k] = float(max(1, min(3600, kept[5 + 2 * cells + k])))
        if kept[2]:
            self.soc.use_capacity(self.capacity.share)
        return True

    def forget(self, capacity: bool) -> None:
        """Learn the resistances anew, and with `capacity` all the rest too."""
        cells = len(self.spread.off)
        self.resistance = Resistance(cells)
        self.resistance.configure(self._capacity_mah)
        self.changed = True
        if capacity:
            self.capacity = Capacity()
            self.soc.use_capacity(1.0)
            self.soc.spread = self.spread = Spread(cells)
            self.spread.configure(self._kind, self._capacity_mah)

    def _rest(self, snap: s.Snapshot) -> None:
        """A rested pack: where the curve is steep enough, its voltage alone says what it holds."""
        kind = self._kind
        mean_mv = snap.sum_mv // len(snap.cells_mv)
        charge = chemistry.soc_from_ocv(kind, mean_mv)
        sigma_mv = int(chemistry.at_knot(chemistry.CURVE_SIGMA_MV[kind], charge) * 0.7)
        reach = chemistry.soc_from_ocv(kind, mean_mv + sigma_mv) - chemistry.soc_from_ocv(
            kind, mean_mv - sigma_mv
        )
        sigma = max(0.008, reach * 0.0005)
        if sigma < _WORST_ANCHOR:
            self._anchor(charge * 0.001, sigma)

    def _anchor(self, charge: float, sigma: float) -> None:
        if self.capacity.anchor(charge, sigma):
            self.changed = True
            self.soc.use_capacity(self.capacity.share)
