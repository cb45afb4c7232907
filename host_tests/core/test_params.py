"""The parameter table: defaults fit their own bounds and rules, and every rule refuses what breaks it."""

from bms.core import chemistry, faults, params, params_check, silicon
from bms.services import texts
from core.pack_fixture import LFP, NMC, values


def test_defaults_of_both_chemistries_pass_their_own_check() -> None:
    for given in (NMC, LFP):
        assert params_check.check(given) == []


def test_every_bound_is_enforced_at_plus_and_minus_one() -> None:
    for row in range(len(params.NAMES)):
        name = params.NAMES[row]
        low, high = params.LOW[row], params.HIGH[row]
        assert low < high, name
        assert params_check.check_value(row, low) == ""
        assert params_check.check_value(row, high) == ""
        assert f"{name} = {low - 1} " in params_check.check_value(row, low - 1)
        assert f"{low}..{high}" in params_check.check_value(row, high + 1)
        for nonsense in (True, None, "12", 1.5, [3]):
            assert name in params_check.check_value(row, nonsense)


def test_defaults_lie_within_their_bounds() -> None:
    for kind in range(len(chemistry.NAMES)):
        known = values(dict(NMC, chemistry=chemistry.NAMES[kind]))
        for row in range(len(params.NAMES)):
            value = params.default(row, kind, known)
            assert value is None or params.LOW[row] <= value <= params.HIGH[row], params.NAMES[row]
            follows, level, _share = params.rule(row, kind)
            if not follows and params.has_default(row):
                assert params.LOW[row] <= level <= params.HIGH[row], params.NAMES[row]


def test_a_default_follows_a_row_that_stands_above_it() -> None:
    for row in range(len(params.NAMES)):
        for kind in range(len(chemistry.NAMES)):
            follows = params.rule(row, kind)[0]
            assert not follows or params.index(follows) < row, params.NAMES[row]
    assert values(LFP, cell_ov_mv=3650)["cell_ov_warn_mv"] == 3610
    assert values(LFP, occ_ma=50000)["occ_warn_ma"] == 47500
    assert params.default(params.index("cell_ov_warn_mv"), 0, {}) is None
    assert params.rule(params.index("occ_ma"), 1) == ("capacity_mah", 700, True)
    assert params.rule(params.index("pack_ov_mv"), 0) == ("cell_ov_mv", 20, False)
    assert params.rule(params.index("cell_count"), 0) == ("", params.UNSET, False)


def test_a_unit_is_the_end_of_the_name() -> None:
    seen = set()
    for row in range(len(params.NAMES)):
        unit = params.unit(row)
        seen.add(unit)
        assert not unit or params.NAMES[row].endswith("_" + unit.lower()), params.NAMES[row]
        if not unit:
            assert params.LOW[row] >= 0, "counts and switches"
            assert params.HIGH[row] <= 16, params.NAMES[row]
    assert seen == {"", "mV", "mA", "mAh", "uohm", "us", "ms", "s", "min", "ddegC", "permille"}


def test_only_what_guards_nothing_is_free_to_change() -> None:
    free = [name for name in list(params.WORDS) + params.NAMES if params.free(name)]
    assert free == ["pack_name", "watch_s", "watch_json"]
    assert not params.free("voltage")


def test_every_parameter_has_its_help_and_no_line_is_idle() -> None:
    for name in list(params.WORDS) + params.NAMES:
        words = texts.find("params", name)
        assert len(words) == 1, name
        assert 0 < len(words[0]) < 100, name
        assert params.known(name)
    assert not params.known("voltage")


def broken(lesser: str, greater: str) -> dict:
    """A good set in which this one pair has met."""
    given = values(LFP)
    low, high = params.index(lesser), params.index(greater)
    meet = max(given[greater], params.LOW[low], params.LOW[high])
    meet = min(meet, params.HIGH[low], params.HIGH[high])
    given[lesser] = given[greater] = meet
    return given


def test_every_order_rule_refuses_the_pair_that_meets_and_takes_it_one_apart() -> None:
    for lesser, greater in params_check.ORDER:
        given = broken(lesser, greater)
        sentence = f"{lesser} = {given[lesser]} must be below {greater} = {given[greater]}"
        assert params_check.check(given).count(sentence) == 1, sentence
        row = params.index(lesser)
        if given[lesser] > params.LOW[row]:
            given[lesser] -= 1
        else:
            given[greater] += 1
        assert not [r for r in params_check.check(given) if r.startswith(lesser) and greater in r], sentence


def test_no_order_rule_is_idle_or_said_twice() -> None:
    """Bounds alone must let the pair cross, or the rule could be left out."""
    for pair in params_check.ORDER:
        low, high = params.index(pair[0]), params.index(pair[1])
        assert params_check.ORDER.count(pair) == 1
        assert params.HIGH[low] >= params.LOW[high], pair


def below(name: str) -> set:
    """All that the order rules put below a parameter."""
    found = set()
    for lesser, greater in params_check.ORDER:
        if greater == name:
            found.add(lesser)
            found |= below(lesser)
    return found


def test_every_fault_clears_on_the_right_side_of_its_trip_whatever_the_owner_sets() -> None:
    for row in faults.ROWS:
        trip, clear = row[faults.TRIP], row[faults.CLEAR]
        if not isinstance(trip, str) or clear == trip:
            continue
        name = row[faults.MNEMONIC]
        if isinstance(clear, str):
            lesser, greater = (trip, clear) if row[faults.LOW_SIDE] else (clear, trip)
            assert lesser in below(greater), name
        elif isinstance(clear, tuple):
            assert clear[0] == trip, name
            assert (clear[1] > 0) == row[faults.LOW_SIDE], name
        elif row[faults.RELEASE] == faults.ALWAYS:  # else an open path is what ends it
            assert not row[faults.LOW_SIDE]
            assert clear < params.LOW[params.index(trip)], name


def test_warning_comes_before_trip_before_the_end() -> None:
    for warns, trips, ends in (
        ("cell_ov_warn_mv", "cell_ov_mv", "cell_ov_perm_mv"),
        ("no_return_mv", "deep_mv", "cell_uv_mv"),
        ("occ_warn_ma", "occ_ma", ""),
        ("ocd_warn_ma", "ocd1_ma", "scd_ma"),
        ("otd_warn_ddegc", "otd_ddegc", "ot_perm_ddegc"),
        ("otc_warn_ddegc", "otc_ddegc", "ot_perm_ddegc"),
        ("imbalance_warn_mv", "imbalance_mv", ""),
        ("cell_uv_mv", "cell_uv_warn_mv", ""),
    ):
        assert warns in below(trips)
        assert not ends or trips in below(ends)


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
    wrong = dict(LFP, cell_count=99, cell_ov_mv=9999, deep_mv=2500, thermistors=3, fet_thermistor=1)
    reasons = params_check.check(wrong)
    assert len(reasons) == 5, "rules about other values are judged as well"
    assert "deep_mv = 2500 must be below cell_uv_mv" in " ".join(reasons)
    assert "TS3" in " ".join(reasons)
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
        {
            "cell_uv_clear_mv": 3400,
            "cell_ov_clear_mv": 3400,
            "full_mv": 3450,
            "balance_min_mv": 3450,
            "pack_uv_clear_mv": 3100,
        },
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
        {"pack_uv_clear_mv": 3500},
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
        row = params.index(name)
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


def test_pack_limits_lie_inside_what_the_cells_stand() -> None:
    for given, name, good, bad in (
        (LFP, "pack_ov_mv", 3800, 3801),
        (NMC, "pack_ov_mv", 4350, 4351),
        (NMC, "pack_uv_mv", 2500, 2499),
        (LFP, "pack_uv_mv", 2000, 1999),
    ):
        assert params_check.check(dict(given, **{name: good})) == [], (name, good)
        reasons = params_check.check(dict(given, **{name: bad}))
        assert len(reasons) == 1
        assert reasons[0].startswith(f"{name} = {bad} mV lies ")


def test_silicon_stands_where_the_check_says_it_does() -> None:
    """PW-107, PW-108: the margins of the check are those that the AFE is asked with."""
    for given in (NMC, LFP):
        ours = values(given)
        asked = silicon.derive(ours)
        assert asked["cell_ov_mv"] == ours["cell_ov_mv"] + silicon.OV_MARGIN_MV
        assert asked["cell_uv_mv"] == ours["cell_uv_mv"] - silicon.UV_MARGIN_MV
        for name, side in (("utc_ddegc", -1), ("utd_ddegc", -1), ("otc_ddegc", 1), ("otd_ddegc", 1)):
            assert asked[name] == ours[name] + side * silicon.TEMP_MARGIN_DDEGC


def test_a_name_for_the_pack_is_short_and_plain() -> None:
    for good in ("", "van", "Bus-2_b.1", "x" * 24):
        assert params_check.check(dict(LFP, pack_name=good)) == []
    for bad in ("x" * 25, "two words", 'quote"', "\u00fc", 7, None):
        reasons = params_check.check(dict(LFP, pack_name=bad))
        assert len(reasons) == 1
        assert reasons[0].startswith("pack_name must be at most 24 letters")
    assert values(LFP)["pack_name"] == ""
    assert values(dict(LFP, pack_name="van"))["pack_name"] == "van"
