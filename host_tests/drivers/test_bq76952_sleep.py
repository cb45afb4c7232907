"""SLEEP with the driver: allowed and forbidden, when a scan is due, and where patience ends."""

from bms.drivers import afe
from drivers.bq76952_bench import Bench, reading
from portable import raises

HYSTERESIS_MS = 241_000


def dozing(**more):
    """Commissioned, FETs on, allowed to sleep, and asleep."""
    bench = Bench(**more)
    driver = bench.run()
    driver.set_fets(afe.BOTH)
    driver.nap.allow(True)
    bench.wait(HYSTERESIS_MS)
    bench.cycles(20)
    assert driver.nap.asleep
    assert driver.fets & afe.BOTH == afe.BOTH
    return bench


def polled(bench, cycles, verify=False):
    """Read so often, a tenth of a second apart; how long its converters stood still at the worst."""
    worst = 0
    for _ in range(cycles):
        bench.wait(100)
        bench.afe.read()
        if verify:
            bench.afe.verify_step()
        worst = max(worst, bench.afe.still)
    return worst


def ages(bench, cycles, late=0):
    """How late the next scan was at the worst, reading ten times a second as the firmware does."""
    worst = late
    for _ in range(cycles):
        late += bench.afe.nap.late_ms(100)
        bench.wait(100)
        bench.afe.read()
        worst = max(worst, late)
        if bench.afe.fresh:
            late = 0
    return worst


def test_the_status_bit():
    assert reading(_13=0x80).nap.asleep
    assert not reading(_13=0x7F, _12=0xFF).nap.asleep


def test_never_without_leave():
    bench = Bench()
    driver = bench.run()
    bench.wait(HYSTERESIS_MS)
    bench.cycles(30)
    assert not driver.nap.asleep
    assert bench.chip.sequence.mode == 0


def test_it_is_told_once():
    bench = Bench()
    driver = bench.run()
    for on, enabled in ((True, True), (False, False)):
        driver.nap.allow(on)
        assert bench.chip.sequence.sleep.enabled == enabled
        bench.wait(5)
        bench.chip.sequence.sleep.enabled = not enabled
        driver.nap.allow(on)
        assert bench.chip.sequence.sleep.enabled != enabled


def test_a_command_that_is_lost_is_sent_again():
    bench = Bench()
    driver = bench.run()
    bench.chip.silent = True
    raises(afe.BusError, driver.nap.allow, True)
    assert not driver.nap.allowed
    bench.chip.silent = False
    driver.nap.allow(True)
    assert bench.chip.sequence.sleep.enabled


def test_setting_up_forbids_it():
    bench = dozing()
    bench.commission()
    assert not bench.afe.nap.allowed
    assert not bench.chip.sequence.sleep.enabled
    bench.wait(HYSTERESIS_MS)
    bench.cycles(30)
    assert not bench.afe.nap.asleep


def test_a_reset_while_asleep_is_seen():
    bench = dozing()
    bench.chip.power_cycle()
    bench.wait(100)
    bench.afe.read()
    assert not bench.afe.configured
    assert not bench.chip.dsg_on


def test_awake_every_moment_counts():
    bench = Bench()
    bench.run()
    assert bench.afe.nap.late_ms(70) == 70
    assert ages(bench, 50) == 100, "no cycle in between goes by uncounted"


def test_asleep_a_scan_is_late_after_a_second():
    bench = dozing()
    assert ages(bench, 100) <= 200
    bench.chip.freeze = True
    nap = bench.afe.nap
    nap.note(0x80, True)
    late = [nap.late_ms(300) for _ in range(5)]
    assert late == [0, 0, 0, 200, 300]


def test_entering_and_leaving_makes_no_scan_late():
    bench = Bench()
    driver = bench.run()
    driver.nap.allow(True)
    bench.wait(HYSTERESIS_MS - 20_000)
    bench.cycles(5)
    assert ages(bench, 300) <= 300
    assert driver.nap.asleep
    for ms in range(0, 1_000, 130):
        bench.wait(ms)
        bench.cycles(1)
        bench.set_current(-2.0)
        assert ages(bench, 30) <= 300, ms
        assert not driver.nap.asleep
        bench.set_current(0.0)
        bench.wait(HYSTERESIS_MS)
        bench.cycles(12)
        assert driver.nap.asleep


def test_forbidding_makes_no_scan_late():
    bench = dozing()
    bench.afe.nap.allow(False)
    assert ages(bench, 40) <= 300
    assert not bench.afe.nap.asleep


def test_a_chip_that_sleeps_on_gets_two_more_scans():
    bench = dozing()
    bench.chip.oversleeps = True
    bench.afe.nap.allow(False)
    assert ages(bench, 18) <= 200
    assert ages(bench, 30) >= 800
    assert bench.afe.nap.asleep


def test_a_bit_that_comes_and_goes_without_a_scan_buys_two_seconds():
    bench = dozing()
    nap = bench.afe.nap
    nap.note(0x80, True)
    late = 0
    for cycle in range(60):
        late += nap.late_ms(100)
        nap.note(0x80 if cycle % 2 == 0 else 0, False)
    assert late >= 3_800


def test_current_of_the_wake_is_counted_with_the_first_scan():
    bench = dozing()
    driver = bench.afe
    total = flowed = 0
    bench.set_current(-2.0)
    for _ in range(30):
        driver.nap.late_ms(100)
        bench.wait(100)
        driver.read()
        ms = driver.nap.flowed_ms(100, driver.fresh)
        total += ms
        flowed += driver.current_ma * ms
    assert total == 3_000
    assert abs(flowed + 2_000 * 3_000) <= 2_000 * 150, flowed


def test_an_oscillator_that_was_off_is_no_error():
    bench = dozing()
    bench.chip.slow_to_answer = True
    polled(bench, 30)
    assert bench.afe.nap.asleep


def test_limits_and_converters_are_watched_as_ever():
    bench = dozing()
    driver = bench.afe
    passes = driver.watch.passes
    assert polled(bench, 120, verify=True) <= 2, "row FROZEN_AFE: 5"
    assert driver.watch.passes >= passes + 2
    bench.chip.flip_bit(0x924A, 2)  # Voltage Time 5 s

    def rounds():
        for _ in range(60):
            bench.wait(100)
            driver.verify_step()

    assert raises(afe.ReadbackError, rounds).name == "Voltage Time"


def test_a_frozen_chip_is_found_asleep():
    bench = dozing()
    bench.chip.freeze = True
    polled(bench, 60, verify=True)
    assert bench.afe.still >= 5
