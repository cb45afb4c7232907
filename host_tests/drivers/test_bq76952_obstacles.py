"""A chip that does not do what it is told while it is commissioned: each refusal has its own error."""

from bms.drivers import afe
from drivers.bq76952_bench import AT_DATA, AT_SUM, Bench
from drivers.bq76952_expected import EXPECTED
from portable import raises


class Tap:
    """Sits between driver and bus: `drop` swallows subcommands, `change` edits what is read."""

    def __init__(self, bench, drop=(), change=None):
        self.seen = []
        self.drop = drop
        self.change = change
        self.write = bench.bus.writeto
        self.read = bench.bus.readfrom_mem_into
        bench.bus.writeto = self.writeto
        bench.bus.readfrom_mem_into = self.readfrom_mem_into

    def writeto(self, addr, buf):
        if buf[0] == 0x3E:
            word = buf[1] | buf[2] << 8
            self.seen.append(word)
            if word in self.drop:
                return len(buf)
        else:
            self.seen.append(bytes(buf))
        return self.write(addr, buf)

    def readfrom_mem_into(self, addr, memaddr, buf):
        self.read(addr, memaddr, buf)
        if self.change:
            self.change(self, memaddr, buf)


def obstructed(drop=(), change=None):
    bench = Bench()
    Tap(bench, drop, change)
    error = raises(afe.AfeError, bench.commission)
    assert not bench.afe.configured
    assert bench.afe.applied == {}
    return error


def test_order_of_the_commands():
    bench = Bench()
    tap = Tap(bench)
    bench.commission()
    commands = [word for word in tap.seen if isinstance(word, int) and word < 0x9000 and word != 0x0057]
    off = [0x0095, 0x0095]
    assert commands == off + [0x0001] + off + [0x0090, 0x0092] + off + [0x009A, 0x0022]
    assert b"\x66\x02\xf8" in tap.seen


def test_fet_enable_is_not_sent_to_a_chip_that_has_it():
    # the command toggles
    def enabled(tap, memaddr, buf):
        if tap.seen[-1:] == [0x0057] and memaddr == 0x3E:
            buf[AT_DATA] |= 0x10
            buf[AT_SUM] -= 0x10  # it is inverted

    bench = Bench()
    tap = Tap(bench, (), enabled)
    bench.commission()
    assert 0x0057 in tap.seen
    assert 0x0022 not in tap.seen


def test_config_update_that_is_not_entered_or_left():
    assert "enter CONFIG_UPDATE" in str(obstructed(drop=(0x0090,)))
    assert "leave CONFIG_UPDATE" in str(obstructed(drop=(0x0092,)))


def test_fets_that_stay_in_test_mode():
    error = obstructed(drop=(0x0022,))
    assert isinstance(error, afe.NoAnswerError)
    assert "FET_EN" in str(error)


def test_a_subcommand_that_is_never_answered():
    def busy(_tap, memaddr, buf):
        if memaddr == 0x3E:
            buf[0] = buf[1] = 0xFF

    assert isinstance(obstructed(change=busy), afe.NoAnswerError)


def test_a_torn_answer_is_asked_for_again():
    left = [5]

    def torn(_tap, memaddr, buf):
        if memaddr == 0x3E and left[0]:
            left[0] -= 1
            buf[AT_SUM] ^= 1

    bench = Bench()
    tap = Tap(bench, (), torn)
    bench.commission()
    assert left[0] == 0
    assert tap.seen.count(0x0001) == 6
    assert bench.afe.configured


def test_a_chip_that_is_still_starting_is_waited_for():
    left = [5]

    def starting(_tap, memaddr, buf):
        if memaddr == 0x12 and left[0]:
            left[0] -= 1
            buf[1] &= 0xFC

    bench = Bench()
    Tap(bench, (), starting)
    before = bench.clock.now_us
    bench.commission()
    assert bench.afe.configured
    left[0] = 1000
    error = raises(afe.NoAnswerError, bench.commission)
    assert "start" in str(error)
    assert bench.clock.now_us > before


def test_a_reset_that_shows_only_as_por():
    def after_exit(tap, memaddr, buf):
        if memaddr == 0x12 and 0x0092 in tap.seen:
            buf[0] |= 0x08

    def at_the_very_end(tap, memaddr, buf):
        if memaddr == 0x12 and b"\x66\x02\xf8" in tap.seen:
            buf[0] |= 0x08

    for change in (after_exit, at_the_very_end):
        assert isinstance(obstructed(change=change), afe.ResetError)


def test_an_alarm_mask_that_is_not_taken():
    def other(_tap, memaddr, buf):
        if memaddr == 0x66:
            buf[1] ^= 0x40

    error = obstructed(change=other)
    assert isinstance(error, afe.ReadbackError)
    assert (error.address, error.wrote, error.read) == (0x66, 0xF802, 0xB802)


def test_a_second_attempt_that_fails_forgets_the_first():
    bench = Bench()
    driver = bench.run()
    bench.bus.stuck = True
    raises(afe.BusError, bench.commission)
    bench.bus.recover()
    assert not driver.configured
    assert driver.applied == {}
    before = bench.bus.transactions
    driver.verify_step()
    assert bench.bus.transactions == before
    raises(afe.AfeError, driver.set_fets, afe.BOTH)


def test_verifying_starts_anew_with_each_commissioning():
    for steps in (1, 2, 3, 15, 16, 31, 32, 33):
        bench = Bench()
        bench.run()
        for _ in range(steps):
            bench.afe.verify_step()
            bench.wait(5)
        bench.commission()
        passes = bench.afe.watch.passes
        for _ in range(42):
            bench.afe.verify_step()
            bench.wait(5)
        assert bench.afe.watch.passes > passes


def test_reading_back_starts_at_the_first_register_again():
    for steps in (1, 2, 3, 15, 16, 31, 32, 33):
        bench = Bench()
        bench.run()
        for _ in range(steps):
            bench.afe.verify_step()
            bench.wait(5)

        def flipped(tap, memaddr, buf):
            # CC Gain in the window that Pack Gain opens
            if memaddr == 0x3E and tap.seen[-1:] == [0x91A0]:
                buf[AT_DATA + 8] ^= 1
                buf[AT_SUM] += -1 if EXPECTED[0][1][0] % 2 == 0 else 1  # it is inverted

        Tap(bench, (), flipped)
        error = raises(afe.ReadbackError, bench.commission)
        assert error.address == 0x91A8


def test_a_wrongly_guessed_crc_mode_does_not_last():
    for crc in (False, True):
        bench = Bench(crc=crc)
        bench.afe.link.crc = not crc
        bench.commission()
        assert bench.afe.configured


def test_whatever_was_in_the_registers_before_is_overwritten():
    for bit in range(8):
        bench = Bench()
        for address, content in EXPECTED:
            for index in range(len(content)):
                bench.chip.flip_bit(address + index, bit)
        bench.commission()
        for address, content in EXPECTED:
            assert bench.memory(address, len(content)) == content, (hex(address), bit)
