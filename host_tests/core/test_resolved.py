"""A set of parameters in little memory reads like the dictionary that it was made from."""

from bms.core import params
from bms.core.resolved import Resolved

GIVEN = {"chemistry": "lfp", "cell_count": 16, "capacity_mah": 280000, "shunt_uohm": 250, "pack_name": "Boat"}


def test_it_holds_every_parameter() -> None:
    values = params.resolve(GIVEN)
    kept = Resolved(values)
    assert len(kept) == len(values)
    assert {name: kept[name] for name in kept} == values
    for name in values:
        assert kept.get(name) == values[name]
        assert name in kept


def test_what_is_not_a_name_is_not_in_it() -> None:
    kept = Resolved(params.resolve(GIVEN))
    for name in ("", "|", "cell_ov", "cell_ov_m", "cell_ov_mv|cell_ov_clear_mv", "CELL_OV_MV", "cell_ov_mv|"):
        assert name not in kept
        assert kept.get(name) is None
        assert kept.get(name, 7) == 7
        try:
            kept[name]
        except KeyError:
            continue
        raise AssertionError(name)


def test_extreme_values_and_an_empty_set() -> None:
    given = {"low_mv": -(1 << 30), "high_mv": (1 << 30) - 1, "none_mv": 0}
    kept = Resolved(given)
    assert {name: kept[name] for name in kept} == given
    assert not Resolved({})
    assert list(Resolved({})) == []
    assert "low_mv" not in Resolved({})
    assert Resolved({"chemistry": "nmc"})["chemistry"] == "nmc"
    assert list(Resolved({"chemistry": "nmc"})) == ["chemistry"]
