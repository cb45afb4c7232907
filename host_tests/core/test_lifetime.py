"""Lifetime figures: nothing overflows in twenty years, nothing is lost to rounding, everything comes back."""

from bms.core import lifetime as li
from bms.core import recall
from bms.core import snapshot as s
from bms.core.lifetime import Lifetime
from core.pack_fixture import calm

NAMES = (
    "cell_max_mv", "cell_min_mv", "spread_mv", "pack_max_mv", "pack_min_mv", "charge_ma", "discharge_ma",
    "temp_max_ddegc", "temp_min_ddegc", "temp_spread_ddegc", "die_max_ddegc", "die_min_ddegc",
    "fet_max_ddegc", "aux_max_mv", "aux_min_mv",
)  # fmt: skip


def extreme(life: Lifetime, name: str) -> tuple:
    k = NAMES.index(name)
    return life.extremes[k], life.extremes_s[k], life.extremes_at[k]


def seen(life: Lifetime, now_s: int = 100, permille: int = 500, bled: int = 0, **readings: int) -> None:
    """A second with these readings."""
    snap = calm()
    for name in readings:
        setattr(snap, name, readings[name])
    snap.derive()
    snap.values[s.SOUND_MAX_MV] = snap.values[s.CELL_MAX_MV]
    snap.values[s.SOUND_MIN_MV] = snap.values[s.CELL_MIN_MV]
    life.second(snap, now_s, permille, bled)


def test_charge_is_counted_to_the_coulomb_both_ways() -> None:
    life = Lifetime(4)
    for _ in range(36000):
        life.count(12345, 100)
        life.count(-777, 100)
    assert life.ah[0] * 3600 + life.ah[1] == 44442  # 12.345 A for an hour
    assert life.ah[2] * 3600 + life.ah[3] == 2797
    assert life.ah[0] == 12


def test_a_large_pack_over_twenty_years_overflows_nothing() -> None:
    life = Lifetime(16)
    life.ah[0] = life.ah[2] = 300 * 2 * 7305
    for _ in range(20):
        life.count(1_000_000, 1000)
        life.count(-1_000_000, 1000)
    assert life.ah[0] == life.ah[2] == 300 * 2 * 7305 + 5
    assert life.ah[1] == life.ah[3] == 2000
    life.temps_s[3] = life.charges_s[2] = life.bled_c[0] = 7305 * 86400
    seen(life, 7305 * 86400, 300, 1)
    assert life.temps_s[3] == 7305 * 86400 + 1
    again = Lifetime(16)
    recall.life(again, life.to_keep())
    assert again.to_keep() == life.to_keep()


def test_time_goes_into_the_band_that_it_was_spent_in() -> None:
    life = Lifetime(4)
    for ddegc, permille in ((-50, 0), (0, 99), (99, 100), (100, 500), (549, 899), (550, 900), (900, 1000)):
        snap = calm()
        snap.values[s.TEMP_MAX_DDEGC] = ddegc
        life.second(snap, 5, permille, 0)
    assert list(life.temps_s) == [1, 2, 1, 0, 0, 1, 2]
    assert list(life.charges_s) == [2, 1, 0, 1, 0, 1, 2]
    life.second(calm(), 5, -1, 0)
    assert sum(life.charges_s) == 7, "a charge that nobody knows is in no band"
    assert sum(life.temps_s) == 8


def test_a_deep_discharge_is_counted_once() -> None:
    life = Lifetime(4)
    for permille in (500, 201, 200, 199, 150, 200, 199, 299, 198, 300, 199):
        seen(life, permille=permille)
    assert life.counts[li.DEEP] == 2
    again = Lifetime(4)
    recall.life(again, life.to_keep())
    seen(again, permille=150)
    assert again.counts[li.DEEP] == 2, "a restart in between is no new one"


def test_bleeding_is_counted_for_each_cell() -> None:
    life = Lifetime(4)
    for _ in range(1000):
        seen(life, bled=0b0101)
    assert list(life.bled_c) == [82, 0, 82, 0]  # 3.3 V on 40 ohm


def test_extremes_have_a_time_and_a_cell() -> None:
    life = Lifetime(4)
    seen(life, 10)
    assert extreme(life, "cell_max_mv") == (3300, 10, 1)
    assert life.moved
    life.extremes_to_keep()
    seen(life, 20)
    assert not life.moved
    snap = calm()
    snap.cells_mv[2] = 3400
    snap.cells_mv[3] = 3100
    snap.derive()
    snap.values[s.SOUND_MAX_MV] = 3400
    snap.values[s.SOUND_MIN_MV] = 3100
    life.second(snap, 30, 500, 0)
    assert extreme(life, "cell_max_mv") == (3400, 30, 3)
    assert extreme(life, "cell_min_mv") == (3100, 30, 4)
    assert extreme(life, "spread_mv") == (300, 30, 0)
    assert extreme(life, "pack_min_mv") == (3300 * 2 + 3400 + 3100, 30, 0)
    assert extreme(life, "temp_max_ddegc") == (250, 10, 0)
    assert extreme(life, "aux_min_mv")[0] == li.NEVER, "not sensed"


def test_the_peak_between_two_seconds_counts() -> None:
    life = Lifetime(4)
    for current_ma in (100, 25000, -300, -41000, 0):
        life.count(current_ma, 100)
    seen(life, 77)
    assert extreme(life, "charge_ma") == (25000, 77, 0)
    assert extreme(life, "discharge_ma") == (41000, 77, 0)
    life.count(24000, 100)
    seen(life, 78)
    assert extreme(life, "charge_ma") == (25000, 77, 0)


def test_readings_of_a_loose_tap_are_no_extremes() -> None:
    life = Lifetime(4)
    snap = calm()
    snap.cells_mv[1] = 0
    snap.cells_mv[2] = 5000
    snap.derive()
    snap.values[s.SOUND_MAX_MV] = 0
    snap.values[s.SOUND_MIN_MV] = s.ABSENT
    life.second(snap, 10, 500, 0)
    for name in ("cell_max_mv", "cell_min_mv", "spread_mv", "pack_max_mv", "pack_min_mv"):
        assert extreme(life, name)[0] == li.NEVER, name


def test_everything_comes_back() -> None:
    life = Lifetime(4)
    for k in range(50):
        life.count(3_000_000, 1000)
        seen(life, 1000 + k, 20 * k, 3)
    life.counts[li.TRIPS] = 9
    again = Lifetime(4)
    recall.life(again, life.to_keep())
    recall.extremes(again, life.extremes_to_keep())
    assert again.to_keep() == life.to_keep()
    assert again.extremes_to_keep() == life.extremes_to_keep()


def test_nonsense_in_a_record_is_passed_over() -> None:
    empty = Lifetime(4).to_keep()
    for kept in (
        {"ah": 3},
        {"ah": ["x"]},
        {"ah": [-1, 0, 0, 0]},
        {"ah": [1 << 40]},
        {"deep": 7},
        {"counts": None},
    ):
        life = Lifetime(4)
        recall.life(life, kept)
        assert life.to_keep() == empty, kept
    none = Lifetime(4).extremes_to_keep()
    right = {"values": [3300], "times_s": [5], "cells": [1]}
    for name, value in (
        ("cells", 3), ("cells", ["x"]), ("cells", [300]), ("cells", [1] * 99), ("cells", None),
        ("cells", [-1]),
    ):  # fmt: skip
        life = Lifetime(4)
        wrong = dict(right)
        wrong[name] = value
        recall.extremes(life, wrong)
        assert life.extremes_to_keep() == none, value
    life = Lifetime(4)
    recall.extremes(life, {"values": [1 << 40], "times_s": [-1], "cells": []})
    assert life.extremes_to_keep() == none
    recall.extremes(life, right)
    assert extreme(life, "cell_max_mv") == (3300, 5, 1)


def test_more_or_fewer_cells_than_were_kept_are_no_trouble() -> None:
    life = Lifetime(4)
    recall.life(life, {"bled_c": [1, 2, 3, 4, 5, 6]})
    assert list(life.bled_c) == [1, 2, 3, 4]
    recall.life(life, {"bled_c": [9]})
    assert list(life.bled_c) == [9, 2, 3, 4]
