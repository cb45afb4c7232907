"""An idle pack's controller sleeps lightly between two steps, and guards as ever: what wakes it, and when."""

from collections.abc import Callable
from typing import Any

import pytest
from bms.app import idling
from bms.core import button, idle, path, ticks
from bms.core import snapshot as s
from bms.drivers import afe as chip
from system.bench import Bench
from system.rig import Rig

AFTER_S = 90  # the journal writes within a minute what came up at the start
SCAN_AND_CYCLE_S = 0.063 + 0.1 + 0.1
ALERT_S = 0.02
POLL_S = 0.01


def sleeper(**arguments: Any) -> Rig:
    """A pack without a cable at its controller, which has just begun to sleep."""
    rig = Rig(parameters={"sleep_after_s": AFTER_S}, **arguments)
    rig.board.usb = False
    rig.until(lambda: asleep(rig), AFTER_S + 5, 0.5)
    return rig


def asleep(rig: Rig) -> bool:
    return bool(rig.session.parts.idle.is_idle)


def share(rig: Rig, seconds: float) -> float:
    """Of the next time, how much is slept."""
    before = rig.board.dozed_ms
    rig.run(seconds)
    return (rig.board.dozed_ms - before) / seconds / 1000


def test_it_sleeps_when_its_time_is_up_and_goes_on_measuring() -> None:
    rig = Rig(parameters={"sleep_after_s": AFTER_S})
    rig.board.usb = False
    rig.run(AFTER_S - 5)
    assert rig.board.dozed_ms == 0
    rig.run(10)
    cycles = rig.session.loop.cycles if rig.session.loop else 0
    assert share(rig, 20) > 0.95
    assert rig.session.loop is not None
    assert 199 <= rig.session.loop.cycles - cycles <= 201, "ten a second, as ever"
    assert (rig.mode, rig.fets, rig.faults) == ("active", (True, True), [])


def test_with_a_cable_plugged_in_it_never_does_and_one_ends_it_at_once() -> None:
    rig = sleeper()
    assert share(rig, 1) > 0.95
    rig.board.usb = True
    assert share(rig, 5) == 0
    assert "charging and discharging are allowed" in rig.type("status")
    rig.board.usb = False
    assert share(rig, 5) == 0, "somebody was there a moment ago"


def test_time_zero_means_never() -> None:
    rig = Rig(parameters={"sleep_after_s": 0})
    rig.board.usb = False
    assert share(rig, 700) == 0


@pytest.mark.parametrize("amps", [0.5, -0.5])
def test_while_a_current_flows_it_never_sleeps(amps: float) -> None:
    rig = Rig(parameters={"sleep_after_s": 5})
    rig.board.usb = False
    rig.world.load_a = amps
    assert share(rig, 120) == 0


def load(rig: Rig) -> None:
    rig.world.load_a = 1.0


def charge(rig: Rig) -> None:
    rig.world.charger = (14.2, 2.0)


@pytest.mark.parametrize("stir", [load, charge])
def test_a_current_in_either_direction_wakes_it_with_the_reading_that_shows_it(
    stir: Callable[[Rig], None],
) -> None:
    rig = sleeper()
    stir(rig)
    rig.until(lambda: not asleep(rig), SCAN_AND_CYCLE_S)
    assert share(rig, 60) == 0


def test_a_charger_that_waits_outside_an_open_path_wakes_it() -> None:
    rig = sleeper()
    rig.board.enable = False
    rig.until(lambda: rig.mode == "standby", 1)
    rig.until(lambda: asleep(rig), AFTER_S + 65, 0.5)
    rig.world.charger = (14.5, 2.0)
    rig.until(lambda: not asleep(rig), SCAN_AND_CYCLE_S)


def latency_s(rig: Rig, kind: str) -> float:
    """From the moment that something is wrong to both gates' being as they must be."""
    if kind == "short":
        rig.world.inject("external_short")
        rig.until(lambda: not rig.world.chip.dsg_on, 0.01, 0.0005)
        return rig.until(lambda: rig.fets == (False, False), 0.5, 0.005)
    rig.warm(70.0)  # no current tells of that
    return rig.until(lambda: rig.fets == (False, False), 10, 0.005)


@pytest.mark.parametrize("kind", ["short", "heat"])
def test_a_fault_in_its_sleep_is_met_as_quickly_as_one_awake(kind: str) -> None:
    awake = Rig(parameters={"sleep_after_s": 0})
    rig = sleeper()
    awake.run(
        rig.world.clock.now_us / 1e6 - awake.world.clock.now_us / 1e6
    )  # at the same point of their scans
    assert abs(latency_s(rig, kind) - latency_s(awake, kind)) <= POLL_S
    rig.run(0.1)
    awake.run(0.1)
    assert not asleep(rig)
    assert rig.faults == awake.faults != []


def test_the_alert_line_is_heard_within_a_poll() -> None:
    rig = sleeper()
    rig.world.inject("external_short")
    rig.until(lambda: not rig.world.chip.dsg_on, 0.01, 0.0005)
    assert rig.until(lambda: "SCD" in rig.faults, 0.1, 0.001) <= ALERT_S


def test_a_short_press_shows_the_charge_and_keeps_it_awake() -> None:
    rig = sleeper()
    rig.world.watched = []
    rig.world.press(0.06, bounce_ms=8)
    rig.run(5)
    flashes = [us for us, lamp in rig.world.watched if lamp & 4]
    assert len(flashes) == 3, "60 %: three fifths"
    assert not asleep(rig)
    rig.run(AFTER_S - 10)
    assert not asleep(rig)
    rig.until(lambda: asleep(rig), 20, 0.5)


def test_ten_seconds_on_the_button_reset_it_out_of_its_sleep() -> None:
    rig = sleeper()
    rig.world.press(10.5, bounce_ms=8)
    rig.run(0.2)
    assert not asleep(rig)
    rig.run(11)
    assert rig.events("reset soft") == ["button: reset done"]
    rig.closed(5)


def test_in_ship_mode_it_sleeps_as_soon_as_all_is_written_and_the_button_ends_it() -> None:
    rig = Rig(parameters={"sleep_after_s": 3600})
    rig.board.usb = False
    rig.session.parts.loop.ship_asked = True
    rig.until(lambda: rig.mode == "ship", 1)
    rig.until(lambda: asleep(rig), 10)
    assert rig.session.parts.journal.idle
    assert share(rig, 60) > 0.95
    boots = rig.session.boots
    rig.world.press(0.4)
    rig.until(lambda: rig.session.boots > boots, 10)


@pytest.fixture
def quiet() -> Bench:
    """Nothing stirs."""
    bench = Bench(sleep_after_s=2)
    bench.front.alive = True
    bench.go(4000)
    assert bench.p.idle.is_idle
    assert idling.facts(bench.p) == 0
    return bench


def stirs(bench: Bench, expected: int) -> None:
    """That very fact, and it has ended the sleep by the end of a cycle."""
    assert idling.facts(bench.p) == expected
    bench.cycle()
    assert not bench.p.idle.is_idle


@pytest.mark.parametrize(
    ("part", "name", "value", "expected"),
    [
        ("snap", "charger", True, idle.CURRENT),
        ("keeper", "task", iter([2]), idle.WORK),
        ("balancer", "mask", 5, idle.WORK),
        ("arming", "running", iter([None] * 99), idle.WORK),
        ("resetter", "zeroing", 99, idle.WORK),
        ("settings", "on_trial", True, idle.WORK),
        ("loop", "restart_asked", True, idle.WORK),
        ("console", "busy", True, idle.PERSON),
        ("reporter", "watch_s", 10, idle.PERSON),
        ("journal", "idle", False, idle.UNWRITTEN),
        ("archive", "idle", False, idle.UNWRITTEN),
        ("protect", "pending", s.CHG, idle.CHANGE),
        ("loop", "mode", path.SELFTEST, idle.CHANGE),
        ("loop", "mode", path.PRECHARGE, idle.CHANGE),
        ("loop", "mode", path.BOOT, idle.CHANGE),
        ("loop", "mode", path.SHIP, idle.SHIPPED),
        ("loop", "mode", path.FAULT, 0),
        ("loop", "mode", path.STANDBY, 0),
    ],
)
def test_what_stirs(quiet: Bench, part: str, name: str, value: object, expected: int) -> None:
    setattr(getattr(quiet.p, part), name, value)
    assert idling.facts(quiet.p) == expected


def test_input_counts_until_it_has_been_seen_and_output_while_it_moves(quiet: Bench) -> None:
    quiet.p.console.heard = True
    assert [idling.facts(quiet.p), idling.facts(quiet.p)] == [idle.PERSON, 0]
    quiet.p.console.out.moving = True
    stirs(quiet, idle.PERSON)


@pytest.mark.parametrize("ma", [s.IDLE_MA, -s.IDLE_MA])
def test_a_current_counts_from_the_isolation_limit_on(quiet: Bench, ma: int) -> None:
    quiet.p.snap.current_ma = ma - 1 if ma > 0 else ma + 1
    assert idling.facts(quiet.p) == 0
    quiet.front.current_ma = ma
    quiet.cycle()
    assert not quiet.p.idle.is_idle
    quiet.p.keeper.asleep = True  # ship mode: what is left in the picture is no reading
    assert idling.facts(quiet.p) == 0


def test_a_finger_counts_and_a_stuck_button_does_not(quiet: Bench) -> None:
    finger = quiet.p.panel.button
    finger.stage, finger.stuck = button.IGNORED, True
    assert idling.facts(quiet.p) == 0
    finger.stuck = False
    stirs(quiet, idle.PERSON)


def test_a_trip_ends_it_in_its_own_cycle(quiet: Bench) -> None:
    quiet.front.safety = chip.OTD
    quiet.cycle()
    assert quiet.front.fets == 0
    assert not quiet.p.idle.is_idle
    quiet.p.protect.journal_used = 0  # it has been told
    quiet.go(7000)
    assert quiet.mode == "fault"
    assert quiet.p.idle.is_idle, "open, and nothing flows: what stands there may stand for days"


class Enough(Exception):  # noqa: N818
    """Ends what runs for ever."""


def test_a_doze_never_outlasts_the_next_cycle(quiet: Bench) -> None:
    """However long a step takes, and over the wrap of the tick: the cycle begins when it is due."""
    loop, board = quiet.loop, quiet.board
    step = loop.step
    begun: list[int] = []
    cycle = loop._cycle

    def slow_step(now: int) -> int:
        wait_ms = step(now)
        board.now = ticks.add(board.now, 7)  # what it took
        if len(begun) == 60:
            raise Enough
        return wait_ms

    def timed_cycle(now: int) -> None:
        begun.append(ticks.diff(now, loop._due))
        cycle(now)

    loop.step, loop._cycle = slow_step, timed_cycle  # type: ignore[method-assign]
    board.slept.clear()
    board.now = ticks.add(ticks.PERIOD - 2000, 0)
    with pytest.raises(Enough):
        loop.run()
    assert board.now < ticks.PERIOD // 2, "the tick has wrapped"
    assert board.slept == []
    assert min(board.dozed) >= 0
    assert max(board.dozed) <= 10
    assert max(begun) <= 7, "a step that is under way is all that a cycle waits for"


def test_awake_it_waits_as_ever(quiet: Bench) -> None:
    idling.rest(quiet.p, 10, ticks.add(quiet.board.now, -3))
    assert quiet.board.dozed[-1] == 0, "overdue"
    quiet.p.idle.wake()
    quiet.board.dozed.clear()
    idling.rest(quiet.p, 10, quiet.board.now)
    assert (quiet.board.slept[-1], quiet.board.dozed) == (10, [])
