"""Measurements of the simulated BQ769x0: a 14-bit ADC in raw counts, and a coulomb counter.

All results are counts that only mean something with the gain and the offset which the factory has measured
for this very chip; the host has to read those and do the sums. Cells are converted every 250 ms, temperatures
every 2 s, either of the thermistors or of the die, whichever TEMP_SEL says when their turn comes.
"""

import math

from packwarden.sim.bq76952_noise import TABLE_SIZE, gaussian_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packwarden.sim.bq769x0 import Bq769x0

CC_LSB_V = 8.44e-6
TS_LSB_V = 382e-6
_PULL_UP_OHM = 10_000.0
_SUPPLY_V = 3.3
_FULL = 0x3FFF
_TEMPERATURES = 8  # ticks

# Semitec 103AT, kohm from -50 degC on, every 10 degrees (manufacturer's table).
_KOHM = (
    329.5, 188.5, 111.3, 67.77, 42.47, 27.28, 17.96, 12.09, 8.313, 5.827, 4.160, 3.020, 2.228, 1.668, 1.266,
    0.9731, 0.7576,
)  # fmt: skip
_COLDEST_C = -50.0


def thermistor_ohm(celsius: float) -> float:
    """Between the table's figures ln R is a line over 1/T; beyond its ends the last line goes on."""
    at = (celsius - _COLDEST_C) / 10.0
    index = max(0, min(len(_KOHM) - 2, int(at)))
    cold_k = 273.15 + _COLDEST_C + 10.0 * index
    low, high = math.log(_KOHM[index]), math.log(_KOHM[index + 1])
    share = (1.0 / (celsius + 273.15) - 1.0 / cold_k) / (1.0 / (cold_k + 10.0) - 1.0 / cold_k)
    return 1000.0 * math.exp(low + (high - low) * share)


class Meter:
    """Turns inputs into the register contents 0x0C to 0x33."""

    def __init__(self, chip: "Bq769x0") -> None:
        self.chip = chip
        self.raws = [0] * (5 * chip.groups)
        self._ticks = 0
        self._applied_a = 0.0
        self._integral_aus = 0.0
        self._integrated_us = self._window_us = 0
        self._noise: "list[float]" = []
        self._noise_at = 0

    def restart(self, now_us: int) -> None:
        """From SHIP to NORMAL."""
        self._ticks = 0
        self._integral_aus = 0.0
        self._integrated_us = self._window_us = now_us
        self._applied_a = self.chip.current_a
        self.raws = [0] * len(self.raws)

    def integrate(self, until_us: int) -> None:
        """Count the charge of the current that flowed until now."""
        if until_us > self._integrated_us:
            self._integral_aus += self._applied_a * (until_us - self._integrated_us)
            self._integrated_us = until_us

    def adopt_current(self) -> None:
        """From here on the shunt carries what the input says."""
        self._applied_a = self.chip.current_a

    def tick(self, now_us: int) -> None:
        """250 ms have passed."""
        chip = self.chip
        control = chip.image[0x04], chip.image[0x05]
        self.integrate(now_us)
        self._applied_a = chip.current_a
        if control[0] & 0x10:
            if not chip.freeze:
                self._cells()
                if self._ticks % _TEMPERATURES == 0:
                    self._temperatures(control[0] & 0x08 != 0)
            self._ticks += 1
        if control[1] & 0x60:
            self._coulombs(now_us - self._window_us)
            if not control[1] & 0x40:
                chip.image[0x05] &= ~0x20 & 0xFF
            chip.raise_status(0x80)
        self._window_us = now_us
        self._integral_aus = 0.0

    def _put(self, register: int, value: int) -> None:
        self.chip.image[register] = value >> 8 & 0xFF
        self.chip.image[register + 1] = value & 0xFF

    def _cells(self) -> None:
        chip = self.chip
        for index in range(len(self.raws)):
            if chip.frozen_cells >> index & 1:
                continue
            volts = chip.cells_v[index]
            if chip.voltage_noise_mv and volts > 0.0:
                volts += 0.001 * chip.voltage_noise_mv * self._gauss()
            counts = math.floor((volts * 1000.0 - chip.offset_mv) * 1000.0 / chip.gain_uv + 0.5)
            self.raws[index] = counts = min(_FULL, max(0, counts))
            self._put(0x0C + 2 * index, counts)
        self._put(0x2A, sum(self.raws) // 4)  # a sum, not a measurement (8.3.1.1.6)

    def _temperatures(self, thermistors: bool) -> None:
        chip = self.chip
        for group in range(chip.groups):
            if not thermistors:
                volts = 1.2 - 0.0042 * (chip.die_c - 25.0)
            else:
                reading = chip.pins_c.get("TS%d" % (group + 1))
                if reading is None or reading == "open":
                    volts = _SUPPLY_V
                elif reading == "short":
                    volts = 0.0
                else:
                    ohm = thermistor_ohm(float(reading))
                    volts = _SUPPLY_V * ohm / (ohm + _PULL_UP_OHM)
            self._put(0x2C + 2 * group, min(_FULL, int(volts / TS_LSB_V + 0.5)))

    def _coulombs(self, window_us: int) -> None:
        chip = self.chip
        if chip.image[0x0B] != 0x19:
            chip.complain("the coulomb counter ran with CC_CFG = 0x%02X" % chip.image[0x0B])
        if chip.freeze or window_us <= 0:
            return
        mean_a = self._integral_aus / window_us
        volts = (mean_a * (1.0 + chip.current_gain_error) + chip.current_offset_a) * chip.shunt_ohm
        if chip.current_noise_uv:
            volts += 1e-6 * chip.current_noise_uv * self._gauss()
        self._put(0x32, max(-32768, min(32767, math.floor(volts / CC_LSB_V + 0.5))))

    def _gauss(self) -> float:
        if not self._noise:
            self._noise = gaussian_table(self.chip.seed)
        self._noise_at = (self._noise_at * 1103515245 + 12345) & 0x7FFFFFFF
        return self._noise[(self._noise_at >> 12) % TABLE_SIZE]
