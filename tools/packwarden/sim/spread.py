"""How cells of one pack differ: nobody's sixteen cells are equal, and balancing exists because of it.

The draw is four numbers per cell whatever the settings, so changing one sigma leaves the other traits of
every cell as they were. A trait is clipped at three sigma.
"""

from packwarden.sim.prng import Prng

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# What a healthy lithium cell loses on the shelf; `self_discharge_per_month` of a pack file is the sigma
# around it.
SELF_DISCHARGE_PER_MONTH = 0.02

TRAITS = ("capacity", "soc", "resistance", "self_discharge_per_month")
FACTORS = ("capacity", "resistance", "self_discharge")


class Spread:
    """Per cell: capacity and resistance as factors, charge as an offset, self-discharge a month."""

    def __init__(self, cells: int, seed: int, sigma: "dict[str, Any]", weak: "list[dict[str, Any]]") -> None:
        for name in sigma:
            if name not in TRAITS:
                raise ValueError(f"spread '{name}' is not known; use: {', '.join(TRAITS)}")
        draw = Prng(seed)
        self.capacity: "list[float]" = []
        self.soc: "list[float]" = []
        self.resistance: "list[float]" = []
        self.self_discharge: "list[float]" = []
        for _ in range(cells):
            self.capacity.append(max(0.05, 1.0 + sigma.get("capacity", 0.0) * draw.gauss()))
            self.soc.append(sigma.get("soc", 0.0) * draw.gauss())
            self.resistance.append(max(0.05, 1.0 + sigma.get("resistance", 0.0) * draw.gauss()))
            lost = SELF_DISCHARGE_PER_MONTH + sigma.get("self_discharge_per_month", 0.0) * draw.gauss()
            self.self_discharge.append(max(0.0, lost))
        for entry in weak:
            self._weaken(cells, entry)

    def _weaken(self, cells: int, entry: "dict[str, Any]") -> None:
        for name in entry:
            if name != "cell" and name not in FACTORS:
                raise ValueError(f"weak cell '{name}' is not known; use: cell, {', '.join(FACTORS)}")
        cell = entry.get("cell")
        if not isinstance(cell, int) or not 1 <= cell <= cells:
            raise ValueError(f"weak cell {cell} is not in the pack; cells are 1 to {cells}")
        self.capacity[cell - 1] *= entry.get("capacity", 1.0)
        self.resistance[cell - 1] *= entry.get("resistance", 1.0)
        self.self_discharge[cell - 1] *= entry.get("self_discharge", 1.0)
