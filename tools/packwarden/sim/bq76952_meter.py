"""Measurements of the simulated BQ76952: what the two ADCs make of the analog inputs, and when.

Inputs are sampled at scans and ticks, and turned into register contents only when the host looks, because
most scans are never read. Scaling goes through the settings in data memory, so a wrong CC Gain gives a
wrong current here as it does on the bench.
"""

import math
import struct

from packwarden.sim.bq76952_noise import TABLE_SIZE, CurrentNoise, gaussian_table
from packwarden.sim.bq76952_settings import PINS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packwarden.sim.bq76952 import Bq76952

COUNT_V = 1.24 / (5 * 32768)  # one 16-bit coulomb counter count: VREF2 / 5 over half the range (TRM 4.3)
CC1_US = 250_000

# A thermistor that is cut or shorted drives the ADC to the end of its range, where the polynomial gives
# nonsense. The manual prints no number; these mean -110 and +250 degC, which no thermistor reports.
OPEN_RAW = 1631
SHORT_RAW = 5231


def to_i2(value: float) -> int:
    """Rounded and saturated as the 16-bit results are."""
    rounded = math.floor(value + 0.5)
    return -32768 if rounded < -32768 else 32767 if rounded > 32767 else rounded


def celsius(raw: int) -> float:
    return raw / 10 - 273.15


class Meter:
    """Sampled inputs and everything computed from them."""

    def __init__(self, chip: "Bq76952") -> None:
        self.chip = chip
        self.cells_v = [0.0] * 16  # as sampled by the last scan
        self.stack_v = self.pack_v = self.ld_v = 0.0
        self.current_ma = 0.0  # CC2
        self.cc1_ma = 0.0
        self.scans = 0
        self.pins_raw = [0] * 9
        self.die_raw = 0
        self.cell_raws: "list[int]" = []
        self.fet_raws: "list[int]" = []
        self.charge = 0  # 2^-32 userAh
        self.charge_us = 0
        self._cells_mv = [0] * 16
        self._cells_stale = False
        self._cc1_counts = 0.0
        self._applied_a = 0.0
        self._integral_aus = 0.0
        self._integrated_us = self._window_us = chip.clock.now_us
        self._noise: "list[float]" = []
        self._noise_at = 0
        self._current_noise = CurrentNoise(chip)
        self.flicker = 1  # another one each scan: what the lowest bits of the raw counts are made of
        self.reset_charge()

    def reset_charge(self) -> None:
        """The fraction starts at one half, so that the integer part rounds (TRM 4.6)."""
        self.charge = 1 << 31
        self.charge_us = 0

    def restart(self, now_us: int) -> None:
        """Measurement resumes after a pause: nothing that flowed meanwhile was counted."""
        self.skip_cc1(now_us)
        self._applied_a = self.chip.current_a
        self.scans = 0

    def integrate(self, until_us: int) -> None:
        """Count the charge of the current that flowed until now."""
        if until_us > self._integrated_us:
            self._integral_aus += self._applied_a * (until_us - self._integrated_us)
            self._integrated_us = until_us

    def adopt_current(self) -> None:
        """From here on the shunt carries what the input says."""
        self._applied_a = self.chip.current_a

    def scan(self) -> None:
        """All cells, and in turn one of stack, PACK and LD (TRM 4.1.1)."""
        chip = self.chip
        turn = self.scans % 3
        self.scans += 1
        if chip.freeze:
            return
        self.flicker = (self.flicker * 1103515245 + 12345) & 0x7FFFFFFF
        if chip.frozen_cells:
            for i in range(16):
                if not chip.frozen_cells >> i & 1:
                    self.cells_v[i] = chip.cells_v[i]
        else:
            self.cells_v[:] = chip.cells_v
        self._cells_stale = True
        calibration = chip.settings.calibration
        if turn == 0:
            self.stack_v = self._divided(chip.stack_v * calibration.stack_gain)
        elif turn == 1:
            self.pack_v = self._divided(chip.pack_v * calibration.pack_gain)
        else:
            self.ld_v = self._divided(chip.ld_v * calibration.ld_gain)
        self.sample_current()

    def _divided(self, volts: float) -> float:
        settings = self.chip.settings
        return volts - settings.calibration.divider_offset_user * settings.user_v

    def _counts(self, current_a: float) -> float:
        chip = self.chip
        measured_a = current_a * (1.0 + chip.current_gain_error) + chip.current_offset_a
        counts = measured_a * chip.shunt_ohm / COUNT_V
        counts = -32768.0 if counts < -32768.0 else 32767.0 if counts > 32767.0 else counts
        return counts - chip.settings.calibration.board_offset_counts

    def sample_current(self) -> None:
        chip = self.chip
        if not chip.freeze:
            counts = self._counts(chip.current_a)
            if chip.current_noise_uv:
                counts += self._current_noise.next_v() / COUNT_V
            self.current_ma = counts * chip.settings.calibration.cc_gain

    def finish_cc1(self, now_us: int) -> None:
        """End of a CC1 window: its average decides, and its charge is added up (TRM 4.3, 13.2.11)."""
        self.integrate(now_us)
        window_us = now_us - self._window_us
        if window_us <= 0:
            return
        settings = self.chip.settings
        calibration = settings.calibration
        if not self.chip.freeze:
            self._cc1_counts = self._counts(self._integral_aus / window_us)
            self.cc1_ma = self._cc1_counts * calibration.cc_gain
        self._integral_aus = 0.0
        self._window_us = now_us
        self.charge_us += window_us
        if abs(self._cc1_counts) * COUNT_V >= calibration.deadband_v:
            # Capacity Gain turns one count over 250 ms into 2^-32 mAh (CC Gain x 2^32 / 14400)
            self.charge += int(
                self._cc1_counts * calibration.capacity_gain * window_us / CC1_US / settings.user_ma
            )

    def glance_cc1(self) -> None:
        """The current that a scan in SLEEP sees: it decides about sleep, and adds up to no charge."""
        if not self.chip.freeze:
            counts = self._counts(self.chip.current_a)
            self.cc1_ma = counts * self.chip.settings.calibration.cc_gain

    def skip_cc1(self, now_us: int) -> None:
        """A window that was never finished: neither its charge nor its time is counted."""
        self._integral_aus = 0.0
        self._integrated_us = self._window_us = now_us

    def measure_temperatures(self) -> None:
        chip = self.chip
        if chip.freeze:
            return
        settings = chip.settings
        self.cell_raws = []
        self.fet_raws = []
        calibration = settings.calibration
        self.die_raw = to_i2(calibration.die_dk((chip.die_c + 273.15) * 10))
        for i in range(9):
            config = settings.pin_config[i]
            use = config >> 2 & 3
            # a use of 0 is a voltage input, polynomial 3 means raw counts: neither has an input here
            if config & 3 != 3 or use == 0 or config >> 4 & 3 == 3:
                self.pins_raw[i] = 0
                continue
            reading = chip.pins_c.get(PINS[i])
            if reading is None or reading == "open":
                raw = OPEN_RAW
            elif reading == "short":
                raw = SHORT_RAW
            else:
                moved = calibration.pin_offsets[i] + calibration.model_offsets[config >> 4 & 3]
                raw = to_i2((float(reading) + 273.15) * 10 + moved)
            self.pins_raw[i] = raw
            if use == 1:
                self.cell_raws.append(raw)
            elif use == 3:
                self.fet_raws.append(raw)
        if settings.die_is_cell:
            self.cell_raws.append(self.die_raw)
        if settings.die_is_fet:
            self.fet_raws.append(self.die_raw)

    def cells_mv(self) -> "list[int]":
        """Cell readings of the last scan in millivolts."""
        if self._cells_stale:
            self._cells_stale = False
            settings = self.chip.settings
            noise = self._next_noise()
            calibration = settings.calibration
            offset = 0.5 - calibration.cell_offset_mv
            gains, ohms = calibration.cell_gains, calibration.interconnect_ohm
            if noise or gains or ohms:
                gains = gains or [1.0] * 16
                ohms = ohms or [0.0] * 16
                noise = noise or [0.0] * 16
                for i in range(16):
                    mv = self.cells_v[i] * 1000.0 * gains[i] - self.current_ma * ohms[i]  # TRM 4.1.3
                    self._cells_mv[i] = math.floor(mv + noise[i] + offset)
            else:
                self._cells_mv = [int(volts * 1000.0 + offset) for volts in self.cells_v]
            if min(self._cells_mv) < 0 or max(self._cells_mv) > 5500:  # the input range (datasheet 7.13)
                self._cells_mv = [min(max(mv, -200), 5500) for mv in self._cells_mv]
        return self._cells_mv

    def user_volts(self, volts: float) -> int:
        return to_i2(volts / self.chip.settings.user_v)

    def user_amps(self, milliamps: float) -> int:
        return to_i2(milliamps / self.chip.settings.user_ma)

    def publish(self, image: bytearray, live_current: bool) -> None:
        """Bring the direct-command registers up to date."""
        if self._cells_stale:
            struct.pack_into("<16h", image, 0x14, *self.cells_mv())
        if live_current:
            self.sample_current()
        user_volts = self.user_volts
        struct.pack_into(
            "<4h",
            image,
            0x34,
            user_volts(self.stack_v),
            user_volts(self.pack_v),
            user_volts(self.ld_v),
            self.user_amps(self.current_ma),
        )
        struct.pack_into("<10h", image, 0x68, self.die_raw, *self.pins_raw)

    def _next_noise(self) -> "list[float] | None":
        sigma_mv = self.chip.voltage_noise_mv
        if not sigma_mv:
            return None
        if not self._noise:
            self._noise = gaussian_table(self.chip.seed)
        at = self._noise_at
        self._noise_at = (at + 16) % TABLE_SIZE
        table = self._noise
        return [sigma_mv * table[(at + i) % TABLE_SIZE] for i in range(16)]
