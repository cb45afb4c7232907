"""Calibration of the simulated BQ76952: how settings in data memory bend its readings (TRM 4.7 to 4.13).

With the values of a reset every reading is true; any other value, written or flipped, moves it as the manual
says. Where the manual keeps a scale to itself there is a sentence here: then the amount means nothing, only
that the reading moves.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packwarden.sim.bq76952_memory import DataMemory

# 12120 is nominal: 5 x VREF1 / 32768 in mV, times 65536 (TRM 4.10). Each input of a part has its own trim.
FACTORY_CELL_GAINS = tuple([12_120 + (5 * i + 3) % 16 - 8 for i in range(16)])
_DIVIDER_GAIN = 33_600  # the manual names no nominal value
_DIE_GAIN, _DIE_BASE = 25_390, 3_032  # the defaults of 13.2.7
_NO_OVERRIDE = 0xFFFF
_OVERRIDE_V = 0.001  # per count: the manual gives CAL_COV's code no scale

# Temperature models by the polynomial of a pin's configuration: coefficients, and Adc0 (with Rc0 before it).
_MODELS = ((0x91EA, 9, 0x91FE, 1), (0x9200, 9, 0x9214, 1), (0x9216, 9, 0x9228, 2))


class Calibration:
    """Decoded gains and offsets; what `load` finds first is a part as it came from the factory."""

    def __init__(self, memory: "DataMemory") -> None:
        self.memory = memory
        self._models = self._model_sums()

    def load(self) -> None:
        m = self.memory
        gains = [m.i2(0x9180 + 2 * i) for i in range(16)]
        self.cell_gains: "list[float] | None" = None  # relative to the factory's trim
        if any(gains):
            self.cell_gains = [gains[i] / FACTORY_CELL_GAINS[i] if gains[i] else 1.0 for i in range(16)]
        self.cell_offset_mv = m.i2(0x91B0)
        ohms = [m.i2(0x9315 + 2 * i) / 1000 for i in range(16)]
        self.interconnect_ohm = ohms if any(ohms) else None
        self.pack_gain, self.stack_gain, self.ld_gain = [
            (m.u2(address) or _DIVIDER_GAIN) / _DIVIDER_GAIN for address in (0x91A0, 0x91A2, 0x91A4)
        ]
        self.divider_offset_user = m.i2(0x91B2)
        self.cc_gain, self.capacity_gain = m.f4(0x91A8), m.f4(0x91AC)
        samples = m.u2(0x91C6)
        self.board_offset_counts = m.i2(0x91C8) / samples if samples else 0.0
        self.deadband_v = m.u1(0x922D) * 234e-9
        self.pin_offsets = [m.i1(0x91CB + i) for i in range(9)]
        sums = self._model_sums()
        # The manual does not say how the polynomials are scaled: here each count of a coefficient is 0.1 K.
        self.model_offsets = [sums[i] - self._models[i] for i in range(3)]
        self.cuv_override_v = self._override(0x91D4)
        self.cov_override_v = self._override(0x91D6)

    def die_dk(self, true_dk: float) -> float:
        """TRM 4.7, with the counts that a part with the default model would have seen."""
        m = self.memory
        counts = (true_dk - _DIE_BASE) * 65_536 / _DIE_GAIN
        most = m.i2(0x91E6)
        gain, base = m.i2(0x91E2), m.i2(0x91E4)
        if counts > most:
            reading = most * gain / 65_536 + base
        else:
            reading = true_dk + (true_dk - _DIE_BASE) * (gain - _DIE_GAIN) / _DIE_GAIN + base - _DIE_BASE
        return min(reading + m.i1(0x91CA), m.i2(0x91E8))

    def _override(self, address: int) -> "float | None":
        code = self.memory.u2(address)
        return None if code == _NO_OVERRIDE else code * _OVERRIDE_V

    def _model_sums(self) -> "list[int]":
        m = self.memory
        sums = []
        for coefficients, count, last, lasts in _MODELS:
            total = sum([m.i2(coefficients + 2 * i) for i in range(count)])
            sums.append(total + sum([m.i2(last + 2 * i) for i in range(lasts)]))
        return sums
