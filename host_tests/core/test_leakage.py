"""Self-discharge of cells: told from weeks of drift, never from a bad look, bleeding or a smaller cell."""

from bms.core.leakage import UNKNOWN, Leakage
from bms.core.spread import Spread

DAY_S = 86400
MONTH_DAYS = 30.4375
PER_MAH = 0.2  # permille of 5 Ah
CELLS = 4


def known(var: float = 4.0) -> Spread:
    spread = Spread(CELLS)
    spread.configure(0, 5000)
    for k in range(CELLS):
        spread.var[k] = var
        spread.steeper_var[k] = 1e-6
    return spread


def look(leak: Leakage, now_s: int, spread: Spread, charge: float, per_mah: float) -> int:
    """Compare to the end; how many seconds that takes."""
    leak.begin(now_s, spread)
    seconds = 0
    while leak.busy:
        leak.step(spread, charge, per_mah)
        seconds += 1
    return seconds


def lived(leak: Leakage, spread: Spread, days: int, a_month: float, cell: int = 2, first: int = 0) -> None:
    """So many days, a look in each; the cell loses so many permille a month more than the others."""
    for day in range(first, first + days):
        look(leak, DAY_S * day + 1, spread, 700.0, PER_MAH)
        spread.off[cell] -= a_month / MONTH_DAYS


def test_leaks_of_every_size_are_told_with_a_sigma_that_holds() -> None:
    for a_month in (0.0, 3.0, 10.0, 30.0, 100.0, 300.0):
        leak = Leakage(CELLS)
        lived(leak, known(), 30, a_month)
        assert abs(leak.rate[2] - a_month) <= max(1.0, leak.sigma), (a_month, leak.rate[2], leak.sigma)
        for k in (0, 1, 3):
            assert abs(leak.rate[k]) < 0.1
        assert leak.sigma < 3.2


def test_the_longer_the_time_the_surer() -> None:
    found = []
    for days in (5, 10, 30, 80):
        leak = Leakage(CELLS)
        lived(leak, known(), days, 10.0)
        found.append(leak.sigma)
    assert found == sorted(found, reverse=True)
    assert found[0] > 15 > found[1] > 5 > found[2] > 1.2 > found[3]


def test_before_three_days_nothing_is_said() -> None:
    leak = Leakage(CELLS)
    lived(leak, known(), 3, 100.0)
    assert leak.sigma == UNKNOWN
    assert list(leak.rate) == [0.0] * CELLS


def test_distances_that_are_not_certain_are_not_compared() -> None:
    leak = Leakage(CELLS)
    lived(leak, known(var=10.0), 30, 100.0)
    assert (leak.began_s, leak.sigma) == (-1, UNKNOWN), "none of them was good enough to begin with"
    lived(leak, known(), 1, 0.0, first=30)
    doubtful = known()
    doubtful.var[3] = 3600.0
    lived(leak, doubtful, 30, 100.0, first=31)
    assert leak.sigma == UNKNOWN, "and one cell that is not known is enough"


def test_a_jump_of_the_evidence_stays_within_sigma_of_long_times() -> None:
    """A look that was wrong by its own sigma makes a rate, and the rate says how little it is worth."""
    leak = Leakage(CELLS)
    spread = known(var=9.0)
    lived(leak, spread, 1, 0.0)
    spread.off[1] -= 3.0
    lived(leak, spread, 10, 0.0, first=1)
    assert abs(leak.rate[1]) < 1.1 * leak.sigma


def test_what_was_bled_is_no_leak() -> None:
    leak = Leakage(CELLS)
    spread = known()
    lived(leak, spread, 1, 0.0)
    spread.bled_mah[2] += 200.0
    spread.off[2] -= 200.0 * PER_MAH
    lived(leak, spread, 29, 0.0, first=1)
    assert max(leak.rate) - min(leak.rate) < 0.1
    assert max(leak.rate) < 0.1, "and none of the others loses less than the mean for it"
    assert leak.sigma > 3.0, "but how much it was is known to a tenth only"


def test_a_smaller_cell_is_no_leaking_one() -> None:
    """It is behind when the pack is empty, and that is compared as of a full one."""
    leak = Leakage(CELLS)
    spread = known()
    spread.steeper[2] = 0.1
    charge = 1000.0
    for day in range(30):
        spread.off[2] = -0.1 * (1000.0 - charge)
        look(leak, DAY_S * day + 1, spread, charge, PER_MAH)
        charge = 1000.0 if charge < 300.0 else charge - 170.0
    assert abs(leak.rate[2]) < 0.1


def test_after_ninety_days_the_first_half_is_forgotten() -> None:
    """A cell that begins to leak late: most of it is told after ninety days, all of it after half a year."""
    leak = Leakage(CELLS)
    spread = known()
    lived(leak, spread, 95, 0.0)
    lived(leak, spread, 90, 60.0, first=95)
    assert 40.0 < leak.rate[2] < 60.0, leak.rate[2]
    assert leak.began_s > 40 * DAY_S
    lived(leak, spread, 90, 60.0, first=185)
    assert abs(leak.rate[2] - 60.0) < 6.0, leak.rate[2]


def test_a_slow_look_is_as_good_as_a_daily_one() -> None:
    """A pack that is seen well only now and then, a power cut in between: the first day is what is kept."""
    leak = Leakage(CELLS)
    spread = known()
    look(leak, 1, spread, 700.0, PER_MAH)
    again = Leakage(CELLS)
    again.began_s, again.began_var = leak.began_s, leak.began_var
    for k in range(CELLS):
        again.began[k] = leak.began[k]
    spread.off[2] -= 20.0
    look(again, 60 * DAY_S, spread, 200.0, PER_MAH)
    assert abs(again.rate[2] - 20.0 * MONTH_DAYS / 60) < 0.1


def test_a_look_takes_a_second_for_each_cell_and_another_does_not_begin_meanwhile() -> None:
    leak, spread = Leakage(CELLS), known()
    assert look(leak, 1, spread, 700.0, PER_MAH) == CELLS
    assert look(leak, 2, spread, 700.0, PER_MAH) == 0, "too soon"
    leak.begin(10 * DAY_S, spread)
    leak.step(spread, 700.0, PER_MAH)
    spread.off[0] -= 8.0
    leak.begin(11 * DAY_S, spread)
    leak.step(spread, 700.0, PER_MAH)
    assert leak.sigma == UNKNOWN
    leak.step(spread, 700.0, PER_MAH)
    leak.step(spread, 700.0, PER_MAH)
    assert not leak.busy
    assert leak.sigma < UNKNOWN
    assert abs(leak.rate[0]) < 0.001, "as each cell was when its turn came"
