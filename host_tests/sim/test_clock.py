from packwarden.sim.clock import Clock
from portable import raises


def test_ticks_start_twenty_seconds_before_they_wrap() -> None:
    clock = Clock()
    assert clock.now_us == 0
    assert clock.ticks_ms() == 2**30 - 20_000
    clock.elapse_us(19_999_999)
    assert clock.ticks_ms() == 2**30 - 1
    clock.elapse_us(1)
    assert clock.ticks_ms() == 0


def test_true_time_does_not_wrap() -> None:
    clock = Clock()
    clock.elapse_us(2**31 * 1000)
    assert clock.now_us == 2**31 * 1000


def test_time_does_not_run_backwards() -> None:
    raises(ValueError, Clock().elapse_us, -1)
