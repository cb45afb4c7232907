"""Rest is told by the voltage, and what flows then is the sensor's offset if it is small enough."""

from bms.core.rest import Rest
from core.pack_fixture import calm


def rested(drift_mv: float, current_ma: int = 0, seconds: int = 1500) -> Rest:
    """`drift_mv` a minute."""
    rest = Rest()
    rest.configure(200, 100000)
    for second in range(seconds):
        snap = calm(int(3700 + drift_mv * second / 60))
        snap.current_ma = current_ma
        rest.second(snap)
    return rest


def test_a_voltage_that_still_moves_is_no_rest() -> None:
    assert not rested(0.5).relaxed
    assert not rested(-0.5).relaxed
    assert rested(0.0).relaxed


def test_a_current_ends_it() -> None:
    rest = rested(0.0)
    snap = calm(3700)
    snap.current_ma = -200
    rest.second(snap)
    assert not rest.relaxed
    assert rest.rested_s == 0


def test_a_small_steady_current_is_the_sensors_own() -> None:
    assert abs(rested(0.0, 40, 4800).offset_ma - 40) < 1
    assert abs(rested(0.0, -40, 4800).offset_ma + 40) < 1


def test_a_pause_may_be_one_of_a_load_that_waits() -> None:
    assert rested(0.0, 40, 2700).offset_ma == 0.0


def test_what_is_too_large_for_an_offset_is_a_load() -> None:
    assert rested(0.0, 150, 3600).offset_ma == 0.0


def test_the_offset_comes_off_the_count_without_loss() -> None:
    rest = rested(0.0, 40, 4800)
    rest.offset_ma = 0.3
    taken = 0
    for _ in range(1000):
        snap = calm(3700)
        snap.current_ma = 5000
        taken += rest.second(snap)
    assert abs(taken - 300000) <= 2
