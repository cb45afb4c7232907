"""Bugs that other projects' front-end drivers have shipped, and that this one does not have: one test each.

The threads are those of the projects' trackers. "Read" means seen in their source, not reported there.
"""

from bms.drivers import afe
from drivers.bq76952_bench import Bench, reading

FET_CONTROL = 0x0097  # takes the gates in an order of its own
VCELL_MODE = 0x9304
BALANCING_MAX_CELL_TEMP = 0x9337
FIRST_SETTING = 0x9180
MEMORY_SIZE = 0x200


def whole_memory(bench):
    found = bytearray()
    for address in range(FIRST_SETTING, FIRST_SETTING + MEMORY_SIZE, 32):
        found += bench.memory(address, 32)
    return found


def ms_until(bench, done, most_ms):
    spent = 0
    while not done():
        bench.wait(10)
        spent += 10
        assert spent < most_ms
    return spent


def test_the_gate_that_was_asked_for_is_the_one_that_moves():
    """Libre Solar #84, #87, PR #95: FETs were set by the status register's layout, which is another one."""
    bench = Bench()
    driver = bench.run()
    sent = []
    plain = bench.bus.writeto

    def noted(addr, buf):
        sent.append((buf[0], buf[1] | buf[2] << 8 if len(buf) > 2 else 0))
        return plain(addr, buf)

    bench.bus.writeto = noted
    for mask in (afe.CHG, afe.DSG, afe.CHG, afe.BOTH, afe.DSG, 0):
        driver.set_fets(mask)
        bench.cycles(6)
        assert bench.chip.chg_on == (mask & afe.CHG != 0), mask
        assert bench.chip.dsg_on == (mask & afe.DSG != 0), mask
        assert driver.fets == mask
    assert (0x3E, FET_CONTROL) not in sent


def test_writing_the_configuration_again_changes_nothing():
    """Libre Solar #76, #80, PR #81: what was written back was not what was set.

    Read: limits went back into a field of volts as millivolts, and the next configuring overflowed.
    """
    bench = Bench()
    driver = bench.run()
    applied = dict(driver.applied)
    first = whole_memory(bench)
    for _ in range(2):
        bench.commission()
        bench.cycles(5)
    assert driver.applied == applied
    assert whole_memory(bench) == first
    for name in ("cell_ov_mv", "cell_uv_mv"):
        assert abs(applied[name] - bench.limits[name]) < 51, "one step of the chip, in mV"


def test_every_cell_that_is_there_is_read_and_watched_and_no_other():
    """PW-141: Libre Solar #11, #68: a wrong number of cells. Read: cells under 0.5 V were not watched."""
    for count in (3, 4, 7, 13, 16):
        for dead in (0, count - 2, count - 1):
            bench = Bench(cell_count=count)
            volts = [3.3] * (count - 1) + [0.0] * (16 - count) + [3.3]
            volts[15 if dead == count - 1 else dead] = 0.3
            bench.set_cells(volts)
            driver = bench.run()
            bench.cycles(15)
            assert len(driver.cells_mv) == count
            assert list(driver.cells_mv)[dead] == 300
            assert driver.safety & afe.UV, (count, dead)
            mode = bench.memory(VCELL_MODE, 2)
            assert mode[0] | mode[1] << 8 == (1 << (count - 1)) - 1 | 0x8000


def test_a_delay_in_the_chip_is_as_long_as_was_asked():
    """Libre Solar, read: 2000 ms met a table of seconds, and became 8 s for OV and 16 s for UV."""
    for ms in (500, 1000, 2000):
        for volts, kind in ((4.4, "cell_ov_ms"), (2.3, "cell_uv_ms")):
            bench = Bench(changes={"cell_ov_ms": ms, "cell_uv_ms": ms})
            driver = bench.run()
            assert ms - 4 < driver.applied[kind] <= ms
            driver.set_fets(afe.BOTH)
            bench.cycles(6)
            bench.set_cells([3.3] * 5 + [volts] + [3.3] * 10)
            spent = ms_until(bench, lambda chip=bench.chip: not (chip.chg_on and chip.dsg_on), 3000)
            assert ms - 100 <= spent <= ms + 100, (ms, kind, spent)


def test_less_than_nothing_is_negative():
    """Libre Solar, read: a signed offset was read unsigned, so -1 mV became +255 mV."""
    chip = reading(_14=0xFF, _15=0xFF, _3A=0xFF, _3B=0xFF, _70=0xAB, _71=0x0A)
    assert chip.cells_mv[0] == -1
    assert chip.current_ma == -1
    assert chip.temps_ddegc[0] == -1
    chip = reading(_14=0x00, _15=0x80, _3A=0x00, _3B=0x80, _70=0x78, _71=0x0A)
    assert chip.cells_mv[0] == -32768
    assert chip.current_ma == -32768
    assert chip.temps_ddegc[0] == -52


def test_a_thermistor_that_is_open_or_shorted_is_no_temperature():
    """diyBMS #252, diyBMSv4 #196: without its thermistor a module told a plausible temperature."""
    for broken in (None, "short"):
        bench = Bench()
        bench.chip.pins_c = {"TS1": 25.0, "TS2": broken, "TS3": 25.0}
        driver = bench.run()
        assert driver.temps_ok == 0b101, broken
    bench = Bench(thermistors=1)
    bench.chip.pins_c = {"TS1": 25.0, "TS2": None, "TS3": None}
    assert bench.run().temps_ok == 1, "what is not fitted is not missed"


def test_bleeding_stops_before_the_cells_are_too_hot_to_be_charged():
    """foxBMS, read: bleeding stopped at 70 degC, fifteen above the limit of the cells."""
    for otc, otd in ((480, 630), (450, 600), (550, 580), (700, 630)):
        bench = Bench(changes={"otc_ddegc": otc, "otd_ddegc": otd})
        bench.run()
        assert bench.memory(BALANCING_MAX_CELL_TEMP, 1)[0] * 10 <= min(otc, otd)
    bench = Bench()
    driver = bench.run()
    driver.set_balance(0x0004)
    bench.wait(1500)
    assert bench.chip.balancing
    bench.chip.pins_c = {"TS1": 50.0, "TS2": 25.0, "TS3": 25.0}
    bench.wait(3000)
    assert not bench.chip.balancing


def test_bleeding_goes_on_as_long_as_it_is_asked_for_and_no_longer():
    """foxBMS #9, BMS_LTC6813_class #2: the timers of the bleed switches were not renewed."""
    bench = Bench()
    driver = bench.run()
    for _ in range(12):
        driver.set_balance(0x0102)
        bench.cycles(50)
        assert bench.chip.balancing == 0x0102
    bench.cycles(210)
    assert bench.chip.balancing == 0
