"""Passive balancing: which cells to bleed.

Only near the top, where voltage tells charge (in an LFP plateau it tells nothing), only while charging or
resting, never two neighbours, because the bleed currents of adjacent inputs share their filter resistors
(BQ769x2, TI E2E 1505209), and never more at once than the parameters allow. Hysteresis keeps a cell that
started until it is half way down.
"""

from micropython import const

from bms.core import snapshot as s

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from array import array

    from bms.ports import Values

_DISCHARGING_MA = const(500)
_DIE_LIMIT_DDEGC = const(650)


class Balancer:
    """Holds the mask of cells being bled (bit 0: the lowest cell)."""

    def __init__(self) -> None:
        self.mask = 0
        self._min_mv = 0
        self._start_mv = 0
        self._most = 0

    def configure(self, values: "Values") -> None:
        """Take the balancing rows from a checked set of parameters."""
        self._min_mv = values["balance_min_mv"]
        self._start_mv = values["balance_start_mv"]
        self._most = values["balance_max_cells"]

    def step(self, snap: s.Snapshot, allowed: bool) -> int:
        """Choose anew (once a second is plenty); returns the mask. `allowed`: no fault forbids it."""
        ready = allowed and snap.valid and snap.fresh and snap.values[s.DIE_DDEGC] < _DIE_LIMIT_DDEGC
        if not ready or snap.current_ma < -_DISCHARGING_MA:
            self.mask = 0
            return 0
        cells = snap.cells_mv
        lowest = snap.values[s.CELL_MIN_MV]
        mask = picked = 0
        while picked < self._most:
            best = self._highest(cells, mask, lowest)
            if best < 0:
                break
            mask |= 1 << best
            picked += 1
        self.mask = mask
        return mask

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
