"""The simulated BQ769x0 measures as the datasheet's tables and examples say."""

from packwarden.sim.bq769x0 import inputs_of
from packwarden.sim.bq769x0_meter import thermistor_ohm
from sim.bq769x0_bench import Bench

# Tables 9-2 to 9-4: inputs of the cells, counted from 1.
CONNECTIONS = (
    (1, 3, (1, 2, 5)),
    (1, 4, (1, 2, 3, 5)),
    (1, 5, (1, 2, 3, 4, 5)),
    (2, 6, (1, 2, 5, 6, 7, 10)),
    (2, 7, (1, 2, 3, 5, 6, 7, 10)),
    (2, 8, (1, 2, 3, 5, 6, 7, 8, 10)),
    (2, 9, (1, 2, 3, 4, 5, 6, 7, 8, 10)),
    (2, 10, (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)),
    (3, 9, (1, 2, 5, 6, 7, 10, 11, 12, 15)),
    (3, 10, (1, 2, 3, 5, 6, 7, 10, 11, 12, 15)),
    (3, 11, (1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 15)),
    (3, 12, (1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 13, 15)),
    (3, 13, (1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 15)),
    (3, 14, (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15)),
    (3, 15, (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)),
)


def test_cells_sit_where_the_tables_put_them() -> None:
    for groups, cells, expected in CONNECTIONS:
        assert [place + 1 for place in inputs_of(groups, cells)] == list(expected), (groups, cells)


def test_the_datasheets_examples_of_cells() -> None:
    """Gain 380, offset 30: 2365 mV is 0x1800 and 3052 mV is 0x1F10 (8.3.1.1.2)."""
    bench = Bench(1)
    bench.chip.cells_v = [2.36472, 3.05176, 0.0, 0.03, 6.5]
    bench.wait_ms(260)
    assert bench.u2(0x0C) == 0x1800
    assert bench.u2(0x0E) == 0x1F10
    assert bench.u2(0x10) == 0, "a count is never negative"
    assert bench.u2(0x12) == 0
    assert bench.u2(0x14) == 0x3FFF
    assert bench.u2(0x2A) == (0x1800 + 0x1F10 + 0x3FFF) // 4, "the pack is the sum of the cells"


def test_gain_and_offset_can_be_read() -> None:
    for gain_uv, offset_mv in ((365, 0), (380, 30), (396, -128), (377, 127)):
        bench = Bench()
        bench.chip.gain_uv, bench.chip.offset_mv = gain_uv, offset_mv
        bench.chip.start_up()
        code = (bench.u1(0x50) >> 2 & 3) << 3 | bench.u1(0x59) >> 5
        assert 365 + code == gain_uv
        assert (bench.u1(0x51) ^ 0x80) - 0x80 == offset_mv


def test_charge_is_counted_over_250_ms_and_means_the_mean() -> None:
    """8.44 uV a count; positive charges."""
    bench = Bench().converting()
    bench.wait_ms(250)
    for amps, counts in ((8.44, 1000), (-131.12384, -15536)):
        bench.current(amps)
        bench.wait_ms(500)
        assert (bench.u2(0x32) ^ 0x8000) - 0x8000 == counts
        bench.current(0.0)
        bench.wait_ms(500)
    start_us = bench.clock.now_us
    bench.wait_us(bench.chip.next_us - start_us)
    bench.current(8.44)
    bench.wait_ms(125)
    bench.current(0.0)
    bench.wait_ms(126)
    assert bench.u2(0x32) == 500


def test_a_conversion_is_announced_and_stays_announced() -> None:
    bench = Bench().converting()
    assert bench.u1(0x00) == 0
    assert not bench.chip.alert
    bench.wait_ms(250)
    assert bench.u1(0x00) == 0x80
    assert bench.chip.alert
    bench.wait_ms(1000)
    assert bench.u1(0x00) == 0x80
    bench.write(0x00, 0x80)
    assert bench.u1(0x00) == 0
    assert not bench.chip.alert
    assert bench.quiet


def test_without_coulomb_counter_nothing_is_announced() -> None:
    bench = Bench()
    bench.wait_ms(2000)
    assert bench.u1(0x00) == 0
    bench.write(0x0B, 0x19)
    bench.write(0x05, 0x20)  # one shot
    bench.wait_ms(250)
    assert bench.u1(0x00) == 0x80
    assert bench.u1(0x05) == 0


def test_without_adc_cells_stand_still() -> None:
    bench = Bench()
    bench.wait_ms(260)
    before = bench.u2(0x0C)
    bench.write(0x04, 0x00)
    bench.cells(4.0)
    bench.wait_ms(1000)
    assert bench.u2(0x0C) == before


def test_thermistors_behind_10_kohm_at_3_3_v() -> None:
    """R = 10 kohm x V / (3.3 - V), V in 382 uV (8.3.1.1.4); the table's 103AT values."""
    for celsius, ohm in ((-40.0, 188_500), (0.0, 27_280), (25.0, 10_000), (60.0, 3_020), (100.0, 973.1)):
        assert abs(thermistor_ohm(celsius) - ohm) < 0.004 * ohm
    bench = Bench()
    bench.write(0x04, 0x18)
    bench.chip.pins_c = {"TS1": 25.0, "TS2": None, "TS3": "short"}
    bench.wait_ms(2500)
    assert abs(bench.u2(0x2C) - 3.3 / 2 / 382e-6) < 20
    assert bench.u2(0x2E) == 8639
    assert bench.u2(0x30) == 0


def test_die_and_thermistors_share_registers_and_take_up_to_two_seconds() -> None:
    bench = Bench()
    bench.chip.die_c = 35.0
    bench.wait_ms(2600)
    die = bench.u2(0x2C)
    assert abs(25.0 - (die * 382e-6 - 1.2) / 0.0042 - 35.0) < 0.1
    assert bench.u2(0x30) == die
    bench.write(0x04, 0x18)
    assert bench.u2(0x2C) == die
    bench.wait_ms(2001)
    assert bench.u2(0x2C) != die


def test_results_that_stand_still_are_announced_all_the_same() -> None:
    bench = Bench().converting()
    before = bench.read(0x0C, 40)
    bench.chip.freeze = True
    bench.cells(4.0)
    bench.current(10.0)
    bench.wait_ms(3000)
    assert bench.read(0x0C, 40) == before
    assert bench.u1(0x00) == 0x80


def test_a_part_has_the_groups_that_it_has() -> None:
    for groups in (1, 2, 3):
        bench = Bench(groups)
        bench.wait_ms(260)
        cells = [bench.u2(0x0C + 2 * index) for index in range(15)]
        assert all(cells[: 5 * groups])
        assert not any(cells[5 * groups :])
