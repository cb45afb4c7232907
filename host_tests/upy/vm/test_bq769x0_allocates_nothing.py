"""What the protection cycle asks of the BQ769x0 driver allocates nothing; nor does the whole fast half on it.

The chip is only its registers here: what does allocate is the firmware's.
"""

from bms.app.compose import build
from bms.core import snapshot as s
from bms.core import ticks
from bms.drivers import crc8
from bms.drivers.bq769x0 import Bq769x0
from upy.alloc import no_alloc
from upy.vm.hardware import Hardware

GIVEN = {"chemistry": "lfp", "cell_count": 15, "capacity_mah": 20000, "shunt_uohm": 1000}
LIMITS = {
    "cell_count": 15,
    "shunt_uohm": 1000,
    "thermistors": 3,
    "cell_ov_mv": 3760,
    "cell_ov_ms": 1000,
    "cell_uv_mv": 2400,
    "cell_uv_ms": 1000,
    "occ_ma": 17500,
    "ocd1_ma": 50000,
    "ocd1_ms": 400,
    "scd_ma": 120000,
    "scd_us": 150,
    "fet_thermistor": 1,
    "series_fets": 1,
    "precharge_delta_mv": 0,
    "pchg_start_mv": 0,
}


class Chip:
    """Registers with or without CRC; a new conversion is always there. Allocates nothing."""

    def __init__(self, crc):
        self.crc = crc
        self.registers = bytearray(256)
        self.registers[0x00] = 0x80
        self.registers[0x51] = 30
        for cell in range(15):
            self.put(0x0C + 2 * cell, 9200)  # 3.4 V
        self.put(0x2A, 15 * 9200 // 4)
        for group in range(3):
            self.put(0x2C + 2 * group, 4319)  # 25 degC

    def put(self, register, value):
        self.registers[register] = value >> 8 & 0xFF
        self.registers[register + 1] = value & 0xFF

    def readfrom_mem_into(self, addr, memaddr, buf):
        if not self.crc:
            for index in range(len(buf)):
                buf[index] = self.registers[memaddr + index]
            return
        table = crc8.TABLE
        crc = table[addr << 1 | 1]
        for index in range(len(buf) // 2):
            value = self.registers[memaddr + index]
            buf[2 * index] = value
            buf[2 * index + 1] = table[crc ^ value]
            crc = 0

    def writeto(self, _addr, buf):
        if buf[0]:  # latches are this test's own
            self.registers[buf[0]] = buf[1]
        if buf[0] == 0x04:  # TEMP_SEL: thermistors of 25 degC, or a die of 30 degC, at once
            for group in range(3):
                self.put(0x2C + 2 * group, 4319 if buf[1] & 0x08 else 3086)
        return len(buf)


def commissioned(crc):
    chip = Chip(crc)
    driver = Bq769x0(chip, 3, 0x08, crc, 15, 3)
    for _ in driver.commission(LIMITS):
        pass
    return chip, driver


def test_reading_through_all_turns():
    for crc in (False, True):
        chip, driver = commissioned(crc)
        driver.set_balance(0x5555)
        for turn in range(300):
            chip.registers[0x00] = 0x80 if turn % 50 else 0x9F
            chip.registers[0x0D] = turn & 0xFF
            no_alloc(driver.read)
            no_alloc(driver.verify_step)
        assert driver.fresh
        assert driver.configured
        assert chip.registers[0x01] == 0, "bleeding has ended"


def test_commanding():
    for crc in (False, True):
        chip, driver = commissioned(crc)
        for before in range(4):
            for after in range(4):
                no_alloc(driver.set_fets, before)
                no_alloc(driver.set_fets, after)
                assert chip.registers[0x05] == 0x40 | after
        no_alloc(driver.open_path)
        for cells in (0, 0x5555, 0x7FFF):
            no_alloc(driver.set_balance, cells)
        no_alloc(driver.check_alert)
        chip.registers[0x04] |= 0x80
        no_alloc(driver.set_fets, 1)
        no_alloc(driver.load_detect, True)
        for _ in range(30):
            no_alloc(driver.read)


def running():
    hardware = Hardware(Chip(True), GIVEN, "bq76940")
    loop = build(hardware)
    for _ in range(700):
        loop.step(hardware.now)
        hardware.now = ticks.add(hardware.now, 10)
    assert loop.p.snap.commanded == s.BOTH, loop.p.keeper.error
    return hardware, loop


def cycles(hardware, loop, count):
    for _ in range(count):
        hardware.now = ticks.add(hardware.now, 100)
        no_alloc(loop._protect, hardware.now, 100)


def test_a_whole_cycle_in_calm_and_in_trouble():
    """PW-121."""
    hardware, loop = running()
    cycles(hardware, loop, 150)
    assert loop.p.snap.commanded == s.BOTH
    hardware.bus.put(0x0C + 28, 10200)  # the top cell: 3.76 V
    cycles(hardware, loop, 15)
    assert loop.p.snap.commanded == s.DSG
    hardware.bus.put(0x0C + 28, 9200)
    hardware.bus.registers[0x00] = 0x82
    cycles(hardware, loop, 10)
    assert loop.p.snap.commanded == 0
