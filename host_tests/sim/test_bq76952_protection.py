"""Protections: thresholds, exact delays, recoveries. Numbers are those of chapter 5 of the manual."""

from portable import raises
from sim.bq76952_bench import Bench

AWAKE = (0x9234, 2, 0x2880)
ENABLE_A = 0x9261


def ready(*settings: "tuple[int, int, int]") -> Bench:
    bench = Bench()
    bench.configure(AWAKE, *settings)
    bench.fets_on()
    bench.wait_ms(1_000)
    assert bench.chip.chg_on
    assert bench.chip.dsg_on
    return bench


def trip_time_us(bench: Bench, bit: int, limit_us: int = 3_000_000) -> int:
    """From now to the fault, to the microsecond."""
    start_us = bench.clock.now_us
    while not bench.chip.protection.status_a & bit:
        assert bench.clock.now_us - start_us < limit_us
        bench.clock.now_us = max(bench.chip.next_us, bench.clock.now_us)
        bench.chip.run(bench.clock.now_us)
    return bench.clock.now_us - start_us


def test_cell_thresholds_are_multiples_of_50_6_mv_and_delays_3_3_ms_times_2_plus_n() -> None:
    """Defaults: COV 86 -> 4.3516 V, CUV 50 -> 2.530 V, both 74 -> 250.8 ms."""
    for volts, bit, fets in ((4.3517, 0x08, (False, True)), (2.5299, 0x04, (True, False))):
        bench = ready((ENABLE_A, 1, 0x0C))
        bench.cells(volts + (-0.0002 if bit == 0x08 else 0.0002))
        bench.wait_ms(2_000)
        assert bench.u1(0x03) == 0
        bench.cells(volts)
        onset_us = bench.clock.now_us
        assert bench.u1(0x02) == bit
        assert bench.chip.chg_on
        assert bench.chip.dsg_on
        trip_time_us(bench, bit)
        assert bench.clock.now_us - onset_us == 250_800
        assert (bench.u1(0x02), bench.u1(0x03)) == (0, bit)
        assert (bench.chip.chg_on, bench.chip.dsg_on) == fets


def test_delay_examples() -> None:
    """n = 1 -> 9.9 ms, n = 2047 -> 6761.7 ms; 127 -> 425.7 ms."""
    for code, expected_us in ((1, 9_900), (2047, 6_761_700)):
        bench = ready((0x9279, 2, code))
        bench.cells(4.5)
        assert trip_time_us(bench, 0x08, 10_000_000) == expected_us
    bench = ready((ENABLE_A, 1, 0x10), (0x9281, 1, 127))
    bench.current(5.0)
    assert trip_time_us(bench, 0x10) == 425_700


def test_a_delay_of_zero_disables() -> None:
    bench = ready((0x9279, 2, 0))
    bench.cells(4.6)
    bench.wait_ms(10_000)
    assert bench.u1(0x02) == bench.u1(0x03) == 0


def test_shunt_thresholds() -> None:
    """2 mV steps: OCC 2 -> 4 mV, OCD1 4 -> 8 mV, OCD2 3 -> 6 mV; at 1 mOhm so many amperes."""
    for enable, amps, delay_us in ((0x10, 4.0, 19_800), (0x20, -8.0, 9_900), (0x40, -6.0, 29_700)):
        bench = ready((ENABLE_A, 1, enable))
        bench.current(amps * 0.99)
        bench.wait_ms(1_000)
        assert bench.u1(0x03) == 0
        bench.current(amps * 1.01)
        assert trip_time_us(bench, enable) == delay_us
        assert bench.chip.chg_on is (enable != 0x10)
        assert bench.chip.dsg_on is (enable == 0x10)


def test_comparators_ignore_the_gain_settings() -> None:
    bench = ready((ENABLE_A, 1, 0x20), (0x91A8, 4, 0x3F800000))  # CC Gain 1.0: readings far too small
    bench.chip.current_gain_error = -0.5
    bench.current(-8.1)
    assert trip_time_us(bench, 0x20) == 9_900


def test_an_overload_shorter_than_the_delay_leaves_no_trace() -> None:
    bench = ready((ENABLE_A, 1, 0x20))
    bench.current(-9.0)
    bench.wait_us(9_800)
    assert bench.chip.protection.alert_a == 0x20
    bench.current(0.0)
    assert bench.chip.protection.alert_a == 0
    bench.wait_ms(100)
    assert bench.u1(0x03) == 0


def test_short_circuit_thresholds_and_delays() -> None:
    """Code 0 is 10 mV, 5 is 100 mV, 15 is 500 mV; delay 1 is the comparator alone, n is (n - 1) x 15 us."""
    for code, millivolts in ((0, 10), (5, 100), (9, 200), (15, 500)):
        bench = ready((0x9286, 1, code))
        bench.current(-millivolts * 0.99)
        bench.wait_ms(10)
        assert not bench.chip.protection.status_a & 0x80
        bench.current(-millivolts * 1.01)
        assert trip_time_us(bench, 0x80) == 15
        assert not bench.chip.dsg_on
    for code, delay_us in ((1, 0), (2, 15), (31, 450)):
        bench = ready((0x9287, 1, code))
        bench.current(-11.0)
        assert trip_time_us(bench, 0x80) == delay_us


def test_masks_that_are_not_recommended_wait_for_the_loop() -> None:
    """CHG FET Protections A 0x98 and 0x18, DSG 0x80 and 0xE4 act at once; others within 250 ms."""
    for mask, at_once in ((0x98, True), (0x18, True), (0x08, False), (0x88, False)):
        bench = ready((0x9265, 1, mask))
        bench.cells(4.5)
        trip_time_us(bench, 0x08)
        assert bench.chip.chg_on is not at_once
        bench.wait_ms(250)
        assert not bench.chip.chg_on
    for mask, at_once in ((0x80, True), (0xE4, True), (0xC0, False)):
        bench = ready((0x9269, 1, mask))
        bench.current(-11.0)
        trip_time_us(bench, 0x80)
        assert bench.chip.dsg_on is not at_once
        bench.current(0.0)
        bench.wait_ms(250)
        assert not bench.chip.dsg_on


def test_cov_recovers_below_threshold_minus_hysteresis_for_the_recovery_time() -> None:
    bench = ready((ENABLE_A, 1, 0x08))
    bench.cells(4.5)
    bench.wait_ms(400)
    assert bench.u1(0x03) == 0x08
    bench.cells(4.26)  # hysteresis 2 x 50.6 mV: 4.2504 V
    bench.wait_ms(10_000)
    assert bench.u1(0x03) == 0x08
    bench.cells(4.24)
    bench.wait_ms(2_900)
    assert bench.u1(0x03) == 0x08
    bench.wait_ms(1_500)
    assert bench.u1(0x03) == 0
    bench.wait_ms(260)
    assert bench.chip.chg_on


def test_ocd_recovers_only_with_a_charger() -> None:
    bench = ready((ENABLE_A, 1, 0x20))
    bench.current(-9.0)
    bench.wait_ms(20)
    bench.current(0.0)
    bench.wait_ms(60_000)
    assert bench.u1(0x03) == 0x20
    bench.current(0.25)  # above +200 mA, through the body diode
    bench.wait_ms(5_000)
    assert bench.u1(0x03) == 0


def test_occ_recovers_when_the_charger_is_gone_or_the_pack_discharges() -> None:
    for way in ("pack pin", "current"):
        bench = ready((ENABLE_A, 1, 0x10))
        bench.current(5.0)
        bench.wait_ms(100)
        bench.current(0.0)
        bench.wait_ms(10_000)
        assert bench.u1(0x03) == 0x10
        if way == "current":
            bench.current(-0.25)
        else:
            bench.chip.pack_v = 50.7  # 2 V and more below the stack
        bench.wait_ms(5_000)
        assert bench.u1(0x03) == 0


def test_scd_recovers_by_itself_after_five_seconds() -> None:
    bench = ready()
    bench.current(-20.0)
    bench.wait_ms(1)
    bench.current(0.0)
    bench.wait_ms(4_900)
    assert bench.u1(0x03) == 0x80
    bench.wait_ms(1_500)
    assert bench.u1(0x03) == 0


def test_latched_short_circuit() -> None:
    """SCDL with a limit of 2: the second trip latches and only the host, a removed load or charging helps."""
    bench = ready((0x9263, 1, 0x40), (0x9295, 1, 2), (0x9294, 1, 1))
    for _ in range(2):
        bench.current(-20.0)
        bench.wait_ms(1)
        bench.current(0.0)
        bench.wait_ms(3_000)
    assert bench.u1(0x07) == 0x40
    bench.wait_ms(60_000)
    assert bench.u1(0x07) == 0x40
    assert not bench.chip.dsg_on
    bench.command(0x009C)
    bench.wait_ms(1_300)
    assert bench.u1(0x07) == 0
    assert bench.chip.dsg_on


def test_temperatures_are_checked_once_a_second() -> None:
    """Defaults: OTC 55/50, OTD 60/55, UTC 0/5, UTD 0/5 degC, 2 s."""
    cases = (
        (0x10, 54.5, 55.5, 49.0),
        (0x20, 59.5, 60.5, 54.0),
        (0x01, 0.5, -0.5, 5.5),
        (0x02, 0.5, -0.5, 5.5),
    )
    for bit, good_c, bad_c, recovered_c in cases:
        bench = Bench()
        bench.chip.pins_c = {"TS1": 25.0}
        bench.configure(AWAKE, (0x9262, 1, bit))
        bench.fets_on()
        bench.chip.pins_c = {"TS1": good_c}
        bench.wait_ms(5_000)
        assert bench.u1(0x04) == bench.u1(0x05) == 0
        bench.chip.pins_c = {"TS1": bad_c}
        bench.wait_ms(1_990)
        assert (bench.u1(0x04), bench.u1(0x05)) == (bit, 0)
        bench.wait_ms(1_300)
        assert (bench.u1(0x04), bench.u1(0x05)) == (0, bit)
        assert bench.chip.chg_on is (bit in (0x20, 0x02))
        assert bench.chip.dsg_on is (bit in (0x10, 0x01))
        bench.chip.pins_c = {"TS1": recovered_c}
        bench.wait_ms(4_600)
        assert bench.u1(0x05) == 0


def test_fet_and_die_temperatures() -> None:
    bench = Bench()
    bench.chip.pins_c = {"TS1": 25.0, "TS3": 81.0}
    bench.configure(AWAKE, (0x92FF, 1, 0x0F), (0x9262, 1, 0xC0))
    bench.wait_ms(4_000)
    assert bench.u1(0x05) == 0x80
    bench.chip.pins_c["TS3"] = 64.0
    bench.chip.die_c = 85.1
    bench.wait_ms(3_500)
    assert bench.u1(0x05) & 0x40


def test_hot_fets_open_both_and_only_a_fet_thermistor_counts() -> None:
    """OTF by default 80 degC for 2 s, recovery at 65 degC (TRM 5.2.11)."""
    for config, tripped in ((0x0F, 0x80), (0x07, 0), (0x0B, 0)):
        bench = Bench()
        bench.chip.pins_c = {"TS1": 25.0, "TS3": 85.0}
        bench.configure(AWAKE, (0x92FF, 1, config), (0x9262, 1, 0x80))
        bench.fets_on()
        bench.wait_ms(4_000)
        assert bench.u1(0x05) == tripped
        assert bench.chip.chg_on is bench.chip.dsg_on is (not tripped)
        bench.chip.pins_c["TS3"] = 66.0
        bench.wait_ms(6_000)
        assert bench.u1(0x05) == tripped
        bench.chip.pins_c["TS3"] = 64.0
        bench.wait_ms(6_000)
        assert bench.u1(0x05) == 0
        assert bench.chip.chg_on
        assert bench.chip.dsg_on


def test_an_open_thermistor_is_too_cold_and_a_shorted_one_too_hot() -> None:
    for reading, bits in ((None, 0x03), ("short", 0x30)):
        bench = Bench()
        bench.chip.pins_c = {"TS1": reading}
        bench.configure(AWAKE, (0x9262, 1, 0x33))
        bench.wait_ms(4_000)
        assert bench.u1(0x05) == bits


def test_ocd3_uses_cc1_in_user_amps() -> None:
    bench = ready((0x9263, 1, 0x80))
    bench.current(-4.2)  # -4000 mA by default, 2 s
    bench.wait_ms(1_900)
    assert bench.u1(0x07) == 0
    bench.wait_ms(1_500)
    assert bench.u1(0x07) == 0x80
    assert not bench.chip.dsg_on


def test_host_watchdog_opens_the_path_and_any_valid_transaction_closes_it() -> None:
    bench = ready((0x9263, 1, 0x02), (0x92B2, 2, 5))
    for _ in range(10):
        bench.wait_ms(1_000)
        bench.read(0x00, 1)
    assert bench.chip.dsg_on
    assert bench.chip.chg_on
    bench.wait_ms(4_900)
    assert bench.chip.dsg_on
    assert bench.chip.chg_on
    bench.wait_ms(1_200)
    assert not bench.chip.dsg_on
    assert not bench.chip.chg_on
    assert bench.u1(0x07) == 0x02
    assert bench.u1(0x06) == 0  # no alert, only a status
    bench.wait_ms(1_300)
    assert bench.u1(0x07) == 0
    assert bench.chip.dsg_on
    assert bench.chip.chg_on


def test_a_transaction_with_a_wrong_crc_does_not_feed_the_watchdog() -> None:
    bench = Bench(crc=True)
    seen_us = bench.chip.host_seen_us
    bench.wait_ms(10)
    raises(OSError, bench.write, 0x62, 0x00, 0x99)
    assert bench.chip.host_seen_us == seen_us
    bench.read(0x00, 2)
    assert bench.chip.host_seen_us > seen_us


def test_unused_inputs_do_not_protect() -> None:
    bench = ready((0x9304, 2, 0x8007), (ENABLE_A, 1, 0x0C))  # four cells on 1, 2, 3 and 16
    cells = [0.0] * 16
    cells[0] = cells[1] = cells[2] = cells[15] = 3.3
    bench.chip.cells_v = cells
    bench.wait_ms(3_000)
    assert bench.u1(0x03) == 0
    cells[15] = 4.5
    bench.wait_ms(1_000)
    assert bench.u1(0x03) == 0x08


def test_snapshots_hold_the_cells_at_the_trip() -> None:
    bench = ready((ENABLE_A, 1, 0x0C))
    bench.chip.cells_v = [3.3] * 15 + [4.5]
    bench.chip.analog_changed(bench.clock.now_us)
    bench.wait_ms(400)
    bench.chip.cells_v = [3.3] * 16
    data = bench.ask(0x0081)
    assert data[28:32] == (3300).to_bytes(2, "little") + (4500).to_bytes(2, "little")


def test_permanent_failure_survives_its_cause() -> None:
    bench = ready((0x92C0, 1, 0x02))  # SOV: 4500 mV, 5 s
    bench.cells(4.6)
    bench.wait_ms(7_000)
    assert bench.u1(0x0B) == 0x02
    assert bench.u2(0x12) & 0x1000
    bench.cells(3.3)
    bench.wait_ms(10_000)
    assert bench.u1(0x0B) == 0x02
    assert not bench.chip.chg_on
    assert not bench.chip.dsg_on


def test_all_used_commands_were_proper() -> None:
    bench = ready((ENABLE_A, 1, 0xFC))
    assert bench.quiet
