"""The wear budget: its sum, and that an allowance lets no more through."""

from bms.services import wear

DAY_S = 86400


def test_the_sum_leaves_twenty_years() -> None:
    assert wear.millierases_a_day() == 1_272_200
    assert wear.years() == 21
    twenty_years = 7305 * wear.millierases_a_day() // 1000 // wear.SECTORS
    assert twenty_years * wear.UNEVEN < wear.ENDURANCE


def test_whoever_always_wants_to_write_gets_what_a_day_holds() -> None:
    for row in wear.ROWS:
        allowance = wear.Allowance(row[wear.NAME])
        taken = 0
        for now_s in range(0, 3 * DAY_S, 20):
            taken += allowance.take(now_s)
        assert 3 * row[wear.PER_DAY] <= taken <= 3 * row[wear.PER_DAY] + 2, row


def test_a_quiet_time_is_paid_back_at_once_but_not_without_end() -> None:
    for row in wear.ROWS:
        allowance = wear.Allowance(row[wear.NAME])
        assert [allowance.take(0) for _ in range(3)] == [True, True, False]
        taken = 0
        while allowance.take(10 * DAY_S):
            taken += 1
        assert taken == row[wear.BURST], row


def test_what_must_be_written_is_written_and_owed() -> None:
    allowance = wear.Allowance("codes")
    every_s = DAY_S // 48
    for _ in range(5):
        assert allowance.take(0, must=True)
    assert not allowance.take(3 * every_s)
    assert allowance.take(4 * every_s)
    for _ in range(1000):
        assert allowance.take(DAY_S, must=True)
    assert allowance.take(DAY_S + 25 * every_s), "a debt has an end too"


def test_a_clock_that_goes_back_gives_nothing() -> None:
    allowance = wear.Allowance("charge")
    assert allowance.take(1000)
    assert allowance.take(1000)
    assert not allowance.take(10)
    assert not allowance.take(60)
    assert allowance.take(71)


def test_a_row_may_begin_with_more_and_says_how_long_to_wait() -> None:
    allowance = wear.Allowance("commission", 96)
    assert [allowance.take(0) for _ in range(96)] == [True] * 96
    assert not allowance.take(0)
    assert allowance.wait_s(0) == DAY_S // 96
    assert allowance.wait_s(DAY_S // 96 - 1) == 1
    assert allowance.wait_s(DAY_S // 96) == 0
    assert wear.Allowance("commission", 1000).take(0)
    assert wear.Allowance("commission").wait_s(0) == 0
