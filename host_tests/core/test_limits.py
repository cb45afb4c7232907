"""Current limits: full in the middle, zero at the trips, straight in between, quick down and slow up."""

from bms.core import snapshot as s
from bms.core.limits import Limits
from core.pack_fixture import calm, values


def settled(**sources: int) -> Limits:
    """Limits after a long time at these source values (by constant name)."""
    limits = Limits()
    limits.configure(values())
    snap = calm()
    for name in sources:
        snap.values[getattr(s, name)] = sources[name]
    for _ in range(300):
        limits.step(snap, s.BOTH, 0, None)
    return limits


def test_full_limits_stay_below_the_trips() -> None:
    limits = settled()
    assert limits.charge_ma == 63000
    assert limits.discharge_ma == 108000


def test_halfway_into_each_span_half_is_left() -> None:
    assert settled(CELL_MAX_MV=3670).charge_ma == 31500
    assert settled(TEMP_MAX_DDEGC=460).charge_ma == 31500
    assert settled(TEMP_MIN_DDEGC=40).charge_ma == 31500
    assert settled(CELL_MIN_MV=2600).discharge_ma == 54000
    assert settled(TEMP_MAX_DDEGC=560).discharge_ma == 54000
    assert settled(TEMP_MIN_DDEGC=-160).discharge_ma == 54000


def test_zero_at_and_beyond_each_trip() -> None:
    """PW-138."""
    assert settled(CELL_MAX_MV=3700).charge_ma == 0
    assert settled(CELL_MAX_MV=3900).charge_ma == 0
    assert settled(TEMP_MIN_DDEGC=-100).charge_ma == 0
    assert settled(CELL_MIN_MV=2500).discharge_ma == 0


def test_one_direction_does_not_touch_the_other() -> None:
    assert settled(CELL_MAX_MV=3700).discharge_ma == 108000
    assert settled(CELL_MIN_MV=2500).charge_ma == 63000


def test_an_open_direction_has_no_limit_to_offer() -> None:
    limits = settled()
    limits.step(calm(), s.DSG, 0, None)
    assert limits.charge_ma == 0
    assert limits.discharge_ma == 108000
    limits.step(calm(), 0, 0, None)
    assert limits.discharge_ma == 0


def test_falls_at_once_and_rises_slowly() -> None:
    """PW-138."""
    limits = settled()
    snap = calm()
    snap.values[s.CELL_MAX_MV] = 3670
    limits.step(snap, s.BOTH, 0, None)
    assert limits.charge_ma == 31500
    snap.values[s.CELL_MAX_MV] = 3300
    limits.step(snap, s.BOTH, 0, None)
    assert limits.charge_ma == 31815
    for _ in range(99):
        limits.step(snap, s.BOTH, 0, None)
    assert limits.charge_ma == 63000


def test_restart_begins_at_zero() -> None:
    limits = settled()
    limits.restart()
    limits.step(calm(), s.BOTH, 0, None)
    assert limits.charge_ma == 315


def test_the_nearest_of_several_trips_decides() -> None:
    assert settled(CELL_MAX_MV=3670, TEMP_MAX_DDEGC=480).charge_ma == 15750
    assert settled(CELL_MAX_MV=3685, TEMP_MAX_DDEGC=460).charge_ma == 15750
    assert settled(CELL_MIN_MV=2600, TEMP_MIN_DDEGC=-180).discharge_ma == 27000
    assert settled(CELL_MIN_MV=2550, TEMP_MIN_DDEGC=-160).discharge_ma == 27000


def test_both_directions_start_from_nothing_and_rise_slowly() -> None:
    limits = Limits()
    assert limits.charge_ma == limits.discharge_ma == 0
    limits.configure(values())
    limits.step(calm(), s.BOTH, 0, None)
    assert (limits.charge_ma, limits.discharge_ma) == (315, 540)
    for _ in range(300):
        limits.step(calm(), s.BOTH, 0, None)
    limits.restart()
    limits.step(calm(), s.BOTH, 0, None)
    assert (limits.charge_ma, limits.discharge_ma) == (315, 540)


def test_small_packs_lose_nothing_to_rounding() -> None:
    limits = Limits()
    limits.configure(values(capacity_mah=5550))  # over-current from 3885 and 6660 mA
    snap = calm()
    for _ in range(300):
        limits.step(snap, s.BOTH, 0, None)
    assert (limits.charge_ma, limits.discharge_ma) == (3496, 5994)
    snap.values[s.CELL_MAX_MV] = 3670
    snap.values[s.CELL_MIN_MV] = 2600
    limits.step(snap, s.BOTH, 0, None)
    assert (limits.charge_ma, limits.discharge_ma) == (1748, 2997)


def share_at(soc_permille: int, taken: int = 0) -> tuple:
    """Both limits after a long time at this charge, with these faults' takings."""
    limits = Limits()
    limits.configure(values())
    for _ in range(300):
        limits.step(calm(), s.BOTH, taken, soc_permille)
    return limits.charge_ma, limits.discharge_ma


def test_charge_falls_towards_full_and_discharge_towards_empty() -> None:
    assert share_at(950) == (63000, 108000)
    assert share_at(975) == (34650, 108000)
    assert share_at(1000) == (6300, 108000)
    assert share_at(100) == (63000, 108000)
    assert share_at(50) == (63000, 72036)
    assert share_at(0) == (63000, 35964)


def test_limp_mode_leaves_its_share_of_both() -> None:
    """PW-147."""
    assert share_at(500, s.LIMP) == (18900, 32400)


def test_a_rescue_charge_is_gentle() -> None:
    assert share_at(500, s.RESCUE) == (4410, 108000)


def test_an_imbalance_and_hot_fets_cost_current_both_ways() -> None:
    assert (settled(SPREAD_MV=475).charge_ma, settled(SPREAD_MV=475).discharge_ma) == (31500, 54000)
    assert (settled(FET_DDEGC=800).charge_ma, settled(FET_DDEGC=800).discharge_ma) == (31500, 54000)
    assert settled(SPREAD_MV=500).charge_ma == settled(FET_DDEGC=900).discharge_ma == 0


def powered(cell_mv: int, current_ma: int = 0, ten_s_uohm: int = 2000) -> Limits:
    limits = Limits()
    limits.configure(values())
    limits.ten_s_uohm = ten_s_uohm
    snap = calm(cell_mv)
    snap.current_ma = current_ma
    snap.derive()
    for _ in range(300):
        limits.step(snap, s.BOTH, 0, None)
    return limits


def test_ten_seconds_stay_inside_the_voltage_window() -> None:
    """The window is 2500 to 3700 mV, and 15 mV of it are kept free."""
    assert abs(powered(3635).charge_ma - 25000) < 100  # 50 mV of room across 2 mohm
    assert abs(powered(2715).discharge_ma - 100000) < 200
    assert powered(3300).charge_ma == 63000
    assert powered(3300).discharge_ma == 108000


def test_a_current_that_flows_has_done_its_part_already() -> None:
    assert abs(powered(3635, current_ma=20000).charge_ma - 45000) < 100
    assert abs(powered(3635, current_ma=-20000).charge_ma - 5000) < 100, "it holds the voltage down"


def test_a_pack_that_cannot_take_ten_seconds_may_not_begin() -> None:
    assert powered(3690).charge_ma == 0
    assert powered(2510).discharge_ma == 0


def test_without_a_resistance_only_the_tables_count() -> None:
    assert powered(3635, ten_s_uohm=0).charge_ma == 63000
