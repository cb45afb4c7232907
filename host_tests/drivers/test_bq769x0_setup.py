"""A BQ769x0 is configured, proved, watched and put to sleep, from whatever state it is in."""

from bms.drivers import afe
from drivers.bq769x0_bench import Bench
from portable import raises


def test_after_commissioning_the_chip_holds_what_was_planned():
    for groups in (1, 2, 3):
        for crc in (False, True):
            bench = Bench(groups, crc=crc)
            bench.run()
            image = bench.chip.image
            assert image[4] & 0x1F == 0x18
            assert image[5] == 0x40
            assert bytes(image[6:9]) == bytes((0x8B, 0x56, 0x00))
            assert image[11] == 0x19
            assert bench.afe.configured
            assert not bench.chip.chg_on
            assert not bench.chip.dsg_on
            assert bench.chip.complaints == []


def test_it_takes_no_longer_than_the_keeper_is_patient():
    """After a power-up the thermistors need their turn, later not; a firmware gives up after 3 s, or 1 s."""
    bench = Bench()
    assert bench.commission() < 2700
    assert bench.commission() < 900


def test_a_chip_found_conducting_and_bleeding_is_opened_first():
    bench = Bench()
    bench.bus.writeto(8, b"\x0b\x19")
    bench.bus.writeto(8, b"\x05\x43")
    bench.bus.writeto(8, b"\x01\x15")
    assert bench.chip.chg_on
    task = bench.afe.commission(bench.limits)
    next(task)
    assert not bench.chip.chg_on
    assert not bench.chip.dsg_on
    assert bench.chip.balancing == 0


def test_limits_out_of_reach_are_refused_before_the_chip_is_touched():
    for changes in ({"cell_ov_mv": 5000}, {"cell_count": 14}, {"thermistors": 3}):
        bench = Bench(changes=changes)
        before = bench.bus.transactions
        raises(afe.ConfigError, next, bench.afe.commission(bench.limits))
        assert bench.bus.transactions == before
        assert not bench.afe.configured


def test_reserved_bits_are_left_as_found():
    bench = Bench()
    bench.chip.image[8] = 0x05
    bench.run()
    assert bench.chip.image[8] & 0x0F == 5
    assert bench.chip.complaints == []


def test_a_register_that_does_not_take_a_write_is_named():
    for register in range(4, 12):
        bench = Bench()
        plain = bench.chip.write_register

        def stubborn(at, byte, plain=plain, register=register):
            if at != register:
                plain(at, byte)

        bench.chip.write_register = stubborn
        bench.chip.image[register] ^= 0x10
        error = raises(afe.ReadbackError, bench.commission)
        assert error.address == register
        assert not bench.afe.configured


def test_a_chip_that_does_not_convert_is_refused():
    bench = Bench()
    plain = bench.chip.raise_status
    bench.chip.raise_status = lambda bit: None if bit == 0x80 else plain(bit)
    assert "convert" in str(raises(afe.NoAnswerError, bench.commission))


def test_a_transient_internal_fault_is_cleared_after_a_while():
    bench = Bench()
    bench.run()
    bench.chip.raise_status(0x20)
    bench.wait(100)
    bench.afe.read()
    assert not bench.afe.configured
    assert bench.commission() > 2000
    assert bench.afe.configured
    assert bench.chip.image[0] & 0x20 == 0


def test_an_internal_fault_that_stays_is_told():
    bench = Bench()
    plain = bench.chip.write_register
    bench.chip.raise_status(0x20)

    def faulty(at, byte):
        plain(at, byte)
        bench.chip.image[0] |= 0x20

    bench.chip.write_register = faulty
    assert "internal fault" in str(raises(afe.AfeError, bench.commission))
    assert not bench.afe.configured


def test_every_bit_of_the_configuration_is_watched():
    masks = (0x1F, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)
    for register in range(4, 12):
        for bit in range(8):
            if not masks[register - 4] >> bit & 1 or (register, bit) == (5, 6):
                continue
            bench = Bench()
            driver = bench.run()
            bench.chip.flip_bit(register, bit)
            bench.wait(100)
            driver.read()
            if driver.configured:
                error = raises(afe.ReadbackError, driver.verify_step)
                assert error.address == register
            else:
                assert register == 11, "a chip without CC_CFG has been reset"


def test_the_calibration_is_watched():
    for register in (0x50, 0x51, 0x59):
        bench = Bench()
        driver = bench.run()
        bench.chip.image[register] ^= 0x20
        found = 0
        for _ in range(70):
            bench.wait(100)
            driver.read()
            try:
                driver.verify_step()
            except afe.ReadbackError as error:
                found += 1
                assert error.address == register
        assert found >= 1


def test_a_calibration_that_does_not_read_twice_the_same_is_not_used():
    bench = Bench()
    plain = bench.bus.readfrom_mem_into
    count = [0]

    def noisy(addr, memaddr, buf):
        plain(addr, memaddr, buf)
        if memaddr == 0x50:
            count[0] += 1
            buf[1] = count[0]

    bench.bus.readfrom_mem_into = noisy
    raises(afe.NoAnswerError, bench.commission)


def test_a_brown_out_is_noticed_at_the_next_read():
    bench = Bench()
    driver = bench.run()
    driver.set_fets(afe.BOTH)
    bench.chip.boots_by_itself = True
    bench.chip.power_cycle()
    bench.wait(100)
    driver.read()
    assert not driver.configured
    assert driver.fets == 0
    bench.commission()
    bench.cycles(3)
    assert driver.configured


def test_every_change_of_gates():
    for crc in (False, True):
        bench = Bench(crc=crc)
        driver = bench.run()
        for before in range(4):
            for after in range(4):
                driver.set_fets(before)
                bench.cycles(1)
                driver.set_fets(after)
                assert bench.chip.chg_on == (after & 1 != 0)
                assert bench.chip.dsg_on == (after & 2 != 0)
                bench.cycles(1)
                assert driver.fets == after
        assert bench.chip.complaints == []


def test_opening_gets_through_a_disturbed_bus():
    bench = Bench()
    driver = bench.run()
    driver.set_fets(afe.BOTH)
    bench.bus.nack_next = 3
    driver.open_path()
    assert not bench.chip.dsg_on
    driver.set_fets(afe.BOTH)
    bench.bus.stuck = True
    raises(afe.BusError, driver.open_path)


def test_a_command_that_fails_opens():
    bench = Bench()
    driver = bench.run()
    driver.set_fets(afe.BOTH)
    bench.bus.nack_next = 2
    raises(afe.BusError, driver.set_fets, afe.CHG)
    assert not bench.chip.chg_on
    assert not bench.chip.dsg_on


def test_never_two_neighbours_are_bled():
    for groups, cells in ((1, 3), (1, 5), (2, 7), (3, 9), (3, 13), (3, 15)):
        bench = Bench(groups, cells)
        driver = bench.run()
        for wanted in range(1 << 15):
            if wanted % 37 and wanted not in (0x7FFF, 0x5555, 0x2AAA):
                continue
            driver.set_balance(wanted & ((1 << cells) - 1))
            bled = bench.chip.balancing
            assert not bled & bled << 1
            for cell in range(cells):
                if bled >> bench.inputs[cell] & 1:
                    assert wanted >> cell & 1
            if not wanted & wanted << 1 and wanted < 1 << cells:
                count = sum(wanted >> cell & 1 for cell in range(cells))
                assert sum(bled >> place & 1 for place in range(15)) == count
        assert bench.chip.complaints == []


def test_bleeding_ends_after_20_seconds_unless_it_is_asked_for_again():
    bench = Bench()
    driver = bench.run()
    driver.set_balance(0b101)
    bench.cycles(180)
    assert bench.chip.balancing == 0b101
    driver.set_balance(0b101)
    bench.cycles(180)
    assert bench.chip.balancing == 0b101
    bench.cycles(30)
    assert bench.chip.balancing == 0


def test_bleeding_is_ended_even_if_the_bus_fails_at_that_moment():
    bench = Bench()
    driver = bench.run()
    driver.set_balance(0b101)
    plain = bench.bus.writeto

    def deaf(addr, buf):
        if buf[0] in (1, 2, 3):
            raise OSError(5)
        return plain(addr, buf)

    bench.bus.writeto = deaf
    failed = 0
    for _ in range(220):
        try:
            bench.cycles(1)
        except afe.BusError:
            failed += 1
    assert failed >= 1
    bench.bus.writeto = plain
    bench.cycles(4)
    assert bench.chip.balancing == 0


def test_opening_the_path_ends_bleeding():
    bench = Bench()
    driver = bench.run()
    driver.set_balance(0b101)
    driver.open_path()
    assert bench.chip.balancing == 0


def test_ship_mode():
    for crc in (False, True):
        bench = Bench(crc=crc)
        driver = bench.run()
        driver.set_fets(afe.BOTH)
        driver.shutdown()
        assert not bench.chip.awake
        assert not driver.configured
        raises(afe.BusError, driver.read)
        bench.chip.boot()
        bench.wait(300)
        bench.commission()
        assert driver.configured


def test_a_chip_that_does_not_go_to_sleep_is_told():
    bench = Bench()
    driver = bench.run()
    bench.chip.ship = lambda: None
    raises(afe.NoAnswerError, driver.shutdown)


def test_a_current_through_a_body_diode_turns_its_fet_on_for_as_long_as_it_flows():
    for allowed, amps in ((afe.DSG, -5.0), (afe.CHG, 5.0)):
        bench = Bench()
        driver = bench.run()
        driver.set_fets(allowed)
        bench.set_current(amps / 20)
        bench.cycles(10)
        assert driver.fets == allowed, "not worth it"
        bench.set_current(amps)
        bench.cycles(6)
        assert driver.fets == afe.BOTH
        bench.set_current(-amps)
        bench.cycles(6)
        assert driver.fets == allowed
        bench.set_current(amps)
        bench.cycles(6)
        driver.set_fets(0)
        bench.cycles(6)
        assert driver.fets == 0
        assert bench.chip.complaints == []


def test_a_fault_of_the_chip_outdoes_a_body_diode():
    for allowed, amps, bit in ((afe.DSG, -5.0, 0x04), (afe.CHG, 5.0, 0x08)):
        bench = Bench()
        driver = bench.run()
        bench.set_cells([4.4 if bit == 4 else 2.0] * 15)
        bench.cycles(15)
        driver.set_fets(allowed)
        bench.set_current(amps)
        for _ in range(30):
            bench.cycles(1)
            assert bench.chip.image[5] & 3 == allowed
        assert bench.chip.complaints == []
