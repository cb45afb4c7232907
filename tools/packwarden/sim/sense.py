"""The sense wires between the cells and the front end, and what goes wrong with them.

A front end never sees a cell, it sees the difference of two wires. So an open, bad or swapped wire spoils two
readings and leaves their sum alone, which is exactly how a real fault gives itself away.
"""

import math

from packwarden.sim.pack import BLEED_OHM

INPUTS = 16

# Open-wire check of the BQ76952: 55 uA for 3 ms every 5 s (TRM 4.1.4) out of a filter capacitor of 220 nF.
_FILTER_F = 220e-9
_SLOT_S = 0.003
_CHECK_V_PER_S = 55e-6 * _SLOT_S / _FILTER_F / 5.0


class SenseWires:
    """Tap n (1-based) joins cell n and cell n + 1; tap 0 is the bottom of the stack and tap N its top."""

    def __init__(self, cells: int, inputs: "list[int] | None" = None, count: int = INPUTS) -> None:
        if not 3 <= cells <= count:
            raise ValueError(f"{cells} cells do not fit: the front end takes 3 to {count}")
        self.cells = cells
        # Fewer cells than inputs: from the bottom up, the top cell on the top input (BQ76952 datasheet 16),
        # between them shorts; or as `inputs` says.
        self.inputs = inputs or list(range(cells - 1)) + [count - 1]
        self.open_taps: "dict[int, float]" = {}  # how far the floating wire has sunk, in volts
        self.tap_ohm: "dict[int, float]" = {}  # of wires that conduct badly
        self.swapped: "list[tuple[int, int]]" = []
        self._shorts = [0.0] * count if cells < count else []

    def to_inputs(self, volts: "list[float]", balancing_cells: int = 0) -> "list[float]":
        """Voltages across the input pairs for those between the wires."""
        if self.open_taps or self.tap_ohm or self.swapped:
            volts = self._spoil(volts, balancing_cells)
        if not self._shorts:
            return volts
        seen = self._shorts[:]
        for place, volt in zip(self.inputs, volts):
            seen[place] = volt
        return seen

    def cells_of(self, mask: int) -> int:
        """A mask of inputs as a mask of cells."""
        if not mask or not self._shorts:
            return mask
        cells = 0
        for cell in range(self.cells):
            cells |= (mask >> self.inputs[cell] & 1) << cell
        return cells

    def sink(self, volts: "list[float]", balancing_cells: int, dt_s: float) -> None:
        """Let floating wires move: slowly by the check current, at once where a balancing switch pulls."""
        for tap in self.open_taps:
            sunk_v = self.open_taps[tap] + _CHECK_V_PER_S * dt_s
            if balancing_cells >> (tap - 1) & 1:
                sunk_v = volts[tap - 1]
            elif balancing_cells >> tap & 1:
                sunk_v = -volts[tap]
            self.open_taps[tap] = min(sunk_v, max(0.0, volts[tap - 1]))

    def _pull(self, tap: int, volts: "list[float]", balancing_cells: int) -> float:
        """How far balancing pulls down a wire that conducts badly. The switch pauses while its cell and the
        neighbours are measured, but the filter behind such a wire recovers too slowly for the pause."""
        below, above = balancing_cells >> (tap - 1) & 1, balancing_cells >> tap & 1
        if below == above:
            return 0.0
        ohm = self.tap_ohm[tap]
        left = math.exp(-_SLOT_S / (ohm * _FILTER_F)) * ohm / (ohm + BLEED_OHM)
        return left * (volts[tap - 1] if below else -volts[tap])

    def _spoil(self, volts: "list[float]", balancing_cells: int) -> "list[float]":
        nodes = [0.0]
        for v in volts:
            nodes.append(nodes[-1] + v)
        for tap, sunk_v in self.open_taps.items():
            nodes[tap] -= sunk_v
        for tap in self.tap_ohm:
            nodes[tap] -= self._pull(tap, volts, balancing_cells)
        for a, b in self.swapped:
            nodes[a], nodes[b] = nodes[b], nodes[a]
        return [nodes[k + 1] - nodes[k] for k in range(len(volts))]
