"""Gates and bleeding: what is commanded is what the chip does, and never anything in between."""

from bms.drivers import afe
from drivers.bq76952_bench import ADDRESS, Bench
from portable import raises


def gates(bench):
    return (afe.CHG if bench.chip.chg_on else 0) | (afe.DSG if bench.chip.dsg_on else 0)


def commands(bench):
    """Subcommands as they go over the bus from now on."""
    seen = []
    plain = bench.bus.writeto

    def noted(addr, buf):
        if buf[0] == 0x3E:
            seen.append(buf[1] | buf[2] << 8)
        return plain(addr, buf)

    bench.bus.writeto = noted
    return seen


def test_every_change_of_gates():
    for crc in (False, True):
        bench = Bench(crc=crc)
        driver = bench.run()
        for before in range(4):
            for after in range(4):
                driver.set_fets(before)
                bench.cycles(6)
                driver.set_fets(after)
                bench.cycles(6)
                assert gates(bench) == after, (before, after)
                assert driver.fets == after, (before, after)
        assert bench.chip.complaints == []


def test_the_commands_are_the_documented_ones():
    bench = Bench()
    driver = bench.run()
    seen = commands(bench)
    for mask, expected in (
        (3, [0x96]),
        (1, [0x93]),
        (1, [0x93]),
        (2, [0x96, 0x94]),
        (2, [0x94]),
        (3, [0x96]),
        (2, [0x94]),
        (1, [0x96, 0x93]),
        (0, [0x95, 0x95]),
        (1, [0x96, 0x93]),
    ):
        driver.set_fets(mask)
        assert seen == expected, mask
        seen.clear()
        bench.cycles(4)


def test_no_gate_blinks():
    # across the 250 ms at which the chip looks at its commands
    bench = Bench()
    driver = bench.run()
    for before, after in ((1, 1), (2, 2), (0, 1), (0, 2), (3, 1), (3, 2), (3, 3), (1, 3), (2, 3)):
        for phase in range(5):
            driver.set_fets(before)
            bench.cycles(6)
            bench.wait(phase * 50)
            driver.set_fets(after)
            for _ in range(20):
                bench.wait(20)
                assert not gates(bench) & ~(before | after), (before, after)
                assert gates(bench) & (before & after) == before & after, (before, after)


def test_higher_bits_are_ignored():
    bench = Bench()
    driver = bench.run()
    driver.set_fets(afe.PCHG | afe.PDSG | afe.CHG)
    bench.cycles(6)
    assert gates(bench) == afe.CHG


def test_nothing_closes_before_commissioning():
    bench = Bench()
    for mask in (1, 2, 3):
        raises(afe.AfeError, bench.afe.set_fets, mask)
    bench.afe.set_fets(0)
    bench.wait(600)
    assert gates(bench) == 0


def test_commissioning_alone_closes_nothing():
    bench = Bench()
    bench.commission()
    for _ in range(20):
        bench.cycles(1)
        assert gates(bench) == 0


def test_half_a_command_opens_the_path():
    """PW-130."""
    for wanted in (afe.CHG, afe.DSG):
        bench = Bench()
        driver = bench.run()
        plain = bench.bus.writeto

        def failing(addr, buf, plain=plain):
            if buf[0] == 0x3E and buf[1] in (0x93, 0x94):
                raise OSError(5)
            return plain(addr, buf)

        bench.bus.writeto = failing
        raises(afe.BusError, driver.set_fets, wanted)
        bench.bus.writeto = plain
        bench.cycles(6)
        assert gates(bench) == 0
        driver.set_fets(wanted)
        bench.cycles(6)
        assert gates(bench) == wanted


def test_open_path_opens_at_once():
    for crc in (False, True):
        bench = Bench(crc=crc)
        driver = bench.run()
        driver.set_fets(afe.BOTH)
        bench.cycles(6)
        driver.open_path()
        bench.wait(5)
        assert gates(bench) == 0


def test_open_path_insists():
    for failures in range(5):
        bench = Bench()
        driver = bench.run()
        driver.set_fets(afe.BOTH)
        bench.cycles(6)
        bench.bus.nack_next = failures
        driver.open_path()
        bench.wait(300)
        assert gates(bench) == 0, failures


def test_open_path_raises_when_nothing_got_through():
    bench = Bench()
    driver = bench.run()
    driver.set_fets(afe.BOTH)
    bench.cycles(6)
    bench.bus.stuck = True
    before = bench.clock.now_us
    assert raises(afe.BusError, driver.open_path).errno == 110
    assert bench.clock.now_us - before <= 250_000
    bench.bus.recover()
    driver.set_fets(afe.BOTH)
    bench.bus.stuck = True
    before = bench.clock.now_us
    raises(afe.BusError, driver.open_path)
    assert bench.clock.now_us - before <= 250_000
    bench.bus.recover()
    driver.open_path()
    bench.wait(300)
    assert gates(bench) == 0


def test_open_path_works_before_anything_is_known():
    # a controller that was reset finds a chip that still has its FETs on
    for crc in (False, True):
        bench = Bench(crc=crc)
        bench.run().set_fets(afe.BOTH)
        bench.cycles(6)
        assert gates(bench) == afe.BOTH
        reborn = type(bench.afe)(bench.bus, ADDRESS, None, 16, 7)
        reborn.open_path()
        bench.wait(10)
        assert gates(bench) == 0
        assert bench.chip.complaints == []


def test_a_safety_fault_blocks_and_the_host_latch_outlasts_it():
    bench = Bench()
    driver = bench.run()
    driver.set_fets(afe.BOTH)
    bench.cycles(6)
    bench.set_cells([4.4] + [3.3] * 15)
    bench.cycles(15)
    assert driver.safety == afe.OV
    assert gates(bench) == afe.DSG
    driver.set_fets(afe.DSG)
    bench.set_cells([3.3] * 16)
    bench.cycles(90)
    assert driver.safety == 0
    assert gates(bench) == afe.DSG


def test_balancing_reaches_the_right_inputs():
    for count in range(3, 17):
        bench = Bench(cell_count=count)
        volts = [3.3] * (count - 1) + [0.0] * (16 - count) + [3.3]
        bench.set_cells(volts)
        driver = bench.run()
        for cells in (1, 1 << (count - 2), 1 << (count - 1), 0b101, (1 << count) - 1, 0):
            inputs = cells & ((1 << (count - 1)) - 1) | (0x8000 if cells >> (count - 1) & 1 else 0)
            driver.set_balance(cells)
            bench.wait(1500)
            assert bench.chip.balancing == inputs, (count, cells)
            bench.afe.read()
        assert bench.chip.complaints == []


def test_cells_that_are_not_there_are_not_balanced():
    bench = Bench(cell_count=4)
    bench.set_cells([3.3] * 3 + [0.0] * 12 + [3.3])
    driver = bench.run()
    driver.set_balance(0xFFF0)
    bench.wait(1500)
    assert bench.chip.balancing == 0


def test_balancing_ends_by_itself_and_goes_on_when_repeated():
    """PW-136."""
    bench = Bench()
    driver = bench.run()
    driver.set_balance(0x0002)
    bench.cycles(150)
    assert bench.chip.balancing == 0x0002
    driver.set_balance(0x0002)
    bench.cycles(150)
    assert bench.chip.balancing == 0x0002
    bench.cycles(80)
    assert bench.chip.balancing == 0


def test_balancing_with_crc():
    bench = Bench(crc=True)
    driver = bench.run()
    driver.set_balance(0x8001)
    bench.wait(1500)
    assert bench.chip.balancing == 0x8001
    assert bench.chip.complaints == []


def test_commands_right_behind_each_other_all_count():
    for crc in (False, True):
        bench = Bench(crc=crc)
        driver = bench.run()
        driver.set_fets(afe.CHG)
        driver.set_balance(0x0004)
        driver.load_detect(True)
        driver.set_balance(0x0020)
        driver.set_fets(afe.DSG)
        driver.verify_step()
        bench.cycles(15)
        assert gates(bench) == afe.DSG
        assert bench.chip.balancing == 0x0020
        assert bench.chip.load_detect
        assert bench.chip.complaints == []


def test_load_detection():
    bench = Bench()
    driver = bench.run()
    driver.load_detect(True)
    bench.wait(5)
    assert bench.chip.load_detect
    driver.load_detect(False)
    bench.wait(5)
    assert not bench.chip.load_detect
