"""Capacity from swings between certain moments: right although both ends and the counting have errors."""

from bms.core.capacity import Capacity


def cycled(
    true_share: float, gain: float = 1.0, cycles: int = 1, depth: float = 0.95, sigma: float = 0.01
) -> Capacity:
    capacity = Capacity()
    capacity.anchor(1.0, 0.008)
    for _ in range(cycles):
        for way in (-1, 1):
            for _ in range(100):
                capacity.moved(way * depth * true_share * gain / 100)
            capacity.anchor(1.0 if way > 0 else 1.0 - depth, 0.008 if way > 0 else sigma)
            capacity.fit_all()
    return capacity


def test_told_fifteen_percent_wrong_it_is_right_within_two_after_one_cycle() -> None:
    for true_share in (0.85, 1.15, 1.0):
        for gain in (0.99, 1.0, 1.01):
            capacity = cycled(true_share, gain)
            assert abs(capacity.share - true_share) < 0.02, (true_share, gain, capacity.share)
            assert capacity.sigma < 0.02
            assert capacity.swings == 2


def test_natural_use_comes_within_three_percent() -> None:
    capacity = cycled(0.85, 1.01, cycles=6, depth=0.5, sigma=0.03)
    assert abs(capacity.share - 0.85) < 0.03


def test_before_a_swing_nothing_is_claimed() -> None:
    capacity = Capacity()
    assert (capacity.share, capacity.swings) == (1.0, 0)
    capacity.anchor(1.0, 0.008)
    capacity.moved(-0.05)
    assert not capacity.anchor(0.95, 0.01), "too short to say anything"
    assert capacity.share == 1.0


def test_a_charge_that_went_the_other_way_is_not_believed() -> None:
    capacity = Capacity()
    capacity.anchor(1.0, 0.008)
    capacity.moved(0.4)
    assert not capacity.anchor(0.5, 0.01)


def test_a_bad_swing_moves_it_less_than_a_good_one() -> None:
    bad = cycled(0.85, depth=0.3, sigma=0.05)
    good = cycled(0.85)
    assert abs(good.share - 0.85) < abs(bad.share - 0.85)
    assert good.sigma < bad.sigma


def test_what_was_kept_is_taken_up_and_goes_on_learning() -> None:
    capacity = Capacity()
    capacity.take(0.85, 0.012, 3)
    assert abs(capacity.share - 0.85) < 0.01
    assert capacity.swings == 3
    fresh = Capacity()
    fresh.take(0.85, 0.012, 0)
    assert fresh.share == 1.0


def test_a_fit_is_done_in_steps_and_no_swing_is_lost_to_one_under_way() -> None:
    """Each step costs the chip most of a millisecond: a quarter of one a second, as `health` asks for it."""
    stepped = Capacity()
    stepped.anchor(1.0, 0.008)
    stepped.moved(-0.8)
    assert stepped.anchor(0.05, 0.01)
    assert (stepped.share, stepped.swings) == (1.0, 0)
    steps = 1
    while not stepped.fit():
        assert stepped.swings == 0
        steps += 1
    assert 4 * 3 <= steps <= 4 * 8
    assert steps % 4 == 0
    assert stepped.swings == 1
    assert abs(stepped.share - 0.8 / 0.95) < 0.02
    stepped.moved(0.8)
    stepped.anchor(1.0, 0.008)
    stepped.moved(-0.8)
    stepped.anchor(0.05, 0.01)
    stepped.fit_all()
    assert stepped.swings == 3


def test_many_swings_between_doubtful_anchors_are_no_surer_than_the_best_of_them() -> None:
    """The curve is wrong by the same each night: ten nights are one piece of evidence."""
    capacity = Capacity()
    capacity.anchor(1.0, 0.008)
    for _ in range(10):
        for way in (-1, 1):
            for _ in range(100):
                capacity.moved(way * 0.0035)
            capacity.anchor(1.0 if way > 0 else 0.60, 0.008 if way > 0 else 0.04)
            capacity.fit_all()
    assert capacity.sigma > 0.09


def test_a_weak_anchor_between_two_strong_ones_ends_no_swing() -> None:
    found = []
    for weak in (False, True):
        capacity = Capacity()
        capacity.anchor(1.0, 0.008)
        for charge in (0.65, 0.05):
            for _ in range(100):
                capacity.moved(-0.0035 * 0.85 if charge == 0.65 else -0.0060 * 0.85)
            if charge == 0.05 or weak:
                for _ in range(8):  # the rest lasts for hours
                    capacity.anchor(charge, 0.04 if charge == 0.65 else 0.01)
                    capacity.fit_all()
        found.append(capacity.share)
        assert capacity.sigma < 0.02
        assert capacity.swings == 1 + weak
    assert abs(found[0] - 0.85) < 0.01
    assert abs(found[1] - found[0]) < 0.005
