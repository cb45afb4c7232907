"""What the protection cycle asks of the BQ76952 driver allocates nothing, proved with the heap locked."""

from bms.drivers import crc8
from bms.drivers.bq76952 import Bq76952
from upy.alloc import no_alloc

_MEMORY = 0x9180  # data memory starts here
_LIMITS = {
    "cell_count": 16,
    "shunt_uohm": 1000,
    "thermistors": 7,
    "cell_ov_mv": 4300,
    "cell_ov_ms": 1000,
    "cell_uv_mv": 2500,
    "cell_uv_ms": 1000,
    "occ_ma": 12000,
    "occ_ms": 400,
    "ocd1_ma": 80000,
    "ocd1_ms": 300,
    "ocd2_ma": 90000,
    "ocd2_ms": 20,
    "scd_ma": 110000,
    "scd_us": 150,
    "otc_ddegc": 480,
    "utc_ddegc": 20,
    "otd_ddegc": 630,
    "utd_ddegc": -170,
    "temp_s": 4,
    "hwd_s": 5,
}


class Chip:
    """Registers and data memory as bytes, with CRC or without, and just enough wits to be commissioned."""

    def __init__(self, crc):
        self.crc = crc
        self.registers = bytearray(256)
        self.memory = bytearray(0x200)
        self.registers[0x13] = 1  # FULLACCESS
        self.registers[0x62] = 0x82  # ADSCAN and FULLSCAN
        self.registers[0x63] = 0x40

    def readfrom_mem_into(self, addr, memaddr, buf):
        if not self.crc:
            for index in range(len(buf)):
                buf[index] = self.registers[memaddr + index]
            return
        table = crc8.TABLE
        crc = table[table[table[addr << 1] ^ memaddr] ^ (addr << 1 | 1)]
        for index in range(len(buf) // 2):
            value = self.registers[memaddr + index]
            buf[2 * index] = value
            buf[2 * index + 1] = table[crc ^ value]
            crc = 0

    def writeto(self, _addr, buf):
        step = 2 if self.crc else 1
        register = buf[0]
        for index in range((len(buf) - 1) // step):
            if register != 0x62:  # write 1 to clear: here a new scan is complete at once
                self.registers[register + index] = buf[1 + index * step]
        if register == 0x3E:
            self.select(self.registers[0x3E] | self.registers[0x3F] << 8, len(buf) > 1 + 2 * step)
        elif register == 0x60:
            start = (self.registers[0x3E] | self.registers[0x3F] << 8) - _MEMORY
            for index in range(self.registers[0x61] - 4):
                if start >= 0:
                    self.memory[start + index] = self.registers[0x40 + index]
        return len(buf)

    def select(self, word, staged):
        size = 2
        if word >= _MEMORY:
            size = 32
            if not staged:
                for index in range(32):
                    self.registers[0x40 + index] = self.memory[word - _MEMORY + index]
        elif word == 0x0001:
            self.registers[0x40] = 0x95
            self.registers[0x41] = 0x76
        elif word == 0x0057:
            self.registers[0x40] = 0x50
        elif word == 0x0090 or word == 0x0092:
            self.registers[0x12] = 1 if word == 0x0090 else 0
        total = self.registers[0x3E] + self.registers[0x3F]
        for index in range(size):
            total += self.registers[0x40 + index]
        self.registers[0x60] = ~total & 0xFF
        self.registers[0x61] = size + 4


def commissioned(crc):
    chip = Chip(crc)
    driver = Bq76952(chip, 0x08, crc, 16, 7)
    for _ in driver.commission(_LIMITS):
        pass
    for register in range(0x14, 0x3C):
        chip.registers[register] = 0xF1
    for register in range(0x68, 0x80):
        chip.registers[register] = 0x0B
    return chip, driver


def test_reading():
    for crc in (False, True):
        chip, driver = commissioned(crc)
        for quiet in (True, False):
            chip.registers[0x03] = chip.registers[0x05] = chip.registers[0x07] = 0 if quiet else 0xFF
            chip.registers[0x0B] = 0 if quiet else 0xFF
            driver.read()
            no_alloc(driver.read)
        assert driver.fresh
        assert driver.current_ma == -0x0E0F * 10
        assert driver.safety == 0x7FFF


def test_commanding():
    for crc in (False, True):
        _chip, driver = commissioned(crc)
        for before in range(4):
            for after in range(4):
                no_alloc(driver.set_fets, before)
                no_alloc(driver.set_fets, after)
        no_alloc(driver.open_path)
        for cells in (0, 0x5555, 0xFFFF):
            no_alloc(driver.set_balance, cells)
        no_alloc(driver.load_detect, True)
        no_alloc(driver.check_alert)
        no_alloc(driver.clear_alarms)


def test_verifying():
    for crc in (False, True):
        _chip, driver = commissioned(crc)
        passes = driver.setup.passes
        for _ in range(40):
            no_alloc(driver.verify_step)
        assert driver.setup.passes >= passes + 2


def test_verifying_when_the_window_was_moved_away():
    _chip, driver = commissioned(False)
    for _ in range(10):
        no_alloc(driver.verify_step)
        no_alloc(driver.set_balance, 1)
