"""Which cell discharges itself faster than the others: a drift of its charge over weeks, told from bleeding.

Every cell loses charge on the shelf, and what all lose alike no voltage between them shows. A cell that loses
more falls behind the others, month after month; so the distances that `spread` keeps are compared with those
of a day long past, and what was bled in between is no loss. The longer the time, the surer the figure: its
standard deviation is that of two looks, over the time between them.
"""

from array import array

from micropython import const

from bms.core.spread import middle

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.core.spread import Spread

UNKNOWN = const(999)  # permille a month
_MONTH_S = 2629800.0
_EVIDENCE_PERMILLE = 3.0  # cells whose distance is less certain are not compared
_SHORTEST_S = const(259200)  # three days
_LONGEST_S = const(7776000)  # after ninety, the first half is forgotten
_BLED_SHARE = 0.1  # how far the bleed current of a chip may lie from the usual one


class Leakage:
    """`rate[k]`: permille a month that cell k loses more than the mean, to within `sigma` for all of them."""

    def __init__(self, cells: int) -> None:
        self.rate = array("f", [0.0] * cells)
        self.sigma = float(UNKNOWN)
        self.began_s = -1  # the day that is compared with, ...
        self.began = array("f", [0.0] * cells)  # ... and the distances of then
        self.began_var = 0.0
        self.busy = False  # comparing, a cell a step
        self._now_s = self._at = 0
        self._held = array("f", [0.0] * cells)
        self._bled_most = 0.0

    def begin(self, now_s: int, spread: "Spread") -> None:
        """Compare, if there is enough to compare: then `busy`. Operating time, so that no clock is needed."""
        early = self.began_s >= 0 and now_s - self.began_s < _SHORTEST_S
        if not self.busy and not early and spread.certain(_EVIDENCE_PERMILLE):
            self.busy = True
            self._now_s = now_s
            self._at = 0
            self._bled_most = 0.0

    def step(self, spread: "Spread", charge: float, per_mah: float) -> None:
        """One cell, since all at once take too long; `per_mah`: permille of the capacity."""
        at = self._at
        cells = len(self.rate)
        bled = (spread.bled_mah[at] - sum(spread.bled_mah) / cells) * per_mah
        self._bled_most = max(self._bled_most, abs(bled))
        self._held[at] = spread.at_full(at, charge) + bled
        self._at = at + 1
        if self._at == cells:
            self.busy = False
            self._compare(max(spread.var))

    def _compare(self, var: float) -> None:
        """All cells, each as it was seen, with the day that is compared with."""
        if self.began_s < 0:
            for k in range(len(self.began)):
                self.began[k] = self._held[k]
            self.began_s = self._now_s
            self.began_var = var
            return
        passed_s = self._now_s - self.began_s
        months = passed_s / _MONTH_S
        rate = self.rate
        for k in range(len(rate)):
            rate[k] = (self.began[k] - self._held[k]) / months
            if passed_s >= _LONGEST_S:
                self.began[k] = (self.began[k] + self._held[k]) * 0.5
        # Against what the others lose: the mean of what was bled is not the middle of the distances.
        usual = middle(sum(rate), max(rate), min(rate), len(rate))
        for k in range(len(rate)):
            rate[k] -= usual
        self.sigma = (var + self.began_var + (self._bled_most * _BLED_SHARE) ** 2) ** 0.5 / months
        if passed_s >= _LONGEST_S:
            self.began_s += passed_s // 2
