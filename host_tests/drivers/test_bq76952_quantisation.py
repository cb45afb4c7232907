"""Over whole ranges: what the chip enforces is never looser than asked, and less than one step stricter.

The scales are those of the TRM, written out here; the register's byte is decoded again and must mean what the
driver says it does.
"""

from bms.drivers.afe import ConfigError
from bms.drivers.bq76952_registers import ROWS
from drivers.bq76952_bench import LIMITS

SCD_MV = (10, 20, 40, 60, 80, 100, 125, 150, 175, 200, 250, 300, 350, 400, 450, 500)
SHUNTS = (50, 100, 125, 200, 250, 300, 333, 500, 750, 1000, 2000, 7777)


def rule_of(address):
    for row in ROWS:
        if row[0] == address:
            return row[3], row[4]
    raise AssertionError("no row for 0x%04X" % address)


def sweep(name, address, asked_values, unit, step, offset=0, looser=1, shunt=None):
    """`looser` 1: more is looser, -1: less is. A register's value means (raw + offset) * step / unit.

    Returns how many values were taken, and how many refused.
    """
    rule, argument = rule_of(address)
    limits = dict(LIMITS)
    if shunt:
        limits["shunt_uohm"] = shunt
    taken = refused = 0
    for asked in asked_values:
        limits[name] = asked
        try:
            raw, enforced = rule(limits, argument)
        except ConfigError as error:
            assert error.name == name
            refused += 1
            continue
        taken += 1
        meant = (raw + offset) * step  # in 1/unit of the limit
        stricter = looser * (asked * unit - meant)
        assert 0 <= stricter < step, (name, asked, raw)
        assert looser * (asked - enforced) >= 0, (name, asked, enforced)
        assert abs(enforced * unit - meant) < unit, (name, asked, enforced)
    return taken, refused


def test_cell_thresholds():
    # 50.6 mV a step: 20 to 110 over, 20 to 80 under (TRM 5.2.4, 5.2.5)
    taken, refused = sweep("cell_ov_mv", 0x9278, range(900, 5800, 3), 10, 506)
    assert taken > 1500
    assert refused > 50
    taken, refused = sweep("cell_uv_mv", 0x9275, range(900, 4200, 3), 10, 506, 0, -1)
    assert taken > 1000
    assert refused > 50


def test_delays():
    # 3.3 ms x (2 + n), n from 1 to 2047 or 127
    for name, address in (("cell_ov_ms", 0x9279), ("cell_uv_ms", 0x9276)):
        taken, refused = sweep(name, address, range(-10, 6800, 7), 10, 33, 2)
        assert taken > 960
        assert refused > 5
    for name, address in (("occ_ms", 0x9281), ("ocd1_ms", 0x9283), ("ocd2_ms", 0x9285)):
        assert sweep(name, address, range(450), 10, 33, 2) == (419, 31)
    assert sweep("scd_us", 0x9287, range(500), 1, 15, -1) == (465, 35)
    for address in (0x929B, 0x929E, 0x92A1, 0x92A7, 0x92AA):
        assert sweep("temp_s", address, range(300), 1, 1) == (254, 46)
    assert sweep("hwd_s", 0x92B2, range(300), 1, 1) == (254, 46)


def test_currents_over_all_shunts():
    # 2 mV a step across the shunt: in mA and microohm, 2 000 000 nV
    for shunt in SHUNTS:
        for name, address, most in (
            ("occ_ma", 0x9280, 62),
            ("ocd1_ma", 0x9282, 100),
            ("ocd2_ma", 0x9284, 100),
        ):
            top = most * 2_000_000 // shunt
            taken, refused = sweep(
                name, address, range(top // 97, top * 11 // 10, top // 97), shunt, 2_000_000, 0, 1, shunt
            )
            assert taken > 80
            assert refused > 5


def test_short_circuit_over_all_shunts():
    rule, argument = rule_of(0x9286)
    limits = dict(LIMITS)
    for shunt in SHUNTS:
        limits["shunt_uohm"] = shunt
        for asked in range(1, 520_000_000 // shunt, 9_000_000 // shunt):
            limits["scd_ma"] = asked
            volts_nv = asked * shunt
            if volts_nv < 10_000_000:
                continue
            raw, enforced = rule(limits, argument)
            assert SCD_MV[raw] * 1_000_000 <= volts_nv
            assert raw == 15 or SCD_MV[raw + 1] * 1_000_000 > volts_nv
            assert enforced == SCD_MV[raw] * 1_000_000 // shunt <= asked


def test_temperatures():
    # whole degrees
    for name, address, looser in (
        ("otc_ddegc", 0x929A, 1),
        ("otd_ddegc", 0x929D, 1),
        ("utc_ddegc", 0x92A6, -1),
        ("utd_ddegc", 0x92A9, -1),
    ):
        taken, refused = sweep(name, address, range(-450, 1300), 1, 10, 0, looser)
        assert taken == 1610
        assert refused == 140


def test_what_the_options_enforce():
    rule, argument = rule_of(0x92A0)
    limits = dict(LIMITS)
    limits["fet_thermistor"] = 1
    for asked in range(1510):
        limits["otf_ddegc"] = asked
        raw, enforced = rule(limits, argument)
        assert 0 <= raw <= 150
        assert enforced == 10 * raw
        assert 0 <= asked - enforced < 10
    assert sweep("precharge_delta_mv", 0x930F, range(10, 2570), 1, 10) == (2550, 10)
    assert sweep("pchg_start_mv", 0x930A, range(0, 33_000, 11), 1, 1) == (2979, 21)
    assert sweep("pchg_stop_mv", 0x930C, range(0, 33_000, 11), 1, 1) == (2979, 21)
