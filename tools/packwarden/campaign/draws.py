"""How hard and where a fault strikes: what a run draws from its seed, for each kind that leaves a choice."""

import math
from dataclasses import dataclass
from random import Random
from typing import Any

# Configuration of the AFE that guards something: first and last address in data memory (TRM 13).
_GUARDS = (
    (0x9265, 0x9267), (0x9269, 0x926B), (0x9275, 0x9276), (0x9278, 0x9279), (0x9280, 0x9287),
    (0x929A, 0x929B), (0x929D, 0x929E), (0x92A6, 0x92A7), (0x92A9, 0x92AA), (0x92FD, 0x92FF),
    (0x9304, 0x9305), (0x9308, 0x9309),
)  # fmt: skip
# Its host watchdog hangs on these. With the firmware dead besides, two layers would be gone.
_WATCHDOG = ((0x9263, 0x9263), (0x92B2, 0x92B3))


@dataclass(frozen=True)
class Draw:
    """What one run's fault may depend on."""

    rng: Random
    cells: int
    last: bool  # the last cell, tap or sensor; else the first
    sensed: int  # the last or first cell that carries a thermistor
    dead: bool  # the firmware is stopped dead in this run

    @property
    def cell(self) -> int:
        """Counted from 1, as people do."""
        return self.cells if self.last else 1

    @property
    def tap(self) -> int:
        """An inner sense wire."""
        return self.cells - 1 if self.last else 1

    @property
    def contactor(self) -> str:
        """Instead of an end of the stack."""
        return "dsg" if self.last else "chg"

    def between(self, low: float, high: float) -> float:
        """A fault of any size is as likely as one of twice that."""
        return low * math.exp(self.rng.random() * math.log(high / low))


def nothing(_draw: Draw) -> dict[str, Any]:
    """A kind without arguments."""
    return {}


def weak(draw: Draw) -> dict[str, Any]:
    """From a little aged to nearly dead."""
    return {
        "cell": draw.cell,
        "capacity": draw.rng.uniform(0.5, 0.95),
        "resistance": draw.between(1.0, 5.0),
        "self_discharge": draw.between(1.0, 1000.0),
    }


def swapped(draw: Draw) -> dict[str, Any]:
    """The two wires at the end of the stack, or the two next to them."""
    first, other = (0, 1) if draw.rng.random() < 0.5 else (1, 2)
    if draw.last:
        first, other = draw.cells - other, draw.cells - first
    return {"tap": first, "other": other}


def frozen(draw: Draw) -> dict[str, Any]:
    """One cell, or all that the AFE reads."""
    return {} if draw.rng.random() < 0.33 else {"cell": draw.cell}


def nack(draw: Draw) -> dict[str, Any]:
    """A few, or now and then one."""
    if draw.rng.random() < 0.5:
        return {"count": draw.rng.randint(1, 3)}
    return {"rate": draw.between(0.002, 0.03)}


def flipped(draw: Draw) -> dict[str, Any]:
    """A bit of what guards something."""
    spans = _GUARDS if draw.dead else _GUARDS + _WATCHDOG
    addresses = [address for first, last in spans for address in range(first, last + 1)]
    return {"address": draw.rng.choice(addresses), "bit": draw.rng.randrange(8)}
