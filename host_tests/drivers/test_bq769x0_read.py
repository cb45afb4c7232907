"""What the driver makes of a BQ769x0: mapping, scales, freshness, faults, and what it cannot tell."""

from bms.drivers import afe
from bms.drivers.bq769x0 import Bq769x0
from bms.drivers.bq769x0_heat import die_ddegc, thermistor_ddegc
from drivers.bq769x0_bench import ADDRESS, CONNECTIONS, Bench
from packwarden.sim.bq769x0_meter import thermistor_ohm
from portable import raises


def test_before_the_first_read_nothing_is_claimed():
    driver = Bench().afe
    assert not driver.fresh
    assert not driver.configured
    assert driver.applied == {}
    assert list(driver.cells_mv) == [0] * 15
    assert driver.temps_ok == driver.safety == driver.fets == driver.current_ma == driver.still == 0
    raises(afe.AfeError, driver.set_fets, afe.CHG)


def test_cells_of_every_count_part_and_calibration():
    for groups, cells in CONNECTIONS:
        for gain_uv, offset_mv in ((365, -60), (396, 47)):
            bench = Bench(groups, cells, gain_uv=gain_uv, offset_mv=offset_mv)
            volts = [2.5 + 0.1 * cell for cell in range(cells)]
            bench.set_cells(volts)
            driver = bench.run()
            for cell in range(cells):
                assert abs(driver.cells_mv[cell] - volts[cell] * 1000) <= 1, (groups, cells, cell)
            unused_mv = 60 * (5 * groups - cells)  # inputs that are shorted read no less than nothing
            assert abs(driver.stack_mv - 1000 * sum(volts)) <= 3 * cells + unused_mv


def test_currents_of_both_signs():
    for shunt in (250, 1000):
        bench = Bench(changes={"shunt_uohm": shunt, "ocd1_ma": 80_000, "scd_ma": 250_000, "occ_ma": 10_000})
        bench.chip.shunt_ohm = shunt * 1e-6
        driver = bench.run()
        for amps in (0.0, 0.5, 30.0, -0.5, -60.0):
            bench.set_current(amps)
            bench.cycles(6)
            assert abs(driver.current_ma - amps * 1000) <= 8440 // shunt, amps


def test_thermistors_from_minus_50_to_110():
    for ddegc in range(-500, 1101, 3):
        ohm = thermistor_ohm(ddegc / 10)
        assert abs(thermistor_ddegc(int(3.3 * ohm / (ohm + 10_000) / 382e-6 + 0.5)) - ddegc) <= 2


def test_thermistors_beyond_that_are_open_or_shorted():
    assert -600 <= thermistor_ddegc(8500) <= -560
    assert thermistor_ddegc(8600) < afe.THERMISTOR_MIN_DDEGC
    assert thermistor_ddegc(8639) < afe.THERMISTOR_MIN_DDEGC
    assert 1300 <= thermistor_ddegc(262) <= afe.THERMISTOR_MAX_DDEGC
    assert thermistor_ddegc(0) > afe.THERMISTOR_MAX_DDEGC


def test_the_die():
    for celsius in (-20.0, 25.0, 85.0):
        counts = int((1.2 - 0.0042 * (celsius - 25.0)) / 382e-6 + 0.5)
        assert abs(die_ddegc(counts) - celsius * 10) <= 2


def test_thermistors_and_die_take_turns():
    bench = Bench(thermistors=7)
    bench.chip.die_c = 41.0
    driver = bench.run()
    assert list(driver.temps_ddegc) == [250] * 3
    assert driver.die_ddegc == 250, "nothing is known of it yet"
    bench.cycles(60)
    assert abs(driver.die_ddegc - 410) <= 2
    bench.chip.pins_c = {"TS1": -12.3, "TS2": 0.0, "TS3": 55.5}
    bench.chip.die_c = 60.0
    seen = 0
    for _ in range(600):
        bench.cycles(1)
        assert driver.temps_ddegc[0] in (250, -123, -124), "never the die's"
        seen += driver.temps_ddegc[0] < 0
    assert seen > 400
    for index, expected in enumerate((-123, 0, 555)):
        assert abs(driver.temps_ddegc[index] - expected) <= 1
    assert abs(driver.die_ddegc - 600) <= 2
    assert driver.temps_ok == 7


def test_open_and_shorted_thermistors():
    for state in (None, "short"):
        bench = Bench(thermistors=7)
        bench.chip.pins_c["TS2"] = state
        driver = bench.run()
        assert driver.temps_ok == 0b101


def test_a_thermistor_on_the_fets():
    bench = Bench(thermistors=3, changes={"fet_thermistor": 1})
    bench.chip.pins_c["TS3"] = 70.0
    driver = bench.run()
    assert abs(driver.fet_ddegc - 700) <= 2
    assert driver.fet_ok
    bench.chip.pins_c["TS3"] = None
    bench.cycles(80)
    assert not driver.fet_ok


def test_fresh_for_as_long_as_conversions_come():
    bench = Bench()
    driver = bench.run()
    for _ in range(100):
        bench.cycles(1)
        assert driver.fresh
    bench.chip.image[5] &= 0xBF  # the coulomb counter stops
    ages = []
    for _ in range(8):
        bench.wait(100)
        driver.read()
        ages.append(driver.fresh)
    assert ages[-4:] == [False] * 4


def test_every_latched_fault_is_told_once_and_then_cleared():
    for bit, meaning in ((1, afe.OCD1), (2, afe.SCD), (4, afe.OV), (8, afe.UV), (16, afe.OTHER)):
        bench = Bench()
        driver = bench.run()
        driver.set_fets(afe.BOTH)
        bench.chip.raise_status(bit)
        assert driver.check_alert()
        bench.cycles(1)
        assert driver.safety == meaning
        assert not driver.check_alert(), "that is no news any more"
        bench.cycles(1)
        assert driver.safety == 0
        assert bench.chip.image[0] & 0x1F == 0
        assert driver.fets == bench.chip.image[5] & 3 != 3


def test_a_fault_that_nobody_could_be_told_of_stays_latched():
    bench = Bench()
    driver = bench.run()
    bench.chip.raise_status(2)
    bench.bus.stuck = True
    for _ in range(3):
        bench.wait(100)
        raises(afe.BusError, driver.read)
    bench.bus.recover()
    bench.cycles(1)
    assert driver.safety == afe.SCD


def test_the_alert_line_falls_and_the_conversion_is_not_lost():
    bench = Bench()
    driver = bench.run()
    bench.wait(250)
    assert bench.chip.alert
    assert not driver.check_alert()
    assert not bench.chip.alert
    bench.set_cells([3.4] * 15)
    bench.wait(251)
    driver.check_alert()
    driver.read()
    assert driver.cells_mv[0] == 3400


def test_the_outside_is_what_the_path_joins_or_nothing():
    bench = Bench()
    driver = bench.run()
    assert driver.pack_mv == 0
    driver.set_fets(afe.DSG)
    bench.cycles(1)
    assert driver.pack_mv == driver.stack_mv


def test_a_load_is_seen_by_the_pin_of_chg():
    bench = Bench()
    driver = bench.run()
    assert driver.ld_mv == driver.stack_mv
    bench.chip.ld_v = 0.0
    bench.cycles(1)
    assert driver.ld_mv == 0


def test_for_a_look_at_the_load_chg_blinks_while_dsg_is_off():
    bench = Bench()
    driver = bench.run()
    driver.set_fets(afe.CHG)
    bench.chip.ld_v = 0.0
    bench.cycles(5)
    assert driver.ld_mv == 0
    assert bench.chip.chg_on, "nobody asked"
    driver.load_detect(True)
    off = seen = 0
    for cycle in range(60):
        if cycle == 30:
            bench.chip.ld_v = bench.chip.stack_v
        bench.cycles(1)
        off += not bench.chip.chg_on
        seen += driver.ld_mv > 0
    assert 3 <= off <= 8
    assert seen >= 15
    driver.load_detect(False)
    bench.cycles(3)
    assert bench.chip.chg_on
    assert driver.ld_mv == 0
    driver.set_fets(afe.BOTH)
    driver.load_detect(True)
    for _ in range(30):
        bench.cycles(1)
        assert bench.chip.chg_on
    assert bench.chip.complaints == []


def test_a_failed_read_is_not_fresh():
    bench = Bench()
    driver = bench.run()
    for lost in range(4):
        bench.wait(250)
        plain = bench.bus.readfrom_mem_into
        count = [0]

        def failing(addr, memaddr, buf, count=count, plain=plain, lost=lost):
            count[0] += 1
            if count[0] > lost:
                raise OSError(5)
            plain(addr, memaddr, buf)

        bench.bus.readfrom_mem_into = failing
        if lost < 3:
            raises(afe.BusError, driver.read)
            assert not driver.fresh
            driver.verify_step()  # which has nothing to compare, and says nothing
        bench.bus.readfrom_mem_into = plain
        bench.set_cells([3.3 + 0.01 * lost] * 15)
        bench.wait(250)
        driver.read()
        assert driver.fresh
        assert abs(driver.cells_mv[0] - 3300 - 10 * lost) <= 1


def test_a_stuck_bus_and_a_nack():
    for crc in (False, True):
        bench = Bench(crc=crc)
        driver = bench.run()
        for _ in range(10):
            bench.bus.nack_next = 1
            bench.cycles(1)
        assert driver.link.errors == 10
        bench.bus.stuck = True
        for count in (1, 2, 3):
            assert raises(afe.BusError, driver.read).count == count
        bench.bus.recover()
        bench.cycles(2)
        assert driver.fresh


def test_a_wrong_crc_is_no_reading():
    bench = Bench(crc=True)
    driver = bench.run()
    plain = bench.bus.readfrom_mem_into

    def noisy(addr, memaddr, buf):
        plain(addr, memaddr, buf)
        buf[0] ^= 1

    bench.bus.readfrom_mem_into = noisy
    raises(afe.CrcError, driver.read)
    assert not driver.fresh
    bench.bus.readfrom_mem_into = plain
    bench.cycles(1)
    assert driver.fresh


def test_crc_is_found_out():
    for crc in (False, True):
        bench = Bench(crc=crc)
        bench.run()
        assert bench.afe.link.crc is crc
        assert bench.chip.complaints == []


def test_converters_that_stand_still_do_not_answer_to_the_change_of_source():
    bench = Bench(thermistors=1)
    driver = bench.run()
    bench.cycles(600)
    assert driver.still == 0, "not a bit of the readings moves, but the change of source shows"
    bench.chip.freeze = True
    bench.cycles(350)
    assert driver.fresh
    assert driver.still >= 5
    bench.chip.freeze = False
    bench.set_cells([3.4] * 15)
    bench.cycles(4)
    assert driver.still == 0


def test_whenever_converters_freeze_their_counts_are_not_taken_for_another_temperature():
    for frozen_after in range(0, 400, 9):
        bench = Bench(thermistors=1)
        driver = bench.run()
        bench.chip.die_c = 30.0
        bench.cycles(60 + frozen_after)
        die_ddegc = driver.die_ddegc
        bench.chip.freeze = True
        for _ in range(400):
            bench.cycles(1)
            assert driver.temps_ddegc[0] == 250
            assert driver.die_ddegc == die_ddegc
            if driver.still >= 5:
                break
        else:
            raise AssertionError("not found out")
        bench.chip.freeze = False
        bench.chip.pins_c["TS1"] = 35.0
        bench.set_cells([3.4] * 15)
        for _ in range(60):
            bench.cycles(1)
            assert driver.temps_ddegc[0] in (250, 349, 350, 351)
        assert driver.still == 0
        assert driver.temps_ddegc[0] > 340


def test_another_address():
    bench = Bench()
    chip = bench.chip
    chip.address = 0x18
    bench.bus.attach(0x18, chip)
    driver = Bq769x0(bench.bus, 3, 0x18, None, 15, 1)
    assert ADDRESS != 0x18
    for ms in driver.commission(bench.limits):
        bench.wait(ms)
    bench.wait(100)
    driver.read()
    assert driver.cells_mv[0] == 3300
