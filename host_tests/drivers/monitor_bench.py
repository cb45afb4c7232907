"""Simulated converters on a simulated bus with the real driver at the other end, and time in hand."""

from bms.drivers.monitor import Monitor
from packwarden.sim.clock import Clock
from packwarden.sim.i2c import I2cBus
from packwarden.sim.monitor_front import KOHM, METER_AT, STACK_KOHM, TAPS_AT, MonitorFrontEnd

LIMITS = {
    "cell_count": 8,
    "shunt_uohm": 1000,
    "thermistors": 1,
    "cell_ov_mv": 3710,
    "cell_uv_mv": 2400,
    "occ_ma": 17500,
    "ocd1_ma": 50000,
    "scd_ma": 70000,
    "fet_thermistor": 0,
    "precharge_delta_mv": 0,
    "pchg_start_mv": 0,
}


class Pins:
    """The controller's side, as `bms/ports.pyi` asks for it."""

    address = TAPS_AT
    meter = METER_AT
    dividers = KOHM
    stack_full_mv = 3300 * sum(STACK_KOHM) // STACK_KOHM[1]
    thermistors = 2

    def __init__(self, front):
        self.front = front
        self.chips = front.chips
        self.sample = front.sample

    def gates(self, mask):
        self.front.gates = mask

    def driven(self):
        return self.front.gates

    def die_ddegc(self):
        return 300


class Bench:
    """Calibrated at 3.0 and 3.6 V a cell by a meter that is right."""

    def __init__(self, cells=8, chips=2, meter="ina226", thermistors=1, contactors=False, changes=()):
        self.clock = Clock()
        self.bus = I2cBus(self.clock, 400_000)
        self.front = MonitorFrontEnd(self.clock, cells, chips, meter)
        self.front.pins_c = {"TS1": 25.0, "TS2": 30.0}
        for device in self.front.devices:
            self.bus.attach(device.address, device)
        self.set_cells([3.3] * cells)
        self.pins = Pins(self.front)
        self.afe = Monitor(self.bus, self.pins, cells, thermistors, None, contactors)
        self.limits = dict(LIMITS)
        self.limits.update({"cell_count": cells, "thermistors": (1 << thermistors) - 1})
        self.limits.update(changes)
        self.afe.points = [self.point(3.0), self.point(3.6)]

    def point(self, cell_v):
        """What sixteen readings of each tap add up to, and what the meter says."""
        front = self.front
        cells = len(front.cells_v)
        volts = [cell_v * (tap + 1) for tap in range(cells)]
        counts = [int(volts[tap] / front.ratio[tap] * 8000 * 16 + 0.5) for tap in range(cells)]
        levels = 0
        for _ in range(160):
            levels += front.adc.sample(volts[-1] / front.stack_ratio)
        counts.append(int(levels * 8 / 10))
        return [counts, [int(each * 1000 + 0.5) for each in volts] + [int(volts[-1] * 1000 + 0.5)]]

    def set_cells(self, volts):
        """The lowest first."""
        self.front.cells_v = list(volts)
        self.front.stack_v = self.front.pack_v = self.front.ld_v = sum(volts)

    def set_current(self, amps):
        self.front.current_a = amps
        self.front.analog_changed(self.clock.now_us)

    def wait(self, ms):
        """Let time pass, with everything that the chips do in it."""
        end = self.clock.now_us + int(ms * 1000)
        while self.front.next_us <= end:
            self.clock.now_us = max(self.clock.now_us, self.front.next_us)
            self.front.run(self.clock.now_us)
        self.clock.now_us = max(self.clock.now_us, end)

    def commission(self):
        """How long it took, in ms."""
        began = self.clock.now_us
        for wait_ms in self.afe.commission(self.limits):
            self.wait(wait_ms)
        return (self.clock.now_us - began) // 1000

    def run(self, cycles=1):
        """Commissioned if need be; read ten times a second."""
        if not self.afe.configured:
            self.commission()
        for _ in range(cycles):
            self.wait(100)
            self.afe.read()
        return self
