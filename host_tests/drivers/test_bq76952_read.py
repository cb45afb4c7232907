"""What the driver makes of the chip's readings: mapping, signs, units, freshness."""

from bms.drivers import afe
from bms.drivers.bq76952 import Bq76952
from drivers.bq76952_bench import ADDRESS, Bench, Image, reading
from portable import raises


def test_before_the_first_read_nothing_is_claimed():
    driver = Bench().afe
    assert not driver.fresh
    assert not driver.configured
    assert driver.applied == {}
    assert list(driver.cells_mv) == [0] * 16
    assert list(driver.temps_ddegc) == [0] * 3
    for value in (driver.stack_mv, driver.pack_mv, driver.ld_mv, driver.current_ma, driver.die_ddegc):
        assert value == 0
    assert driver.temps_ok == driver.safety == driver.fets == driver.alarms == 0


def test_cells_of_every_count():
    for count in range(3, 17):
        volts = [0.0] * 16
        for cell in range(count - 1):
            volts[cell] = 3.0 + cell * 0.05
        volts[15] = 4.0  # the top cell, DS952 section 16
        bench = Bench(cell_count=count)
        bench.set_cells(volts)
        driver = bench.run()
        expected = [3000 + cell * 50 for cell in range(count - 1)] + [4000]
        assert len(driver.cells_mv) == count
        for cell in range(count):
            assert abs(driver.cells_mv[cell] - expected[cell]) <= 1, (count, cell)
        assert abs(driver.stack_mv - sum(expected)) <= 10


def test_cell_registers():
    bus = Image()
    for index in range(16):
        bus.registers[0x14 + 2 * index] = index
        bus.registers[0x15 + 2 * index] = 0x0E
    for count in range(3, 17):
        driver = Bq76952(bus, ADDRESS, False, count, 1)
        driver.read()
        assert list(driver.cells_mv) == [0x0E00 + cell for cell in range(count - 1)] + [0x0E0F]


def test_a_reversed_cell_is_negative():
    assert reading(_14=0xF6, _15=0xFF).cells_mv[0] == -10


def test_pin_voltages_in_10_mv():
    driver = reading(_34=0xA0, _35=0x14, _36=0x01, _37=0x00, _38=0xFF, _39=0xFF)
    assert (driver.stack_mv, driver.pack_mv, driver.ld_mv) == (52800, 10, -10)


def test_currents_of_both_signs():
    bench = Bench()
    driver = bench.run()
    for amps in (0.0, 0.5, 7.5, -0.5, -19.0):
        bench.set_current(amps)
        bench.cycles(3)
        assert abs(driver.current_ma - amps * 1000) <= 2, amps


def test_current_unit_follows_the_limits():
    changes = {"shunt_uohm": 250, "occ_ma": 60_000, "ocd1_ma": 80_000, "ocd2_ma": 100_000, "scd_ma": 400_000}
    bench = Bench(changes=changes)
    driver = bench.run()
    assert driver.applied["current_unit_ma"] == 10
    bench.chip.shunt_ohm = 0.00025
    for amps in (-75.0, 55.0):
        bench.set_current(amps)
        bench.cycles(3)
        assert abs(driver.current_ma - amps * 1000) <= 20, amps


def test_temperatures_on_both_sides_of_zero():
    bench = Bench()
    driver = bench.run()
    for degrees in (25.0, 0.0, -0.1, -12.3, -40.0, 85.0):
        bench.chip.pins_c = {"TS1": degrees, "TS2": degrees + 1, "TS3": degrees + 2}
        bench.chip.die_c = degrees + 3
        bench.cycles(6)
        for index in range(3):
            assert abs(driver.temps_ddegc[index] - (degrees + index) * 10) <= 2, degrees
        assert abs(driver.die_ddegc - (degrees + 3) * 10) <= 2
        assert driver.temps_ok == 0b111


def test_temperature_registers():
    # 0.1 K: 2732 is 0 degC, 2631 is -10.1 degC, 3000 is 26.8 degC
    driver = reading(_68=0xAC, _69=0x0A, _70=0x47, _71=0x0A, _72=0xB8, _73=0x0B, _74=0xAB, _75=0x0A)
    assert driver.die_ddegc == 0
    assert list(driver.temps_ddegc) == [-101, 268, -1]


def test_only_fitted_thermistors_are_reported():
    bus = Image()
    for register, value in ((0x70, 0xAD), (0x72, 0xAE), (0x74, 0xAF)):
        bus.registers[register] = value
        bus.registers[register + 1] = 0x0A
    for fitted, expected in ((1, [1]), (2, [2]), (4, [3]), (5, [1, 3]), (6, [2, 3]), (7, [1, 2, 3]), (0, [])):
        driver = Bq76952(bus, ADDRESS, False, 16, fitted)
        driver.read()
        assert list(driver.temps_ddegc) == expected


def test_implausible_temperatures():
    # limits: -60.0 degC is 2132, 150.0 degC is 4232
    for raw, plausible in ((2131, 0), (2132, 1), (4232, 1), (4233, 0), (0, 0), (0xFFFF, 0)):
        driver = reading(_70=raw & 0xFF, _71=raw >> 8)
        assert driver.temps_ok & 1 == plausible, raw


def test_open_and_shorted_thermistors():
    bench = Bench()
    driver = bench.run()
    for state, index in ((None, 0), ("short", 1), ("open", 2)):
        bench.chip.pins_c = {"TS1": 25.0, "TS2": 25.0, "TS3": 25.0}
        bench.chip.pins_c["TS%d" % (index + 1)] = state
        bench.cycles(6)
        assert driver.temps_ok == 0b111 & ~(1 << index), (state, driver.temps_ddegc)


def test_fresh_once_for_each_scan():
    bench = Bench()
    driver = bench.run()
    bench.cycles(1)
    assert driver.fresh
    driver.read()
    assert not driver.fresh
    bench.wait(70)
    driver.read()
    assert driver.fresh


def test_not_fresh_without_a_scan():
    """PW-124."""
    bench = Bench()
    driver = bench.run()
    bench.bus.writeto(ADDRESS, b"\x3e\x90\x00")  # CONFIG_UPDATE: measuring stops
    bench.wait(10)
    driver.read()
    bench.cycles(1)
    assert not driver.fresh
    assert not driver.configured


def test_alarms_are_cleared_as_they_were_seen():
    bus = Image()
    bus.registers[0x62:0x64] = b"\x82\x40"
    driver = Bq76952(bus, ADDRESS, False, 16, 1)
    driver.read()
    assert driver.fresh
    assert driver.alarms == 0x4082
    assert bus.written == [b"\x62\x82\x40"]
    bus.registers[0x62:0x64] = b"\x00\x00"
    driver.read()
    assert not driver.fresh
    assert len(bus.written) == 1


def test_clearing_all_alarms():
    bench = Bench()
    driver = bench.run()
    bench.wait(100)
    driver.clear_alarms()
    driver.read()
    assert driver.alarms == 0
    assert not driver.fresh


def test_a_scan_from_before_commissioning_is_not_fresh():
    bench = Bench()
    bench.run()
    bench.wait(100)
    bench.commission()
    bench.afe.read()
    assert not bench.afe.fresh
    bench.wait(100)
    bench.afe.check_alert()
    bench.commission()
    bench.afe.read()
    assert not bench.afe.fresh


def test_checking_the_alert_line_keeps_freshness_for_the_next_read():
    bench = Bench()
    driver = bench.run()
    bench.wait(70)
    assert bench.chip.alert
    assert not driver.check_alert()
    assert not bench.chip.alert
    driver.read()
    assert driver.fresh
    bench.set_current(-150.0)
    bench.wait(10)
    assert bench.chip.alert
    assert driver.check_alert()


def test_a_failed_read_is_not_fresh_and_keeps_the_old_readings():
    bench = Bench()
    driver = bench.run()
    for lost in (1, 2):  # of the two blocks that make a picture
        bench.wait(100)
        driver.read()
        before = list(driver.cells_mv)
        bench.set_cells([3.4] * 16)
        bench.wait(200)
        plain = bench.bus.readfrom_mem_into
        count = [0]

        def failing(addr, memaddr, buf, count=count, plain=plain, lost=lost):
            count[0] += 1
            if count[0] >= lost:
                raise OSError(5)
            plain(addr, memaddr, buf)

        bench.bus.readfrom_mem_into = failing
        raises(afe.BusError, driver.read)
        bench.bus.readfrom_mem_into = plain
        assert not driver.fresh
        assert list(driver.cells_mv) == before
        driver.read()
        assert driver.fresh
        bench.set_cells([3.3] * 16)


def test_one_nack_is_not_noticed_but_counted():
    for crc in (False, True):
        bench = Bench(crc=crc)
        driver = bench.run()
        for _ in range(10):
            bench.bus.nack_next = 1
            bench.cycles(1)
            assert driver.fresh
        assert driver.link.errors == 10


def test_a_stuck_bus_is_an_error_until_it_is_recovered():
    bench = Bench()
    driver = bench.run()
    bench.bus.stuck = True
    for count in (1, 2, 3):
        error = raises(afe.BusError, driver.read)
        assert (error.errno, error.count) == (110, count)
        assert not driver.fresh
    bench.bus.recover()
    bench.cycles(2)
    assert driver.fresh
    assert driver.configured


def test_a_brown_out_is_noticed_at_the_next_read():
    bench = Bench()
    driver = bench.run()
    driver.set_fets(afe.BOTH)
    bench.cycles(5)
    bench.chip.power_cycle()
    bench.wait(300)
    driver.read()
    assert not driver.configured
    assert driver.fets == 0
    bench.cycles(5)
    assert not driver.configured  # for good, until it is commissioned again
    bench.commission()
    bench.cycles(3)
    assert driver.configured
