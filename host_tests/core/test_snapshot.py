"""What is derived from raw readings: extremes, signs, the charger and load flags."""

from array import array

from bms.core import snapshot as s
from bms.core.snapshot import Snapshot
from core.pack_fixture import calm


def test_extremes_and_where_they_are() -> None:
    snap = calm()
    snap.cells_mv[2] = 3400
    snap.cells_mv[3] = 3100
    snap.derive()
    assert snap.values[s.CELL_MAX_MV] == 3400
    assert snap.values[s.CELL_MIN_MV] == 3100
    assert snap.values[s.SPREAD_MV] == 300
    assert (snap.cell_max_at, snap.cell_min_at) == (2, 3)
    assert snap.sum_mv == 3300 + 3300 + 3400 + 3100


def test_a_reversed_cell_is_the_lowest_not_skipped() -> None:
    snap = calm()
    snap.cells_mv[1] = -700
    snap.derive()
    assert snap.values[s.CELL_MIN_MV] == -700
    assert snap.cell_min_at == 1


def test_stack_error_is_per_cell_and_has_no_sign() -> None:
    snap = calm()
    snap.stack_mv = 4 * 3300 - 200
    snap.derive()
    assert snap.values[s.STACK_ERROR_MV] == 50
    snap.stack_mv = 4 * 3300 + 200
    snap.derive()
    assert snap.values[s.STACK_ERROR_MV] == 50


def test_current_has_one_value_per_direction() -> None:
    snap = calm()
    snap.current_ma = -1234
    snap.derive()
    assert snap.values[s.CHARGE_MA] == -1234
    assert snap.values[s.DISCHARGE_MA] == 1234


def test_temperatures_below_zero_are_cold() -> None:
    snap = Snapshot(array("i", [3300] * 4), array("i", [-55, 20, 7]))
    snap.derive()
    assert snap.values[s.TEMP_MIN_DDEGC] == -55
    assert snap.values[s.TEMP_MAX_DDEGC] == 20


def test_a_bad_thermistor_is_counted_and_not_believed() -> None:
    snap = Snapshot(array("i", [3300] * 4), array("i", [-1000, 210, 230]))
    snap.temps_bad = 0b001
    snap.derive()
    assert snap.values[s.THERMISTORS_BAD] == 1
    assert snap.values[s.TEMP_MIN_DDEGC] == 210
    assert snap.values[s.TEMP_MAX_DDEGC] == 230


def test_with_no_thermistor_left_the_die_speaks() -> None:
    snap = Snapshot(array("i", [3300] * 4), array("i", [-1000]))
    snap.temps_bad = 0b001
    snap.die_ddegc = 410
    snap.derive()
    assert snap.values[s.TEMP_MIN_DDEGC] == snap.values[s.TEMP_MAX_DDEGC] == 410


def test_a_charger_is_seen_by_its_current_or_behind_an_open_fet() -> None:
    snap = calm()
    snap.derive()
    assert not snap.charger
    snap.current_ma = s.IDLE_MA
    snap.derive()
    assert snap.charger
    assert snap.charging
    snap.current_ma = 0
    snap.fets = s.DSG
    snap.pack_mv = snap.stack_mv + 301
    snap.derive()
    assert snap.charger
    assert not snap.charging
    snap.pack_mv = snap.stack_mv + 300
    snap.derive()
    assert not snap.charger


def test_the_load_is_gone_when_its_pin_rises_or_a_charger_comes() -> None:
    snap = calm()
    snap.ld_mv = 4000
    snap.derive()
    assert not snap.load_gone
    snap.ld_mv = 4001
    snap.derive()
    assert snap.load_gone
    snap.ld_mv = 0
    snap.current_ma = 500
    snap.derive()
    assert snap.load_gone


def test_what_nobody_filled_is_neither_new_nor_valid() -> None:
    snap = Snapshot(array("i", [0] * 4), array("i", [0]))
    for flag in (snap.fresh, snap.valid, snap.charger, snap.charging, snap.load_gone):
        assert flag is False
    assert list(snap.values) == [0] * s.COUNT


def test_a_high_pack_pin_is_no_charger_while_the_path_is_closed() -> None:
    snap = calm()
    snap.pack_mv = snap.stack_mv + 1000
    snap.derive()
    assert not snap.charger
    assert not snap.load_gone


def test_every_thermistor_has_its_own_bit() -> None:
    for bad in range(3):
        snap = Snapshot(array("i", [3300] * 4), array("i", [250, 250, 250]))
        snap.temps_ddegc[bad] = 2000
        snap.temps_bad = 1 << bad
        snap.derive()
        assert snap.values[s.TEMP_MAX_DDEGC] == 250
        assert snap.values[s.THERMISTORS_BAD] == 1


def test_the_die_speaks_for_itself_too() -> None:
    snap = calm()
    snap.die_ddegc = 777
    snap.derive()
    assert snap.values[s.DIE_DDEGC] == 777
    assert snap.values[s.TEMP_MAX_DDEGC] == 250


def test_every_quantity_has_its_own_place() -> None:
    places = (
        (s.CELL_MAX_MV, s.CELL_MIN_MV, s.SPREAD_MV, s.STACK_ERROR_MV, s.CHARGE_MA, s.DISCHARGE_MA)
        + (s.TEMP_MAX_DDEGC, s.TEMP_MIN_DDEGC, s.DIE_DDEGC, s.THERMISTORS_BAD, s.AGE_MS, s.SILENT_MS)
        + (s.CONFIG_LOST, s.FET_MISMATCH_MS, s.EXCEPTIONS, s.PARAMS_INVALID, s.BUTTON_STUCK)
        + (s.WATCHDOG_RESET, s.IMPACT, s.HARDWARE)
    )
    assert len(set(places)) == len(places)
    assert max(places) < s.COUNT
    for place in places:
        assert (place < s.MEASURED) == (places.index(place) < 10)


def test_the_coldest_and_the_hottest_may_be_any_thermistor() -> None:
    for temps in ((20, -55, 7), (-55, 7, 20), (7, 20, -55)):
        snap = Snapshot(array("i", [3300] * 4), array("i", temps))
        snap.derive()
        assert (snap.values[s.TEMP_MIN_DDEGC], snap.values[s.TEMP_MAX_DDEGC]) == (-55, 20)
