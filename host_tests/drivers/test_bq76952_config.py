"""From engineering units to literal register bytes, and what the chip's coarse steps then enforce.

Register numbers and bytes are those of the TRM, written out here: nothing is taken from the driver but its
answer.
"""

from bms.drivers.afe import ConfigError
from bms.drivers.bq76952_registers import ROWS, plan
from drivers.bq76952_bench import LIMITS, limits_with
from drivers.bq76952_planned import applied, check, planned, refused
from portable import raises


def test_over_voltage_is_rounded_down():
    check(
        "cell_ov_mv",
        0x9278,
        (
            (1012, b"\x14", 1012),
            (3649, b"\x48", 3643),
            (3650, b"\x48", 3643),
            (4301, b"\x55", 4301),
            (4300, b"\x54", 4250),
            (5566, b"\x6e", 5566),
        ),
    )


def test_under_voltage_is_rounded_up():
    check(
        "cell_uv_mv",
        0x9275,
        (
            (1012, b"\x14", 1012),
            (1013, b"\x15", 1063),
            (2500, b"\x32", 2530),
            (2530, b"\x32", 2530),
            (2531, b"\x33", 2581),
            (4048, b"\x50", 4048),
        ),
    )


def test_cell_delays_are_rounded_down_but_never_off():
    # 3.3 ms x (2 + n), TRM 5.2.4; n = 0 would disable the protection, so 9.9 ms is the shortest
    table = (
        (10, b"\x01\x00", 10),
        (13, b"\x01\x00", 10),
        (14, b"\x02\x00", 13),
        (251, b"\x4a\x00", 251),
        (1000, b"\x2d\x01", 1000),
        (6761, b"\xfe\x07", 6758),
        (6762, b"\xff\x07", 6762),
    )
    check("cell_ov_ms", 0x9279, table, 2)
    check("cell_uv_ms", 0x9276, table, 2)


def test_current_delays_have_one_byte():
    table = (
        (10, b"\x01", 10),
        (20, b"\x04", 20),
        (100, b"\x1c", 99),
        (400, b"\x77", 399),
        (426, b"\x7f", 426),
    )
    check("occ_ms", 0x9281, table)
    check("ocd1_ms", 0x9283, table)
    check("ocd2_ms", 0x9285, table)


def test_currents_are_steps_of_2_mv_rounded_down():
    table = ((4000, b"\x02", 4000), (5999, b"\x02", 4000), (6000, b"\x03", 6000), (31_000, b"\x0f", 30_000))
    for name, address in (("occ_ma", 0x9280), ("ocd1_ma", 0x9282), ("ocd2_ma", 0x9284)):
        check(name, address, table)
    check("occ_ma", 0x9280, ((124_000, b"\x3e", 124_000), (125_999, b"\x3e", 124_000)))
    check("ocd1_ma", 0x9282, ((200_000, b"\x64", 200_000),))
    check("ocd2_ma", 0x9284, ((200_000, b"\x64", 200_000),))


def test_currents_follow_the_shunt():
    changes = {"shunt_uohm": 300, "occ_ma": 14_000, "ocd1_ma": 100_000, "ocd2_ma": 150_000}
    assert planned(changes, 0x9280) == b"\x02"
    assert applied(changes)["occ_ma"] == 13_333
    assert planned(changes, 0x9282) == b"\x0f"
    assert applied(changes)["ocd1_ma"] == 100_000
    assert planned(changes, 0x9284) == b"\x16"
    assert applied(changes)["ocd2_ma"] == 146_666


def test_short_circuit_takes_the_largest_step_not_above():
    steps = (10, 20, 40, 60, 80, 100, 125, 150, 175, 200, 250, 300, 350, 400, 450, 500)
    for code in range(16):
        milliamps = steps[code] * 1000
        assert planned({"scd_ma": milliamps}, 0x9286) == bytes([code])
        assert applied({"scd_ma": milliamps})["scd_ma"] == milliamps
        assert planned({"scd_ma": milliamps + 999}, 0x9286) == bytes([code])
        if code:
            assert planned({"scd_ma": milliamps - 1}, 0x9286) == bytes([code - 1])
    assert applied({"scd_ma": 2_000_000})["scd_ma"] == 500_000


def test_short_circuit_delay():
    check("scd_us", 0x9287, ((0, b"\x01", 0), (14, b"\x01", 0), (15, b"\x02", 15), (150, b"\x0b", 150)))
    check("scd_us", 0x9287, ((450, b"\x1f", 450), (464, b"\x1f", 450)))


def test_temperatures_are_rounded_to_the_safe_side():
    over = ((555, b"\x37", 550), (550, b"\x37", 550), (-5, b"\xff", -10), (1200, b"\x78", 1200))
    check("otc_ddegc", 0x929A, over)
    check("otd_ddegc", 0x929D, over)
    under = (
        (5, b"\x01", 10),
        (0, b"\x00", 0),
        (-5, b"\x00", 0),
        (-175, b"\xef", -170),
        (-400, b"\xd8", -400),
    )
    check("utc_ddegc", 0x92A6, under)
    check("utd_ddegc", 0x92A9, under)


def test_recovery_temperatures_stay_five_degrees_inside():
    assert planned({"otc_ddegc": 555}, 0x929C) == b"\x32"
    assert planned({"otd_ddegc": -390}, 0x929F) == b"\xd8"  # not below what the register takes
    assert planned({"utc_ddegc": -5}, 0x92A8) == b"\x05"
    assert planned({"utd_ddegc": 1180}, 0x92AB) == b"\x78"


def test_temperature_delay_goes_to_all_four():
    for address in (0x929B, 0x929E, 0x92A7, 0x92AA):
        assert planned({"temp_s": 7}, address) == b"\x07"
    assert applied({"temp_s": 7})["temp_s"] == 7


def test_the_chip_recovers_only_after_its_watchdog_would_have_noticed():
    assert planned({"hwd_s": 10}, 0x92B2, 2) == b"\x0a\x00"
    assert planned({"hwd_s": 10}, 0x92AF) == b"\x0b"
    assert planned({"hwd_s": 10}, 0x9294) == b"\x0b"
    assert planned({"hwd_s": 254}, 0x92AF) == b"\xff"


def test_current_reading_is_as_fine_as_the_limits_allow():
    # reads a quarter past the limit; 16 bits saturate at 32.767 A in mA
    for limit, raw, unit in ((25_599, b"\x05", 1), (25_600, b"\x06", 10), (256_000, b"\x07", 100)):
        changes = {"shunt_uohm": 250, "occ_ma": 20_000, "ocd1_ma": limit}
        assert planned(changes, 0x9303) == raw
        assert applied(changes)["current_unit_ma"] == unit
        changes = {"shunt_uohm": 250, "occ_ma": limit, "ocd1_ma": 20_000}
        assert applied(changes)["current_unit_ma"] == unit
    assert planned({"ocd2_ma": 180_000, "scd_ma": 400_000}, 0x9303) == b"\x05"  # comparators only
    huge = {
        "shunt_uohm": 50,
        "occ_ma": 100_000,
        "ocd1_ma": 3_000_000,
        "ocd2_ma": 3_000_000,
        "scd_ma": 4_000_000,
    }
    assert applied(huge)["current_unit_ma"] == 100  # the coarsest there is


def test_thresholds_in_user_amps_keep_their_meaning():
    for limit, discharge, charge in ((20_000, b"\x64\x00", b"\x32\x00"), (60_000, b"\x0a\x00", b"\x05\x00")):
        assert planned({"ocd1_ma": limit}, 0x9310, 2) == discharge
        assert planned({"ocd1_ma": limit}, 0x9312, 2) == charge
    large = {"shunt_uohm": 100, "occ_ma": 100_000, "ocd1_ma": 300_000, "ocd2_ma": 400_000, "scd_ma": 500_000}
    assert planned(large, 0x9312, 2) == b"\x01\x00"


def test_gains_are_little_endian_floats():
    # CC Gain 7.5684 / milliohm; Capacity Gain = CC Gain x 298261.6178
    assert planned({}, 0x91A8, 4) == b"\x55\x30\xf2\x40"
    assert planned({}, 0x91AC, 4) == b"\x4d\xc7\x09\x4a"
    quarter = {"shunt_uohm": 250, "occ_ma": 20_000}
    assert planned(quarter, 0x91A8, 4) == b"\x55\x30\xf2\x41"
    assert planned(quarter, 0x91AC, 4) == b"\x4d\xc7\x09\x4b"


def test_cells_sit_on_the_lowest_inputs_and_on_16():
    """PW-141."""
    modes = {
        3: b"\x03\x80",
        4: b"\x07\x80",
        8: b"\x7f\x80",
        10: b"\xff\x81",
        15: b"\xff\xbf",
        16: b"\xff\xff",
    }
    for count, mode in modes.items():
        assert planned({"cell_count": count}, 0x9304, 2) == mode
    for count in (0, 2, 17):
        assert refused({"cell_count": count}).name == "cell_count"


def test_thermistor_pins():
    """PW-141."""
    for fitted in range(8):
        for pin in range(3):
            expected = b"\x07" if fitted & 1 << pin else b"\x00"
            assert planned({"thermistors": fitted}, 0x92FD + pin) == expected
    assert planned({"thermistors": 0}, 0x9303) == b"\x0d"  # TINT_EN: the die speaks for the cells
    assert refused({"thermistors": 8}).name == "thermistors"


def test_bleeding_stops_where_the_cells_get_too_warm():
    """PW-136."""
    assert planned({"otc_ddegc": 480, "otd_ddegc": 630}, 0x9337) == b"\x30"
    assert planned({"otc_ddegc": 700, "otd_ddegc": 630}, 0x9337) == b"\x3c"
    assert applied({"otc_ddegc": 480})["balance_max_ddegc"] == 480


def test_what_no_step_reaches_is_refused_by_name():
    table = (
        ("cell_ov_mv", 1011, "1012 and 5566 mV"),
        ("cell_ov_mv", 5617, "1012 and 5566 mV"),
        ("cell_uv_mv", 961, "1012 and 4048 mV"),
        ("cell_uv_mv", 4049, "1012 and 4048 mV"),
        ("cell_ov_ms", 9, "10 to"),
        ("cell_uv_ms", 6765, "10 to 6764"),
        ("occ_ms", 429, "10 to 428"),
        ("ocd1_ms", 9, "10 to 428"),
        ("ocd2_ms", 1000, "10 to 428"),
        ("occ_ma", 3999, "between 4000 and 124000 mA: the shunt is too small"),
        ("occ_ma", 126_000, "between 4000 and 124000 mA: the shunt is too large"),
        ("ocd1_ma", 3999, "too small"),
        ("ocd2_ma", 202_000, "too large"),
        ("scd_ma", 9999, "from 10000 mA up"),
        ("scd_us", 465, "0 to 464"),
        ("scd_us", -1, "0 to 464"),
        ("otc_ddegc", 1210, "between -40 and 120 degC"),
        ("utc_ddegc", -410, "between -40 and 120 degC"),
        ("otd_ddegc", -401, "between -40 and 120 degC"),
        ("utd_ddegc", 1201, "between -40 and 120 degC"),
        ("temp_s", 0, "1 to 254"),
        ("temp_s", 255, "1 to 254"),
        ("hwd_s", 0, "1 to 254"),
        ("hwd_s", 255, "1 to 254"),
        ("shunt_uohm", 7, "8 to 756000"),
        ("otf_ddegc", -1, "between 0 and 150 degC"),
        ("otf_ddegc", 1510, "between 0 and 150 degC"),
        ("fet_thermistor", 2, "0 to 1"),
        ("series_fets", 2, "0 to 1"),
        ("series_fets", -1, "0 to 1"),
        ("precharge_delta_mv", 9, "10 to 2559"),
        ("precharge_delta_mv", 2560, "10 to 2559"),
        ("precharge_delta_mv", -1, "10 to 2559"),
        ("pchg_start_mv", -1, "0 to 32767"),
        ("pchg_stop_mv", 32_768, "0 to 32767"),
    )
    for name, asked, sentence in table:
        error = refused({name: asked})
        assert (error.name, error.asked) == (name, asked)
        assert str(error).startswith("%s = %d: " % (name, asked))
        assert sentence in str(error), str(error)


def test_no_limit_may_be_missing():
    for name in LIMITS:
        limits = limits_with({})
        del limits[name]
        error = raises(ConfigError, plan, limits)
        assert (error.name, error.asked) == (name, None)
        assert "missing" in str(error)


def test_every_limit_is_reported_and_never_looser_than_asked():
    """PW-109."""
    stricter_when_higher = ("cell_uv_mv", "utc_ddegc", "utd_ddegc")
    stricter_when_lower = []
    for name in LIMITS:
        if name.endswith(("_ma", "_ms", "_us", "ov_mv", "otc_ddegc", "otd_ddegc")):
            stricter_when_lower.append(name)
    assert len(stricter_when_lower) == 13
    for step in range(40):
        changes = {}
        for name in stricter_when_lower + list(stricter_when_higher):
            changes[name] = LIMITS[name] + step * (1 + LIMITS[name] // 997)
        changes["occ_ms"] = 380 + step
        result = applied(changes)
        for name in LIMITS:
            assert name in result or name == "thermistors"
        for name in stricter_when_lower:
            assert result[name] <= changes[name], name
        for name in stricter_when_higher:
            assert result[name] >= changes[name], name


def test_rows_are_in_order_and_do_not_overlap():
    end = 0
    names = set()
    for row in ROWS:
        assert row[0] >= end, row
        end = row[0] + abs(row[1])
        names.add(row[2])
    assert len(names) == len(ROWS)
