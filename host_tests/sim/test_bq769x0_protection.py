"""The simulated BQ769x0 protects by its four limits, latches, and recovers nothing."""

from sim.bq769x0_bench import Bench

OCD_MV = (17, 22, 28, 33, 39, 44, 50, 56, 61, 67, 72, 78, 83, 89, 94, 100)
SCD_MV = (44, 67, 89, 111, 133, 155, 178, 200)


def trip_us(bench: Bench, bit: int, limit_us: int = 20_000_000) -> int:
    """From now until the bit stands, to the microsecond."""
    start_us = bench.clock.now_us
    while not bench.chip.image[0] & bit:
        assert bench.clock.now_us - start_us < limit_us
        bench.clock.now_us = max(bench.chip.next_us, bench.clock.now_us)
        bench.chip.run(bench.clock.now_us)
    return bench.clock.now_us - start_us


def test_short_circuit_thresholds_and_delays() -> None:
    for code, millivolts in enumerate(SCD_MV):
        for delay, expected_us in enumerate((70, 100, 200, 400)):
            bench = Bench().converting()
            bench.write(0x06, 0x80 | delay << 3 | code)
            bench.write(0x07, 0x7F)
            bench.current(-millivolts + 0.5)
            bench.wait_ms(5)
            assert not bench.chip.image[0] & 2
            bench.current(-millivolts - 0.5)
            assert trip_us(bench, 2) == expected_us
            assert (bench.chip.chg_on, bench.chip.dsg_on) == (True, False)


def test_over_current_thresholds_and_delays() -> None:
    for code, millivolts in enumerate(OCD_MV):
        bench = Bench().converting()
        bench.write(0x06, 0x87)
        bench.write(0x07, 0x30 | code)
        bench.current(-millivolts + 0.5)
        bench.wait_ms(200)
        assert not bench.chip.image[0] & 1
        bench.current(-millivolts - 0.5)
        assert trip_us(bench, 1) == 80_000
        assert (bench.chip.chg_on, bench.chip.dsg_on) == (True, False)
    for delay, milliseconds in enumerate((8, 20, 40, 80, 160, 320, 640, 1280)):
        bench = Bench().converting()
        bench.write(0x07, delay << 4)
        bench.current(-10.0)  # 8 mV in the lower range
        assert trip_us(bench, 1) == milliseconds * 1000


def test_an_overload_that_ends_before_its_delay_leaves_no_trace() -> None:
    bench = Bench().converting()
    bench.write(0x07, 0x70)
    bench.current(-20.0)
    bench.wait_ms(1270)
    bench.current(0.0)
    bench.wait_ms(1)
    bench.current(-20.0)
    bench.wait_ms(1270)
    assert not bench.chip.image[0] & 1


def test_charge_current_and_heat_trip_nothing() -> None:
    bench = Bench().converting()
    bench.current(190.0)
    bench.chip.die_c = 90.0
    bench.chip.pins_c = {"TS1": 90.0, "TS2": 90.0, "TS3": 90.0}
    bench.wait_ms(60_000)
    assert bench.u1(0x00) == 0x80
    assert bench.chip.chg_on
    assert bench.chip.dsg_on


def test_cell_limits_are_counts_of_the_adc() -> None:
    """OV 10xxxxxxxx1000, UV 01xxxxxxxx0000: 4.18 V and 2.49 V by default at the nominal gain (8.3.1.2.1)."""
    over_v = (0x2AC8 * 0.380 + 30) / 1000
    under_v = (0x1970 * 0.380 + 30) / 1000
    for limit_v, inside_v, outside_v, bit, fets in (
        (over_v, -0.001, 0.001, 4, (False, True)),
        (under_v, 0.001, -0.001, 8, (True, False)),
    ):
        bench = Bench().converting()
        bench.cells(limit_v + inside_v)
        bench.wait_ms(3000)
        assert not bench.chip.image[0] & bit
        bench.chip.cells_v[7] = limit_v + outside_v
        spent_us = trip_us(bench, bit)
        assert 1_000_000 <= spent_us <= 1_260_000, "1 s, seen every 250 ms"
        assert (bench.chip.chg_on, bench.chip.dsg_on) == fets


def test_cell_delays() -> None:
    for delay, seconds in enumerate((1, 2, 4, 8)):
        bench = Bench().converting()
        bench.write(0x08, delay << 4)
        bench.cells(4.4)
        assert seconds * 1_000_000 <= trip_us(bench, 4) <= seconds * 1_000_000 + 260_000
    for delay, seconds in enumerate((1, 4, 8, 16)):
        bench = Bench().converting()
        bench.write(0x08, delay << 6)
        bench.cells(2.0)
        assert seconds * 1_000_000 <= trip_us(bench, 8) <= seconds * 1_000_000 + 260_000


def test_a_dead_cell_is_taken_for_a_short_between_inputs() -> None:
    """UV_MINQUAL, 0x0518: half a volt."""
    bench = Bench().converting()
    bench.chip.cells_v[3] = 0.4
    bench.wait_ms(5000)
    assert not bench.chip.image[0] & 8
    bench.chip.cells_v[3] = 0.6
    trip_us(bench, 8)


def test_nothing_recovers_by_itself() -> None:
    bench = Bench().converting()
    bench.current(-150.0)
    bench.wait_ms(1)
    bench.current(0.0)
    bench.wait_ms(600_000)
    assert bench.u1(0x00) & 2
    assert not bench.chip.dsg_on
    assert bench.quiet
    bench.write(0x05, 0x43)
    assert not bench.chip.dsg_on, "the latch goes first"
    assert len(bench.chip.complaints) == 1
    bench.write(0x00, 0x02)
    assert not bench.chip.dsg_on, "nor does that turn it on"
    bench.write(0x05, 0x43)
    assert bench.chip.dsg_on


def test_an_over_voltage_that_lasts_comes_back_at_once() -> None:
    bench = Bench().converting()
    bench.cells(4.4)
    trip_us(bench, 4)
    bench.write(0x00, 0xFF)
    assert trip_us(bench, 4) <= 250_000


def test_an_internal_fault_opens_both_and_stops_balancing() -> None:
    bench = Bench().converting()
    bench.write(0x01, 0x15)
    bench.write(0x02, 0x0A)
    assert bench.chip.balancing == 0x15 | 0x0A << 5
    bench.chip.raise_status(0x20)
    assert (bench.chip.chg_on, bench.chip.dsg_on, bench.chip.balancing) == (False, False, 0)


def test_alert_is_also_an_input_while_the_chip_does_not_drive_it() -> None:
    bench = Bench().converting()
    bench.chip.force_alert(True)
    assert bench.u1(0x00) == 0x10
    assert (bench.chip.chg_on, bench.chip.dsg_on) == (False, False)
    bench.write(0x00, 0x10)
    assert bench.u1(0x00) == 0x10, "it still is"
    bench.chip.force_alert(False)
    bench.write(0x00, 0xFF)
    bench.write(0x05, 0x43)
    bench.wait_ms(250)
    assert bench.u1(0x00) == 0x80
    bench.chip.force_alert(True)
    bench.wait_ms(1000)
    assert bench.chip.dsg_on, "a chip that drives ALERT itself is blind for who else does"
    bench.write(0x00, 0x80)
    assert not bench.chip.dsg_on


def test_a_silent_host_is_nobodys_business() -> None:
    bench = Bench().converting()
    bench.write(0x01, 0x01)
    bench.wait_ms(3_600_000)
    assert bench.chip.chg_on
    assert bench.chip.dsg_on
    assert bench.chip.balancing == 1


def test_load_present_counts_while_chg_is_off() -> None:
    bench = Bench().converting()
    bench.chip.stack_v, bench.chip.ld_v = 48.0, 0.0
    assert bench.u1(0x04) & 0x80 == 0
    bench.write(0x05, 0x40)
    assert bench.u1(0x04) & 0x80
    bench.chip.ld_v = 47.5
    assert bench.u1(0x04) & 0x80 == 0
