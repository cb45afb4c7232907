"""The filter believes a voltage for what it can say: little where the curve is flat or not this cell's."""

from bms.core import chemistry
from bms.core.follow import Follower

NMC, LFP = 0, 1


def follower(kind: int, off: float, sigma: float) -> Follower:
    view = Follower(0.009, 0.00012)
    view.configure(kind)
    view.restart(off, sigma)
    return view


def seen(
    view: Follower, kind: int, truth: float, count: float, looks: int, error_mv: float = 0.0
) -> Follower:
    for _ in range(looks):
        view.passed(0.0, 5.0, count)
        view.see(chemistry.ocv_mv(kind, truth) + error_mv, 0.0, 0.0, count)
    return view


def test_a_steep_curve_corrects_a_wide_belief() -> None:
    view = seen(follower(NMC, 0.0, 300.0), NMC, 500.0, 300.0, 200)
    assert abs(view.off - 200) < 30
    assert 30 < view.off_var**0.5 < 100, "as far as the curve may be trusted, and no further"


def test_looking_longer_at_the_same_voltage_makes_nobody_surer() -> None:
    view = seen(follower(NMC, 0.0, 300.0), NMC, 500.0, 300.0, 500)
    sigma = view.off_var**0.5
    seen(view, NMC, 500.0, 300.0, 5000)
    assert view.off_var**0.5 > 0.9 * sigma


def test_a_narrow_belief_takes_a_wrong_curve_for_a_wrong_curve() -> None:
    view = seen(follower(NMC, 0.0, 3.0), NMC, 500.0, 500.0, 2000, error_mv=60.0)
    assert abs(view.off) < 3
    assert view.curve_mv > 50


def test_a_plateau_moves_nothing() -> None:
    view = seen(follower(LFP, 0.0, 100.0), LFP, 500.0, 500.0, 2000, error_mv=8.0)
    assert abs(view.off) < 25
    assert view.off_var**0.5 > 85


def test_a_knee_on_one_side_is_no_evidence_on_the_other() -> None:
    view = seen(follower(LFP, 0.0, 100.0), LFP, 900.0, 900.0, 2000)
    assert view.off_var**0.5 > 60


def test_resistance_is_learned_from_the_load() -> None:
    view = follower(NMC, 0.0, 5.0)
    for look in range(2000):
        over_mv = 100.0 if look % 4 < 2 else -100.0
        view.passed(0.0, 5.0, 500.0)
        view.see(3750 + 1.3 * over_mv, over_mv, 20.0, 500.0)
    assert abs(view.ohm - 0.3) < 0.05
    assert abs(view.off) < 5


def test_counting_makes_less_sure() -> None:
    view = follower(NMC, 0.0, 5.0)
    for _ in range(100):
        view.passed(5.0, 10.0, 500.0)
    assert 5.5 < view.off_var**0.5 < 8
    for _ in range(100):
        view.passed(-5.0, 10.0, 500.0)
    assert view.off_var**0.5 < 5.5, "an error of gain goes back the way it came"


def test_the_flat_side_of_a_knee_bounds_what_a_voltage_can_say() -> None:
    """Counted beyond full, where the curve is steep; half of the plateau could show this voltage."""
    view = follower(LFP, 15.0, 80.0)
    for _ in range(2000):
        view.see(3290.0, 0.0, 0.0, 1000.0)
    assert view.off_var**0.5 > 50


def test_a_voltage_that_a_charge_cannot_have_is_noticed() -> None:
    """Believed half full, measured nearly empty: the curve is flat where it is believed to be."""
    view = seen(follower(LFP, 0.0, 5.0), LFP, 30.0, 500.0, 80)
    assert view.absurd == 80
    seen(view, LFP, 500.0, 500.0, 1)
    assert view.absurd == 0, "in a row"
    for kind, error_mv in ((LFP, 60.0), (NMC, 200.0)):
        view = seen(follower(kind, 0.0, 5.0), kind, 500.0, 500.0, 80, error_mv)
        assert view.absurd == 0, "a curve may be that wrong"


def test_a_hard_current_makes_no_voltage_absurd() -> None:
    view = follower(NMC, 0.0, 5.0)
    for _ in range(80):
        view.see(3750 - 700.0, -200.0, 250.0, 500.0)
    assert view.absurd == 0


def driven(error_mv: float, over_mv: float = 0.0, tired_mv: float = 0.0) -> "tuple[float, Follower]":
    """From 70 to 40 % in mid-drive, without a memory; also returns how far off it then is."""
    view = Follower(0.05, 0.0005)
    view.configure(NMC)
    view.begin(chemistry.ocv_mv(NMC, 700.0) + error_mv + over_mv, over_mv, 500.0)
    count = 500.0
    for _ in range(1200):
        count -= 0.25
        view.passed(-0.25, 5.0, count)
        view.see(chemistry.ocv_mv(NMC, count + 200.0) + error_mv + over_mv, over_mv, tired_mv, count)
    return view.off - 200.0, view


def test_a_family_beside_its_curve_makes_nobody_sure_that_began_in_mid_drive() -> None:
    for error_mv in (-90.0, 90.0):
        error, view = driven(error_mv)
        assert abs(error) > 60.0, "nothing shows that it is the curve"
        assert abs(error) > 2.0 * view.off_var**0.5, "as if each place of the curve were wrong by chance"
        assert abs(error) < 2.0 * view.claimed() ** 0.5
    assert driven(0.0, -60.0, 150.0)[1].claimed() > 1.5 * driven(0.0)[1].claimed(), "nor is resistance known"
    view.told(200.0, 8.0)
    assert view.claimed() <= 64.0, "what is told does"


def test_a_charge_that_was_told_stays_as_sure_as_counting() -> None:
    view = follower(NMC, 0.0, 3.0)
    for _ in range(1200):
        view.passed(-0.25, 5.0, 500.0)
        view.see(3750.0 - 60.0, 0.0, 0.0, 500.0)
    assert 3.0 < view.claimed() ** 0.5 < 6.0
    other = Follower(0.05, 0.0005)
    other.take_over(view)
    assert other.claimed() == view.claimed()


def test_what_another_evidence_tells_is_weighed_by_what_both_may_be_wrong_by() -> None:
    view = follower(NMC, 0.0, 5.0)
    view.told(9.0, 8.0)
    assert abs(view.off - 9.0 * 25.0 / 89.0) < 0.01
    assert abs(view.off_var - 25.0 * 64.0 / 89.0) < 0.01


def test_what_contradicts_is_believed_the_more_the_further_it_lies() -> None:
    left = []
    for told in (9.0, 20.0, 28.0, 40.0):
        view = follower(NMC, 0.0, 5.0)
        view.told(told, 8.0)
        left.append((told - view.off) / told)
        assert view.off_var <= 64.0
    assert left[0] > 0.7
    assert left == sorted(left, reverse=True)
    assert left[3] == 0.0, "beyond three sigma of both"


def test_a_correction_takes_the_curve_that_was_blamed_along() -> None:
    """The count is off, the curve has been blamed: when the count is put right, so is the curve."""
    view = seen(follower(NMC, 0.0, 20.0), NMC, 530.0, 500.0, 600)
    off, curve_mv = view.off, view.curve_mv
    assert off < 25
    assert curve_mv > 5
    view.told(30.0, 8.0)
    assert view.off > off + 0.5 * (30.0 - off)
    assert view.curve_mv < curve_mv - 1.0
