"""The endless re-reading of the configuration: no difference stays unseen, and nothing else is disturbed."""

from bms.drivers import afe
from drivers.bq76952_bench import Bench
from drivers.bq76952_expected import EXPECTED
from portable import raises


def rounds(bench, steps):
    for _ in range(steps):
        bench.afe.verify_step()
        bench.wait(5)


def test_verifying_sees_every_bit_of_every_register():
    bench = Bench()
    bench.run()
    for address, content in EXPECTED:
        for index in range(len(content)):
            for bit in range(8):
                bench.chip.flip_bit(address + index, bit)
                error = raises(afe.ReadbackError, rounds, bench, 50)
                assert error.address == address
                assert error.wrote == number(content)
                assert error.read == number(content) ^ 1 << (8 * index + bit)
                bench.chip.flip_bit(address + index, bit)
    passes = bench.afe.setup.passes
    rounds(bench, 50)
    assert bench.afe.setup.passes > passes


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


def test_everything_is_covered_within_five_seconds():
    bench = Bench()
    bench.run()
    passes = bench.afe.setup.passes
    rounds(bench, 50)
    assert bench.afe.setup.passes >= passes + 2


def test_verifying_takes_few_transactions_a_step():
    bench = Bench()
    bench.run()
    for _ in range(40):
        before = bench.bus.transactions
        bench.afe.verify_step()
        assert bench.bus.transactions - before <= 4
        bench.wait(100)


def test_commands_in_between_do_not_confuse_verifying():
    bench = Bench()
    bench.run()
    passes = bench.afe.setup.passes
    for step in range(60):
        bench.afe.verify_step()
        bench.wait(50)
        if step % 3 == 0:
            bench.afe.set_fets(afe.CHG | afe.DSG if step % 2 else 0)
        if step % 4 == 0:
            bench.afe.set_balance(0x0001 << step % 16)
        bench.wait(50)
        bench.afe.read()
    assert bench.afe.setup.passes > passes
    assert bench.chip.complaints == []


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
    before = bench.afe.setup.passes
    rounds(bench, 60)
    assert bench.afe.setup.passes > before


def test_a_disturbed_window_is_read_again():
    bench = Bench()
    bench.run()
    plain = bench.bus.readfrom_mem_into
    disturb = [3]

    def noisy(addr, memaddr, buf):
        plain(addr, memaddr, buf)
        if memaddr == 0x40 and disturb[0]:
            disturb[0] -= 1
            buf[5] ^= 0x20

    bench.bus.readfrom_mem_into = noisy
    passes = bench.afe.setup.passes
    rounds(bench, 50)
    assert disturb[0] == 0
    assert bench.afe.setup.passes > passes


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
