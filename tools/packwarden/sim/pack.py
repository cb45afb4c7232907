"""The simulated pack: N cells in series, each with charge, two relaxations, hysteresis and a temperature of
its own.

It must run hundreds of times faster than life in plain Python, so the work is split by pace. `step` (many
times a second) moves what all cells share: the charge passed, and the current as the two relaxations filter
it; the state of a cell is then one line, `offset + slope * charge + r0 * I + r1 * x1 + r2 * x2`. Once a
second `_refresh` turns what passed into every cell's own charge, heat and hysteresis, and every few seconds
its resistances. Exponentials are exact for a constant current, so the step may have any length up to that
second.

Units: A, V, ohm, s, degC; charge passed in coulombs; positive current charges. Cell lists are indexed from 0.
"""

import math

from packwarden.sim.cells import CellModel, grid
from packwarden.sim.spread import Spread

REFRESH_S = 0.999  # a second, whatever the sum of steps is rounded to
RESISTANCES_EVERY = 4  # refreshes
SECONDS_PER_MONTH = 2_629_800.0

# The balancing loop: the chip's switch of 28 ohm (datasheet 7.21, typical) and two filter resistors of 2.5
# ohm, which is about 100 mA, the most an input may carry. It pauses while its cell and the neighbours are
# being measured: three slots of eighteen.
BLEED_OHM = 33.0
BLEED_DUTY = 15.0 / 18.0

_KELVIN = 273.15


class Pack:
    """State of all cells; a terminal current goes in, voltages and temperatures come out."""

    def __init__(
        self, model: CellModel, cells: int, capacity_ah: float, soc: float, ambient_c: float, spread: Spread
    ) -> None:
        self.model = model
        self.cells = cells
        self.ambient_c = ambient_c
        scale = capacity_ah / model.capacity_ah
        self.capacity_ah = [capacity_ah * x for x in spread.capacity]
        self.resistance_factor = [x / scale for x in spread.resistance]
        self.self_discharge_per_month = spread.self_discharge
        self.short_ohm = [0.0] * cells  # a resistor inside the cell; 0 is none
        self.contact_ohm = [0.0] * cells  # of the joint above a cell, seen by its sense wires
        self.bleed_ohm = [BLEED_OHM] * cells  # of the balancing loop
        self.heater_w = [0.0] * cells  # a cell that heats by itself
        self.temp_c = [ambient_c] * cells
        self._soc = [min(1.0, max(0.0, soc + x)) for x in spread.soc]
        self._j_per_k = model.j_per_k * scale
        self._w_per_k = model.w_per_k * scale ** (2.0 / 3.0)  # surface against volume
        self._hysteresis = [0.0] * cells
        self._bleed_mask = 0
        self._leak_a = [0.0] * cells  # what leaves a cell besides the terminal current
        self._x1 = self._x2 = 0.0  # the terminal current, filtered by the two relaxations
        self._y1 = [0.0] * cells  # the leak, filtered likewise
        self._y2 = [0.0] * cells
        self._passed_c = self._squared = self._elapsed_s = 0.0
        self._tau1, self._tau2 = model.taus(ambient_c)
        self._decay_dt = self._decay1 = self._decay2 = 0.0
        self._r0 = [0.0] * cells
        self._r1 = [0.0] * cells
        self._r2 = [0.0] * cells
        self._offset = [0.0] * cells
        self._slope = [0.0] * cells  # V per coulomb
        self._sum_offset = self._sum_slope = self._sum_r1 = self._sum_r2 = 0.0
        self._refreshes = 0
        self.ohm = 0.0  # what the terminal current meets in cells and joints at once
        self.volts = [0.0] * cells  # between the sense wires, as of the last `apply`
        self._current_a = 0.0
        self._settle(0.0)

    def emf(self) -> float:
        """Voltage of the whole stack if the terminal current stopped this instant."""
        return (
            self._sum_offset
            + self._sum_slope * self._passed_c
            + self._sum_r1 * self._x1
            + self._sum_r2 * self._x2
        )

    def apply(self, current_a: float) -> float:
        """Set `volts` for a terminal current; returns the voltage of the stack."""
        self._current_a = current_a
        q, x1, x2 = self._passed_c, self._x1, self._x2
        self.volts = [
            offset + slope * q + r0 * current_a + r1 * x1 + r2 * x2
            for offset, slope, r0, r1, r2 in zip(self._offset, self._slope, self._r0, self._r1, self._r2)
        ]
        return self.emf() + self.ohm * current_a

    def step(self, dt_s: float, current_a: float) -> None:
        """Let a constant terminal current flow for a time."""
        if dt_s != self._decay_dt:
            self._decay_dt = dt_s
            self._decay1 = math.exp(-dt_s / self._tau1)
            self._decay2 = math.exp(-dt_s / self._tau2)
        self._x1 = current_a + (self._x1 - current_a) * self._decay1
        self._x2 = current_a + (self._x2 - current_a) * self._decay2
        charge_c = current_a * dt_s
        self._passed_c += charge_c
        self._squared += charge_c * current_a
        self._elapsed_s += dt_s
        if self._elapsed_s >= REFRESH_S:
            self._settle(current_a)

    @property
    def soc(self) -> "list[float]":
        """True charge of every cell, 0..1 of its own capacity (beyond: overcharged or reversed)."""
        q, t = self._passed_c, self._elapsed_s
        cells = zip(self._soc, self._leak_a, self.capacity_ah)
        return [s + (q - leak * t) / (3600.0 * ah) for s, leak, ah in cells]

    def impose(self, volts: float, temp_c: float, soc: "float | None") -> None:
        """A replay takes over: every cell is the recorded one, and equations rest."""
        self.volts = [volts] * self.cells
        self.temp_c = [temp_c] * self.cells
        if soc is not None:
            self._soc = [soc] * self.cells

    def set_soc(self, values: "list[float]") -> None:
        """Give every cell a charge, for a pack with a known imbalance."""
        self._changed()
        self._soc = list(values)
        self._changed()

    def usable(self) -> float:
        """True charge of the pack, 0..1: the first cell to empty against the first to fill."""
        remaining_ah = room_ah = 1e9
        for soc, ah in zip(self.soc, self.capacity_ah):
            remaining_ah = min(remaining_ah, soc * ah)
            room_ah = min(room_ah, (1.0 - soc) * ah)
        remaining_ah = max(0.0, remaining_ah)
        total_ah = remaining_ah + max(0.0, room_ah)
        return remaining_ah / total_ah if total_ah > 0.0 else 0.0

    def bleed(self, mask: int) -> None:
        """Bit i: the balancing switch of cell i conducts."""
        if mask != self._bleed_mask:
            self._changed()
            self._bleed_mask = mask
            self._changed()

    def alter(self, values: "list[float]", cell: int, value: float) -> None:
        """Change one of the lists of short, contact, bleed and heater for a cell."""
        self._changed()
        values[cell] = value
        self._changed()

    def scale_cell(self, cell: int, capacity: float, resistance: float, self_discharge: float) -> None:
        """A cell ages at once: it keeps its share of charge, not its coulombs."""
        self._changed()
        self.capacity_ah[cell] *= capacity
        self.resistance_factor[cell] *= resistance
        self.self_discharge_per_month[cell] *= self_discharge
        self._changed()

    def _changed(self) -> None:
        """Settle accounts around a change of something that holds for a whole refresh."""
        self._refreshes = 0
        self._settle(self._current_a)

    def _settle(self, current_a: float) -> None:
        self._refresh()
        self.apply(current_a)
        self._leak()

    def _leak(self) -> None:
        """Currents that bypass the terminals: self-discharge, balancing, an internal short."""
        for k in range(self.cells):
            soc = self._soc[k]
            leak_a = 0.0
            if soc > 0.0:
                leak_a = self.self_discharge_per_month[k] * self.capacity_ah[k] * 3600.0 / SECONDS_PER_MONTH
            volts = max(0.0, self.volts[k])
            if self._bleed_mask >> k & 1:
                leak_a += BLEED_DUTY * volts / self.bleed_ohm[k]
            r0 = self._r0[k] - self.contact_ohm[k]
            if self.short_ohm[k] > 0.0:
                # The short pulls the cell down through its own resistance: solve, do not chase.
                leak_a += max(0.0, volts + self._leak_a[k] * r0) / (r0 + self.short_ohm[k])
            rise_v = (self._leak_a[k] - leak_a) * r0
            self._offset[k] += rise_v
            self._sum_offset += rise_v
            self._leak_a[k] = leak_a

    def _refresh(self) -> None:
        """Book what passed since the last time, cell by cell, and lay out the next straight lines."""
        model = self.model
        passed_c, squared, elapsed_s = self._passed_c, self._squared, self._elapsed_s
        self._passed_c = self._squared = self._elapsed_s = 0.0
        if self._refreshes % RESISTANCES_EVERY == 0:
            self._update_resistances()
        self._refreshes += 1
        x1, x2, ambient_c = self._x1, self._x2, self.ambient_c
        keep1 = math.exp(-elapsed_s / self._tau1)
        keep2 = math.exp(-elapsed_s / self._tau2)
        cool = 1.0 - math.exp(-elapsed_s * self._w_per_k / self._j_per_k)
        per_watt = cool / self._w_per_k / elapsed_s if elapsed_s else 0.0
        ocv_v, docv, half_gap = model.ocv_v, model.docv_v_per_k, model.half_gap_v
        for k in range(self.cells):
            leak_a = self._leak_a[k]
            charge_c = passed_c - leak_a * elapsed_s
            capacity_c = 3600.0 * self.capacity_ah[k]
            self._soc[k] = soc = self._soc[k] + charge_c / capacity_c
            self._y1[k] = y1 = (self._y1[k] + leak_a) * keep1 - leak_a
            self._y2[k] = y2 = (self._y2[k] + leak_a) * keep2 - leak_a
            i, f = grid(soc)
            low_v = ocv_v[i]
            rise_v = ocv_v[i + 1] - low_v
            offset = low_v + f * rise_v
            r0, r1, r2 = self._r0[k], self._r1[k], self._r2[k]
            cell_r0 = r0 - self.contact_ohm[k]
            v1, v2 = (x1 + y1) * r1, (x2 + y2) * r2
            heat_j = (squared - 2.0 * leak_a * passed_c + leak_a * leak_a * elapsed_s) * cell_r0
            heat_j += (v1 * (x1 + y1) + v2 * (x2 + y2) + self.heater_w[k]) * elapsed_s
            if self.short_ohm[k] > 0.0:
                heat_j += self.volts[k] * leak_a * elapsed_s
            temp_c = self.temp_c[k]
            if docv:
                heat_j += charge_c * (temp_c + _KELVIN) * docv[i]
                offset += (temp_c - 25.0) * docv[i]
            self.temp_c[k] = temp_c + cool * (ambient_c - temp_c) + per_watt * heat_j
            if half_gap:
                self._hysteresis[k] = state = model.lag(self._hysteresis[k], charge_c / capacity_c)
                offset += half_gap[i] * state
            self._offset[k] = offset - leak_a * cell_r0 + r1 * y1 + r2 * y2
            self._slope[k] = rise_v * 200.0 / capacity_c
        self._sum_offset = sum(self._offset)
        self._sum_slope = sum(self._slope)

    def _update_resistances(self) -> None:
        """Resistances by charge and temperature; the relaxation times by the mean temperature of the pack."""
        model = self.model
        for k in range(self.cells):
            factor = self.resistance_factor[k]
            r0, r1, r2 = model.resistances(self._soc[k], self.temp_c[k])
            self._r0[k] = r0 * factor + self.contact_ohm[k]
            self._r1[k] = r1 * factor
            self._r2[k] = r2 * factor
        self.ohm = sum(self._r0)
        self._sum_r1 = sum(self._r1)
        self._sum_r2 = sum(self._r2)
        self._tau1, self._tau2 = model.taus(sum(self.temp_c) / self.cells)
        self._decay_dt = 0.0
