"""What is fitted on a board, in literal register bytes; numbers are those of the TRM."""

from drivers.bq76952_planned import applied, check, planned, refused


def test_fet_options():
    # FET_INIT_OFF 20, PDSG_EN 10, FET_CTRL_EN 08, HOST_FET_EN 04, SLEEPCHG 02, SFET 01 (TRM 13.3.6.1)
    for series, delta, raw in ((1, 0, b"\x2f"), (0, 0, b"\x2e"), (1, 500, b"\x3f"), (0, 500, b"\x3e")):
        changes = {"series_fets": series, "precharge_delta_mv": delta}
        assert planned(changes, 0x9308) == raw
        assert applied(changes)["series_fets"] == series


def test_predischarge_ends_by_voltage_alone_and_never_earlier_than_asked():
    check(
        "precharge_delta_mv",
        0x930F,
        ((0, b"\x00", 0), (10, b"\x01", 10), (19, b"\x01", 10), (500, b"\x32", 500), (2559, b"\xff", 2550)),
    )
    for delta in (0, 500):
        assert planned({"precharge_delta_mv": delta}, 0x930E) == b"\x00"  # no time-out (TRM 13.3.6.5)


def test_precharge_voltages():
    changes = {"pchg_start_mv": 2700, "pchg_stop_mv": 2900}
    assert planned(changes, 0x930A, 2) == b"\x8c\x0a"
    assert planned(changes, 0x930C, 2) == b"\x54\x0b"
    assert applied(changes)["pchg_start_mv"] == 2700
    assert applied(changes)["pchg_stop_mv"] == 2900
    assert applied({"pchg_start_mv": 2700, "pchg_stop_mv": 2700})["pchg_stop_mv"] == 2700
    error = refused({"pchg_start_mv": 2700, "pchg_stop_mv": 2699})  # it would chatter in between
    assert (error.name, error.asked) == ("pchg_stop_mv", 2699)


def test_a_thermistor_on_the_fets():
    fitted = {"thermistors": 3, "fet_thermistor": 1, "otf_ddegc": 905}
    assert planned(fitted, 0x92FF) == b"\x0f"  # 18k, FET temperature
    assert planned(fitted, 0x9262) == b"\xf3"  # OTF too
    assert planned(fitted, 0x92A0) == b"\x5a"
    assert planned(fitted, 0x92A2) == b"\x4b"
    assert applied(fitted)["otf_ddegc"] == 900
    assert applied(fitted)["fet_thermistor"] == 1
    fitted["thermistors"] = 7
    error = refused(fitted)
    assert error.name == "fet_thermistor"
    assert "TS3" in str(error)


def test_without_one_nothing_is_said_to_be_enforced():
    for thermistors, raw in ((3, b"\x00"), (7, b"\x07")):
        changes = {"thermistors": thermistors, "otf_ddegc": 900}
        assert planned(changes, 0x92FF) == raw
        assert planned(changes, 0x9262) == b"\x73"
        assert planned(changes, 0x92A0) == b"\x5a"
        assert applied(changes)["otf_ddegc"] == 0
        assert applied(changes)["fet_thermistor"] == 0


def test_fet_temperatures_are_unsigned():
    fitted = {"thermistors": 3, "fet_thermistor": 1}
    for asked, raw, recovery, enforced in (
        (1500, b"\x96", b"\x87", 1500),
        (1509, b"\x96", b"\x87", 1500),
        (149, b"\x0e", b"\x00", 140),
        (0, b"\x00", b"\x00", 0),
    ):
        fitted["otf_ddegc"] = asked
        assert planned(fitted, 0x92A0) == raw
        assert planned(fitted, 0x92A2) == recovery
        assert applied(fitted)["otf_ddegc"] == enforced


def test_a_thermistor_on_ts2_must_not_wake_the_chip_from_shutdown():
    # SHUT_TS2, bit 12 (TRM 7.5, 13.3.2.1)
    for thermistors, raw in (
        (0, b"\x80\x28"),
        (1, b"\x80\x28"),
        (2, b"\x80\x38"),
        (5, b"\x80\x28"),
        (7, b"\x80\x38"),
    ):
        assert planned({"thermistors": thermistors}, 0x9234, 2) == raw
