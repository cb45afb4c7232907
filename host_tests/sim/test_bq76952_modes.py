"""Operating modes, resets, alarms: chapters 6 and 7 of the manual."""

from portable import raises
from sim.bq76952_bench import Bench

AWAKE = (0x9234, 2, 0x2880)


def test_a_fresh_part_reports_por_full_access_and_sleep_allowed() -> None:
    assert Bench().u2(0x12) == 0x018C


def test_config_update_takes_two_milliseconds_and_clears_por_when_left() -> None:
    bench = Bench()
    bench.write(0x3E, 0x90, 0x00)
    bench.wait_us(1_500)
    assert not bench.u2(0x12) & 1
    bench.wait_us(500)
    assert bench.u2(0x12) & 0x0009 == 0x0009
    bench.write(0x3E, 0x92, 0x00)
    bench.wait_us(500)
    assert bench.u2(0x12) & 1
    bench.wait_us(500)
    assert bench.u2(0x12) & 0x0009 == 0


def test_config_update_freezes_measurements_and_stops_protection() -> None:
    bench = Bench()
    bench.configure(AWAKE)
    bench.wait_ms(500)
    bench.command(0x0090)
    bench.cells(4.9)
    bench.current(-100.0)
    bench.wait_ms(5_000)
    assert bench.i2(0x14) == 3300
    assert bench.i2(0x3A) == 0
    assert bench.read(0x02, 2) == b"\x00\x00"
    bench.current(0.0)
    bench.command(0x0092)
    bench.wait_ms(500)
    assert bench.i2(0x14) == 4900
    assert bench.u1(0x03) == 0x08


def test_new_settings_count_from_the_end_of_config_update() -> None:
    bench = Bench()
    bench.command(0x0090)
    bench.send(0x9303, b"\x06")
    assert bench.chip.settings.user_ma == 1.0
    bench.command(0x0092)
    assert bench.chip.settings.user_ma == 10.0


def test_reset_restores_defaults_and_sets_por() -> None:
    bench = Bench()
    bench.configure((0x9261, 1, 0xFC), AWAKE)
    assert not bench.u2(0x12) & 8
    bench.write(0x3E, 0x12, 0x00)
    bench.wait_ms(5)
    raises(OSError, bench.read, 0x12, 2)
    bench.wait_ms(25)
    assert bench.u2(0x12) & 8
    assert bench.ask(0x9261)[:1] == b"\x88"


def test_brown_out_opens_the_fets_and_loses_the_configuration() -> None:
    bench = Bench()
    bench.configure((0x9261, 1, 0xFC), AWAKE)
    bench.fets_on()
    bench.chip.power_cycle()
    assert not bench.chip.chg_on
    assert not bench.chip.dsg_on
    bench.wait_ms(30)
    assert bench.u2(0x12) & 0x18 == 0x08
    assert bench.ask(0x0057) == b"\x40\x00"


def test_the_internal_watchdog_says_so() -> None:
    bench = Bench()
    bench.chip.internal_watchdog()
    bench.wait_ms(30)
    assert bench.u2(0x12) & 0x18 == 0x18
    bench.configure(AWAKE)
    assert bench.u2(0x12) & 0x18 == 0


def test_a_flipped_bit_is_read_back_and_takes_effect() -> None:
    bench = Bench()
    bench.configure(AWAKE)
    bench.chip.flip_bit(0x9278, 3)  # COV threshold 86 -> 94
    assert bench.ask(0x9278)[0] == 94
    bench.cells(4.5)
    bench.wait_ms(1_000)
    assert bench.u1(0x03) == 0


def test_sleep_turns_the_charge_fet_off() -> None:
    bench = Bench()
    bench.fets_on()
    bench.wait_ms(9_000)
    assert not bench.u2(0x12) & 0x8000  # Sleep Hysteresis: 10 s
    bench.wait_ms(3_000)
    assert bench.u2(0x12) & 0x8000
    assert (bench.chip.chg_on, bench.chip.dsg_on) == (False, True)
    bench.current(-0.4)
    assert bench.u2(0x12) & 0x8000
    bench.current(-0.6)  # wake comparator: 500 mA
    assert not bench.u2(0x12) & 0x8000
    assert (bench.chip.chg_on, bench.chip.dsg_on) == (True, True)


def test_sleep_measures_every_five_seconds() -> None:
    bench = Bench()
    bench.wait_ms(12_000)
    assert bench.u2(0x12) & 0x8000
    bench.wait_ms(5_000)
    bench.cells(3.4)
    bench.wait_ms(20)
    assert bench.i2(0x14) == 3300
    bench.wait_ms(5_000)
    assert bench.i2(0x14) == 3400


def test_sleep_is_left_by_command_and_never_entered_when_disabled() -> None:
    bench = Bench()
    bench.wait_ms(12_000)
    bench.command(0x009A)
    bench.wait_ms(1_100)
    assert bench.u2(0x12) & 0x8004 == 0
    bench.wait_ms(60_000)
    assert bench.u2(0x12) & 0x8000 == 0
    quiet = Bench()
    quiet.configure(AWAKE)
    quiet.wait_ms(60_000)
    assert quiet.u2(0x12) & 0x8004 == 0


def test_a_fault_ends_sleep() -> None:
    bench = Bench()
    bench.fets_on()
    bench.wait_ms(12_000)
    assert bench.u2(0x12) & 0x8000
    bench.cells(4.5)
    bench.wait_ms(260)
    assert not bench.u2(0x12) & 0x8000
    assert bench.u1(0x03) == 0x08


def test_deep_sleep_needs_the_command_twice() -> None:
    bench = Bench()
    bench.fets_on()
    bench.command(0x000F)
    bench.wait_ms(5_000)
    bench.command(0x000F)
    assert bench.u2(0x00) == 0
    bench.command(0x000F)
    assert bench.u2(0x00) == 4
    assert not bench.chip.dsg_on
    bench.command(0x000E)
    bench.wait_ms(300)
    assert bench.u2(0x00) == 0
    assert bench.chip.dsg_on


def test_shutdown_is_silence_until_a_charger_comes() -> None:
    bench = Bench()
    bench.configure((0x9261, 1, 0xFC), AWAKE)
    bench.chip.ld_v = 0.0
    bench.command(0x0010)
    raises(OSError, bench.read, 0x12, 2)
    bench.wait_ms(60_000)
    raises(OSError, bench.read, 0x12, 2)
    assert not bench.chip.dsg_on
    bench.chip.ld_v = 20.0
    bench.chip.analog_changed(bench.clock.now_us)
    bench.wait_ms(30)
    assert bench.u2(0x12) & 8
    assert bench.ask(0x9261)[:1] == b"\x88"


def test_shutdown_waits_for_its_delay_unless_asked_twice() -> None:
    bench = Bench()
    bench.configure(AWAKE, (0x9253, 1, 8))  # Shutdown Command Delay: 2 s
    bench.chip.ld_v = 0.0
    bench.command(0x0010)
    assert bench.u2(0x12) & 0x2000
    bench.wait_ms(1_900)
    assert bench.u2(0x12) & 0x2000
    bench.wait_ms(200)
    raises(OSError, bench.read, 0x12, 2)
    bench = Bench()
    bench.configure(AWAKE, (0x9253, 1, 8))
    bench.command(0x0010)
    bench.command(0x0010)
    raises(OSError, bench.read, 0x12, 2)


def test_a_sealed_part_wants_to_hear_shutdown_twice_within_four_seconds() -> None:
    bench = Bench()
    bench.chip.ld_v = 0.0
    bench.command(0x0030)
    for pause_ms in (0, 4_100):
        bench.wait_ms(pause_ms)
        bench.command(0x0010)
        assert bench.u2(0x12) & 0x0300 == 0x0300
    bench.wait_ms(3_900)
    bench.command(0x0010)
    raises(OSError, bench.read, 0x12, 2)


def test_what_pulls_ts2_down_wakes_the_part_unless_shut_ts2_is_set() -> None:
    for reading, shut_ts2, stays in (
        (25.0, 0x0000, False),
        ("short", 0x0000, False),
        (25.0, 0x1000, True),
        (None, 0x0000, True),
    ):
        bench = Bench()
        bench.chip.pins_c = {"TS2": reading}
        bench.configure((0x9234, 2, 0x2880 | shut_ts2))
        bench.chip.ld_v = 0.0
        bench.command(0x0010)
        bench.wait_ms(300)
        if stays:
            raises(OSError, bench.read, 0x12, 2)
            bench.chip.ld_v = 20.0
            bench.chip.analog_changed(bench.clock.now_us)
            bench.wait_ms(300)
        assert bench.u2(0x12) & 8  # awake, and everything forgotten


def test_shutdown_under_a_charger_lasts_until_it_is_taken_off_and_comes_back() -> None:
    bench = Bench()
    bench.fets_on()
    bench.command(0x0010)
    assert not bench.chip.dsg_on
    bench.wait_ms(5_000)
    raises(OSError, bench.read, 0x12, 2)
    for volts in (0.0, 20.0):
        bench.chip.ld_v = volts
        bench.chip.analog_changed(bench.clock.now_us)
    bench.wait_ms(300)
    assert bench.u2(0x12) & 8


def test_an_empty_stack_shuts_the_part_down() -> None:
    """Below 6 V for a second."""
    bench = Bench()
    bench.configure(AWAKE)
    bench.wait_ms(1_000)
    bench.chip.stack_v = 5.9
    bench.wait_ms(4_000)
    raises(OSError, bench.read, 0x12, 2)


def test_alarm_status_latches_only_enabled_flags_and_is_cleared_by_ones() -> None:
    bench = Bench()
    bench.configure(AWAKE)
    assert bench.u2(0x66) == 0xF800
    bench.wait_ms(500)
    assert bench.u2(0x62) == 0
    assert bench.u2(0x64) & 0x0082 == 0x0082
    bench.write(0x66, 0x82, 0xF8)
    bench.wait_ms(200)
    assert bench.u2(0x62) & 0x0082 == 0x0082
    bench.write(0x62, 0x02, 0x00)
    assert bench.u2(0x62) & 0x0082 == 0x0080
    bench.wait_ms(60)
    assert bench.u2(0x62) & 0x0082 == 0x0082  # the next scan


def test_ssa_is_fast_and_drives_the_alert_pin_if_it_is_one() -> None:
    for config, asserted in ((0x00, False), (0x02, True)):
        bench = Bench()
        bench.configure(AWAKE, (0x92FC, 1, config))
        bench.wait_ms(1_010)
        bench.current(-20.0)
        bench.wait_us(20)
        assert bench.u2(0x62) & 0x4000
        assert bench.chip.alert is asserted
        assert bench.u1(0x7F) & 0x40 == (0x40 if asserted else 0)
        bench.write(0x62, 0x00, 0xFF)
        assert bench.chip.alert is False
        bench.wait_ms(1_000)
        assert not bench.u2(0x62) & 0x4000  # still faulted, but nothing has risen


def test_safety_alerts_are_masked() -> None:
    """SF Alert Mask A is 0xFC by default; with the COV bit cleared the alert stays out of 0x64."""
    for mask, raw in ((0xFC, 0x1000), (0xF4, 0)):
        bench = Bench()
        bench.configure(AWAKE, (0x926F, 1, mask), (0x9279, 2, 2000))
        bench.cells(4.5)
        assert bench.u1(0x02) == 0x08
        assert bench.u2(0x64) & 0x1000 == raw


def test_load_detect() -> None:
    bench = Bench()
    bench.command(0x009E)
    assert bench.chip.load_detect
    assert bench.u2(0x00) == 1
    bench.command(0x009F)
    assert not bench.chip.load_detect


def test_what_is_not_simulated_says_so() -> None:
    for setting in ((0x9335, 1, 0x02), (0x9263, 1, 0x04), (0x92B4, 1, 10)):
        bench = Bench()
        bench.configure(setting)
        assert "not simulated" in bench.chip.complaints[0]
