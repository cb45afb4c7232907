"""The factory's calibration, which nobody can know: learned from a fresh chip, watched, and brought back."""

from bms.drivers import afe
from bms.drivers.bq76952 import Bq76952
from drivers.bq76952_bench import ADDRESS, AT_DATA, AT_SUM, Bench
from portable import raises

RESET = 0x0012


def commands(bench):
    """Subcommands as the chip gets them from now on."""
    seen = []
    run = bench.chip.commands.run

    def noted(word, now_us):
        seen.append(word)
        return run(word, now_us)

    bench.chip.commands.run = noted
    return seen


def reborn(bench):
    """The controller has restarted: a driver that knows nothing."""
    bench.afe = Bq76952(bench.bus, ADDRESS, None, 16, 7)


def rounds(bench, steps=64):
    for _ in range(steps):
        bench.afe.verify_step()
        bench.wait(5)


def gain(bench, cell):
    data = bench.memory(0x9180 + 2 * cell, 2)
    return data[0] | data[1] << 8


def test_a_fresh_chip_is_learned_from_as_it_is():
    for calibrated in (False, True):
        bench = Bench()
        if calibrated:
            bench.calibrate()
        seen = commands(bench)
        bench.run()
        assert RESET not in seen
        assert bench.afe.watch.trusted
        rounds(bench)
        if calibrated:
            assert [gain(bench, cell) for cell in range(16)] == [12_100 + 3 * cell for cell in range(16)]


def test_a_chip_that_was_in_use_is_reset_first():
    bench = Bench()
    bench.run().set_fets(afe.BOTH)
    bench.cycles(5)
    reborn(bench)
    seen = commands(bench)
    before_us = bench.clock.now_us
    bench.commission()
    assert seen.count(RESET) == 1
    assert bench.clock.now_us - before_us < 1_000_000
    assert bench.afe.configured
    assert bench.chip.complaints == []
    rounds(bench)


def test_a_new_set_of_limits_needs_no_reset():
    bench = Bench()
    bench.run()
    seen = commands(bench)
    bench.limits["cell_ov_mv"] = 4000
    bench.commission()
    assert RESET not in seen
    assert bench.afe.applied["cell_ov_mv"] == 3997
    rounds(bench)


def test_a_brown_out_needs_no_reset():
    bench = Bench()
    bench.calibrate()
    bench.run()
    bench.chip.power_cycle()
    bench.wait(300)
    seen = commands(bench)
    bench.commission()
    assert RESET not in seen
    rounds(bench)


def test_a_flipped_bit_shifts_readings_until_the_next_commissioning():
    bench = Bench()
    bench.calibrate()
    truth = list(bench.run().cells_mv)
    bench.chip.flip_bit(0x9189, 1)
    bench.cycles(3)
    assert abs(bench.afe.cells_mv[4] - truth[4]) > 100
    error = raises(afe.ReadbackError, rounds, bench)
    assert (error.name, error.address) == ("Cell Gains", 0x9189)
    assert not bench.afe.watch.trusted
    seen = commands(bench)
    bench.commission()
    assert seen.count(RESET) == 1
    assert gain(bench, 4) == 12_112
    bench.cycles(5)
    assert list(bench.afe.cells_mv) == truth
    rounds(bench)


def test_a_flipped_bit_that_nobody_has_seen_yet_does_not_become_the_measure():
    # it turned over right before new limits were set, or while the controller was down
    for again in (False, True):
        bench = Bench()
        bench.calibrate()
        bench.run()
        bench.chip.flip_bit(0x9184, 2)
        if again:
            reborn(bench)
        else:
            assert raises(afe.ReadbackError, bench.commission).address == 0x9184
            assert not bench.afe.configured
        bench.commission()
        assert gain(bench, 2) == 12_106
        assert bench.afe.configured
        rounds(bench)


def test_a_difference_in_what_we_wrote_costs_no_reset():
    bench = Bench()
    bench.run()
    bench.chip.flip_bit(0x9278, 1)
    raises(afe.ReadbackError, rounds, bench)
    seen = commands(bench)
    bench.commission()
    assert RESET not in seen
    rounds(bench)


def test_an_attempt_that_broke_off_before_all_was_learned_is_not_trusted():
    bench = Bench()
    attempt = bench.afe.commission(bench.limits)
    was_configuring = False
    while True:
        bench.wait(next(attempt))
        if was_configuring and not bench.chip.configuring:
            break
        was_configuring = bench.chip.configuring
    bench.wait(next(attempt))
    attempt.close()
    assert not bench.afe.watch.trusted
    seen = commands(bench)
    bench.commission()
    assert seen.count(RESET) == 1


def test_gains_that_no_chip_has():
    # 12120 is nominal (TRM 4.10); 5 % off is taken, 0 is the factory's own
    for value, good in (
        (12_726, True),
        (11_514, True),
        (0, True),
        (12_727, False),
        (11_513, False),
        (0xD0A8, False),
    ):
        for cell in (0, 15):
            bench = Bench()
            bench.chip.memory.burn(0x9180 + 2 * cell, bytes((value & 0xFF, value >> 8)))
            bench.chip.power_cycle()
            bench.wait(300)
            if good:
                bench.commission()
                continue
            error = raises(afe.CalibrationError, bench.commission)
            assert (error.name, error.read, error.nominal) == ("Cell %d Gain" % (cell + 1), value, 12_120)
            assert not bench.afe.configured
            seen = commands(bench)
            raises(afe.CalibrationError, bench.commission)  # it is no better after a reset
            assert seen.count(RESET) == 1


def test_a_chip_that_shows_zero_for_the_factory_s_gains():
    # what is read outside CONFIG_UPDATE should be what is in use (TRM 4.10), but 0 says no worse
    bench = Bench()
    plain = bench.bus.readfrom_mem_into

    def zeros(addr, memaddr, buf):
        plain(addr, memaddr, buf)
        if bench.chip.transfer.word == 0x9180 and memaddr == 0x3E:
            buf[AT_DATA:AT_SUM] = bytes(AT_SUM - AT_DATA)
            buf[AT_SUM] = ~(0x91 + 0x80) & 0xFF

    bench.bus.readfrom_mem_into = zeros
    bench.run()
    rounds(bench)


def test_a_reset_that_never_comes_or_never_ends():
    bench = Bench()
    bench.run()
    reborn(bench)
    run = bench.chip.commands.run
    bench.chip.commands.run = lambda word, now_us: None if word == RESET else run(word, now_us)
    error = raises(afe.NoAnswerError, bench.commission)
    assert "restart" in str(error)
    assert not bench.afe.configured

    def dead(word, now_us):
        if word == RESET:
            bench.chip.silent = True
        return run(word, now_us)

    bench.chip.commands.run = dead
    before_us = bench.clock.now_us
    assert raises(afe.BusError, bench.commission).errno == 5
    assert bench.clock.now_us - before_us < 2_000_000
    bench.chip.silent = False
    bench.chip.commands.run = run
    bench.commission()
    assert bench.afe.configured


def test_a_reset_closes_nothing_even_if_somebody_burned_fet_en():
    bench = Bench()
    bench.chip.memory.burn(0x9343, b"\x50\x00")  # FET_EN at power-up
    bench.chip.power_cycle()
    bench.wait(600)
    assert bench.chip.chg_on
    for _ in range(2):
        for ms in bench.afe.commission(bench.limits):
            for _ in range(ms):
                bench.wait(1)
                assert not bench.chip.chg_on
                assert not bench.chip.dsg_on
        bench.wait(600)
        assert not bench.chip.chg_on
        reborn(bench)


def test_thresholds_that_somebody_calibrated_do_not_stand_in_for_ours():
    bench = Bench()
    bench.chip.memory.burn(0x91D4, b"\xd0\x07\x88\x13")  # CUV and COV Threshold Override
    bench.chip.power_cycle()
    bench.wait(300)
    bench.run()
    bench.set_cells([4.26] + [3.3] * 15)
    bench.cycles(15)
    assert bench.afe.safety == afe.OV
