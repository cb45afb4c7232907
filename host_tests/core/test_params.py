"""The parameter table: defaults fit their own bounds and rules, and every rule refuses what breaks it."""

from bms.core import chemistry, params, params_check, silicon
from core.pack_fixture import LFP, NMC, values


def test_defaults_of_both_chemistries_pass_their_own_check() -> None:
    for given in (NMC, LFP):
        assert params_check.check(given) == []


def test_every_bound_is_enforced_at_plus_and_minus_one() -> None:
    for row in params.ROWS:
        name = row[params.NAME]
        assert params_check.check_value(row, row[params.LOW]) == ""
        assert params_check.check_value(row, row[params.HIGH]) == ""
        assert name in params_check.check_value(row, row[params.LOW] - 1)
        assert name in params_check.check_value(row, row[params.HIGH] + 1)
        for nonsense in (True, None, "12", 1.5, [3]):
            assert name in params_check.check_value(row, nonsense)


def test_defaults_lie_within_their_bounds() -> None:
    for kind in range(len(chemistry.NAMES)):
        for row in params.ROWS:
            value = params.default(row, kind, values(dict(NMC, chemistry=chemistry.NAMES[kind])))
            assert value is None or row[params.LOW] <= value <= row[params.HIGH], row[params.NAME]


def test_a_default_follows_a_row_that_stands_above_it() -> None:
    known = ["capacity_mah"]
    for row in params.ROWS:
        for kind in (params.NMC, params.LFP):
            if isinstance(row[kind], tuple):
                assert row[kind][0] in known, row[params.NAME]
        known.append(row[params.NAME])
    assert values(LFP, cell_ov_mv=3650)["cell_ov_warn_mv"] == 3610
    row = params.find("cell_ov_warn_mv")
    assert row is not None
    assert params.default(row, 0, {}) is None


def test_every_order_rule_refuses_the_pair_reversed() -> None:
    for lesser, greater in params_check.ORDER:
        row = params.find(lesser)
        assert row is not None
        broken = values(LFP)
        target = broken[greater]
        if not row[params.LOW] <= target <= row[params.HIGH]:
            other = params.find(greater)
            assert other is not None
            broken[greater] = other[params.LOW]
            target = max(row[params.LOW], min(row[params.HIGH], other[params.LOW]))
        broken[lesser] = target
        reasons = params_check.check(broken)
        assert [r for r in reasons if r.startswith(lesser) and greater in r], (lesser, greater, reasons)


def test_unknown_missing_and_wrong_are_all_reported_at_once() -> None:
    reasons = params_check.check({"chemistry": "lead", "voltage": 12})
    text = " | ".join(reasons)
    for part in (
        "voltage",
        "chemistry must be",
        "cell_count is not set",
        "capacity_mah is not set",
        "shunt_uohm",
    ):
        assert part in text, part
    two = params_check.check(dict(LFP, cell_count=99, cell_ov_mv=9999))
    assert len(two) == 2
    assert len(params_check.check({"chemistry": "nmc", "voltage": 12, "cell_ov_mv": 9999})) == 5


def test_silicon_must_stay_inside_what_the_cells_stand() -> None:
    """PW-108."""
    assert params_check.check(dict(LFP, cell_ov_mv=3740)) == []
    assert "3801" in params_check.check(dict(LFP, cell_ov_mv=3741))[0]
    assert params_check.check(dict(LFP, cell_uv_mv=2100)) == []
    assert "1999" in params_check.check(dict(LFP, cell_uv_mv=2099))[0]
    assert params_check.check(dict(NMC, cell_ov_mv=4290)) == []
    assert "4351" in params_check.check(dict(NMC, cell_ov_mv=4291))[0]


def test_the_comms_fault_comes_before_the_afe_gives_up_on_us() -> None:
    assert params_check.check(dict(LFP, silent_ms=5000)) == []
    assert "hwd_s" in params_check.check(dict(LFP, silent_ms=5001))[0]


def test_silicon_is_asked_for_more_than_the_firmware_allows_in_every_limit() -> None:
    """PW-107."""
    for given in (NMC, LFP):
        ours = values(given)
        asked = silicon.derive(ours)
        for name in ("cell_ov_mv", "occ_ma", "otc_ddegc", "otd_ddegc"):
            assert asked[name] > ours[name], name
        for name in ("cell_uv_mv", "utc_ddegc", "utd_ddegc"):
            assert asked[name] < ours[name], name
        assert ours["ocd2_ma"] < asked["ocd1_ma"] < asked["ocd2_ma"] < asked["scd_ma"]
        assert (
            asked["cell_ov_mv"] - ours["cell_ov_mv"] > 51
        )  # a step of the chip: it may round down and stay outside


def test_current_defaults_scale_with_the_capacity() -> None:
    small = values(NMC, capacity_mah=2000)
    large = values(NMC, capacity_mah=20000)
    for name in ("occ_ma", "ocd1_ma", "ocd2_ma", "scd_ma", "full_ma"):
        assert large[name] == 10 * small[name], name


def test_a_given_value_wins_over_the_default() -> None:
    assert values(LFP, cell_ov_mv=3650)["cell_ov_mv"] == 3650


def test_pairs_that_must_stay_in_order() -> None:
    """Each pair alone, in the owner's words: which values of a good set may not meet."""
    for changes in (
        {"cell_ov_clear_mv": 3700},
        {"cell_uv_clear_mv": 2500},
        {"cell_uv_clear_mv": 3400, "cell_ov_clear_mv": 3400, "full_mv": 3450, "balance_min_mv": 3450},
        {"full_mv": 3700},
        {"cell_uv_clear_mv": 3450, "balance_min_mv": 3460},
        {"balance_min_mv": 3700},
        {"cell_uv_clear_mv": 3400},
        {"ocd1_ma": 200000},
        {"ocd2_ma": 600000},
        {"full_ma": 70000},
        {"utc_ddegc": 30},
        {"utc_clear_ddegc": 200, "otc_clear_ddegc": 200},
        {"otc_clear_ddegc": 500},
        {"otc_ddegc": 600},
        {"utd_ddegc": -150},
        {"utd_ddegc": 0, "utd_clear_ddegc": 50},
        {"otd_clear_ddegc": 600},
        {"imbalance_clear_mv": 800},
        {"stale_ms": 1000, "silent_ms": 1000},
    ):
        given = dict(LFP)
        given.update(changes)
        reasons = params_check.check(given)
        assert len(reasons) == 1, (changes, reasons)
        assert " must be below " in reasons[0]


def test_defaults_hold_for_the_smallest_and_the_largest_pack() -> None:
    for capacity_mah in (500, 1000000):
        for given in (NMC, LFP):
            assert params_check.check(dict(given, capacity_mah=capacity_mah)) == []


def test_an_nmc_cell_is_never_asked_to_go_below_two_and_a_half_volts() -> None:
    assert params_check.check(dict(NMC, cell_uv_mv=2600)) == []
    assert "2499" in params_check.check(dict(NMC, cell_uv_mv=2599))[0]


def test_what_is_no_number_is_refused_with_the_unit_that_was_expected() -> None:
    for name, unit in (("cell_ov_mv", "mV"), ("cell_count", "units")):
        row = params.find(name)
        assert row is not None
        assert params_check.check_value(row, "x") == f"{name} must be a whole number of {unit}, not 'x'"


def test_what_the_afe_is_asked_to_enforce() -> None:
    assert silicon.derive(values(LFP, thermistors=2)) == {
        "cell_count": 4,
        "shunt_uohm": 250,
        "thermistors": 0b11,
        "cell_ov_mv": 3760,
        "cell_ov_ms": 1000,
        "cell_uv_mv": 2400,
        "cell_uv_ms": 1000,
        "occ_ma": 87500,
        "occ_ms": 400,
        "ocd1_ma": 250000,
        "ocd1_ms": 400,
        "ocd2_ma": 400000,
        "ocd2_ms": 20,
        "scd_ma": 600000,
        "scd_us": 150,
        "otc_ddegc": 530,
        "utc_ddegc": -30,
        "otd_ddegc": 630,
        "utd_ddegc": -230,
        "temp_s": 5,
        "hwd_s": 5,
        "fet_thermistor": 0,
        "otf_ddegc": 930,
        "precharge_delta_mv": 0,
        "pchg_start_mv": 0,
        "pchg_stop_mv": 0,
        "series_fets": 1,
    }


def test_what_is_fitted_is_asked_of_the_afe() -> None:
    given = values(LFP, precharge_fitted=1, pchg_fitted=1, fet_thermistor=1)
    fitted = silicon.derive(given)
    assert (fitted["precharge_delta_mv"], fitted["series_fets"]) == (500, 1)
    assert (fitted["pchg_start_mv"], fitted["pchg_stop_mv"]) == (2150, 2200)
    assert fitted["fet_thermistor"] == 1
    fitted = silicon.derive(given, contactors=True)
    assert (fitted["precharge_delta_mv"], fitted["series_fets"]) == (0, 0), "the relay is not the AFE's"


def test_temperatures_stay_inside_what_the_cells_stand() -> None:
    for given, name, good, bad in (
        (LFP, "otc_ddegc", 620, 621),
        (NMC, "otc_ddegc", 570, 571),
        (LFP, "utc_ddegc", -120, -121),
        (NMC, "otd_ddegc", 720, 721),
    ):
        room = {"otd_ddegc": 740, "ot_perm_ddegc": 850} if name == "otc_ddegc" and given is LFP else {}
        assert params_check.check(dict(given, **room, **{name: good})) == [], (name, good)
        reasons = params_check.check(dict(given, **room, **{name: bad}))
        assert len(reasons) == 1
        assert name in reasons[0]
        assert "cells stand" in reasons[0]


def test_the_level_that_ends_a_packs_use_lies_inside_what_the_cells_stand() -> None:
    assert params_check.check(dict(LFP, cell_ov_perm_mv=3800)) == []
    assert "3801" in params_check.check(dict(LFP, cell_ov_perm_mv=3801))[0]


def test_a_thermistor_on_the_fets_takes_its_pin() -> None:
    assert params_check.check(dict(LFP, thermistors=2, fet_thermistor=1)) == []
    assert "TS3" in params_check.check(dict(LFP, thermistors=3, fet_thermistor=1))[0]
