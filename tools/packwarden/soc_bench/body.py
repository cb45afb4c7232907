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
_DIE_DDEGC = 350  # of the front end: it may balance
_SEED = 7
_NOISES = 10_007  # drawn once: which of them a second has, and its neighbours, is drawn each time


class Sensors:
    """A front end's picture, once a second: whoever looks at the same pack looks at the same one."""

    def __init__(self, cells: int) -> None:
        self.snap = Snapshot(array("i", [0] * cells), array("i", [250]))
        self.snap.fets = self.snap.commanded = s.BOTH
        self.snap.fresh = self.snap.valid = True
        self.snap.die_ddegc = _DIE_DDEGC
        draw = random.Random(_SEED)
        self._noise = [draw.gauss(0.0, NOISE_MV) for _ in range(_NOISES + cells)]
        self._pick = draw.random

    def look(self, sensed_a: float, volts: Sequence[float], temp_c: float) -> float:
        """The picture of this moment; returns the mean cell voltage in it."""
        snap = self.snap
        snap.current_ma = round(1000 * sensed_a)
        cells_mv, at = snap.cells_mv, int(_NOISES * self._pick())
        noise_mv = self._noise[at : at + len(volts)]
        cells_mv[:] = array("i", [round(1000 * v + e) for v, e in zip(volts, noise_mv, strict=True)])
        total_mv = sum(cells_mv)
        snap.temps_ddegc[0] = round(10 * temp_c)
        snap.stack_mv = snap.pack_mv = total_mv
        snap.derive()
        return total_mv / len(volts) / 1000


class Body:
    """Estimators of one pack."""

    def __init__(
        self,
        chemistry: str,
        cells: int,
        capacity_ah: float,
        told: float = 1.0,
        sensors: Sensors | None = None,
    ) -> None:
        """`told`: the capacity that the firmware is given, over the true one."""
        self.sensors = sensors or Sensors(cells)
        self.snap = self.sensors.snap
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

    def believe(self, soc: float) -> None:
        """What flash remembers."""
        self.soc.set(round(1000 * soc), BELIEF_SIGMA)

    def sensed(self, current_a: float) -> float:
        """What the current sensor makes of it."""
        return current_a * (1.0 + GAIN_ERROR) + OFFSET_C * self.capacity_ah

    def count(self, sensed_a: float) -> None:
        """A second at a mean current, as sensed."""
        self.soc.count(round(1000 * sensed_a), 1000)

    def think(self, bleeding: int = 0) -> None:
        """What the firmware makes of the picture at the end of that second."""
        self.soc.second(self.snap)
        self.health.second(self.snap, bleeding)

    def look(self, sensed_a: float, volts: Sequence[float], temp_c: float, bleeding: int = 0) -> None:
        """Picture and thought, for whoever is alone with a pack."""
        self.sensors.look(sensed_a, volts, temp_c)
        self.think(bleeding)
