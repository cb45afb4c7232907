"""That nothing is left out: limits have their registers, registers their values, and all are read back."""

from bms.drivers import afe
from bms.drivers.bq76952_registers import ROWS, decided, plan
from drivers.bq76952_bench import LIMITS, Bench, limits_with
from drivers.bq76952_expected import EXPECTED
from packwarden.sim.bq76952_memory import DataMemory
from portable import raises

# Another value for each limit, and every register that must follow it (TRM 13.9).
FOLLOWERS = (
    ("cell_count", 15, (0x9304,)),
    ("shunt_uohm", 1500, (0x91A8, 0x91AC, 0x9280, 0x9282, 0x9284, 0x9286)),
    ("thermistors", 0, (0x9234, 0x92FD, 0x92FE, 0x92FF, 0x9303)),
    ("cell_ov_mv", 4000, (0x9278,)),
    ("cell_ov_ms", 2000, (0x9279,)),
    ("cell_uv_mv", 2800, (0x9275,)),
    ("cell_uv_ms", 2000, (0x9276,)),
    ("occ_ma", 10_000, (0x9280,)),
    ("occ_ms", 100, (0x9281,)),
    ("ocd1_ma", 18_000, (0x9282,)),
    ("ocd1_ms", 100, (0x9283,)),
    ("ocd2_ma", 30_000, (0x9284,)),
    ("ocd2_ms", 50, (0x9285,)),
    ("scd_ma", 200_000, (0x9286,)),
    ("scd_us", 60, (0x9287,)),
    ("otc_ddegc", 450, (0x929A, 0x929C, 0x9337)),
    ("utc_ddegc", 50, (0x92A6, 0x92A8)),
    ("otd_ddegc", 600, (0x929D, 0x929F)),
    ("utd_ddegc", -100, (0x92A9, 0x92AB)),
    ("temp_s", 6, (0x929B, 0x929E, 0x92A1, 0x92A7, 0x92AA)),
    ("hwd_s", 8, (0x9294, 0x92AF, 0x92B2)),
    ("fet_thermistor", 1, (0x9262, 0x92FF)),
    ("otf_ddegc", 800, (0x92A0, 0x92A2)),
    ("series_fets", 0, (0x9308,)),
    ("precharge_delta_mv", 700, (0x9308, 0x930F)),
    ("pchg_start_mv", 2500, (0x930A,)),
    ("pchg_stop_mv", 2700, (0x930C,)),
)


def registers(changes):
    image, _applied = plan(limits_with(changes))
    found = {}
    at = 0
    for row in ROWS:
        size = abs(row[1])
        found[row[0]] = bytes(image[at : at + size])
        at += size
    return found


def test_every_limit_moves_its_registers_and_no_others():
    assert {name for name, _value, _registers in FOLLOWERS} == set(LIMITS)
    # with room for a stop above the start, and for TS3 to be free
    base = {"pchg_stop_mv": 2600, "thermistors": 3}
    for name, value, followers in FOLLOWERS:
        before = registers(base)
        changes = dict(base)
        changes[name] = value
        after = registers(changes)
        moved = tuple([address for address in sorted(before) if before[address] != after[address]])
        expected = tuple([address for address in followers if (name, address) != ("thermistors", 0x92FF)])
        assert moved == expected, (name, [hex(address) for address in moved])


def test_every_register_is_decided_or_kept_and_none_twice():
    memory = DataMemory()
    seen = []
    for row in ROWS:
        for index in range(abs(row[1])):
            seen.append(row[0] + index)
    assert seen == [address for address in range(0x9180, 0x9380) if memory.exists(address)]


def test_every_decided_register_has_its_value_worked_out_by_hand():
    found = registers({})
    assert [(row[0], found[row[0]]) for row in ROWS if decided(row)] == list(EXPECTED)


def test_cell_gains_come_first():
    # where the set-up looks for them
    assert ROWS[0][0] == 0x9180
    assert ROWS[0][1] == 32


def test_every_decided_byte_is_read_back_before_the_chip_acts_on_it():
    for address, content in EXPECTED:
        for index in range(len(content)):
            bench = Bench()
            bit = (address + index) % 8
            error = raises(afe.ReadbackError, spoiled, bench, address + index, bit)
            assert error.address == address
            assert error.wrote ^ error.read == 1 << (8 * index + bit)
            assert bench.chip.configuring
            assert not bench.afe.configured


def spoiled(bench, address, bit):
    """Commission, with a bit of RAM that turns over when all is written."""
    last = EXPECTED[-1][0]
    for ms in bench.afe.commission(bench.limits):
        bench.wait(ms)
        if address and bench.chip.transfer.word == last and bench.chip.image[0x61] == 6:
            bench.chip.flip_bit(address, bit)
            address = 0


def test_and_again_after_it():
    # a bit that turns over while CONFIG_UPDATE is being left
    for which in range(0, len(EXPECTED), 7):
        address, content = EXPECTED[which]
        bench = Bench()
        error = raises(afe.ReadbackError, spoiled_late, bench, address)
        assert error.address == address
        assert error.wrote == int.from_bytes(content, "little")
        assert not bench.chip.configuring


def spoiled_late(bench, address):
    seen = False
    for ms in bench.afe.commission(bench.limits):
        bench.wait(ms)
        if bench.chip.configuring:
            seen = True
        elif seen:
            bench.chip.flip_bit(address, 0)
            seen = False


def test_the_host_watchdog_is_armed_before_a_fet_may_close():
    for crc in (False, True):
        bench = Bench(crc=crc)
        chip = bench.chip
        run = chip.commands.run
        released = []

        def noted(word, now_us, chip=chip, run=run, released=released):
            if word == 0x0096:
                settings = chip.settings
                assert not chip.configuring
                assert settings.enabled_c & 0x02
                assert settings.chg_off_c & settings.dsg_off_c & 0x02
                assert settings.hwd_us == 5_000_000
                released.append(word)
            return run(word, now_us)

        chip.commands.run = noted
        bench.commission()
        assert released == []
        bench.afe.set_fets(afe.BOTH)
        assert released == [0x0096]
        bench.wait(4_900)
        assert chip.chg_on
        assert chip.dsg_on
        bench.wait(1_200)
        assert not chip.chg_on
        assert not chip.dsg_on


def test_whatever_part_of_commissioning_was_done_nothing_closes():
    for steps in range(1, 400):
        bench = Bench()
        attempt = bench.afe.commission(bench.limits)
        done = False
        try:
            for _ in range(steps):
                bench.wait(next(attempt))
        except StopIteration:
            done = True
        if done:
            assert steps > 70
            return
        raises(afe.AfeError, bench.afe.set_fets, afe.BOTH)
        bench.wait(600)
        assert not bench.chip.chg_on
        assert not bench.chip.dsg_on
    raise AssertionError("commissioning never ends")
