"""Simulated time keeps pace with real time, and gives way where it cannot."""

from packwarden.demo import pack
from packwarden.demo.pace import Pace


class Watch:
    """A clock that goes on by itself each time it is looked at."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.per_look_s = 0.0

    def __call__(self) -> float:
        self.now_s += self.per_look_s
        return self.now_s


def paced() -> tuple[Pace, Watch, pack.Demo]:
    demo, watch = pack.build(), Watch()
    return Pace(demo.session, watch), watch, demo


def test_one_real_second_is_one_simulated_second_at_1x() -> None:
    pace, watch, demo = paced()
    for _ in range(20):
        watch.now_s += 0.05
        pace.step(1.0)
    assert abs(demo.world.clock.now_us - 1_000_000) < 20_000


def test_ten_times_as_fast() -> None:
    pace, watch, demo = paced()
    pace.faster()
    for _ in range(20):
        watch.now_s += 0.05
        pace.step(1.0)
    assert abs(demo.world.clock.now_us - 10_000_000) < 100_000
    assert 8 < pace.achieved < 12


def test_a_slow_machine_falls_behind_instead_of_blocking() -> None:
    pace, watch, demo = paced()
    for _ in range(3):
        pace.faster()
    watch.now_s += 0.05
    watch.per_look_s = 0.01  # each slice of 10 ms costs as much as it simulates
    before_s = watch.now_s
    pace.step(0.03)
    assert watch.now_s - before_s < 0.06
    assert demo.world.clock.now_us <= 40_000


def test_a_long_pause_is_not_caught_up() -> None:
    pace, watch, demo = paced()
    watch.now_s += 3600.0
    pace.step(1.0)
    assert demo.world.clock.now_us < 300_000


def test_brightness_is_the_share_of_time_lit() -> None:
    pace, watch, _ = paced()
    for _ in range(120):  # power-up, self-test, and then the heartbeat of an active pack: 60 ms in 3 s
        watch.now_s += 0.05
        pace.step(1.0)
    seen = []
    for _ in range(60):
        watch.now_s += 0.05
        pace.step(1.0)
        seen.append(pace.brightness)
    assert 0.01 < sum(seen) / len(seen) < 0.03
    assert max(seen) > 0.3
