"""What the pack has become: capacity, resistance, the spread of its cells, and which cell is the weak one.

The parts do the work (`capacity`, `resistance`, `spread`); here they are fed once a second, a piece at a
time, and asked together. What is learned is handed out as plain numbers, to be kept over a power cut.
"""

from micropython import const

from bms.core import chemistry
from bms.core import snapshot as s
from bms.core.capacity import Capacity
from bms.core.ends import SIZE_VAR
from bms.core.leakage import UNKNOWN, Leakage
from bms.core.resistance import Resistance
from bms.core.soc import ChargeCounter
from bms.core.spread import Spread, middle_mv

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from array import array

    from bms.ports import Values

_REST_AGAIN_S = const(1800)
_CONTRADICTS = 2.0  # standard deviations
_WORST_ANCHOR = 0.05  # known worse, a charge is no anchor: a third of the shortest swing that teaches
_LEAKAGE_AGAIN_S = const(3600)
_SURE_SWINGS = const(3)  # capacity is known well enough to say later how much of it has gone
_HEAD = const(12)  # figures that are kept of the pack, ...
_ROWS = const(7)  # ... and of each cell
_EARLY_HEAD, _EARLY_ROWS = const(5), const(3)  # the same in a record of the first releases
_STEEP = 1.3  # resistances against that of a half full cell: nearer to empty or full they are not compared
_TOP_MV = const(50)
_MIDDLE = 500.0  # permille: where resistances are compared


class Health:
    """Fed by the loop, asked by the console."""

    def __init__(self, soc: ChargeCounter, cells: int) -> None:
        self.soc = soc
        self.capacity = Capacity()
        self.resistance = Resistance(cells)
        self.spread = Spread(cells)
        soc.spread = self.spread
        self.changed = False  # something has been learned that is worth keeping
        self.leakage = Leakage(cells)
        self.age_s = 0  # of operation, since health has been watched
        self.first = (0.0, 0.0, 0)  # capacity when it was first well known, its sigma, and the age then
        self._kind = self._capacity_mah = 0
        self._top_mv = 0
        self._new_mv = 1.0  # per C: ohmic, of a new cell of this kind, half full at 25 degC
        self._new_ten_s_mv = 1.0  # the same after ten seconds
        self._tops = 0
        self._rested = 0

    def configure(self, values: "Values") -> None:
        """Take chemistry and size."""
        self._kind = kind = chemistry.index(values["chemistry"])
        self._capacity_mah = capacity_mah = values["capacity_mah"]
        self._top_mv = values["full_mv"] - _TOP_MV
        self._new_mv = chemistry.at_knot(chemistry.OHMIC_MV[kind], _MIDDLE)
        self._new_ten_s_mv = chemistry.ten_s_mv(kind, _MIDDLE)
        self.resistance.configure(capacity_mah)
        self.spread.configure(kind, capacity_mah)

    def second(self, snap: s.Snapshot, bleeding: int) -> None:
        """Once a second, in another cycle than the charge estimate."""
        soc = self.soc
        self.age_s += 1
        self.capacity.moved(soc.moved_share * soc.capacity_share)
        learned = self.capacity.fitting and self.capacity.fit()
        if learned:
            self._learned()
        over = soc.over
        ohmic = over.ohmic_mv / self._new_mv
        # Else the emptiest cell, or the fullest, only looks like the worst one.
        usual = ohmic < _STEEP * over.colder and snap.values[s.CELL_MAX_MV] < self._top_mv
        self.resistance.second(snap, ohmic if usual else 0.0, over.ten_s_mv / self._new_ten_s_mv)
        moved = soc.moved_share * 1000.0
        if learned or self._anchored(snap, bleeding):  # together with a cell's turn it would take too long
            self.spread.skip(moved)
        else:
            self.spread.second(snap, soc.over_mv, bleeding, soc.middle(), moved)
        soc.count(-self.spread.sunk_ma, 1000)  # no shunt sees what bleeding takes

    def compare(self) -> None:
        """Once a second, in yet another cycle: which cell leaks, looked at each hour."""
        if self.leakage.busy:
            self.leakage.step(self.spread, self.soc.middle(), 1000.0 / self._capacity_mah)
        elif self.age_s % _LEAKAGE_AGAIN_S == 0:
            self.leakage.begin(self.age_s, self.spread)

    @property
    def soh_permille(self) -> "int | None":
        """Capacity against the stated one; None until it has been measured."""
        if not self.capacity.swings:
            return None
        return min(1000, int(self.capacity.share * self.spread.width(self.soc.middle()) * 1000.0 + 0.5))

    @property
    def power_permille(self) -> "int | None":
        """Resistance of a new pack against that of this one; None until a step of ten seconds was seen."""
        if not self.resistance.late_steps:
            return None
        row = self.resistance.ten_s
        return min(1000, int(1000.0 * self._new_uohm() * len(row) / max(1.0, sum(row))))

    def ten_s_uohm(self) -> int:
        """What ten seconds of current meet in the worst cell, at this charge and temperature."""
        soc = self.soc
        usual = soc.over.ten_s_mv * 1000000.0 * 3.6 / soc.stated_c
        row = self.resistance.ten_s
        if self.resistance.late_steps:
            usual *= max(row) / self._new_uohm()
        else:
            usual *= max(0.5, 1.0 + soc.trusted.ohm)
        return int(usual)

    def kept(self) -> "list[int]":
        """What is worth keeping, as integers."""
        leak = self.leakage
        share, sigma, began_s = self.first
        kept = [int(self.capacity.share * 10000), int(self.capacity.sigma * 10000), self.capacity.swings]
        kept += [int(self.soc.rest.offset_ma * 1000), int(self.resistance.late_steps)]
        kept += [self.age_s, int(share * 10000), int(sigma * 10000), began_s]
        kept += [leak.began_s, int(leak.began_var * 10), int(leak.sigma * 10)]
        for row, scale in self._rows():
            kept += [int(each * scale) for each in row]
        # What is bled is counted from zero again after a start.
        bled = self.spread.bled_mah
        mean = sum(bled) / len(bled)
        return kept + [
            int((leak.began[k] - (bled[k] - mean) * 1000.0 / max(1, self._capacity_mah)) * 10)
            for k in range(len(bled))
        ]

    def restore(self, kept: object) -> bool:
        """Take back what `kept` gave; anything else is left alone. True when taken."""
        cells = len(self.spread.off)
        if not isinstance(kept, list):
            return False
        if len(kept) == _EARLY_HEAD + _EARLY_ROWS * cells:
            unknown = [0] * cells + [int(SIZE_VAR * 1000000)] * cells + [0] * (2 * cells)
            kept = kept[:_EARLY_HEAD] + [0, 0, 0, 0, -1, 0, 0] + kept[_EARLY_HEAD:] + unknown
        if len(kept) != _HEAD + _ROWS * cells:
            return False
        for each in kept:
            if not isinstance(each, int) or abs(each) >= 1 << 30:
                return False
        if not 2000 <= kept[0] <= 16000 or not 10 <= kept[1] <= 2000 or kept[2] < 0 or kept[4] < 0:
            return False
        if kept[5] < 0 or not 0 <= kept[6] <= 16000 or kept[8] > kept[5] or kept[9] > kept[5]:
            return False
        self.capacity.take(kept[0] * 0.0001, kept[1] * 0.0001, kept[2])
        self.soc.rest.offset_ma = kept[3] * 0.001
        self.resistance.late_steps = float(kept[4])
        self.age_s = kept[5]
        self.first = (kept[6] * 0.0001, kept[7] * 0.0001, kept[8])
        leak = self.leakage
        leak.began_s = kept[9]
        leak.began_var = max(0.0, kept[10] * 0.1)
        leak.sigma = kept[11] * 0.1 if 0 < kept[11] < UNKNOWN * 10 else float(UNKNOWN)
        at = _HEAD
        for row, scale in self._rows():
            for k in range(cells):
                row[k] = kept[at] / scale
                at += 1
        for k in range(cells):
            leak.began[k] = kept[at + k] * 0.1
        self.spread.bound()
        self.spread.find(self.soc.middle())
        if kept[2]:
            self._use_capacity()
        return True

    def _rows(self) -> "tuple[tuple[array[float], float], ...]":
        """Figures of each cell that are kept, and in which fraction of their unit."""
        spread = self.spread
        return (
            (self.resistance.ten_s, 1.0),
            (spread.off, 10.0),
            (spread.var, 1.0),
            (spread.steeper, 10000.0),
            (spread.steeper_var, 1000000.0),
            (self.leakage.rate, 10.0),
        )

    def forget(self, capacity: bool) -> None:
        """Learn the resistances anew, and with `capacity` all the rest too."""
        cells = len(self.spread.off)
        self.resistance = Resistance(cells)
        self.resistance.configure(self._capacity_mah)
        self.changed = True
        if capacity:
            self.capacity = Capacity()
            self.leakage = Leakage(cells)
            self.first = (0.0, 0.0, 0)
            self.soc.use_capacity(1.0)
            self.soc.spread = self.spread = Spread(cells)
            self.spread.configure(self._kind, self._capacity_mah)

    def _anchored(self, snap: s.Snapshot, bleeding: int) -> bool:
        """Whether an anchor was due: a full pack, or a rested one."""
        soc = self.soc
        if soc.tops != self._tops:
            self._tops = soc.tops
            self._anchor(soc.anchor, soc.anchor_sigma * 0.001)
            return True
        if not soc.rest.relaxed:
            self._rested = 0
        elif self._rested:
            self._rested -= 1
        elif not bleeding:
            self._rested = _REST_AGAIN_S
            self._rest(snap)
            return True
        return False

    def _rest(self, snap: s.Snapshot) -> None:
        """A rested pack: where the curve is steep enough, its voltage alone says what it holds."""
        kind = self._kind
        mean_mv = int(middle_mv(snap))
        at = chemistry.soc_from_ocv
        charge = at(kind, mean_mv)
        sigma_mv = int(chemistry.at_knot(chemistry.CURVE_SIGMA_MV[kind], charge) * 0.7)
        reach = at(kind, mean_mv + sigma_mv) - at(kind, mean_mv - sigma_mv)
        sigma = max(0.008, reach * 0.0005)
        self._anchor(charge, sigma)

    def _anchor(self, permille: float, sigma: float) -> None:
        if sigma < _WORST_ANCHOR:
            self.capacity.anchor(permille * 0.001, sigma)

    def _learned(self) -> None:
        """The capacity is better known now."""
        self.changed = True
        self._use_capacity()
        if self.capacity.swings >= _SURE_SWINGS and not self.first[0]:
            self.first = (self.capacity.share, self.capacity.sigma, self.age_s)

    def _use_capacity(self) -> None:
        """Count by what has been learned once that contradicts what was stated; before, it is no better."""
        share = self.capacity.share
        if self.soc.capacity_share != 1.0 or abs(share - 1.0) > _CONTRADICTS * self.capacity.sigma:
            self.soc.use_capacity(share)

    def _new_uohm(self) -> float:
        """After ten seconds, of a new cell of this kind, half full at 25 degC."""
        return self._new_ten_s_mv * 1000000.0 / self._capacity_mah
