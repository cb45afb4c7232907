"""Commissioning: what ends up in the chip, and everything that can go wrong on the way there."""

from bms.drivers import afe
from drivers.bq76952_bench import ADDRESS, AT_DATA, AT_SUM, Bench
from drivers.bq76952_expected import EXPECTED
from portable import raises


class Interrupted:
    """A commissioning into which something happens, at the first yield after `count` transactions."""

    def __init__(self, bench):
        self.bench = bench

    def after(self, count, happens):
        bench = self.bench
        start = bench.bus.transactions
        for ms in bench.afe.commission(bench.limits):
            bench.wait(ms)
            if happens and bench.bus.transactions - start >= count:
                happens()
                happens = None
        assert happens is None, "commissioning was over before it happened"


def interrupted(count, happens):
    bench = Bench()
    return raises(afe.AfeError, Interrupted(bench).after, count, lambda: happens(bench))


ENTER = b"\x3e\x90\x00"
EXIT = b"\x3e\x92\x00"
COMMIT = b"\x60"


def transactions_before(last):
    """How many transactions a commissioning makes before its last write that starts so."""
    bench = Bench()
    start = bench.bus.transactions
    found = [0]
    plain = bench.bus.writeto

    def noted(addr, buf):
        if bytes(buf[: len(last)]) == last:
            found[0] = bench.bus.transactions - start
        return plain(addr, buf)

    bench.bus.writeto = noted
    bench.commission()
    return found[0]


def test_every_register_holds_what_the_manual_says():
    bench = Bench()
    bench.commission()
    for address, content in EXPECTED:
        assert bench.memory(address, len(content)) == content, hex(address)


def test_nothing_else_is_touched():
    bench = Bench()
    fresh = Bench()
    bench.commission()
    fresh_wait = fresh.memory
    written = set()
    for address, content in EXPECTED:
        for index in range(len(content)):
            written.add(address + index)
    for block in range(0x9231, 0x9351, 32):
        before = fresh_wait(block, 32)
        after = bench.memory(block, 32)
        for index in range(32):
            assert block + index in written or before[index] == after[index], hex(block + index)


def test_commissioned_state():
    for crc in (False, True):
        for told in (None, crc):
            bench = Bench(crc=crc, told_crc=told)
            bench.commission()
            assert bench.afe.link.crc == crc
            assert bench.afe.configured
            assert bench.chip.complaints == []
            bench.cycles(10)
            assert bench.afe.configured
            assert bench.afe.fets == 0
            assert not bench.chip.chg_on
            assert not bench.chip.dsg_on
            assert bench.afe.applied["cell_ov_mv"] == 4250
            assert bench.afe.link.errors == 0


def test_it_takes_under_a_second():
    bench = Bench()
    before = bench.clock.now_us
    bench.commission()
    assert bench.clock.now_us - before < 1_000_000


def test_alarm_mask_is_set():
    bench = Bench()
    bench.commission()
    enabled = bytearray(2)
    bench.bus.readfrom_mem_into(ADDRESS, 0x66, enabled)
    assert enabled == b"\x02\xf8"


def test_again_from_a_running_pack_opens_it():
    bench = Bench()
    bench.run().set_fets(afe.CHG | afe.DSG)
    bench.cycles(10)
    assert bench.afe.fets == afe.CHG | afe.DSG
    bench.commission()
    bench.cycles(10)
    assert bench.afe.configured
    assert bench.afe.fets == 0
    bench.afe.set_fets(afe.CHG | afe.DSG)  # FET_EN, a toggle, was not toggled off by the second time
    bench.cycles(10)
    assert bench.afe.fets == afe.CHG | afe.DSG
    assert bench.chip.complaints == []


def test_an_abandoned_attempt_does_not_stand_in_the_way():
    bench = Bench()
    attempt = bench.afe.commission(bench.limits)
    for _ in range(30):
        bench.wait(next(attempt))
    attempt.close()
    bench.afe.read()
    assert not bench.afe.configured
    bench.commission()
    assert bench.afe.configured


def test_an_impossible_limit_is_told_before_the_chip_is_touched():
    bench = Bench(changes={"occ_ma": 1000})
    bench.bus.transactions = 0
    error = raises(afe.ConfigError, bench.commission)
    assert error.name == "occ_ma"
    assert bench.bus.transactions == 0
    for name, value in (("cell_count", 15), ("thermistors", 3)):
        bench = Bench(changes={name: value})
        error = raises(afe.ConfigError, bench.commission)
        assert error.name == name
        assert not bench.afe.configured


def test_a_stranger_is_not_configured():
    """PW-139."""
    bench = Bench()
    bench.chip.start = Stranger(bench).start
    error = raises(afe.IdentityError, bench.commission)
    assert "0x7694" in str(error)


class Stranger:
    """Passes transactions to the chip, but answers DEVICE_NUMBER as a BQ76942."""

    def __init__(self, bench):
        self.bench = bench
        self.plain = bench.bus.readfrom_mem_into
        self.start = bench.chip.start
        bench.bus.readfrom_mem_into = self.read

    def read(self, addr, memaddr, buf):
        self.plain(addr, memaddr, buf)
        if memaddr == 0x3E:
            buf[AT_DATA] = 0x94
            buf[AT_SUM] = 0xF4


def test_a_sealed_chip_is_not_configured():
    """PW-139."""
    bench = Bench()
    bench.bus.writeto(ADDRESS, b"\x3e\x30\x00")
    bench.wait(10)
    assert "sealed" in str(raises(afe.IdentityError, bench.commission))


def test_a_silent_chip_is_a_bus_error():
    bench = Bench()
    bench.chip.silent = True
    assert raises(afe.BusError, bench.commission).errno == 5
    bench.chip.silent = False
    bench.bus.stuck = True
    assert raises(afe.BusError, bench.commission).errno == 110
    bench.bus.recover()
    bench.commission()
    assert bench.afe.configured


def test_single_nacks_are_survived_anywhere():
    bench = Bench()
    plain = [0]
    for ms in bench.afe.commission(bench.limits):
        plain[0] += 1
        if plain[0] % 7 == 0:
            bench.bus.nack_next = 1
        bench.wait(ms)
    assert bench.afe.configured
    assert bench.afe.link.errors > 7
    for address, content in EXPECTED:
        assert bench.memory(address, len(content)) == content


def test_a_write_that_the_chip_drops_is_noticed():
    # every commit (0x60) in turn arrives with a wrong checksum: dropped in silence, TRM 3.1
    """PW-105."""
    for victim in range(24):
        bench = Bench()
        count = [0]
        plain = bench.bus.writeto

        def spoiling(addr, buf, count=count, plain=plain, victim=victim):
            if buf[0] == 0x60:
                count[0] += 1
                if count[0] == victim + 1:
                    buf = bytes([0x60, buf[1] ^ 0x01, buf[2]])
            return plain(addr, buf)

        bench.bus.writeto = spoiling
        defaults = True
        try:
            bench.commission()
        except afe.ReadbackError:
            defaults = False
        if count[0] <= victim:
            assert victim >= 20
            return
        if defaults:  # what was dropped happened to be there already: the result must be right all the same
            for address, content in EXPECTED:
                assert bench.memory(address, len(content)) == content


def test_a_reset_at_any_moment_of_commissioning_is_noticed():
    enter = transactions_before(ENTER)
    leave = transactions_before(EXIT)
    for count in range(enter + 1, leave, (leave - enter) // 12):
        error = interrupted(count, lambda bench: bench.chip.power_cycle())
        assert isinstance(error, afe.AfeError)
    for count in (leave - 1, leave + 1, leave + 3):
        interrupted(count, lambda bench: bench.chip.power_cycle())


def test_a_failed_attempt_leaves_the_driver_unconfigured():
    bench = Bench()
    raises(afe.AfeError, Interrupted(bench).after, 60, bench.chip.power_cycle)
    assert not bench.afe.configured
    assert bench.afe.applied == {}
    assert "not configured" in str(raises(afe.AfeError, bench.afe.set_fets, afe.CHG))
    bench.wait(300)
    bench.commission()
    assert bench.afe.configured


def test_reading_back_while_commissioning_sees_a_flipped_bit():
    # the first and the last register of each window; every bit of every register has its turn below
    """PW-105."""
    written = transactions_before(COMMIT) + 1
    for address, bit in (
        (0x91A8, 0),
        (0x91AF, 6),
        (0x9234, 7),
        (0x9235, 5),
        (0x925F, 1),
        (0x927C, 1),
        (0x9280, 2),
        (0x929F, 3),
        (0x92A3, 3),
        (0x92C2, 0),
        (0x92C3, 5),
        (0x92FC, 7),
        (0x9314, 0),
        (0x9335, 4),
        (0x9344, 6),
    ):
        error = interrupted(written, lambda bench, at=address, n=bit: bench.chip.flip_bit(at, n))
        assert isinstance(error, afe.ReadbackError), hex(address)
        assert error.address in (address, address - 1, address - 3)
