"""The charge on display: every coulomb at once, every correction at a walk."""

from bms.core.shown import PER_MIN, SETTLE_MIN, Shown


class Believed:
    """A charge counter that a test writes."""

    def __init__(self, permille: int, known: bool = True) -> None:
        self.permille = permille
        self.sigma_permille = 20
        self.moved_share = 0.0
        self.settling = False
        self.known = known


def seconds(shown: Shown, count: int) -> list:
    """What is shown, second by second."""
    seen = [shown.permille]
    for _ in range(count):
        shown.second()
        seen.append(shown.permille)
    return seen


def steps(seen: list) -> list:
    return [seen[k + 1] - seen[k] for k in range(len(seen) - 1)]


def test_it_begins_with_what_is_believed() -> None:
    soc = Believed(0, known=False)
    shown = Shown(soc)
    seconds(shown, 3)
    soc.permille, soc.known = 640, True
    shown.second()
    assert (shown.permille, shown.settling, shown.left_min()) == (640, False, 0)


def test_current_is_shown_at_once_however_strong() -> None:
    for share in (-0.003, -0.0001, 0.003):
        soc = Believed(500)
        shown = Shown(soc)
        shown.second()
        charge = 500.0
        for _ in range(100):
            charge += share * 1000.0
            soc.permille, soc.moved_share = int(charge + 0.5), share
            shown.second()
            assert abs(shown.permille - charge) <= 1.6, share


def test_a_correction_of_any_size_is_walked_through_in_both_directions() -> None:
    for before, after in ((400, 700), (900, 650), (0, 1000), (1000, 0)):
        soc = Believed(before)
        shown = Shown(soc)
        shown.second()
        soc.permille = after
        assert shown.permille == before, "whoever asks between two looks"
        minutes = abs(after - before) / PER_MIN
        assert minutes <= SETTLE_MIN
        seen = seconds(shown, int(minutes * 60) - 12)
        assert max(abs(each) for each in steps(seen)) <= 1
        assert abs(seen[60] - seen[0]) in (PER_MIN - 1, PER_MIN, PER_MIN + 1)
        assert seen[-1] != after
        assert shown.settling is (abs(shown.gap) > 10)
        assert seconds(shown, 13)[-1] == after
        assert shown.settling is False


def test_a_correction_under_load_moves_by_the_load_and_the_walk() -> None:
    soc = Believed(800)
    shown = Shown(soc)
    shown.second()
    charge = 500.0  # 300 permille less than it was, at once
    for second in range(600):
        charge -= 0.25
        soc.permille, soc.moved_share = int(charge + 0.5), -0.00025
        before = shown.permille
        shown.second()
        assert -2 <= shown.permille - before <= 0, second
    assert abs(shown.permille - charge) <= 1


def test_what_is_still_to_go_is_part_of_the_doubt() -> None:
    soc = Believed(400)
    shown = Shown(soc)
    shown.second()
    soc.permille = 700
    shown.second()
    assert 295 <= shown.sigma_permille <= 300
    seconds(shown, 400)
    assert shown.sigma_permille == 20


def test_it_stays_between_empty_and_full() -> None:
    soc = Believed(1000)
    shown = Shown(soc)
    soc.moved_share = 0.002  # a full pack that is charged on
    assert set(seconds(shown, 60)) == {1000}
    soc.permille, soc.moved_share = 0, -0.002
    assert set(seconds(shown, 2000)[-500:]) == {0}


def test_the_minutes_left_shrink_with_the_doubt() -> None:
    soc = Believed(500)
    shown = Shown(soc)
    shown.second()
    soc.settling, soc.sigma_permille = True, 150
    assert shown.settling
    assert shown.left_min() == SETTLE_MIN
    told = []
    for sigma in range(150, 60, -5):
        soc.sigma_permille = sigma
        told.append(shown.left_min())
    assert told == sorted(told, reverse=True)
    assert 1 <= told[-1] <= 2
    soc.settling = False
    assert shown.left_min() == 0


def test_the_minutes_left_of_a_walk() -> None:
    soc = Believed(400)
    shown = Shown(soc)
    shown.second()
    soc.permille = 700
    shown.second()
    assert shown.left_min() in (6, 7)
