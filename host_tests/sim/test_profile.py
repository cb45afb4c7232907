"""Load profiles and replays: interpolation, ends, repetition and jumps in time."""

from packwarden.sim.profile import LoadProfile
from packwarden.sim.replay import ReplayTrace
from portable import raises

TIMES = [10.0, 11.0, 13.0, 14.0]
AMPS = [0.0, 2.0, -2.0, 4.0]


def test_linear_and_held() -> None:
    linear = LoadProfile(TIMES, AMPS, 2.0)
    held = LoadProfile(TIMES, AMPS, mode="held")
    assert linear.current(0.5) == 2.0
    assert linear.current(2.0) == 0.0
    assert held.current(0.99) == 0.0
    assert held.current(1.0) == 2.0
    assert held.current(2.9) == 2.0


def test_it_ends_at_zero_or_repeats() -> None:
    once = LoadProfile(TIMES, AMPS)
    assert once.current(4.0) == 4.0
    assert once.current(4.01) == 0.0
    assert once.current(-1.0) == 0.0
    again = LoadProfile(TIMES, AMPS, repeat=True)
    assert again.current(4.5) == again.current(0.5) == 1.0
    assert again.duration_s == 4.0


def test_any_order_of_times_gives_the_same_answers() -> None:
    t = [0.5 * k for k in range(500)]
    i = [float(k * k % 17) for k in range(500)]
    forward, jumping = LoadProfile(t, i), LoadProfile(t, i)
    order = [(k * 7919) % 2490 / 10.0 for k in range(2490)]
    expected = dict.fromkeys(order, 0.0)
    for at_s in sorted(expected):
        expected[at_s] = forward.current(at_s)
    for at_s in order:
        assert jumping.current(at_s) == expected[at_s]


def test_bad_tables_are_refused() -> None:
    assert "two samples" in str(raises(ValueError, LoadProfile, [0.0], [1.0]))
    assert "held, linear" in str(raises(ValueError, LoadProfile, TIMES, AMPS, 1.0, False, "cubic"))
    assert "column" in str(raises(ValueError, ReplayTrace, TIMES, AMPS, AMPS, [25.0]))


def test_replay_holds_its_ends() -> None:
    trace = ReplayTrace(TIMES, AMPS, [3.0, 3.1, 3.2, 3.3], [25.0] * 4, [0.5, 0.6, 0.7, 0.8])
    assert trace.at(0.5)[:3] == (1.0, 3.05, 25.0)
    assert trace.at(-5.0) == (0.0, 3.0, 25.0, 0.5)
    assert trace.at(99.0) == (4.0, 3.3, 25.0, 0.8)
    assert ReplayTrace(TIMES, AMPS, AMPS, AMPS).at(1.0)[3] is None
