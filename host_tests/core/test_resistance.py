"""Resistance from steps of the current: at once, after ten seconds, and as if at 25 degC."""

from bms.core.resistance import Resistance
from core.pack_fixture import calm


def stepped(
    ohmic_uohm: list, slow_uohm: int = 0, colder: float = 1.0, step_ma: int = -50000, steady: bool = True
) -> Resistance:
    """Four cells, a step every minute."""
    row = Resistance(4)
    row.configure(100000)
    for second in range(600):
        old = second % 60
        on = 20 <= old < 40
        current = step_ma if on else 0
        if on and not steady and old > 22:
            current += 15000 * (old % 3 - 1)
        snap = calm(3300)
        for k in range(4):
            slow = slow_uohm * (0 if old < 20 else min(10, old - 20) if on else max(0, 50 - old)) // 10
            lasting_mv = step_ma * colder * slow / 1000000
            snap.cells_mv[k] = 3300 + int(current * colder * ohmic_uohm[k] / 1000000 + lasting_mv)
        snap.current_ma = current
        row.second(snap, colder, colder)
    return row


def test_each_cell_has_its_own_resistance() -> None:
    row = stepped([1000, 1000, 1400, 1000])
    for k, uohm in enumerate((1000, 1000, 1400, 1000)):
        assert abs(row.ohmic[k] - uohm) < 30
    assert row.weakest() == 2


def test_ten_seconds_of_current_meet_more_than_the_first_moment() -> None:
    row = stepped([1000] * 4, slow_uohm=500)
    assert abs(row.ohmic[0] - 1050) < 40
    assert abs(row.ten_s[0] - 1500) < 60


def test_the_cold_does_not_look_like_age() -> None:
    row = stepped([1000] * 4, colder=2.0)
    assert abs(row.ohmic[0] - 1000) < 30


def test_a_current_that_does_not_stay_teaches_nothing_about_ten_seconds() -> None:
    row = stepped([1000] * 4, steady=False)
    assert row.late_steps == 0
    assert row.steps > 0


def test_a_small_step_teaches_nothing() -> None:
    row = stepped([1000] * 4, step_ma=-20000)
    assert row.steps == 0
    assert row.weakest() == -1
