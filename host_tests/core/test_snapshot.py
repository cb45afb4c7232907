"""What is derived from raw readings: extremes, signs, the charger and load flags."""

from array import array

from bms.core import faults as f
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
    assert snap.values[s.THERMISTORS_OPEN] == 1
    assert snap.values[s.THERMISTORS_SHORT] == 0
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
    never_measured = (s.AUX_MV, s.SOUND_MIN_MV)
    for index in range(s.COUNT):
        assert snap.values[index] == (s.ABSENT if index in never_measured else 0)


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
        assert snap.values[s.THERMISTORS_SHORT] == 1
        assert snap.values[s.THERMISTORS_OPEN] == 0


def test_the_die_speaks_for_itself_too() -> None:
    snap = calm()
    snap.die_ddegc = 777
    snap.derive()
    assert snap.values[s.DIE_DDEGC] == 777
    assert snap.values[s.TEMP_MAX_DDEGC] == 250


def test_every_quantity_has_its_own_place() -> None:
    places = sorted(f.ROWS[i][f.SOURCE] for i in range(len(f.ROWS)))
    assert set(places) == set(range(s.COUNT)), "a quantity that no row looks at, or a row that looks at none"
    assert s.MEASURED == s.AGE_MS, "measured ones first"


def test_the_coldest_and_the_hottest_may_be_any_thermistor() -> None:
    for temps in ((20, -55, 7), (-55, 7, 20), (7, 20, -55)):
        snap = Snapshot(array("i", [3300] * 4), array("i", temps))
        snap.derive()
        assert (snap.values[s.TEMP_MIN_DDEGC], snap.values[s.TEMP_MAX_DDEGC]) == (-55, 20)


def test_an_empty_cell_is_no_imbalance() -> None:
    snap = calm()
    snap.knee_mv = 2900
    snap.cells_mv[1] = 2000
    snap.derive()
    assert snap.values[s.SPREAD_MV] == 400
    snap.cells_mv[0] = snap.cells_mv[2] = snap.cells_mv[3] = 2500
    snap.derive()
    assert snap.values[s.SPREAD_MV] == 0


def flows(commanded: int, fets: int, current_ma: int, outside_mv: int = 0) -> tuple:
    """Current through an open direction, and what says that the charge or discharge switch is welded."""
    snap = calm()
    snap.commanded = commanded
    snap.fets = fets
    snap.current_ma = current_ma
    snap.pack_mv = snap.stack_mv + outside_mv
    snap.derive()
    return snap.values[s.OFF_MA], snap.values[s.CHG_WELD_MA], snap.values[s.DSG_WELD_MA]


def test_current_through_what_is_open_is_told_by_direction() -> None:
    """PW-052, PW-053, PW-054."""
    assert flows(0, 0, 700) == (700, 700, -700)
    assert flows(0, 0, -700) == (700, -700, 700)
    assert flows(s.DSG, s.DSG, 700) == (700, 0, 0)
    assert flows(s.DSG, s.DSG, -700) == (0, 0, 0)
    assert flows(s.CHG, s.CHG, -700) == (700, 0, 0)
    assert flows(s.BOTH, s.BOTH, 700) == (0, 0, 0)


def test_a_switch_that_is_told_or_read_closed_is_not_open() -> None:
    assert flows(s.BOTH, 0, 700) == (0, 0, 0)
    assert flows(0, s.BOTH, 700) == (0, 0, 0)
    assert flows(0, s.PCHG | s.PDSG, 700) == (0, 0, 0)


def test_a_current_with_the_outside_elsewhere_is_the_sensors_and_no_weld() -> None:
    for outside_mv, welded in ((-999, 700), (-1000, 0), (999, 700), (1000, 0), (-13200, 0)):
        assert flows(0, 0, -700, outside_mv) == (700, -welded, welded)


def test_the_drop_over_the_path_counts_with_both_directions_closed() -> None:
    """PW-051: also where the AFE closed one by itself, to spare its body diode."""
    snap = calm()
    snap.pack_mv = snap.stack_mv - 700
    for commanded, fets, drop in ((s.BOTH, s.BOTH, 700), (s.BOTH, s.DSG, 0), (s.DSG, s.BOTH, 700), (0, 0, 0)):
        snap.commanded = commanded
        snap.fets = fets
        snap.derive()
        assert snap.values[s.DROP_MV] == drop


def test_a_load_that_draws_past_an_open_switch_is_not_gone() -> None:
    """PW-006: through a welded switch the load pin shows the pack itself."""
    snap = calm()
    snap.fets = snap.commanded = 0
    snap.ld_mv = 13000
    for current_ma, gone in ((0, True), (-199, True), (-200, False), (-4000, False)):
        snap.current_ma = current_ma
        snap.derive()
        assert snap.load_gone is gone


def test_the_resistance_of_the_path_is_not_held_against_it() -> None:
    snap = calm()
    snap.commanded = s.BOTH
    for current_ma, outside_mv, drop in ((-100000, -900, 700), (100000, 200, 0), (-350000, -700, 0)):
        snap.current_ma = current_ma
        snap.pack_mv = snap.stack_mv + outside_mv
        snap.derive()
        assert snap.values[s.DROP_MV] == drop


def test_pack_voltages_are_per_cell() -> None:
    snap = calm()
    snap.stack_mv = 4 * 3400 + 3
    snap.pack_mv = 4 * 3600
    snap.derive()
    assert snap.values[s.STACK_CELL_MV] == 3400
    assert snap.values[s.PACK_CELL_MV] == 3600


def test_charge_current_of_a_rescue_is_counted_apart() -> None:
    snap = calm()
    snap.current_ma = 900
    snap.derive()
    assert snap.values[s.RESCUE_MA] == 0
    snap.rescue = True
    snap.derive()
    assert snap.values[s.RESCUE_MA] == 900


def test_the_thermistor_on_the_fets_may_be_broken_too() -> None:
    snap = calm()
    snap.fet_ddegc = -2000
    snap.fet_bad = True
    snap.derive()
    assert (snap.values[s.THERMISTORS_OPEN], snap.values[s.THERMISTORS_SHORT]) == (1, 0)
    snap.fet_ddegc = 2000
    snap.derive()
    assert (snap.values[s.THERMISTORS_OPEN], snap.values[s.THERMISTORS_SHORT]) == (0, 1)


def test_the_spread_of_temperatures() -> None:
    snap = Snapshot(array("i", [3300] * 4), array("i", [250, 410, 300]))
    snap.derive()
    assert snap.values[s.TEMP_SPREAD_DDEGC] == 160


def test_with_separate_ports_current_of_an_open_direction_flows_through_the_other() -> None:
    """PW-060."""
    for commanded, current_ma, wrong, off in (
        (s.DSG, 900, 900, 0),
        (s.DSG, -900, 0, 0),
        (s.CHG, -900, 900, 0),
        (s.BOTH, -900, 0, 0),
        (0, 900, 0, 900),
    ):
        snap = calm()
        snap.separate_ports = True
        snap.commanded = snap.fets = commanded
        snap.current_ma = current_ma
        snap.derive()
        assert snap.values[s.WRONG_PORT_MA] == wrong, (commanded, current_ma)
        assert snap.values[s.OFF_MA] == off, (commanded, current_ma)
