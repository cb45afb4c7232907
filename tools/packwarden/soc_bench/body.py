"""The firmware's estimators as its loop feeds them, behind the sensors of an ordinary front end.

Charge first, then health, once a second each. That a whole firmware in a simulated world comes to the same
(`packwarden sim --replay`) is shown on a short trace by host_tests/tools/test_soc_bench.py.
"""

import random
from array import array
from collections.abc import Sequence

from bms.core import params
from bms.core import snapshot as s
from bms.core.health import Health
from bms.core.snapshot import Snapshot
from bms.core.soc import ChargeCounter

GAIN_ERROR = 0.01
OFFSET_C = 0.0004
NOISE_MV = 2.0
BELIEF_SIGMA = 110  # permille: what a pack file's belief comes to, once the firmware has started with it
_SEED = 7


class Body:
    """Estimators of one pack."""

    def __init__(self, chemistry: str, cells: int, capacity_ah: float, told: float = 1.0) -> None:
        """`told`: the capacity that the firmware is given, over the true one."""
        self.cells = cells
        self.capacity_ah = capacity_ah
        self.values = params.resolve(
            {
                "chemistry": chemistry,
                "cell_count": cells,
                "capacity_mah": round(1000 * told * capacity_ah),
                "shunt_uohm": 1000,
            }
        )
        self.soc = ChargeCounter()
        self.health = Health(self.soc, cells)
        self.soc.configure(self.values)
        self.health.configure(self.values)
        self.snap = Snapshot(array("i", [0] * cells), array("i", [250]))
        self.snap.fets = self.snap.commanded = s.BOTH
        self.snap.fresh = self.snap.valid = True
        self._noise = random.Random(_SEED)

    def believe(self, soc: float) -> None:
        """What flash remembers."""
        self.soc.set(round(1000 * soc), BELIEF_SIGMA)

    def sensed(self, current_a: float) -> float:
        """What the current sensor makes of it."""
        return current_a * (1.0 + GAIN_ERROR) + OFFSET_C * self.capacity_ah

    def count(self, sensed_a: float) -> None:
        """A second at a mean current, as sensed."""
        self.soc.count(round(1000 * sensed_a), 1000)

    def look(self, sensed_a: float, volts: Sequence[float], temp_c: float, bleeding: int = 0) -> float:
        """The picture at the end of that second; returns the mean cell voltage as measured."""
        snap = self.snap
        snap.current_ma = round(1000 * sensed_a)
        total_mv = 0
        for cell in range(self.cells):
            snap.cells_mv[cell] = mv = round(1000 * volts[cell] + self._noise.gauss(0.0, NOISE_MV))
            total_mv += mv
        snap.temps_ddegc[0] = round(10 * temp_c)
        snap.stack_mv = snap.pack_mv = total_mv
        snap.derive()
        self.soc.second(snap)
        self.health.second(snap, bleeding)
        return total_mv / self.cells / 1000
