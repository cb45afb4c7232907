"""Contactors: drive and rests of the coils, precharge, what the contacts prove, across the tick wrap."""

from bms.core import contactor as c
from bms.core import ticks
from bms.core.snapshot import BOTH, CHG, DSG

WRAP = 1 << 30
VALUES = {
    "precharge_fitted": 0,
    "precharge_delta_mv": 500,
    "coil_pull_ms": 100,
    "coil_hold_permille": 300,
    "coil_rest_ms": 500,
}


class Bench:
    """The machine with contacts that obey their coils, unless a test holds them; `run` polls it."""

    def __init__(self, start: int = WRAP - 700, sensed: bool = True, **changes: int) -> None:
        self.now = start
        self.pair = c.Contactors(start)
        values = dict(VALUES)
        values.update(changes)
        self.pair.configure(values)
        self.sensed = sensed
        self.stuck_closed = 0
        self.stuck_open = 0
        self.wanted = 0
        self.poll_ms = 10

    def contacts(self) -> int:
        driven = (CHG if self.pair.chg.permille else 0) | (DSG if self.pair.dsg.permille else 0)
        return (driven | self.stuck_closed) & ~self.stuck_open if self.sensed else -1

    def step(self) -> None:
        self.pair.step(self.now, self.wanted, self.contacts())

    def run(self, for_ms: int, wanted: "int | None" = None) -> None:
        """Poll for a time; the first poll is one period from now."""
        if wanted is not None:
            self.wanted = wanted
        for _ in range(for_ms // self.poll_ms):
            self.now = ticks.add(self.now, self.poll_ms)
            self.step()

    def drive(self) -> "tuple[int, int, int]":
        return self.pair.chg.permille, self.pair.dsg.permille, self.pair.relay.permille


def rested(**changes: int) -> Bench:
    bench = Bench(**changes)
    bench.run(600)
    return bench


def test_nothing_closes_before_the_rest_after_a_start() -> None:
    bench = Bench()
    bench.poll_ms = 1
    bench.run(499, BOTH)
    assert bench.drive() == (0, 0, 0)
    assert bench.pair.moving == BOTH
    bench.run(1)
    assert bench.drive() == (1000, 1000, 0)


def test_full_drive_pulls_in_and_less_holds() -> None:
    bench = rested()
    bench.poll_ms = 1
    bench.run(1, CHG)
    assert bench.drive() == (1000, 0, 0)
    assert bench.pair.closed == 0
    bench.run(99)
    assert bench.drive() == (1000, 0, 0)
    assert bench.pair.moving == CHG
    assert bench.pair.closed == CHG, "its contact says so"
    bench.run(1)
    assert bench.drive() == (300, 0, 0)
    assert bench.pair.moving == 0
    assert bench.pair.closed == CHG
    bench.run(5000)
    assert bench.drive() == (300, 0, 0)


def test_two_looks_within_a_millisecond_are_one() -> None:
    bench = rested()
    bench.run(1000, BOTH)
    bench.step()
    assert bench.drive() == (300, 300, 0)


def test_the_directions_are_apart() -> None:
    bench = rested()
    bench.run(200, BOTH)
    bench.run(10, DSG)
    assert bench.drive() == (0, 300, 0)
    bench.run(10, CHG)
    assert bench.drive() == (0, 0, 0)
    bench.run(600)
    assert bench.drive()[1:] == (0, 0)
    assert bench.pair.closed == CHG


def test_opening_is_never_delayed() -> None:
    for closed_ms in (10, 50, 100, 110, 1000):
        bench = rested()
        bench.run(closed_ms, BOTH)
        assert bench.drive()[0] > 0
        bench.run(10, 0)
        assert bench.drive() == (0, 0, 0), closed_ms
        assert bench.pair.closed == 0


def test_it_stays_open_for_the_rest() -> None:
    """PW-144."""
    for rest_ms, expected_ms in (
        (0, c.RELEASE_MS),
        (249, c.RELEASE_MS),
        (251, 251),
        (500, 500),
        (3000, 3000),
    ):
        bench = rested(coil_rest_ms=rest_ms)
        bench.run(4000, CHG)
        bench.poll_ms = 1
        bench.run(1, 0)
        bench.run(expected_ms - 1, CHG)
        assert bench.drive() == (0, 0, 0), rest_ms
        bench.run(1)
        assert bench.drive() == (1000, 0, 0), rest_ms


def test_a_chattering_command_closes_no_more_often_than_the_rest_allows() -> None:
    bench = rested()
    closings = 0
    was = 0
    for turn in range(1000):  # 10 s, another command at each poll
        bench.run(10, CHG if turn % 2 else 0)
        now = bench.drive()[0]
        assert not now or turn % 2, "driven against the command"
        closings += bool(now and not was)
        was = now
    assert 15 <= closings <= 20


def test_days_of_rest_and_of_holding_change_nothing() -> None:
    """Half a period of the tick is where a difference of ticks turns negative."""
    for state in (0, CHG):
        bench = rested()
        bench.run(1000, state)
        bench.pair.chg._since = ticks.add(bench.now, -(1 << 29) + 5)
        bench.run(100)
        assert bench.pair.closed == state
        assert bench.drive() == (300 if state else 0, 0, 0)
        bench.run(10, CHG)
        assert bench.drive()[0] > 0


def test_every_start_across_the_wrap() -> None:
    for before in range(0, 1300, 50):
        bench = Bench(start=WRAP - before)
        bench.run(490, DSG)
        assert bench.drive() == (0, 0, 0), before
        bench.run(10)
        assert bench.drive() == (0, 1000, 0), before
        bench.run(100)
        assert bench.drive() == (0, 300, 0), before


def test_a_long_silence_opens_and_begins_again() -> None:
    for silence_ms, drive in ((c.BLIND_MS - 1, 300), (c.BLIND_MS, 0), (60000, 0), (-5, 0)):
        bench = rested()
        bench.run(1000, CHG)
        bench.now = ticks.add(bench.now, silence_ms)
        bench.step()
        assert bench.drive() == (drive, 0, 0), silence_ms
        bench.run(600)
        assert bench.drive()[0] > 0
        assert bench.pair.failed == bench.pair.welded == 0


# -- contacts


def test_a_contact_that_stays_closed_is_welded() -> None:
    """PW-144."""
    bench = rested()
    bench.run(1000, BOTH)
    bench.poll_ms = 1
    bench.stuck_closed = DSG
    bench.run(1, CHG)
    assert bench.pair.closed == CHG
    bench.run(c.RELEASE_MS - 1)
    assert bench.pair.welded == 0
    bench.run(1)
    assert bench.pair.welded == DSG
    assert bench.pair.failed == 0


def test_a_welded_contactor_is_not_driven_again() -> None:
    """PW-144."""
    bench = rested()
    bench.run(1000, CHG)
    bench.stuck_closed = CHG
    bench.run(1000, 0)
    bench.run(2000, CHG)
    assert bench.drive() == (0, 0, 0)
    assert bench.pair.welded == CHG
    assert bench.pair.moving == 0
    bench.stuck_closed = 0
    bench.run(10)
    assert bench.pair.welded == 0
    assert bench.drive() == (1000, 0, 0)


def test_a_contact_welded_since_before_the_start_is_found() -> None:
    bench = Bench()
    bench.stuck_closed = CHG | DSG
    bench.run(c.RELEASE_MS - 10, BOTH)
    assert bench.pair.welded == 0
    bench.run(10)
    assert bench.pair.welded == BOTH
    bench.run(5000)
    assert bench.drive() == (0, 0, 0)


def test_a_contact_that_is_slow_or_bounces_is_not_welded() -> None:
    bench = rested()
    bench.run(1000, CHG)
    bench.stuck_closed = CHG
    bench.run(c.RELEASE_MS - 10, 0)
    bench.stuck_closed = 0
    for _ in range(100):
        bench.run(10)
        bench.stuck_closed ^= CHG
    assert bench.pair.welded == 0


def test_a_pause_in_which_nobody_looked_is_no_weld() -> None:
    bench = rested()
    bench.run(1000, CHG)
    bench.stuck_closed = CHG
    bench.run(10, 0)
    for _ in range(4):
        bench.now = ticks.add(bench.now, 2000)
        bench.step()
    assert bench.pair.welded == 0
    bench.run(100)
    assert bench.pair.welded == CHG


def test_a_contact_that_does_not_close_has_failed_and_the_coil_is_dropped() -> None:
    bench = rested()
    bench.stuck_open = CHG
    bench.poll_ms = 1
    bench.run(101, CHG)
    assert bench.pair.closed == 0
    assert bench.pair.failed == 0
    bench.run(1)
    assert bench.pair.failed == CHG
    assert bench.drive() == (0, 0, 0)
    bench.run(5000)
    assert bench.pair.failed == CHG
    assert bench.drive() == (0, 0, 0), "it tries again only when told again"
    bench.stuck_open = 0
    bench.run(1, 0)
    assert bench.pair.failed == 0
    bench.run(1, CHG)
    assert bench.drive() == (1000, 0, 0)


def test_a_contactor_that_loses_its_supply_is_not_left_to_hum() -> None:
    bench = rested()
    bench.run(1000, BOTH)
    bench.poll_ms = 1
    bench.stuck_open = DSG
    bench.run(c.SETTLE_MS - 1)
    assert bench.pair.failed == 0
    assert bench.pair.closed == CHG
    bench.run(1)
    assert bench.pair.failed == DSG
    assert bench.drive() == (300, 0, 0)
    assert bench.pair.hot_openings == 0
    bench.stuck_open = 0
    bench.run(3000)
    assert bench.drive() == (300, 0, 0)


def test_bounce_while_holding_is_no_failure() -> None:
    bench = rested()
    bench.run(1000, CHG)
    for _ in range(100):
        bench.stuck_open = CHG
        bench.run(c.SETTLE_MS - 10)
        bench.stuck_open = 0
        bench.run(10)
    assert bench.pair.failed == 0
    assert bench.drive() == (300, 0, 0)


def test_without_sense_inputs_the_coil_is_believed() -> None:
    bench = rested(sensed=False)
    bench.run(100, BOTH)
    assert bench.pair.closed == 0
    bench.run(10)
    assert bench.pair.closed == BOTH
    bench.run(10, 0)
    assert bench.pair.closed == 0
    bench.run(5000)
    assert bench.pair.welded == bench.pair.failed == 0


# -- precharge


def precharging() -> Bench:
    bench = rested(precharge_fitted=1)
    bench.run(200, BOTH)
    return bench


def test_the_relay_comes_first() -> None:
    bench = rested(precharge_fitted=1)
    bench.run(10, BOTH)
    assert bench.drive() == (1000, 0, 1000)
    assert bench.pair.precharging
    bench.run(100)
    assert bench.drive() == (300, 0, 300)
    bench.run(10000)
    assert bench.drive() == (300, 0, 300), "the load never came up"
    assert bench.pair.moving == DSG
    bench.run(10, CHG)
    assert bench.drive() == (300, 0, 0)
    assert not bench.pair.precharging


def test_discharge_closes_once_two_scans_find_the_load_near() -> None:
    """PW-146."""
    for outside_mv, closes in (
        (0, False),
        (47499, False),
        (47500, True),
        (48000, True),
        (48500, True),
        (48501, False),  # something drives it
    ):
        bench = precharging()
        bench.pair.scan(48000, outside_mv, 0)
        bench.run(10)
        assert bench.drive() == (300, 0, 300), outside_mv
        bench.pair.scan(48000, outside_mv, 0)
        bench.run(10)
        assert bench.drive() == (300, 1000 if closes else 0, 300), outside_mv


def test_the_relay_goes_when_discharge_holds() -> None:
    bench = precharging()
    bench.pair.scan(48000, 47900, 0)
    bench.pair.scan(48000, 47900, 0)
    bench.run(100)
    assert bench.drive() == (300, 1000, 300)
    bench.run(10)
    assert bench.drive() == (300, 300, 0)
    assert bench.pair.closed == BOTH
    assert not bench.pair.precharging
    assert bench.pair.moving == 0
    bench.pair.scan(48000, 0, -5000)
    bench.run(1000)
    assert bench.drive() == (300, 300, 0)


def test_a_single_near_scan_is_not_enough() -> None:
    """PW-146."""
    bench = precharging()
    for _ in range(20):
        bench.pair.scan(48000, 47900, 0)
        bench.run(100)
        bench.pair.scan(48000, 40000, 0)
        bench.run(100)
    assert bench.drive() == (300, 0, 300)


def test_scans_from_before_the_relay_held_do_not_count() -> None:
    bench = rested(precharge_fitted=1)
    for _ in range(10):
        bench.pair.scan(48000, 48000, 0)
    bench.run(10, DSG)
    for _ in range(10):
        bench.pair.scan(48000, 48000, 0)
    bench.run(100)
    assert bench.drive() == (0, 0, 300)
    bench.pair.scan(48000, 48000, 0)
    bench.run(10)
    assert bench.drive() == (0, 0, 300)


def test_every_closing_is_precharged_anew() -> None:
    bench = precharging()
    bench.pair.scan(48000, 48000, 0)
    bench.pair.scan(48000, 48000, 0)
    bench.run(1000)
    bench.run(1000, 0)
    bench.run(500, DSG)
    assert bench.drive() == (0, 0, 300)


def test_no_precharge_into_a_contactor_that_cannot_close() -> None:
    bench = precharging()
    bench.stuck_open = DSG
    bench.pair.scan(48000, 48000, 0)
    bench.pair.scan(48000, 48000, 0)
    bench.run(200)
    assert bench.pair.failed == DSG
    assert bench.drive() == (300, 0, 0)
    bench.run(5000)
    assert bench.drive() == (300, 0, 0)
    welded = rested(precharge_fitted=1)
    welded.stuck_closed = DSG
    welded.run(300, 0)
    welded.run(1000, DSG)
    assert welded.drive() == (0, 0, 0)


def test_the_relay_waits_for_discharge_to_have_rested() -> None:
    bench = rested(precharge_fitted=1, coil_rest_ms=2000)
    bench.run(2000, 0)
    bench.run(500, DSG)
    bench.pair.scan(48000, 48000, 0)
    bench.pair.scan(48000, 48000, 0)
    bench.run(500)
    assert bench.drive() == (0, 300, 0)
    bench.run(10, 0)
    bench.run(1990, DSG)
    assert bench.drive() == (0, 0, 0), "its own rest was over earlier"
    bench.run(10)
    assert bench.drive() == (0, 0, 1000)


# -- wear


def test_openings_under_current_are_counted() -> None:
    for current_ma, opened, expected in (
        (-c.HOT_MA, DSG, 0),
        (-c.HOT_MA - 1, DSG, 1),
        (-50000, CHG, 0),
        (c.HOT_MA, CHG, 0),
        (c.HOT_MA + 1, CHG, 1),
        (50000, DSG, 0),
        (0, BOTH, 0),
    ):
        bench = rested()
        bench.run(1000, BOTH)
        bench.pair.scan(48000, 48000, current_ma)
        bench.run(1000, BOTH & ~opened)
        assert bench.pair.hot_openings == expected, (current_ma, opened)
        bench.run(1000, 0)
        assert bench.pair.chg.hot_openings <= 1
        assert bench.pair.dsg.hot_openings <= 1


def test_a_contact_that_opens_by_itself_under_current_counts() -> None:
    bench = rested()
    bench.run(1000, DSG)
    bench.pair.scan(48000, 48000, -20000)
    bench.stuck_open = DSG
    bench.run(1000)
    assert bench.pair.failed == DSG
    assert bench.pair.hot_openings == 1


def test_an_opening_while_pulling_in_counts_too() -> None:
    bench = rested()
    bench.run(50, DSG)
    bench.pair.scan(48000, 48000, -20000)
    bench.run(10, 0)
    assert bench.pair.hot_openings == 1
