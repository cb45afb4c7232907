"""A simulated BQ769x0 on a simulated bus with the real driver at the other end, and time in hand."""

from bms.drivers.bq769x0 import Bq769x0
from packwarden.sim.bq769x0 import Bq769x0 as Chip
from packwarden.sim.bq769x0 import inputs_of
from packwarden.sim.clock import Clock
from packwarden.sim.i2c import I2cBus

ADDRESS = 0x08

# Groups, and the numbers of cells that they take.
CONNECTIONS = [(1, cells) for cells in range(3, 6)]
CONNECTIONS += [(2, cells) for cells in range(6, 11)]
CONNECTIONS += [(3, cells) for cells in range(9, 16)]

LIMITS = {
    "cell_count": 15,
    "shunt_uohm": 1000,
    "thermistors": 7,
    "cell_ov_mv": 4300,
    "cell_ov_ms": 1000,
    "cell_uv_mv": 2500,
    "cell_uv_ms": 1000,
    "occ_ma": 12000,
    "occ_ms": 400,
    "ocd1_ma": 50000,
    "ocd1_ms": 400,
    "ocd2_ma": 80000,
    "ocd2_ms": 20,
    "scd_ma": 120000,
    "scd_us": 150,
    "otc_ddegc": 480,
    "utc_ddegc": 20,
    "otd_ddegc": 630,
    "utd_ddegc": -170,
    "temp_s": 4,
    "hwd_s": 5,
    "fet_thermistor": 0,
    "otf_ddegc": 958,
    "series_fets": 1,
    "precharge_delta_mv": 0,
    "pchg_start_mv": 0,
    "pchg_stop_mv": 0,
}


class Bench:
    """The chip has been booted long ago; `commission` or `run` bring the driver in."""

    def __init__(self, groups=3, cells=0, crc=False, told_crc=None, thermistors=1, changes=(), **calibration):
        cells = cells or 5 * groups
        self.clock = Clock()
        self.bus = I2cBus(self.clock, 100_000)
        self.chip = Chip(self.clock, groups, crc, ADDRESS, **calibration)
        self.chip.pins_c = {"TS1": 25.0, "TS2": 25.0, "TS3": 25.0}
        self.inputs = inputs_of(groups, cells)
        self.set_cells([3.3] * cells)
        self.bus.attach(ADDRESS, self.chip)
        self.afe = Bq769x0(self.bus, groups, ADDRESS, told_crc, cells, thermistors)
        self.limits = dict(LIMITS)
        self.limits.update({"cell_count": cells, "thermistors": thermistors})
        self.limits.update(changes)
        self.wait(300)

    def set_cells(self, volts):
        """By cell, the lowest first; unused inputs are shorted."""
        self.chip.cells_v = [0.0] * len(self.chip.cells_v)
        for place, volt in zip(self.inputs, volts):
            self.chip.cells_v[place] = volt
        self.chip.stack_v = self.chip.pack_v = self.chip.ld_v = sum(volts)
        self.chip.analog_changed(self.clock.now_us)

    def set_current(self, amps):
        self.chip.current_a = amps
        self.chip.analog_changed(self.clock.now_us)

    def wait(self, ms):
        """Let time pass, with everything that the chip does in it."""
        end = self.clock.now_us + int(ms * 1000)
        while self.chip.next_us <= end:
            self.clock.elapse_us(max(0, self.chip.next_us - self.clock.now_us))
            self.chip.run(self.clock.now_us)
        self.clock.elapse_us(max(0, end - self.clock.now_us))
        self.chip.run(self.clock.now_us)

    def cycles(self, count):
        """Read and verify ten times a second, as the firmware does."""
        for _ in range(count):
            self.wait(100)
            self.afe.read()
            self.afe.verify_step()

    def commission(self):
        """Milliseconds that it took."""
        start_us = self.clock.now_us
        for ms in self.afe.commission(self.limits):
            self.wait(ms)
        return (self.clock.now_us - start_us) // 1000

    def run(self):
        """Commissioned, with complete readings; returns the driver."""
        self.commission()
        self.cycles(5)
        return self.afe
