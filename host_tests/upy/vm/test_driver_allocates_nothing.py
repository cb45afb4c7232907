"""What the protection cycle asks of the BQ76952 driver allocates nothing, proved with the heap locked."""

from bms.drivers.bq76952 import Bq76952
from upy.alloc import no_alloc
from upy.vm.register_chip import Chip

_LIMITS = {
    "cell_count": 16,
    "shunt_uohm": 1000,
    "thermistors": 3,
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
    "fet_thermistor": 1,
    "otf_ddegc": 900,
    "series_fets": 1,
    "precharge_delta_mv": 500,
    "pchg_start_mv": 2700,
    "pchg_stop_mv": 2900,
}


def commissioned(crc):
    chip = Chip(crc)
    driver = Bq76952(chip, 0x08, crc, 16, 3)
    for _ in driver.commission(_LIMITS):
        pass
    for register in range(0x14, 0x3C):
        chip.registers[register] = 0xF1
    for register in range(0x68, 0x80):
        chip.registers[register] = 0x0B
    return chip, driver


def test_a_chip_that_sleeps():
    chip, driver = commissioned(False)
    nap = driver.nap
    for asleep in (True, False):
        chip.registers[0x13] = 0x81 if asleep else 0x01
        for on in (True, False):
            no_alloc(nap.allow, on)
            no_alloc(nap.late_ms, 100)
            no_alloc(driver.read)
            no_alloc(nap.flowed_ms, 100, True)
        assert nap.asleep == asleep


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
        passes = driver.watch.passes
        for _ in range(90):
            no_alloc(driver.verify_step)
        assert driver.watch.passes >= passes + 2


def test_verifying_when_the_window_was_moved_away():
    _chip, driver = commissioned(False)
    for _ in range(10):
        no_alloc(driver.verify_step)
        no_alloc(driver.set_balance, 1)
