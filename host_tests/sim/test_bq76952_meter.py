"""Measurements: units, scaling, saturation, cadence and what a wrong setting does to them."""

import struct

from sim.bq76952_bench import Bench

CC_GAIN_1_MOHM = struct.unpack("<I", struct.pack("<f", 7.56836))[0]
CAPACITY_GAIN_1_MOHM = struct.unpack("<I", struct.pack("<f", 7.56836 * 298261.6178))[0]
AWAKE = (0x9234, 2, 0x2880)  # SLEEP off


def exact_bench(da: int = 0x05) -> Bench:
    bench = Bench()
    bench.configure(AWAKE, (0x91A8, 4, CC_GAIN_1_MOHM), (0x91AC, 4, CAPACITY_GAIN_1_MOHM), (0x9303, 1, da))
    return bench


def test_cells_in_millivolts_at_their_registers() -> None:
    bench = Bench()
    bench.chip.cells_v = [3.0 + i / 1000 for i in range(16)]
    bench.wait_ms(100)
    for i in range(16):
        assert bench.i2(0x14 + 2 * i) == 3000 + i


def test_stack_pack_and_ld_in_user_volts() -> None:
    for da, stack in ((0x05, 5281), (0x01, 32767)):
        bench = exact_bench(da)
        bench.chip.stack_v, bench.chip.pack_v, bench.chip.ld_v = 52.81, 20.0, 0.25
        bench.wait_ms(300)
        assert bench.i2(0x34) == stack  # 1 mV units cannot express 52.8 V
        assert bench.i2(0x36) == (2000 if da == 0x05 else 20000)
        assert bench.i2(0x38) == (25 if da == 0x05 else 250)


def test_current_sign_and_units() -> None:
    for da, expected in ((0x04, 20_000), (0x05, 2_000), (0x06, 200), (0x07, 20)):
        bench = exact_bench(da)
        bench.current(2.0)
        assert abs(bench.i2(0x3A) - expected) <= 1
        bench.current(-2.0)
        assert abs(bench.i2(0x3A) + expected) <= 1


def test_current_in_milliamperes_saturates_at_32_ampere() -> None:
    bench = exact_bench(0x05)
    bench.current(100.0)
    assert bench.i2(0x3A) == 32767
    bench.current(-100.0)
    assert bench.i2(0x3A) == -32768
    bench = exact_bench(0x06)
    bench.current(-100.0)
    assert abs(bench.i2(0x3A) + 10_000) <= 1


def test_the_default_gain_is_one_percent_off() -> None:
    bench = Bench()
    bench.current(10.0)
    assert abs(bench.i2(0x3A) - 10_000 * 7.4768 / 7.56836) <= 2


def test_a_gain_for_another_shunt_gives_another_current() -> None:
    bench = exact_bench()
    bench.chip.shunt_ohm = 0.0005
    bench.current(10.0)
    assert abs(bench.i2(0x3A) - 5_000) <= 1


def test_sensor_errors_show() -> None:
    bench = exact_bench()
    bench.chip.current_gain_error, bench.chip.current_offset_a = 0.01, 0.02
    bench.current(10.0)
    assert abs(bench.i2(0x3A) - 10_120) <= 1
    bench.chip.voltage_noise_mv = 2.0
    readings = []
    for _ in range(100):
        bench.wait_ms(100)
        readings.append(bench.i2(0x14))
    assert 2 < max(readings) - min(readings) < 20
    assert abs(sum(readings) / 100 - 3300) < 1


def test_noise_depends_on_the_seed_alone() -> None:
    seen = []
    for seed in (1, 1, 2):
        bench = Bench()
        bench.chip.seed, bench.chip.voltage_noise_mv = seed, 3.0
        bench.wait_ms(100)
        seen.append(bench.read(0x14, 32))
    assert seen[0] == seen[1] != seen[2]


def test_temperatures_in_tenths_of_kelvin_on_fitted_pins_only() -> None:
    bench = Bench()
    bench.configure(AWAKE, (0x92FE, 1, 0x07), (0x92FF, 1, 0x0F))
    bench.chip.pins_c = {"TS1": 25.0, "TS2": -10.04, "TS3": 60.0, "DCHG": 30.0}
    bench.chip.die_c = 31.0
    bench.wait_ms(300)
    assert bench.i2(0x70) == 2982
    assert bench.i2(0x72) == 2631
    assert bench.i2(0x74) == 3332
    assert bench.i2(0x68) == 3042
    assert bench.i2(0x78) == 0  # DCHG is not configured


def test_open_and_short_thermistors_are_far_outside_what_is_plausible() -> None:
    bench = Bench()
    bench.chip.pins_c = {"TS1": None}
    bench.wait_ms(300)
    assert bench.i2(0x70) / 10 - 273.15 < -60
    bench.chip.pins_c = {"TS1": "short"}
    bench.wait_ms(300)
    assert bench.i2(0x70) / 10 - 273.15 > 150
    bench.chip.pins_c = {}
    bench.wait_ms(300)
    assert bench.i2(0x70) / 10 - 273.15 < -60


def test_first_scan_and_full_scan_after_start() -> None:
    """First ADSCAN after about 88 ms, FULLSCAN after about 221 ms."""
    bench = Bench()
    bench.wait_ms(87)
    assert not bench.u2(0x64) & 0x0082
    assert bench.i2(0x14) == 0
    bench.wait_ms(3)
    assert bench.u2(0x64) & 0x0082 == 0x0002
    bench.wait_ms(60)
    assert not bench.u2(0x64) & 0x0080
    bench.wait_ms(80)
    assert bench.u2(0x64) & 0x0080
    assert bench.i2(0x34) == 5280


def test_a_loop_takes_54_to_63_ms() -> None:
    """18 slots of 3 ms, and one for each of up to three thermistors."""
    for pins, period_ms in ((0, 54), (1, 57), (2, 60), (3, 63), (4, 63)):
        bench = Bench()
        bench.configure(AWAKE, *[(0x92FA + i, 1, 0x07 if i < pins else 0) for i in range(9)])
        bench.write(0x66, 0x02, 0x00)
        bench.wait_ms(100)
        scans = 0
        for _ in range(2_000):
            bench.wait_ms(1)
            if bench.chip.alarms.latched & 0x0002:
                scans += 1
                bench.chip.alarms.latched = 0
        assert abs(scans - 2_000 / period_ms) < 1.5


def test_a_frozen_converter_keeps_scanning_with_old_results() -> None:
    bench = Bench()
    bench.write(0x66, 0x02, 0x00)
    bench.wait_ms(300)
    bench.chip.freeze = True
    bench.cells(3.5)
    bench.current(5.0)
    bench.write(0x62, 0x02, 0x00)
    bench.wait_ms(300)
    assert bench.u2(0x62) & 0x0002
    assert bench.i2(0x14) == 3300
    assert bench.i2(0x3A) == 0
    bench.chip.freeze = False
    bench.wait_ms(300)
    assert bench.i2(0x14) == 3500


def test_single_cells_can_freeze() -> None:
    bench = Bench()
    bench.wait_ms(100)
    bench.chip.frozen_cells = 1 << 3
    bench.cells(3.4)
    bench.wait_ms(100)
    assert bench.i2(0x14 + 6) == 3300
    assert bench.i2(0x14 + 8) == 3400


def test_a_written_cell_gain_replaces_the_factory_trim() -> None:
    bench = Bench()
    factory = struct.unpack("<h", bench.ask(0x9180)[:2])[0]
    bench.configure(AWAKE, (0x9180, 2, factory * 101 // 100), (0x91B0, 2, 5))
    bench.wait_ms(100)
    assert abs(bench.i2(0x14) - (3333 - 5)) <= 1
    assert bench.i2(0x16) == 3295  # Vcell Offset is subtracted from all


def passed_charge(bench: Bench) -> "tuple[float, int]":
    integer, fraction, seconds = struct.unpack("<iII", bench.ask(0x0076)[:12])
    return integer + fraction / 2**32 - 0.5, seconds


def test_passed_charge_in_user_ampere_hours() -> None:
    for da, unit_ma in ((0x05, 1.0), (0x06, 10.0)):
        bench = exact_bench(da)
        bench.current(-7.2)
        bench.command(0x0082)
        bench.wait_ms(3_600_000 // 4)  # a quarter of an hour
        charge, seconds = passed_charge(bench)
        assert abs(charge * unit_ma + 1800) < 1.5
        assert 899 <= seconds <= 900


def test_reset_passq_presets_one_half() -> None:
    bench = exact_bench()
    bench.command(0x0082)
    integer, fraction, seconds = struct.unpack("<iII", bench.ask(0x0076)[:12])
    assert (integer, fraction, seconds) == (0, 1 << 31, 0)


def test_passed_charge_needs_the_capacity_gain_too() -> None:
    bench = Bench()
    bench.configure(AWAKE, (0x91A8, 4, CC_GAIN_1_MOHM))  # Capacity Gain left at its default
    bench.current(10.0)
    bench.command(0x0082)
    bench.wait_ms(360_000)
    charge, _ = passed_charge(bench)
    assert abs(charge - 1000 * 7.4768 / 7.56836) < 1


def test_currents_inside_the_deadband_are_not_counted() -> None:
    """9 x 234 nV is 2.1 mA through 1 mOhm."""
    bench = exact_bench()
    bench.current(0.0020)
    bench.command(0x0082)
    bench.wait_ms(600_000)
    assert passed_charge(bench)[0] == 0
    bench.current(0.0024)
    bench.wait_ms(600_000)
    assert abs(passed_charge(bench)[0] - 0.4) < 0.01


def test_da_status_5() -> None:
    bench = exact_bench()
    bench.chip.cells_v = [3.3 + i / 100 for i in range(16)]
    bench.chip.pins_c = {"TS1": 20.0}
    bench.current(1.0)
    bench.wait_ms(600)
    words = struct.unpack("<12h2i", bench.ask(0x0075))
    assert words[0] == 29137
    assert words[2:5] == (3450, 3300, 5400)  # mV, mV, 10 mV
    assert words[7:10] == (2932, 2932, 2932)
    assert abs(words[11] - 1000) <= 1
    assert abs(words[12] - 0.001 / 29.56e-9) < 20


def test_cell_counts_of_da_status_1() -> None:
    bench = exact_bench()
    bench.current(-1.0)
    bench.wait_ms(100)
    words = struct.unpack("<8i", bench.ask(0x0071))
    assert abs(words[0] * 0.7224e-6 - 3.3) < 0.002
    assert abs(words[1] * 29.56e-9 + 0.001) < 1e-6
