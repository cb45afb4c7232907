"""The ten-second button: exact to its timings, with bounce, across the tick wrap, at any polling cadence."""

from bms.core import button as b
from bms.core import ticks

START = (1 << 30) - 7000  # the wrap falls into every long press


def play(edges: list, end_ms: int, poll_ms: int = 10, held_at_power_up: bool = False) -> list:
    """(ms, event) of everything a button reports; `edges`: times at which the contact changes."""
    machine = b.Button(START, held_at_power_up)
    events = []
    for t in range(0, end_ms, poll_ms):
        pressed = held_at_power_up
        for edge in edges:
            if t >= edge:
                pressed = not pressed
        event = machine.poll(ticks.add(START, t), pressed)
        if event:
            events.append((t, event))
    return events


def names(events: list) -> list:
    return [event for _, event in events]


def bouncing(press: int, release: int) -> list:
    """Contact bounce of 8 ms at both ends, settled at the given times."""
    return [press - 8, press - 5, press, release, release + 3, release + 8]


def test_a_short_press_shows_the_charge() -> None:
    assert names(play([100, 400], 1000)) == [b.SHOW_CHARGE]
    assert names(play([100, 1090], 2000)) == [b.SHOW_CHARGE]
    assert names(play([100, 1110], 2000)) == []


def test_nothing_under_the_debounce_time_is_a_press() -> None:
    assert names(play([100, 110], 500)) == []


def test_the_edges_of_the_reset_window() -> None:
    """PW-140."""
    for hold, expected in (
        (5000, []),
        (9940, []),
        (9990, []),
        (10000, [b.SOFT_RESET]),
        (10060, [b.SOFT_RESET]),
        (14940, [b.SOFT_RESET]),
        (14990, [b.SOFT_RESET]),
        (15000, []),
        (15060, [b.CANCELLED]),
        (16000, [b.CANCELLED]),
        (31000, [b.CANCELLED, b.STUCK, b.FREED]),
    ):
        assert names(play([100, 100 + hold], hold + 1000)) == expected, hold


def test_bounce_changes_nothing() -> None:
    """PW-140."""
    for hold, expected in (
        (9940, []),
        (10060, [b.SOFT_RESET]),
        (14940, [b.SOFT_RESET]),
        (15060, [b.CANCELLED]),
    ):
        assert names(play(bouncing(200, 200 + hold), hold + 1000, poll_ms=1)) == expected, hold


def test_a_slow_loop_keeps_within_fifty_milliseconds() -> None:
    for poll_ms in (7, 13, 25):
        assert names(play([103, 103 + 9940], 12000, poll_ms)) == []
        assert names(play([103, 103 + 10060], 12000, poll_ms)) == [b.SOFT_RESET]
        assert names(play([103, 103 + 14940], 17000, poll_ms)) == [b.SOFT_RESET]
        assert names(play([103, 103 + 15060], 17000, poll_ms)) == [b.CANCELLED]


def test_when_things_are_reported() -> None:
    assert play([100, 35000], 36000) == [(15100, b.CANCELLED), (30100, b.STUCK), (35020, b.FREED)]
    assert play([100, 10600], 12000) == [(10620, b.SOFT_RESET)]


def test_held_at_power_up_is_ignored_until_released() -> None:
    assert names(play([12000], 13000, held_at_power_up=True)) == []
    assert names(play([500], 40000, held_at_power_up=True)) == []
    assert names(play([12000, 13000, 24000], 25000, held_at_power_up=True)) == [b.SOFT_RESET]
    assert names(play([32000], 33000, held_at_power_up=True)) == [b.STUCK, b.FREED]


def test_stages_for_the_led() -> None:
    machine = b.Button(0, False)
    seen = {}
    for t in range(0, 16000, 10):
        machine.poll(t, True)
        seen[t] = machine.stage
    assert seen[10] == b.IDLE
    assert seen[30] == b.HELD
    assert seen[2990] == b.HELD
    assert seen[3010] == b.HURRY
    assert seen[9990] == b.HURRY
    assert seen[10000] == b.RELEASE_NOW
    assert seen[14990] == b.RELEASE_NOW
    assert seen[15000] == b.IGNORED


def test_a_press_used_for_something_else_counts_for_nothing() -> None:
    machine = b.Button(0, False)
    events = []
    for t in range(0, 12000, 10):
        if t == 2000:
            machine.ignore()
        events.append(machine.poll(t, 100 <= t < 11000))
    assert set(events) == {b.NOTHING}
    assert machine.stage == b.IDLE


def test_the_debounce_time_is_twenty_milliseconds() -> None:
    assert names(play([100, 119], 500, poll_ms=1)) == []
    assert names(play([100, 121], 500, poll_ms=1)) == [b.SHOW_CHARGE]


def test_a_press_of_a_whole_second_is_no_short_one() -> None:
    assert names(play([100, 1099], 2000, poll_ms=1)) == [b.SHOW_CHARGE]
    assert names(play([100, 1100], 2000, poll_ms=1)) == []


def test_a_press_after_a_long_time_untouched_is_a_press() -> None:
    assert names(play([40000, 40300], 41000)) == [b.SHOW_CHARGE]


def test_a_button_that_came_loose_works_again() -> None:
    assert names(play([100, 35000, 36000, 36300], 37000)) == [b.CANCELLED, b.STUCK, b.FREED, b.SHOW_CHARGE]


def test_a_hold_that_the_loop_slept_through_is_stuck_and_no_gesture() -> None:
    machine = b.Button(0, False)
    for t in range(0, 12000, 10):
        machine.poll(t, True)
    assert machine.stage == b.RELEASE_NOW
    assert machine.poll(31000, True) == b.STUCK
    assert machine.stage == b.IGNORED


def test_the_time_held_is_that_of_this_press() -> None:
    machine = b.Button(0, False)
    assert machine.held_ms == 0
    for t in range(0, 9000, 10):
        machine.poll(t, t < 4000 or t >= 8000)
        if t == 3990:
            assert machine.held_ms == 3990
            assert machine.stage == b.HURRY
        if t in (4050, 8020):
            assert machine.held_ms == 0, t
    assert machine.held_ms == 990
    assert machine.stage == b.HELD


def test_the_hurry_begins_at_three_seconds() -> None:
    machine = b.Button(0, False)
    for t in range(0, 3010, 10):
        machine.poll(t, True)
        assert machine.stage == (b.IDLE if t < 20 else b.HELD if t < 3000 else b.HURRY), t
