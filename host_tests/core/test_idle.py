"""When a pack is idle: after its time, at once in ship mode, and never while anything stirs."""

from bms.core import idle

STIRS = (idle.CURRENT, idle.CHANGE, idle.PERSON, idle.WORK)


def made(after_s: int) -> idle.Idle:
    it = idle.Idle()
    it.configure({"sleep_after_s": after_s, "afe_sleep": 0})
    return it


def quiet(it: idle.Idle, seconds: int, facts: int = 0) -> list:
    """Whether it is idle, second by second."""
    seen = []
    for _ in range(seconds):
        it.step(1, facts)
        seen.append(it.is_idle)
    return seen


def test_it_is_idle_after_its_time_and_not_a_second_before() -> None:
    it = made(5)
    assert quiet(it, 8) == [False] * 4 + [True] * 4
    it.step(0, 0)
    assert it.total_s == 3
    it.step(1, idle.CURRENT)
    assert it.total_s == 3


def test_without_parameters_and_with_a_time_of_none_it_never_is() -> None:
    for it in (idle.Idle(), made(0)):
        assert quiet(it, 5) == [False] * 5
        assert quiet(it, 5, idle.SHIPPED) == [False] * 5


def test_whatever_stirs_ends_it_at_once_and_the_time_counts_anew() -> None:
    for fact in STIRS:
        for beside in (0, idle.UNWRITTEN, idle.SHIPPED):
            it = made(3)
            quiet(it, 3)
            assert it.is_idle
            it.step(0, fact | beside)
            assert not it.is_idle, fact
            assert quiet(it, 3) == [False, False, True], fact


def test_no_time_passes_between_two_looks_within_a_second() -> None:
    it = made(2)
    for _ in range(100):
        it.step(0, 0)
    assert not it.is_idle
    assert quiet(it, 2) == [False, True]


def test_what_waits_for_the_flash_holds_it_off_without_beginning_anew() -> None:
    it = made(3)
    assert quiet(it, 5, idle.UNWRITTEN) == [False] * 5
    it.step(0, 0)
    assert it.is_idle
    it.step(0, idle.UNWRITTEN)
    assert not it.is_idle
    it.step(0, 0)
    assert it.is_idle


def test_ship_mode_does_not_wait_but_for_the_flash_and_for_people() -> None:
    it = made(600)
    assert quiet(it, 1, idle.SHIPPED | idle.UNWRITTEN) == [False]
    assert quiet(it, 1, idle.SHIPPED | idle.PERSON) == [False]
    assert quiet(it, 1, idle.SHIPPED) == [True]
    assert quiet(it, 1) == [False], "out of ship mode it is an ordinary pack, two seconds quiet"


def test_woken_it_begins_anew_and_no_sum_grows_for_ever() -> None:
    it = made(2)
    quiet(it, 1000)
    it.wake()
    assert quiet(it, 2) == [False, True]
    it.configure({"sleep_after_s": 4, "afe_sleep": 1})
    assert quiet(it, 3) == [False, True, True], "no more is kept than was needed"
