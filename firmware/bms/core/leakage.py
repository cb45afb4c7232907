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

    def look(self, now_s: int, spread: "Spread", charge: float, per_mah: float) -> None:
        """Compare; `per_mah`: permille of the capacity. Operating time, so that no clock is needed."""
        if not spread.certain(_EVIDENCE_PERMILLE):
            return
        cells = len(self.rate)
        passed_s = now_s - self.began_s
        first = self.began_s < 0
        if not first and passed_s < _SHORTEST_S:
            return
        months = passed_s / _MONTH_S
        mean = sum(spread.bled_mah) / cells
        bled_most = 0.0
        for k in range(cells):
            bled = (spread.bled_mah[k] - mean) * per_mah
            bled_most = max(bled_most, abs(bled))
            held = spread.at_full(k, charge) + bled
            if first:
                self.began[k] = held
                continue
            self.rate[k] = rate = (self.began[k] - held) / months
            if passed_s >= _LONGEST_S:
                self.began[k] = held + 0.5 * rate * months
        var = max(spread.var)
        if first:
            self.began_s = now_s
            self.began_var = var
            return
        # Against what the others lose: the mean of what was bled is not the middle of the distances.
        usual = middle(sum(self.rate), max(self.rate), min(self.rate), cells)
        for k in range(cells):
            self.rate[k] -= usual
        self.sigma = (var + self.began_var + (bled_most * _BLED_SHARE) ** 2) ** 0.5 / months
        if passed_s >= _LONGEST_S:
            self.began_s += passed_s // 2
