"""Expectations: what each way of writing one means, and when it is decided."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packwarden.expectations import Watch, parse
from packwarden.recorder import COLUMNS, Value


def fits(column: str, wanted: object, seen: Value) -> bool:
    (condition,) = parse({column: wanted}).conditions
    return condition.fits(seen)


@pytest.mark.parametrize(
    ("column", "wanted", "good", "bad"),
    [
        ("chg_fet", 0, [0], [1, None]),
        ("chg_fet", False, [0], [1]),
        ("current_ma", "-5", [-5], [5]),
        ("soc_permille", "< 900", [899], [900, None]),
        ("soc_permille", "<= 900", [900], [901]),
        ("soc_permille", "> 900", [901], [900]),
        ("soc_permille", ">= 900", [900], [899, None]),
        ("soc_permille", ">=900", [900], [899]),
        ("soc_permille", "!= 900", [899], [900, None]),
        ("soc_permille", "none", [None], [0]),
        ("t_s", "> 1.5", [1.6], [1.5]),
        ("mode", "active", ["active"], ["boot", None]),
        ("mode", "!= boot", ["active"], ["boot"]),
        ("faults", "none", ["", None], ["CELL_OV"]),
        ("faults", "CELL_OV", ["CELL_OV"], ["", "CELL_OV+OCC"]),
        ("faults", "OCC+CELL_OV", ["CELL_OV+OCC"], ["OCC"]),
        ("faults", "has CELL_OV", ["CELL_OV", "CELL_OV+OCC"], ["", None, "CELL_UV"]),
        ("faults", "has CELL_OV OCC", ["CELL_OV+OCC"], ["OCC"]),
        ("faults", "lacks CELL_OV", ["", "OCC"], ["CELL_OV+OCC", None]),
        ("faults", "!= OCC", ["", "OCC+CELL_OV"], ["OCC"]),
    ],
)
def test_what_a_condition_means(column: str, wanted: object, good: list[Value], bad: list[Value]) -> None:
    assert all(fits(column, wanted, seen) for seen in good)
    assert not any(fits(column, wanted, seen) for seen in bad)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({}, "expects nothing"),
        ({"within_s": 3}, "expects nothing"),
        ([], "must be a table"),
        ({"chg_ft": 0}, "'chg_ft' is not a record column; did you mean 'chg_fet'?"),
        ({"faults": "has CEL_OV"}, "no fault is called 'CEL_OV'; did you mean 'CELL_OV'?"),
        ({"faults": "has"}, "must be a text"),
        ({"faults": 3}, "must be a text"),
        ({"mode": "activ"}, "no mode is called 'activ'; did you mean 'active'?"),
        ({"mode": "has active"}, "must be a text"),
        ({"chg_fet": "on"}, "must be a number"),
        ({"chg_fet": "> x"}, "must be a number"),
        ({"chg_fet": float("nan")}, "must be a number"),
        ({"chg_fet": "< inf"}, "must be a number"),
        ({"chg_fet": []}, "must be a number"),
        ({"chg_fet": 0, "within_s": -1}, "within_s = -1 must be seconds"),
        ({"chg_fet": 0, "for_s": "1"}, "for_s = '1' must be seconds"),
    ],
)
def test_what_cannot_be_expected_is_refused(table: object, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        parse(table)


def watched(table: dict[str, object], seen: list[tuple[float, int]]) -> Watch:
    watch = Watch(parse(table), entry=3, start_s=10.0)
    for now_s, value in seen:
        if watch.met is None:
            watch.look(now_s, lambda _, value=value: value)
    return watch


def test_without_times_it_is_judged_at_once() -> None:
    assert watched({"chg_fet": 0}, [(10.0, 0)]).met
    assert watched({"chg_fet": 0}, [(10.0, 1)]).met is False


def test_within_gives_it_time() -> None:
    table: dict[str, object] = {"chg_fet": 0, "within_s": 2}
    assert watched(table, [(10.0, 1), (12.0, 0)]).met
    assert watched(table, [(10.0, 1), (11.9, 1)]).met is None
    late = watched(table, [(10.0, 1), (12.0, 1)])
    assert late.met is False
    assert late.verdict() == (
        "entry 3, t = 10 s: expected chg_fet = 0 within 2 s; last seen: chg_fet = 1 at 12.0 s"
    )


def test_for_asks_that_it_lasts() -> None:
    table: dict[str, object] = {"chg_fet": 0, "for_s": 1}
    assert watched(table, [(10.0, 0), (10.5, 0)]).met is None
    assert watched(table, [(10.0, 0), (10.5, 0), (11.0, 0)]).met
    assert watched(table, [(10.0, 0), (10.5, 1)]).met is False
    both: dict[str, object] = {"chg_fet": 0, "for_s": 1, "within_s": 2}
    assert watched(both, [(10.0, 0), (10.5, 1), (11.0, 0), (12.0, 0)]).met


def test_what_was_never_decided_is_no_success() -> None:
    assert (
        "the run ended before it was decided" in watched({"chg_fet": 0, "within_s": 9}, [(10.0, 1)]).verdict()
    )


@given(
    st.dictionaries(
        st.sampled_from([*COLUMNS, "within_s", "for_s", "x"]),
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=8)
        | st.sampled_from([">= 5", "none"]),
        max_size=4,
    )
)
def test_any_table_is_an_expectation_or_a_sentence(table: dict[str, object]) -> None:
    with suppress(ValueError):
        expectation = parse(table)
        for value in (None, "", "active", 0, 3.5):
            assert all(isinstance(each.fits(value), bool) for each in expectation.conditions)
