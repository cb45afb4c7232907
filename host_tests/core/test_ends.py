"""What unequal cells give together: the share, and what every uncertainty means for it."""

from bms.core.ends import UNKNOWN, Ends


def pack(offs: list, sigma: float = 2.0, size_sigma: float = 0.005) -> Ends:
    ends = Ends(len(offs))
    for k in range(len(offs)):
        ends.off[k] = offs[k]
        ends.var[k] = sigma * sigma
        ends.steeper_var[k] = size_sigma * size_sigma
    return ends


def test_what_is_unknown_of_the_limiting_cell_makes_the_pack_unsure() -> None:
    """Surely half full in its usual cell; nobody has ever looked at how far apart the others are."""
    unknown = Ends(16)
    assert unknown.usable(500.0) == 500.0
    assert (unknown.usable_var(500.0, 9.0) - 9.0) ** 0.5 > 0.5 * UNKNOWN
    known = pack([0.0] * 16)
    known.find(500.0)
    assert known.usable_var(500.0, 9.0) ** 0.5 < 5.5


def test_near_empty_only_the_first_to_empty_counts_and_near_full_only_the_first_to_fill() -> None:
    ends = pack([0.0] * 8)
    ends.low_sigma, ends.high_sigma = 20.0, 0.0
    assert ends.usable_var(20.0, 0.0) ** 0.5 > 19.0
    assert ends.usable_var(980.0, 0.0) ** 0.5 < 0.5
    ends.low_sigma, ends.high_sigma = 0.0, 20.0
    assert ends.usable_var(20.0, 0.0) ** 0.5 < 0.5
    assert ends.usable_var(980.0, 0.0) ** 0.5 > 19.0


def test_the_variance_is_that_of_the_share() -> None:
    """Against small differences of `usable` itself."""
    ends = pack([-80.0, 0.0, 0.0, 0.0, 0.0, 60.0])
    ends.steeper[0] = 0.1
    ends.find(600.0)
    assert (ends.low_at, ends.high_at) == (0, 5)
    ends.low_sigma, ends.high_sigma = 7.0, 11.0
    by_mean = (ends.usable(602.0) - ends.usable(598.0)) / 4.0
    here = ends.usable(600.0)
    ends.low += 0.7 / ends.low_size
    by_low = (ends.usable(600.0) - here) * 10.0
    ends.low -= 0.7 / ends.low_size
    ends.high -= 1.1 / ends.high_size
    by_high = (ends.usable(600.0) - here) * 10.0
    ends.high += 1.1 / ends.high_size
    expected = 25.0 * by_mean * by_mean + by_low * by_low + by_high * by_high
    assert abs(ends.usable_var(600.0, 25.0) / expected - 1.0) < 0.03


def test_a_cell_that_may_be_lower_than_the_lowest_known_one_counts() -> None:
    ends = pack([-30.0] + [0.0] * 7)
    ends.find(500.0)
    sure = ends.low_sigma
    ends.var[4] = 40.0 * 40.0
    ends.find(500.0)
    assert ends.low_at == 0
    assert sure < 5.0
    assert ends.low_sigma > sure + 4.0, "it may hold 40 less than usual, which is 10 less than the lowest"


def test_a_pack_that_differs_within_its_evidence_has_no_limiting_cell() -> None:
    ends = pack([-4.0, 0.0, 0.0, 4.0], sigma=4.0)
    ends.find(500.0)
    assert (ends.low_at, ends.high_at) == (-1, -1)
    assert ends.usable(500.0) == 500.0
    assert ends.low_sigma > 7.0
