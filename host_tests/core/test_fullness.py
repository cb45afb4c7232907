"""Full is a voltage that a charger holds while the current falls, not a cloud over a solar roof."""

from bms.core.fullness import Fullness, sigma
from core.pack_fixture import LFP, NMC, calm, values


def charged(moments: list) -> int:
    """(seconds, mA, mV) one after the other; how often the pack became full."""
    full = Fullness()
    full.configure(0, values(NMC), 50)
    found = 0
    for seconds, current_ma, cell_mv in moments:
        snap = calm(cell_mv)
        snap.current_ma = current_ma
        for _ in range(seconds):
            found += full.second(snap, float(cell_mv), cell_mv - current_ma * 0.025)
    return found


def test_a_held_voltage_and_a_falling_current_are_full() -> None:
    assert charged([(600, 2500, 4160), (600, 800, 4160), (59, 200, 4158)]) == 0
    assert charged([(600, 2500, 4160), (600, 800, 4160), (600, 200, 4158)]) == 1


def test_a_cloud_is_not() -> None:
    assert charged([(600, 2500, 4185), (600, 200, 4155)]) == 0


def test_a_voltage_beyond_doubt_is_full_behind_a_cloud_too() -> None:
    assert charged([(600, 2500, 4230), (600, 100, 4180)]) == 1


def test_rest_and_a_strong_current_are_not() -> None:
    assert charged([(600, 0, 4190)]) == 0
    assert charged([(600, 2500, 4200)]) == 0


def lacking(highest_mv: int, current_ma: int, over_mv: float, capacity_mah: int = 5000) -> float:
    full = Fullness()
    full.configure(0, values(NMC, capacity_mah=capacity_mah), 50)
    snap = calm(4190)
    snap.cells_mv[0] = highest_mv
    snap.current_ma = current_ma
    snap.derive()
    return full.lacking(snap, 4190.0, over_mv)


def test_a_full_pack_lacks_what_its_resistance_and_its_higher_cell_keep_out() -> None:
    assert lacking(4190, 100, 12.0) == 0.0, "C/50: what datasheets call full"
    cold, warm = lacking(4190, 250, 28.0), lacking(4190, 250, 14.0)
    assert 7.0 < cold < 11.0, "a fifth of an hour at C/20 and freezing, where 1 permille is 2 mV"
    assert abs(cold - 2.0 * warm) < 0.01
    assert 4.5 < lacking(4200, 100, 12.0) < 6.0, "one cell 10 mV above the others holds the charger back"


def test_what_is_lacking_is_known_to_half() -> None:
    assert sigma(0.0) == 8.0
    assert abs(sigma(30.0) - 17.0) < 0.01


def test_the_fullest_cell_alone_at_the_top_is_told_from_a_full_pack() -> None:
    full = Fullness()
    full.configure(1, values(LFP), 500)
    snap = calm(3340)
    snap.cells_mv[2] = 3550
    snap.current_ma = 3000
    snap.derive()
    found = []
    for _ in range(200):
        assert not full.second(snap, 3340.0, 3335.0)
        found.append(full.top(snap, 5.0))
    assert found.count(True) == 1
    assert found[19]
    snap.cells_mv[2] = 3455
    snap.derive()
    full = Fullness()
    full.configure(1, values(LFP), 500)
    for _ in range(200):
        full.second(snap, 3340.0, 3280.0)
        assert not full.top(snap, 60.0), "high under its current only"
