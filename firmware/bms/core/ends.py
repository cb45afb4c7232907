"""What cells that differ can give and take together, and how sure that is.

A pack is empty when its first cell is, and full when its first cell is; neither need be the usual one. Each
cell is known by its distance from the others and by how that grows with the charge of the pack, both with
their variances (`spread` learns them). A cell is taken for the first one only where it is so beyond doubt;
how much earlier than that another may turn out to end it is part of the standard deviation, as is what each
error means for the share: the derivatives of low / (low + room), to first order.
"""

from array import array

UNKNOWN = 60.0  # permille: cells of a pack that nobody has looked at
SIZE_VAR = 4e-4  # cells that somebody builds a pack of are as large to 2 %
_NARROWEST = 10.0  # permille that the narrowest pack is taken to give


class Ends:
    """`off[k]`: charge of cell k against the others in permille, here and now; `var[k]`: variance of that."""

    def __init__(self, cells: int) -> None:
        self.off = array("f", [0.0] * cells)
        self.var = array("f", [UNKNOWN * UNKNOWN] * cells)
        self.steeper = array("f", [0.0] * cells)  # permille more of `off` for each permille of the pack
        self.steeper_var = array("f", [SIZE_VAR] * cells)
        self.both = array("f", [0.0] * cells)  # covariance
        # The cell that empties first and the one that fills first, as far as that is certain: distance, size.
        self.low = self.high = 0.0
        self.low_size = self.high_size = 1.0
        self.low_at = self.high_at = -1
        # How much less than they any cell may hold, or have room for: one standard deviation, permille.
        self.low_sigma = self.high_sigma = UNKNOWN
        self.doubtful = 0.0  # permille: a smaller difference is none in a chemistry with a plateau
        self._short_at = self._tight_at = -1  # found in this round
        self._short = self._tight = 0.0  # by how much less they hold, or have room for, than the usual cell
        self._least_short = self._least_tight = 0.0  # the same for any cell, and one sigma more

    def usable(self, mean: float) -> float:
        """Charge of the pack in permille: what the first to empty holds, over that and the least room."""
        low = self._low(mean)
        return 1000.0 * low / max(_NARROWEST, low + self._room(mean))

    def usable_var(self, mean: float, var: float) -> float:
        """Variance of that, where the usual cell's charge has the variance `var`."""
        low, room = self._low(mean), self._room(mean)
        whole = max(_NARROWEST, low + room)
        per_low = room / whole
        per_room = low / whole
        scale = 1000.0 / whole
        shared = per_low * self.low_size + per_room * self.high_size
        per_low *= self.low_sigma
        per_room *= self.high_sigma
        return scale * scale * (shared * shared * var + per_low * per_low + per_room * per_room)

    def width(self, mean: float) -> float:
        """What the pack gives from full to empty, over what its usual cell would."""
        return 0.001 * (self._low(mean) + self._room(mean))

    def at_full(self, at: int, charge: float) -> float:
        """How far a cell will be from the others when they are full: what balancing is about."""
        return self.off[at] + self.steeper[at] * (1000.0 - charge)

    def at_full_var(self, at: int, charge: float) -> float:
        """Variance of that."""
        room = 1000.0 - charge
        return self.var[at] + room * (2.0 * self.both[at] + room * self.steeper_var[at])

    def certain(self, permille: float) -> bool:
        """Whether every cell's distance is good to `permille` (one standard deviation)."""
        return max(self.var) < permille * permille

    def find(self, charge: float) -> None:
        """Look at all cells at once: after figures were taken from flash."""
        for at in range(len(self.off)):
            self.compare(at, charge)
        self.compared()

    def compare(self, at: int, charge: float) -> None:
        """Is it this cell that empties first, or fills first? Only if it is so beyond doubt."""
        size = 1.0 / (1.0 + self.steeper[at])
        short = charge - (charge + self.off[at]) * size
        var = self.var[at] + charge * (charge * self.steeper_var[at] - 2.0 * self.both[at])
        sigma = max(1.0, var) ** 0.5
        self._least_short = max(self._least_short, short + sigma)
        if short > 2.0 * sigma + self.doubtful and short > self._short:
            self._short = short
            self._short_at = at
        room = 1000.0 - charge
        tight = room - (room - self.off[at]) * size
        sigma = max(1.0, self.at_full_var(at, charge)) ** 0.5
        self._least_tight = max(self._least_tight, tight + sigma)
        if tight > 2.0 * sigma + self.doubtful and tight > self._tight:
            self._tight = tight
            self._tight_at = at

    def compared(self) -> None:
        """All cells were: the ones that end the pack are known anew."""
        at = self.low_at = self._short_at
        self.low = self.off[at] if at >= 0 else 0.0
        self.low_size = 1.0 / (1.0 + self.steeper[at]) if at >= 0 else 1.0
        self.low_sigma = self._least_short - self._short
        at = self.high_at = self._tight_at
        self.high = self.off[at] if at >= 0 else 0.0
        self.high_size = 1.0 / (1.0 + self.steeper[at]) if at >= 0 else 1.0
        self.high_sigma = self._least_tight - self._tight
        self._short_at = self._tight_at = -1
        self._short = self._tight = self._least_short = self._least_tight = 0.0

    def _low(self, mean: float) -> float:
        """What the first cell to empty holds, in permille of the usual one."""
        return max(0.0, (max(0.0, min(1000.0, mean)) + self.low) * self.low_size)

    def _room(self, mean: float) -> float:
        """What the first cell to fill can take."""
        return max(0.0, (1000.0 - max(0.0, min(1000.0, mean)) - self.high) * self.high_size)
