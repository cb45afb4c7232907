"""What one cell does, as figures: the fitted circuits of `data/cell_*.json`, extended to where fits end.

Pack physics need a cell that stays believable outside 6..100 % charge, where the fits were never run: an
empty cell must collapse and an overfilled one must climb, or no protection could ever be shown to act. All of
that extension lives here, so that `pack` reads plain tables.

Sign: positive current charges. Charge (`soc`) is 0..1 of the cell's own capacity.
"""

import json
import math

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

MODELS = ("nmc", "ael", "aelh")
DEFAULT_MODEL = {"nmc": "nmc", "lfp": "ael"}

# The grid of the open-circuit tables: 0.5 % of charge a step, from -20 % to 120 %.
GRID_PER_UNIT = 200
GRID_LOW = 0.2
GRID_STEPS = 280
_BELOW = 40
_ABOVE = 40

_ABSOLUTE_ZERO_C = 273.15
# Beyond full, lithium plates and the electrolyte goes: the voltage climbs at this rate at least, then stays.
_OVERCHARGE_V_PER_UNIT = 12.0
_OVERCHARGE_CEILING_V = 5.2
# Below empty it falls at this rate at least; zero is where reversal starts.
_EMPTY_V_PER_UNIT = 40.0
# The resistance of an emptied cell doubles every 5 % of charge below zero.
_EMPTY_RESISTANCE_PER_UNIT = 20.0
# The hottest a fit is trusted: resistance is not let fall further (z of `temperature_weight`).
_HOTTEST_C = 60.0


def default_model(chemistry: str) -> str:
    """The fitted cell that stands for a chemistry preset."""
    if chemistry in DEFAULT_MODEL:
        return DEFAULT_MODEL[chemistry]
    raise ValueError(
        f"chemistry '{chemistry}' has no fitted cell; known are: {', '.join(sorted(DEFAULT_MODEL))} "
        f"(or name a cell_model: {', '.join(MODELS)})"
    )


def _data_path(name: str) -> str:
    here = __file__
    cut = max(here.rfind("/"), here.rfind("\\"))
    return f"{here[: cut + 1]}data/{name}"


class CellModel:
    """One fitted cell, for its own capacity; `pack` scales it to the capacity wanted."""

    def __init__(self, data: "dict[str, Any]") -> None:
        self.name: str = data["name"]
        self.attribution: str = data["attribution"]
        self.capacity_ah: float = data["capacity_ah"]
        self.v_min: float = data["v_min"]
        self.v_max: float = data["v_max"]
        self.ocv_v = _extend_ocv(data["ocv_v"])
        self.docv_v_per_k = _extend_flat([0.001 * x for x in data["docv_mv_per_k"]])
        hysteresis = data.get("hysteresis")
        self.gamma: float = hysteresis["gamma"] if hysteresis else 0.0
        self.half_gap_v = _extend_flat(hysteresis["half_gap_v"]) if hysteresis else []
        self.j_per_k: float = data["thermal"]["j_per_k"]
        self.w_per_k: float = data["thermal"]["w_per_k"]
        self.knots: "list[float]" = data["soc_knots"]
        fits = data["fits"]
        # Resistances follow Arrhenius: between and beyond the three fits they are linear in this weight.
        self._beta_k = math.log(fits[0]["r0_mean_ohm"] / fits[-1]["r0_mean_ohm"]) / (
            _inverse_k(fits[0]["temp_c"]) - _inverse_k(fits[-1]["temp_c"])
        )
        self._weights = [self.temperature_weight(fit["temp_c"]) for fit in fits]
        # Scaled by one knot row of (r0, r1, r2) at each of the three temperatures, cold first.
        self._ohms = [
            [(fit["r0_ohm"][i], fit["r1_ohm"][i], fit["r2_ohm"][i]) for fit in fits]
            for i in range(len(self.knots))
        ]
        self._taus = [(fit["tau1_s"], fit["tau2_s"]) for fit in fits]

    def temperature_weight(self, temp_c: float) -> float:
        """The Arrhenius factor at a temperature, 1 at 25 degC, larger in the cold."""
        return math.exp(self._beta_k * (_inverse_k(min(temp_c, _HOTTEST_C)) - _inverse_k(25.0)))

    def ocv(self, soc: float, temp_c: float = 25.0) -> float:
        """Open-circuit voltage without hysteresis."""
        i, f = grid(soc)
        volts = self.ocv_v[i] + f * (self.ocv_v[i + 1] - self.ocv_v[i])
        if self.docv_v_per_k:
            volts += (temp_c - 25.0) * self.docv_v_per_k[i]
        return volts

    def lag(self, state: float, share: float) -> float:
        """Hysteresis, -1 after discharge to +1 after charge, once a share of the capacity has passed."""
        if share == 0.0:
            return state
        target = 1.0 if share > 0.0 else -1.0
        return target + (state - target) * math.exp(-self.gamma * abs(share))

    def resistances(self, soc: float, temp_c: float) -> "tuple[float, float, float]":
        """(r0, r1, r2) in ohm of the cell at its own capacity."""
        knots = self.knots
        s = min(1.0, max(0.0, soc))
        k = 0
        while k < len(knots) - 2 and s > knots[k + 1]:
            k += 1
        f = (s - knots[k]) / (knots[k + 1] - knots[k])
        j, w = self._between(temp_c)
        grow = 1.0 if soc >= 0.0 else 1.0 - _EMPTY_RESISTANCE_PER_UNIT * soc
        ll, lh = self._ohms[k][j], self._ohms[k][j + 1]
        hl, hh = self._ohms[k + 1][j], self._ohms[k + 1][j + 1]
        a, b, c, d = (1 - f) * (1 - w) * grow, (1 - f) * w * grow, f * (1 - w) * grow, f * w * grow
        return (
            max(0.0, a * ll[0] + b * lh[0] + c * hl[0] + d * hh[0]),
            max(0.0, a * ll[1] + b * lh[1] + c * hl[1] + d * hh[1]),
            max(0.0, a * ll[2] + b * lh[2] + c * hl[2] + d * hh[2]),
        )

    def taus(self, temp_c: float) -> "tuple[float, float]":
        """The two relaxation times in seconds."""
        j, w = self._between(temp_c)
        low, high = self._taus[j], self._taus[j + 1]
        return max(1.0, low[0] + w * (high[0] - low[0])), max(1.0, low[1] + w * (high[1] - low[1]))

    def _between(self, temp_c: float) -> "tuple[int, float]":
        """Row of the colder fit, and how far towards the warmer one; below 0 or above 1 beyond the fits."""
        z = self.temperature_weight(temp_c)
        weights = self._weights
        j = 0 if z > weights[1] else 1
        return j, (z - weights[j]) / (weights[j + 1] - weights[j])


def load(name: str) -> CellModel:
    """Read one fitted cell from the package."""
    if name not in MODELS:
        raise ValueError(f"cell model '{name}' is not known; use one of: {', '.join(MODELS)}")
    with open(_data_path(f"cell_{name}.json")) as file:
        return CellModel(json.load(file))


def grid(soc: float) -> "tuple[int, float]":
    """Row of the open-circuit tables below a charge, and the fraction of the step above it."""
    x = (soc + GRID_LOW) * GRID_PER_UNIT
    i = min(GRID_STEPS - 1, max(0, int(x)))
    return i, x - i


def _inverse_k(temp_c: float) -> float:
    return 1.0 / (temp_c + _ABSOLUTE_ZERO_C)


def _extend_ocv(table: "list[float]") -> "list[float]":
    fall = max((table[1] - table[0]) * GRID_PER_UNIT, _EMPTY_V_PER_UNIT) / GRID_PER_UNIT
    rise = max((table[-1] - table[-2]) * GRID_PER_UNIT, _OVERCHARGE_V_PER_UNIT) / GRID_PER_UNIT
    below = [max(0.0, table[0] - fall * i) for i in range(_BELOW, 0, -1)]
    above = [min(_OVERCHARGE_CEILING_V, table[-1] + rise * i) for i in range(1, _ABOVE + 1)]
    return below + table + above


def _extend_flat(table: "list[float]") -> "list[float]":
    if not table:
        return []
    return [table[0]] * _BELOW + table + [table[-1]] * _ABOVE
