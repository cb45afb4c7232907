"""Full is a voltage that a charger holds while the current falls, not a cloud over a solar roof."""

from bms.core.fullness import Fullness
from core.pack_fixture import NMC, calm, values


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
