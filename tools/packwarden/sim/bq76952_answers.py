"""Subcommands of the simulated BQ76952 that only report: identity, states, measurements (TRM 12.4)."""

import struct

from packwarden.sim.bq76952_fets import CHG, DSG, PCHG, PDSG
from packwarden.sim.bq76952_settings import COV, CUV

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packwarden.sim.bq76952 import Bq76952

_CELL_COUNT_V = 5 * 1.212 / 2**23
_FLICKER_COUNTS = 31  # the lowest bits of 24 are noise, however steady the input: 22 uV of it
_SMALL_PER_COUNT = 256  # current counts of 24 bits in one of 16
_CONSTANT = {
    0x0001: b"\x95\x76",  # DEVICE_NUMBER
    0x0002: b"\x76\x95\x00\x36\x00\x00",  # FW_VERSION: device, version, build, big-endian
    0x0003: b"\x00\x00",
    0x0004: b"\x00\x00",
    0x0005: b"\x00\x00",
    0x0009: b"\x00\x00",
    0x0077: bytes(16),  # DASTATUS7: raw counts of pins
    0x0084: b"\x00\x00",
    0x0097: b"\x00",
    0x0098: b"\x00",
    0x00A0: b"\x20\x00\x00",  # OTP_WR_CHECK: locked
}


class Answers:
    """The data behind each readable subcommand, as of the moment it is asked for."""

    def __init__(self, chip: "Bq76952") -> None:
        self.chip = chip
        self.manufacturer_data = bytearray(32)

    def to(self, word: int) -> "bytes | None":
        if word in _CONSTANT:
            return _CONSTANT[word]
        if 0x0071 <= word <= 0x0074:
            return self._cell_counts((word - 0x0071) * 4)
        if 0x0070 <= word <= 0x0081:
            return self._measurements(word)
        return self._states(word)

    def _measurements(self, word: int) -> "bytes | None":
        if word == 0x0070:
            return bytes(self.manufacturer_data)
        if word == 0x0075:
            return self._da_status5()
        if word == 0x0076:
            return self._da_status6()
        if word == 0x0080 or word == 0x0081:
            return struct.pack("<16h", *self.chip.protection.snapshots[CUV if word == 0x0080 else COV])
        return None

    def _states(self, word: int) -> "bytes | None":
        chip = self.chip
        if word == 0x0035:
            return struct.pack(">4H", *[chip.memory.u2(0x9257 + 2 * i) for i in range(4)])
        if word == 0x0053:
            return bytes(chip.permanent.statuses) + bytes(3)
        if word == 0x0057:
            return struct.pack("<H", self._manufacturing_status())
        if word == 0x0083:
            return struct.pack("<H", chip.balancing)
        if word == 0x0085:
            return struct.pack("<H", chip.balancer.active_s)
        if word == 0x0086 or word == 0x0087:
            first = 0 if word == 0x0086 else 8
            return struct.pack("<8I", *chip.balancer.seconds[first : first + 8])
        return None

    def _manufacturing_status(self) -> int:
        chip = self.chip
        fets = chip.fets
        status = 0x40 if chip.permanent.enabled else 0
        if fets.enabled:
            return status | 0x10
        for bit, flag in ((PDSG, 0x20), (DSG, 0x04), (CHG, 0x02), (PCHG, 0x01)):
            if fets.test_on & bit:
                status |= flag
        return status

    def _cell_counts(self, first: int) -> bytes:
        """DASTATUS1 to 4: voltage and the current measured with it, cell by cell."""
        chip = self.chip
        meter = chip.meter
        current = self._current_counts(meter.current_ma)
        words = []
        for i in range(first, first + 4):
            shift = 5 * (i - first) + 8  # bits that no two cells share: a repeat must be a rare one
            noise = 0 if chip.frozen_cells >> i & 1 else (meter.flicker >> shift) % _FLICKER_COUNTS
            words.append(int(meter.cells_v[i] / _CELL_COUNT_V) + noise)
            words.append(current)
        return struct.pack("<8i", *words)

    def _current_counts(self, milliamps: float) -> int:
        return int(milliamps / self.chip.settings.calibration.cc_gain * _SMALL_PER_COUNT)

    def _da_status5(self) -> bytes:
        """TRM table 4-5. CC3 averages a quarter of a second of CC2 by default, so it is taken to be CC1."""
        chip = self.chip
        meter = chip.meter
        cells_mv = meter.cells_mv()
        used = [cells_mv[i] for i in chip.settings.cells_used]
        raws = meter.cell_raws or [0]
        average = (sum(raws) + len(raws) // 2) // len(raws)
        cc1 = meter.user_amps(meter.cc1_ma)
        return struct.pack(
            "<12h2i",
            29137,  # VREG18 in counts
            0,  # VSS
            max(used),
            min(used),
            sum(used) // 10,
            average,
            max(meter.fet_raws) if meter.fet_raws else 0,
            max(raws),
            min(raws),
            average,
            cc1,
            cc1,
            self._current_counts(meter.current_ma),
            self._current_counts(meter.cc1_ma),
        )

    def _da_status6(self) -> bytes:
        """Passed charge in userAh, its fraction, its time; raw pin counts are not simulated."""
        meter = self.chip.meter
        seconds = meter.charge_us // 1_000_000
        return struct.pack("<iII5i", meter.charge >> 32, meter.charge & 0xFFFFFFFF, seconds, 0, 0, 0, 0, 0)
