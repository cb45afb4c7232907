"""The endless re-reading of the configuration: no difference stays unseen, and nothing else is disturbed."""

from bms.drivers import afe
from drivers.bq76952_bench import AT_DATA, Bench
from drivers.bq76952_expected import EXPECTED
from portable import raises


def rounds(bench, steps):
    for _ in range(steps):
        bench.afe.verify_step()
        bench.wait(5)


def test_every_bit_of_data_memory_is_seen_within_ten_seconds():
    # ten calls a second; one byte in 32 is disturbed at a time, wherever the windows may lie
    """PW-106."""
    bench = Bench()
    bench.calibrate()
    bench.run()
    bench.chip.sequence._consider_shutdown = lambda _at_us: (
        None
    )  # some bits would make it; not the point here
    memory = []
    for address in range(0x9180, 0x9380):
        if bench.chip.memory.exists(address):
            memory.append(address)
    assert len(memory) == 408
    for offset in range(32):
        for bit in range(8):
            disturbed = [address for address in memory if address % 32 == offset]
            for address in disturbed:
                bench.chip.flip_bit(address, bit)
            left = 100
            while disturbed and left:
                left -= 1
                try:
                    rounds(bench, 1)
                except afe.ReadbackError as error:
                    found = error.address + place(error.wrote ^ error.read, bit)
                    disturbed.remove(found)
                    bench.chip.flip_bit(found, bit)
            assert not disturbed, (offset, bit, disturbed)
    passes = bench.afe.watch.passes
    rounds(bench, 100)
    assert bench.afe.watch.passes >= passes + 3


def place(difference, bit):
    """Which byte of a register differs, if all that differs is this bit."""
    for index in range(4):
        if difference == 1 << (8 * index + bit):
            return index
    raise AssertionError("more than one bit differs: 0x%X" % difference)


def test_a_difference_is_told_in_whole_registers():
    bench = Bench()
    bench.run()
    for address, content in EXPECTED:
        bit = address % (8 * len(content))
        bench.chip.flip_bit(address + bit // 8, bit % 8)
        error = raises(afe.ReadbackError, rounds, bench, 50)
        assert error.address == address
        assert error.wrote == number(content)
        assert error.read == number(content) ^ 1 << bit
        bench.chip.flip_bit(address + bit // 8, bit % 8)


def number(content):
    value = 0
    for index in range(len(content)):
        value |= content[index] << 8 * index
    return value


def test_the_error_names_the_register():
    bench = Bench()
    bench.run()
    bench.chip.flip_bit(0x9278, 1)
    error = raises(afe.ReadbackError, rounds, bench, 50)
    assert error.name == "COV Threshold"
    assert str(error) == "the AFE's register COV Threshold (0x9278) holds 0x56, not 0x54"


def test_what_is_kept_is_told_by_its_byte():
    bench = Bench()
    bench.calibrate()
    bench.run()
    bench.chip.flip_bit(0x9187, 3)
    error = raises(afe.ReadbackError, rounds, bench, 50)
    assert (error.name, error.address) == ("Cell Gains", 0x9187)
    assert error.wrote ^ error.read == 8
    bench.chip.flip_bit(0x9187, 3)
    bench.chip.flip_bit(0x9334, 0)
    error = raises(afe.ReadbackError, rounds, bench, 50)
    assert str(error) == "the AFE's register Interconnect Resistances (0x9334) holds 0x1, not 0x0"


def test_a_round_takes_little_more_than_four_seconds():
    bench = Bench()
    bench.run()
    passes = bench.afe.watch.passes
    rounds(bench, 41)
    assert bench.afe.watch.passes == passes
    rounds(bench, 1)
    assert bench.afe.watch.passes == passes + 1


def test_a_round_takes_under_ten_seconds_in_a_busy_pack():
    # balancing repeated every ten seconds, a FET command every second
    """PW-106."""
    bench = Bench()
    bench.run()
    for start in range(10):
        passes = bench.afe.watch.passes
        for step in range(100):
            if step == start:
                bench.afe.set_balance(0x0101)
            if step % 10 == start:
                bench.afe.set_fets(afe.BOTH)
            bench.afe.verify_step()
            bench.cycles(1)
        assert bench.afe.watch.passes >= passes + 2
    assert bench.chip.complaints == []


def test_verifying_takes_few_transactions_a_step():
    bench = Bench()
    bench.run()
    for _ in range(40):
        before = bench.bus.transactions
        bench.afe.verify_step()
        assert bench.bus.transactions - before <= 3
        bench.wait(100)


def test_commands_in_between_do_not_confuse_verifying():
    bench = Bench()
    bench.run()
    passes = bench.afe.watch.passes
    for step in range(100):  # ten seconds
        bench.afe.verify_step()
        bench.wait(50)
        if step % 3 == 0:
            bench.afe.set_fets(afe.CHG | afe.DSG if step % 2 else 0)
        if step % 4 == 0:
            bench.afe.set_balance(0x0001 << step % 16)
        bench.wait(50)
        bench.afe.read()
    assert bench.afe.watch.passes > passes
    assert bench.chip.complaints == []


def test_live_converters_never_say_the_same_twice():
    """PW-050: not even of a steady pack."""
    bench = Bench()
    bench.run()
    for _ in range(100):
        bench.afe.verify_step()
        bench.cycles(1)
        assert bench.afe.still == 0


def test_converters_that_stand_still_are_noticed_within_two_seconds():
    """PW-050: whenever it happens, and before any row could accuse a switch."""
    for after in range(8):
        bench = Bench()
        bench.run()
        for _ in range(20 + after):
            bench.afe.verify_step()
            bench.cycles(1)
        bench.chip.freeze = True
        for _ in range(20):
            bench.afe.verify_step()
            bench.cycles(1)
        still = bench.afe.still
        assert still >= 1, after
        for _ in range(32):
            bench.afe.verify_step()
            bench.cycles(1)
        assert bench.afe.still == still + 4
        bench.chip.freeze = False
        for _ in range(10):
            bench.afe.verify_step()
            bench.cycles(1)
        assert bench.afe.still == 0


def test_a_window_that_never_comes_is_an_error():
    bench = Bench()
    bench.run()
    plain = bench.bus.readfrom_mem_into

    def busy(addr, memaddr, buf):
        plain(addr, memaddr, buf)
        if memaddr == 0x3E:
            buf[0] = buf[1] = 0xFF

    bench.bus.readfrom_mem_into = busy
    raises(afe.NoAnswerError, rounds, bench, 30)
    rounds(bench, 15)
    raises(afe.NoAnswerError, rounds, bench, 30)


def test_a_command_without_an_answer_does_not_end_the_rounds():
    """Such a command leaves 0xFF at 0x3E for good (TRM 3.1): the window must be asked for again."""
    bench = Bench()
    bench.run()
    bench.afe.verify_step()
    bench.wait(100)
    bench.afe.load_detect(True)
    bench.wait(100)
    before = bench.afe.watch.passes
    rounds(bench, 60)
    assert bench.afe.watch.passes > before


def test_a_disturbed_window_is_read_again():
    bench = Bench()
    bench.run()
    plain = bench.bus.readfrom_mem_into
    disturb = [3]

    def noisy(addr, memaddr, buf):
        plain(addr, memaddr, buf)
        if memaddr == 0x3E and disturb[0]:
            disturb[0] -= 1
            buf[AT_DATA + 5] ^= 0x20

    bench.bus.readfrom_mem_into = noisy
    passes = bench.afe.watch.passes
    rounds(bench, 50)
    assert disturb[0] == 0
    assert bench.afe.watch.passes > passes


def test_verifying_before_commissioning_does_nothing():
    bench = Bench()
    before = bench.bus.transactions
    bench.afe.verify_step()
    assert bench.bus.transactions == before


def test_the_pack_keeps_running_while_it_is_verified():
    bench = Bench()
    bench.run().set_fets(afe.CHG | afe.DSG)
    bench.cycles(5)
    for _ in range(100):
        bench.afe.verify_step()
        bench.cycles(1)
        assert bench.afe.fets == afe.CHG | afe.DSG
        assert bench.afe.configured
