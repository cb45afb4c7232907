"""The campaign's oracle, piece by piece: when a cause may open the path, when it must, and until when."""

from types import SimpleNamespace
from typing import Any

import pytest
from packwarden.campaign import matrix
from packwarden.campaign.causes import Cause, Ends, Watch
from packwarden.campaign.plan import Key
from packwarden.campaign.run import Result

LIMIT = 10.0


class Clockwork:
    """A cause whose value a test sets, looked at every tenth of a second."""

    def __init__(self, **rest: Any) -> None:
        settings = {"set_s": 1.0, "error": 1.0, "act_s": 0.3, "clear": 5.0, "back_s": 2.0} | rest
        self.truth: Any = SimpleNamespace(
            now_s=0.0,
            value=0.0,
            load_attached=False,
            charger_v=0.0,
            stack_v=14.0,
            current_a=0.0,
            pressed_s=-1.0,
        )
        self.watch = Watch(Cause("a cause", lambda t: getattr(t, "value"), LIMIT, **settings))  # noqa: B009

    def at(self, value: float, seconds: float = 0.1) -> tuple[bool, bool]:
        """Hold a value for a time; returns (may, must)."""
        self.truth.value = value
        for _ in range(round(seconds * 10)):
            self.watch.look(self.truth)
            self.truth.now_s += 0.1
        return self.watch.may, self.watch.must


def test_within_the_error_of_the_measurement_both_answers_are_right() -> None:
    assert Clockwork().at(8.9, 60) == (False, False)
    assert Clockwork().at(9.1, 60) == (True, False)
    assert Clockwork().at(10.9, 60) == (True, False)
    assert Clockwork().at(11.1, 60) == (True, True)


def test_a_limit_rounded_to_the_safe_side_may_act_before() -> None:
    assert Clockwork(early=3.0).at(6.1, 5) == (True, False)


def test_nothing_is_called_for_before_the_delay() -> None:
    one = Clockwork()
    assert one.at(20, 0.6) == (False, False)
    assert one.at(20, 0.3) == (True, False), "a delay counted in cycles may be a little short"
    assert one.at(20, 0.3) == (True, False), "whoever answers for it has a little time to act"
    assert one.at(20, 0.3) == (True, True)
    assert one.at(0) == (True, False)


def test_what_opened_early_may_have_opened_for_something_else() -> None:
    one = Clockwork()
    one.at(20, 1.1)
    assert one.watch.opened(one.truth.now_s) == pytest.approx(1.1)
    assert one.watch.must
    assert one.watch.unsettle(), "nobody says that it was for this"
    assert not one.watch.must
    one = Clockwork()
    one.at(20, 2.0)
    one.watch.opened(one.truth.now_s)
    assert not one.watch.unsettle()
    assert one.watch.must


def test_a_short_excursion_calls_for_nothing() -> None:
    one = Clockwork()
    for _ in range(5):
        assert one.at(20, 0.5) == (False, False)
        assert one.at(0, 0.5) == (False, False)


def test_overdue_counts_from_the_moment_that_called_for_it() -> None:
    one = Clockwork()
    one.at(20, 1.0)
    assert one.watch.overdue_s(one.truth.now_s) == pytest.approx(-0.3)
    one.at(20, 1.0)
    assert one.watch.overdue_s(one.truth.now_s) == pytest.approx(0.7)


def test_between_trip_and_clear_level_it_stays() -> None:
    one = Clockwork()
    one.at(20, 2)
    assert one.at(6.1, 60) == (True, True)
    assert one.at(5.5, 60) == (True, False), "perhaps below the clear level"
    assert one.at(3.9, 1.5) == (True, False), "the firmware has a delay"
    assert one.at(3.9, 1.0) == (False, False)


def test_a_trip_that_comes_again_may_take_twice_as_long_each_time() -> None:
    one = Clockwork()
    for wait_s in (2, 4, 8):
        one.at(20, 2)
        assert one.at(0, wait_s - 0.2)[0]
        assert one.watch.may
        if wait_s < 8:
            one.at(0, 0.1)
    assert not one.at(0, 1)[0]


def test_who_is_blind_does_not_answer_for_it_and_does_not_see_it_end() -> None:
    one = Clockwork()
    one.watch.blind = True
    assert one.at(20, 5) == (True, False)
    assert one.at(0, 60) == (True, False)
    one.watch.blind = False
    assert one.at(0, 3) == (False, False)


@pytest.mark.parametrize(
    ("ends", "held", "released"),
    [
        (Ends.LOAD_GONE, {"load_attached": True}, {"load_attached": False}),
        (Ends.CHARGER_GONE, {"charger_v": 16.0}, {"charger_v": 0.0}),
        (Ends.CHARGING, {"charger_v": 0.0}, {"charger_v": 16.0}),
        (Ends.PRESS, {}, {"pressed_s": 5.0}),
    ],
)
def test_what_else_it_takes_to_end(ends: Ends, held: dict[str, Any], released: dict[str, Any]) -> None:
    one = Clockwork(ends=ends)
    vars(one.truth).update(held)
    one.at(20, 2)
    assert one.at(0, 30) == (True, True)
    vars(one.truth).update(released)
    assert one.at(0, 3) == (False, False)


def test_what_is_permanent_never_ends() -> None:
    one = Clockwork(ends=Ends.NEVER)
    one.at(20, 2)
    one.truth.pressed_s = 3.0
    assert one.at(0, 600) == (True, True)


def test_an_opening_is_timed_and_remembered() -> None:
    one = Clockwork(set_s=0.0, ends=Ends.LOAD_GONE)
    one.truth.load_attached = True
    assert one.watch.opened(0.0) is None
    one.at(20)
    assert one.watch.opened(0.25) == pytest.approx(0.25)
    assert one.at(0, 5) == (True, True), "the current that called for it is gone, the load is not"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.00015, "150 us"), (0.0412, "41 ms"), (0.9994, "999 ms"), (0.9996, "1.0 s"), (5.26, "5.3 s")],
)
def test_durations(seconds: float, text: str) -> None:
    assert matrix.duration(seconds) == text


def test_the_matrix(capsys: pytest.CaptureFixture[str]) -> None:
    good = Result(Key("nack", "hot", "lfp", False, False, 0), (), 0.004, "a story", 50.0)
    bad = Result(Key("nack", "hot", "nmc", True, False, 0), ("7.1 s: [it] is on",), 0.120, "another", 50.0)
    dead = Result(Key("impact", "resting", "nmc", True, True, 0), (), None, "a third", 20.0)
    matrix.show([good, bad, dead], 7)
    shown = capsys.readouterr().out
    lines = [line for line in shown.splitlines() if "nack" in line or "impact" in line]
    assert "1/2" in lines[0]
    assert "120 ms" in shown
    assert "1/1" in lines[1]
    assert "7.1 s: [it] is on" in shown
    assert "packwarden faults --seed 7 --only nack:hot:nmc:last:alive:0" in shown
    assert "stopped dead" in shown
