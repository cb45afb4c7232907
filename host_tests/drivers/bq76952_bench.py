"""A simulated BQ76952 on a simulated bus with the real driver at the other end, and time in hand."""

from bms.drivers.bq76952 import Bq76952
from packwarden.sim.bq76952 import Bq76952 as Chip
from packwarden.sim.clock import Clock
from packwarden.sim.i2c import I2cBus

ADDRESS = 0x08
AT_DATA, AT_SUM = 2, 34  # in what one read from 0x3E brings: echo, buffer, sum

LIMITS = {
    "cell_count": 16,
    "shunt_uohm": 1000,
    "thermistors": 7,
    "cell_ov_mv": 4300,
    "cell_ov_ms": 1000,
    "cell_uv_mv": 2500,
    "cell_uv_ms": 1000,
    "occ_ma": 12000,
    "occ_ms": 400,
    "ocd1_ma": 20000,
    "ocd1_ms": 300,
    "ocd2_ma": 25000,
    "ocd2_ms": 20,
    "scd_ma": 110000,
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


def limits_with(changes):
    result = dict(LIMITS)
    result.update(changes)
    return result


class Bench:
    """The chip is powered and idle; `commission` or `run` bring the driver in."""

    def __init__(self, crc=False, told_crc=None, cell_count=16, thermistors=7, changes=()):
        self.clock = Clock()
        self.bus = I2cBus(self.clock)
        self.chip = Chip(self.clock, crc=crc)
        self.chip.pins_c = {"TS1": 25.0, "TS2": 25.0, "TS3": 25.0}
        self.set_cells([3.3] * 16)
        self.bus.attach(ADDRESS, self.chip)
        self.afe = Bq76952(self.bus, ADDRESS, told_crc, cell_count, thermistors)
        self.limits = limits_with({"cell_count": cell_count, "thermistors": thermistors})
        self.limits.update(changes)
        self.wait(500)

    def calibrate(self):
        """The chip has been through somebody's production line: gains in OTP, and in RAM since it started."""
        gains = b""
        for index in range(16):
            gains += bytes(((12_100 + 3 * index) & 0xFF, (12_100 + 3 * index) >> 8))
        self.chip.memory.burn(0x9180, gains)
        self.chip.power_cycle()
        self.wait(500)

    def set_cells(self, volts):
        self.chip.cells_v = list(volts)
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
        """Read ten times a second, as the firmware does."""
        for _ in range(count):
            self.wait(100)
            self.afe.read()

    def commission(self):
        for ms in self.afe.commission(self.limits):
            self.wait(ms)

    def run(self):
        """Commissioned, with complete readings; returns the driver."""
        self.commission()
        self.cycles(5)
        return self.afe

    def memory(self, address, size):
        """Data memory as the chip shows it to anybody, without the driver (and without CRC)."""
        self.bus.writeto(ADDRESS, bytes([0x3E, address & 0xFF, address >> 8]))
        self.wait(3)
        window = bytearray(32)
        self.bus.readfrom_mem_into(ADDRESS, 0x40, window)
        return bytes(window[:size])


class Image:
    """A bus whose chip is nothing but its registers."""

    def __init__(self):
        self.registers = bytearray(256)
        self.written = []

    def readfrom_mem_into(self, _addr, memaddr, buf):
        for index in range(len(buf)):
            buf[index] = self.registers[memaddr + index]

    def writeto(self, _addr, buf):
        self.written.append(bytes(buf))
        return len(buf)


def reading(**registers):
    """The driver after reading a chip that shows `_12=0x34`, and 0 everywhere else."""
    bus = Image()
    for name, value in registers.items():
        bus.registers[int(name[1:], 16)] = value
    driver = Bq76952(bus, ADDRESS, False, 16, 7)
    driver.read()
    return driver
