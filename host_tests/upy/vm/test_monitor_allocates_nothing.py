"""What the protection cycle asks of the monitor class driver allocates nothing; nor does the fast half on it.

The chips are only their registers here: what does allocate is the firmware's.
"""

from array import array

from bms.app.compose import build
from bms.app.report import why
from bms.core import snapshot as s
from bms.core import ticks
from bms.drivers.monitor import Monitor
from bms.services.storage import encode
from upy.alloc import no_alloc
from upy.vm.hardware import Hardware

GIVEN = {"chemistry": "lfp", "cell_count": 8, "capacity_mah": 20000, "shunt_uohm": 1000}
LIMITS = {
    "cell_count": 8,
    "shunt_uohm": 1000,
    "thermistors": 1,
    "cell_ov_mv": 3760,
    "occ_ma": 17500,
    "ocd1_ma": 50000,
    "scd_ma": 70000,
    "fet_thermistor": 0,
    "precharge_delta_mv": 0,
    "pchg_start_mv": 0,
}
KOHM = ((47, 100), (180, 100), (330, 100), (470, 100), (620, 100), (750, 100), (910, 100), (1000, 100))
RATIO = (1.47, 2.8, 4.3, 5.7, 7.2, 8.5, 10.1, 11.0)
METER = 0x40


def point(cell_mv):
    codes = [int(cell_mv * (tap + 1) / RATIO[tap] * 8 * 16) for tap in range(8)]
    return [
        codes + [int(cell_mv * 8 * 32760 * 16 / 36300)],
        [cell_mv * (tap + 1) for tap in range(8)] + [cell_mv * 8],
    ]


POINTS = [point(3000), point(3600)]


class Chips:
    """Two ADS1115 that are always ready, and an INA226 or INA228. Allocates nothing."""

    def __init__(self, wide):
        self.wide = wide
        self.config = array("H", [0x8583] * 2)
        self.low = array("H", [0x8000] * 2)
        self.codes = array("H", [int(3400 * (tap + 1) / RATIO[tap] * 8) for tap in range(8)])
        self.meter = array("H", [0] * 16)
        self.shunt = 0

    def readfrom_mem_into(self, addr, memaddr, buf):
        buf[0] = buf[1] = 0
        if addr != METER:
            chip = addr - 0x48
            word = self.low[chip]
            if memaddr == 1:
                word = self.config[chip] | 0x8000
            elif memaddr == 0:
                word = self.codes[2 * (self.config[chip] >> 12 & 3) + chip]
                if not self.config[chip] & 0x0E00:
                    word = word * 2 // 3
        elif memaddr >= 0x3E:
            word = 0x5449 if memaddr in (0x3E, 0xFE) and (memaddr == 0x3E) == self.wide else 0
            if memaddr in (0x3F, 0xFF) and (memaddr == 0x3F) == self.wide:
                word = 0x2281 if self.wide else 0x2260
        else:
            word = self.meter[memaddr]
            if self.wide and memaddr == 0x0B:
                word |= 2
            elif not self.wide and memaddr == 6:
                word |= 8
            elif memaddr == (4 if self.wide else 1):
                word = self.shunt
            elif memaddr == (5 if self.wide else 2):
                word = 0x2100 if self.wide else 21760
        buf[0] = word >> 8
        buf[1] = word & 0xFF

    def writeto(self, addr, buf):
        word = buf[1] << 8 | buf[2]
        if addr == METER:
            self.meter[buf[0]] = word
        elif buf[0] == 1:
            self.config[addr - 0x48] = word & 0x7FFF
        else:
            self.low[addr - 0x48] = word
        return 3


class Pins:
    address = 0x48
    meter = METER
    chips = 2
    dividers = KOHM
    stack_full_mv = 36300
    thermistors = 2

    def __init__(self):
        self.mask = 0

    def gates(self, mask):
        self.mask = mask

    def driven(self):
        return self.mask

    def sample(self, which):
        return 2048 if which else 3069

    def die_ddegc(self):
        return 300


def commissioned(wide):
    chips = Chips(wide)
    driver = Monitor(chips, Pins(), 8, 1, POINTS)
    for _ in driver.commission(LIMITS):
        pass
    return chips, driver


def test_reading_verifying_and_commanding():
    for wide in (False, True):
        chips, driver = commissioned(wide)
        for turn in range(40):
            chips.codes[3] ^= turn & 3
            no_alloc(driver.read)
            no_alloc(driver.verify_step)
            no_alloc(driver.check_alert)
            assert driver.fresh
        assert driver.configured
        for mask in (0, 1, 2, 3, 2, 0):
            no_alloc(driver.set_fets, mask)
            for amps in (0, -4000, 4000):  # in counts
                chips.shunt = amps & 0xFFFF
                no_alloc(driver.read)
        no_alloc(driver.open_path)
        no_alloc(driver.set_balance, 0xFF)
        no_alloc(driver.load_detect, True)


def running():
    hardware = Hardware(Chips(False), GIVEN, "ads1115")
    hardware.monitor = Pins()
    hardware.files.write("taps.a", encode(1, {"points": POINTS}))
    loop = build(hardware)
    for _ in range(700):
        loop.step(hardware.now)
        hardware.now = ticks.add(hardware.now, 10)
    assert loop.p.snap.commanded == s.BOTH, (loop.mode, why(loop.p), loop.p.history.events)
    return hardware, loop


def test_a_whole_cycle_in_calm_and_in_trouble():
    """PW-121."""
    hardware, loop = running()
    for _ in range(60):
        hardware.now = ticks.add(hardware.now, 100)
        no_alloc(loop._protect, hardware.now, 100)
    assert hardware.monitor.mask == s.BOTH
    hardware.bus.codes[7] = int((3400 * 7 + 3800) / RATIO[7] * 8)  # the top cell: 3.8 V
    for _ in range(20):
        hardware.now = ticks.add(hardware.now, 100)
        no_alloc(loop._protect, hardware.now, 100)
    assert loop.p.snap.commanded == s.DSG
    assert hardware.monitor.mask == s.DSG
