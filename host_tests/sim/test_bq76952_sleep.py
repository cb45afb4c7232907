"""SLEEP of the simulated part, against TRM 7.3: who may enter, what goes on in it, what ends it."""

import struct

from sim.bq76952_bench import ADDRESS, Bench

ASLEEP = 0x8000  # Battery Status
MAY = 0x0004
AWAKE = (0x9234, 2, 0x2880)  # Power Config: SLEEP off, WK_SPD 0
EVERY_SECOND = (0x924A, 1, 1)  # Voltage Time
BOTH_FETS = (0x9308, 1, 0x0F)  # FET Options with SLEEPCHG
ANY_STACK = (0x924E, 2, 32767)  # Sleep Charger Voltage Threshold: a charger counts at any stack
SHORT = (0x9261, 1, 0xFC)  # all of Enabled Protections A


def dozing(*settings: "tuple[int, int, int]") -> Bench:
    """Configured with Voltage Time 1 s and both FETs on, allowed by command, asleep."""
    bench = Bench()
    bench.chip.pins_c = {"TS1": 25.0}
    bench.configure(AWAKE, EVERY_SECOND, BOTH_FETS, *settings)
    bench.fets_on()
    bench.wait_ms(12_000)
    assert not bench.u2(0x12) & (ASLEEP | MAY)
    bench.command(0x0099)
    bench.wait_ms(1_100)
    assert bench.u2(0x12) & (ASLEEP | MAY) == ASLEEP | MAY
    return bench


def scans(bench: Bench, ms: int) -> "list[int]":
    """When, in ms from now, ADSCAN was latched."""
    bench.write(0x66, 0x02, 0xF8)
    bench.write(0x62, 0xFF, 0xFF)
    seen = []
    start_us = bench.clock.now_us
    while bench.clock.now_us < start_us + ms * 1000:
        bench.wait_ms(10)
        if bench.u2(0x62) & 2:
            seen.append((bench.clock.now_us - start_us) // 1000)
            bench.write(0x62, 0xFF, 0xFF)
    return seen


def test_the_command_allows_what_the_configuration_does_not() -> None:
    """ "After initialization, SLEEP mode can be allowed or disallowed using the subcommands"."""
    bench = dozing()
    assert (bench.chip.chg_on, bench.chip.dsg_on) == (True, True)
    bench.chip.power_cycle()
    bench.wait_ms(500)
    assert bench.u2(0x12) & (ASLEEP | MAY) == MAY, "a reset brings the default back, which allows it"


def test_without_sleepchg_the_charge_fet_goes_off() -> None:
    bench = dozing((0x9308, 1, 0x0D))
    assert (bench.chip.chg_on, bench.chip.dsg_on) == (False, True)


def test_a_scan_a_second() -> None:
    seen = scans(dozing(), 5_000)
    assert len(seen) in (4, 5)
    for index in range(1, len(seen)):
        assert 990 <= seen[index] - seen[index - 1] <= 1_010, seen


def test_a_current_above_sleep_current_keeps_it_awake_or_wakes_it_at_the_next_scan() -> None:
    bench = dozing()
    bench.current(0.019)
    bench.wait_ms(3_000)
    assert bench.u2(0x12) & ASLEEP
    bench.current(0.021)
    assert bench.u2(0x12) & ASLEEP, "too little for the wake comparator"
    bench.wait_ms(2_050)
    assert not bench.u2(0x12) & ASLEEP
    bench.wait_ms(30_000)
    assert not bench.u2(0x12) & ASLEEP


def test_the_wake_comparator_is_at_once_and_measurements_follow_within_a_second() -> None:
    bench = dozing()
    bench.wait_ms(300)
    bench.current(-0.51)
    assert not bench.u2(0x12) & ASLEEP
    assert abs(bench.i2(0x3A)) < 20, "no new data yet"
    assert 0 < scans(bench, 1_500)[0] <= 1_100
    assert abs(bench.i2(0x3A) + 510) <= 8


def test_awake_for_the_hysteresis() -> None:
    bench = dozing((0x924D, 1, 11))
    bench.current(-2.0)
    bench.wait_ms(500)
    bench.current(0.0)
    bench.wait_ms(10_000)
    assert not bench.u2(0x12) & ASLEEP
    bench.wait_ms(2_500)
    assert bench.u2(0x12) & ASLEEP


def test_disallowed_it_wakes_within_two_seconds_and_measures() -> None:
    bench = dozing()
    bench.command(0x009A)
    bench.wait_ms(1_100)
    assert not bench.u2(0x12) & (ASLEEP | MAY)
    assert scans(bench, 1_500)[0] <= 1_100
    bench.wait_ms(60_000)
    assert not bench.u2(0x12) & ASLEEP


def test_a_charger_outside_ends_it() -> None:
    bench = dozing(ANY_STACK)
    bench.chip.pack_v = bench.chip.stack_v + 1.9  # Sleep Charger PACK-TOS Delta: 2 V
    bench.wait_ms(3_000)
    assert bench.u2(0x12) & ASLEEP
    bench.chip.pack_v = bench.chip.stack_v + 2.1
    bench.wait_ms(1_100)
    assert not bench.u2(0x12) & ASLEEP


def test_above_the_charger_threshold_a_charger_does_not_count() -> None:
    bench = dozing()  # 52.8 V, and Sleep Charger Voltage Threshold is 20 V
    bench.chip.pack_v = bench.chip.stack_v + 5.0
    bench.wait_ms(5_000)
    assert bench.u2(0x12) & ASLEEP


def test_comparators_act_as_fast_as_awake() -> None:
    bench = dozing(SHORT)
    bench.current(-200.0)
    bench.wait_us(600)
    assert not bench.chip.dsg_on
    assert bench.u1(0x03) & 0x80
    bench = dozing(SHORT)
    bench.cells(4.5)
    bench.wait_ms(300)  # COV Delay is 250 ms
    assert not bench.chip.chg_on


def test_the_host_watchdog_counts_and_wakes_it() -> None:
    bench = dozing((0x9263, 1, 0x02), (0x92B2, 2, 5), (0x9267, 1, 0x56), (0x926B, 1, 0xE2))
    bench.wait_ms(4_500)
    assert bench.chip.dsg_on
    bench.wait_ms(2_000)
    assert (bench.chip.chg_on, bench.chip.dsg_on) == (False, False)
    assert not bench.chip.asleep


def test_temperatures_are_judged_every_second() -> None:
    bench = dozing((0x92FD, 1, 0x07), (0x9262, 1, 0x20), (0x926A, 1, 0xE6))
    bench.chip.pins_c = {"TS1": 90.0}  # OTD: 60 degC for 2 s
    bench.wait_ms(4_200)
    assert not bench.chip.dsg_on


def test_charge_and_its_clock_stand_still_with_a_scan_a_second() -> None:
    """ "A value less than 5 seconds will result in no completed 4-second current measurements in sleep"."""
    bench = dozing()
    bench.command(0x0082)  # RESET_PASSQ
    bench.current(0.01)
    bench.wait_ms(100_000)
    charge, _fraction, seconds = struct.unpack_from("<iII", bench.ask(0x0076))
    assert (charge, seconds) == (0, 0)
    bench.current(-0.6)
    bench.wait_ms(10_000)
    assert 8 <= struct.unpack_from("<I", bench.ask(0x0076), 8)[0] <= 10, "what comes after the wake"


def test_no_bleeding_in_sleep_unless_asked_for() -> None:
    bench = dozing()
    bench.send(0x0083, b"\x01\x00")
    bench.wait_ms(3_000)
    assert bench.chip.balancing == 0
    bench = dozing((0x9335, 1, 0x04))  # CB_SLEEP
    bench.send(0x0083, b"\x01\x00")
    bench.wait_ms(3_000)
    assert bench.chip.balancing == 1


def test_an_oscillator_that_was_off_costs_one_transaction() -> None:
    bench = dozing()
    bench.chip.slow_to_answer = True
    bench.wait_ms(100)
    buf = bytearray(2)
    refused = False
    try:
        bench.bus.readfrom_mem_into(ADDRESS, 0x12, buf)
    except OSError:
        refused = True
    assert refused
    assert bench.u2(0x12) & ASLEEP
