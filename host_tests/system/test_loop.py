"""The superloop, cycle by cycle: when it closes, what opens it, what it repeats, when the watchdog is fed."""

import pytest
from bms.core import snapshot as s
from bms.core import ticks
from bms.drivers import afe as chip
from system.bench import Bench

NO_ANSWER = chip.BusError(5, 1)


def self_testing() -> Bench:
    """Set up, and waiting for its first scan."""
    bench = Bench(closed=False)
    bench.front.fresh = False
    bench.go(500)
    assert bench.mode == "selftest"
    return bench


def cycles(bench: Bench, fresh: str) -> str:
    """One cycle per letter, F with a new scan; answers c for closed, o for open."""
    seen = ""
    for letter in fresh:
        bench.front.fresh = letter == "F"
        bench.cycle()
        seen += "c" if bench.front.fets else "o"
    return seen


def test_the_path_closes_after_three_new_scans_in_a_row() -> None:
    """PW-103."""
    assert cycles(self_testing(), "FFF") == "ooc"
    assert cycles(self_testing(), "FF-FF-FFF") == "ooooooooc"


def test_a_path_that_reads_closed_in_the_self_test_does_not_pass_it() -> None:
    bench = self_testing()
    bench.front.fets = s.CHG
    bench.front.deaf = True
    for _ in range(8):
        bench.front.fresh = True
        bench.cycle()
        assert ("set_fets", 3) not in bench.front.calls


def test_scans_during_a_fault_do_not_count_for_the_self_test_after_it() -> None:
    bench = Bench()
    bench.front.safety = chip.OTD
    bench.go(1000)
    assert bench.mode == "fault"
    bench.front.safety = 0
    while bench.mode == "fault":
        bench.cycle()
    seen = cycles(bench, "FFF")
    assert seen in ("ooc", "occ"), "the cycle that entered the self-test may be the first of the three"
    assert bench.mode == "active"


def test_a_command_that_is_not_followed_is_repeated_twice_a_second() -> None:
    """PW-115."""
    bench = Bench()
    bench.front.calls.clear()
    bench.go(2000)
    assert bench.front.count("set_fets") == 0, "what is followed is not repeated"
    bench.front.fets = s.CHG
    bench.front.deaf = True
    bench.go(900)
    assert bench.front.count("set_fets") == 2
    assert {call for call in bench.front.calls if call[0] == "set_fets"} == {("set_fets", 3)}
    bench.front.deaf = False
    bench.go(400)
    assert bench.front.fets == 3
    assert bench.mode == "active"


def test_an_opening_that_is_not_followed_locks_out() -> None:
    bench = Bench()
    bench.front.deaf = True
    bench.front.safety = chip.OV
    bench.go(1200)
    assert bench.p.protect.worst < 3
    bench.go(700)
    assert bench.mode == "fault"
    assert bench.p.protect.worst == 3


@pytest.mark.parametrize(
    ("safety", "reads", "current_ma", "wrong"),
    [
        (chip.OV, s.BOTH, -1000, False),  # discharge through CHG's body diode: the AFE closes CHG too
        (chip.OV, s.BOTH, 0, True),
        (chip.OV, s.BOTH, 1000, True),
        (chip.OCD1, s.BOTH, 1000, False),
        (chip.OCD1, s.BOTH, 0, True),
        (chip.OCD1, s.BOTH, -1000, True),
        (chip.OTD, s.CHG, -1000, True),
        (chip.OTD, s.DSG, 1000, True),
        (chip.OTD, s.BOTH, 0, True),
        (chip.OV, 0, 0, True),
        (0, s.DSG, 0, True),
        (0, s.CHG, 0, True),
        (0, s.BOTH, 0, False),
        (chip.OTD, 0, 0, False),
    ],
)
def test_commanded_against_read_back(safety: int, reads: int, current_ma: int, wrong: bool) -> None:
    """PW-115, PW-142."""
    bench = Bench()
    bench.front.safety = safety
    bench.cycle()
    bench.cycle()
    bench.front.deaf = True
    bench.front.fets = reads
    bench.front.current_ma = current_ma
    bench.cycle()
    bench.cycle()
    bench.cycle()
    assert bench.p.snap.values[s.FET_MISMATCH_MS] == (300 if wrong else 0)


def test_precharge_gates_are_no_mismatch() -> None:
    bench = Bench()
    bench.front.deaf = True
    bench.front.fets = 3 | chip.PCHG | chip.PDSG
    bench.go(500)
    assert bench.p.snap.values[s.FET_MISMATCH_MS] == 0


def test_an_old_read_back_proves_nothing() -> None:
    bench = Bench()
    bench.front.deaf = True
    bench.front.fets = s.DSG
    bench.cycle()
    assert bench.p.snap.values[s.FET_MISMATCH_MS] == 100
    bench.front.fresh = False
    bench.cycle()
    bench.cycle()
    assert bench.p.snap.values[s.FET_MISMATCH_MS] == 100
    bench.front.fresh = True
    bench.front.fets = s.BOTH
    bench.cycle()
    assert bench.p.snap.values[s.FET_MISMATCH_MS] == 0


def test_the_watchdog_is_fed_once_a_cycle_and_only_on_new_readings() -> None:
    """PW-118."""
    bench = Bench()
    fed = bench.board.fed
    bench.go(1000)
    assert bench.board.fed == fed + 10
    bench.front.fresh = False
    fed = bench.board.fed
    bench.go(3000)
    assert bench.board.fed == fed
    bench.front.fresh = True
    bench.go(1000)
    assert bench.board.fed == fed + 10


def test_a_board_whose_path_never_closed_is_not_rebooted_from_under_its_builder() -> None:
    bench = Bench(closed=False)
    bench.front.trouble["commission"] = NO_ANSWER
    bench.go(20000)
    assert bench.board.fed >= 199


def test_having_closed_once_is_not_forgotten_while_open() -> None:
    bench = Bench()
    bench.front.safety = chip.OTD
    bench.go(1000)
    assert bench.front.fets == 0
    bench.front.fresh = False
    fed = bench.board.fed
    bench.go(2000)
    assert bench.board.fed == fed


def test_an_alert_of_the_chip_starts_a_cycle_at_once() -> None:
    """PW-131."""
    bench = Bench()
    bench.cycle()
    done = bench.loop.cycles
    bench.board.alerted = True
    bench.go(30)
    assert bench.loop.cycles == done, "only a finished scan"
    bench.front.alert = True
    bench.front.safety = chip.SCD
    bench.go(10)
    assert bench.loop.cycles == done + 1
    assert bench.mode == "fault"
    bench.board.alerted = bench.front.alert = False
    bench.go(90)
    assert bench.loop.cycles == done + 1, "the next one is a whole cycle later"
    bench.go(20)
    assert bench.loop.cycles == done + 2


def test_the_alert_line_is_not_asked_about_when_it_is_quiet() -> None:
    bench = Bench()
    bench.front.alert = True
    bench.front.calls.clear()
    bench.go(500)
    assert bench.front.count("check_alert") == 0


def test_a_late_cycle_keeps_the_beat_and_a_long_stall_is_not_caught_up() -> None:
    bench = Bench()
    bench.cycle()
    done = bench.loop.cycles
    bench.board.now = ticks.add(bench.board.now, 150)  # 60 ms late
    bench.go(10)
    assert bench.loop.cycles == done + 1
    bench.go(40)
    assert bench.loop.cycles == done + 2, "back on the beat"
    bench.cycle()
    done = bench.loop.cycles
    bench.board.now = ticks.add(bench.board.now, 5000)
    bench.go(100)
    assert bench.loop.cycles == done + 1


def test_time_adds_up_through_stalls_and_the_tick_wrap() -> None:
    """PW-129."""
    bench = Bench()
    start_ms = bench.loop.uptime_s * 1000 + bench.loop.uptime_ms
    bench.go(3000)
    bench.board.now = ticks.add(bench.board.now, 700)
    bench.go(2300)
    spent = bench.loop.uptime_s * 1000 + bench.loop.uptime_ms - start_ms
    assert 5900 <= spent <= 6000
    assert 0 <= bench.loop.uptime_ms < 1000
    assert bench.board.collected == bench.loop.uptime_s, "garbage is collected once a second"


@pytest.mark.parametrize("busy_ms", [15, 30, 35, 45, 60, 85])
def test_garbage_is_collected_however_slow_a_full_memory_makes_the_cycles(busy_ms: int) -> None:
    """Left alone it filled the memory, which made cycles slower still, until one of them had to collect."""
    bench = Bench()
    cycle = bench.loop._cycle

    def slow(now: int) -> None:
        cycle(now)
        bench.board.now = ticks.add(bench.board.now, busy_ms)

    bench.loop._cycle = slow  # type: ignore[method-assign]
    told = len(bench.reports)
    bench.go(20_000)
    assert bench.board.collected >= 9
    assert len(bench.reports) - told > 150, "and what there is to tell is told"


def test_the_button_is_looked_at_in_every_step_and_the_console_too() -> None:
    bench = Bench()
    bench.polls.clear()
    bench.go(1000)
    assert bench.polls.count("panel") == 100
    assert bench.polls.count("console") == 100


def test_reports_follow_every_cycle() -> None:
    bench = Bench()
    bench.reports.clear()
    bench.cycle()
    bench.go(10)
    assert bench.reports == [(bench.loop.uptime_s, bench.loop.mode)]


def test_configuration_is_verified_in_every_cycle() -> None:
    """PW-106."""
    bench = Bench()
    bench.front.calls.clear()
    bench.go(1000)
    assert bench.front.count("verify_step") == 10


def test_a_restart_opens_first_and_writes_down_what_is_known() -> None:
    bench = Bench()
    bench.loop.restart_asked = True
    bench.cycle()
    assert bench.front.fets == 0
    assert bench.board.reboots == 0, "the console may finish its sentence"
    for _ in range(3):
        bench.cycle()
    assert (bench.remembered, bench.board.reboots) == (0, 0)
    bench.cycle()
    assert (bench.remembered, bench.board.reboots) == (1, 1)
    assert bench.front.fets == 0


def test_an_impact_is_not_forgotten_with_the_pulse() -> None:
    bench = Bench()
    bench.board.hit = True
    bench.cycle()
    bench.board.hit = False
    assert bench.mode in ("fault", "permanent")
    assert bench.front.fets == 0
    bench.go(1000)
    assert bench.mode == "permanent"
    assert bench.p.snap.values[s.IMPACT] == 1


def test_a_panic_opens_at_once_and_the_next_cycle_locks_out() -> None:
    """PW-117."""
    bench = Bench()

    def broken(_on: bool) -> None:
        raise ValueError("x" * 200)

    bench.p.keeper.watch_load = broken
    bench.go(100)
    assert bench.front.calls[-1] == ("open_path",)
    assert bench.loop.p.snap.commanded == 0
    assert bench.front.fets == 0
    assert bench.p.history.events[-1] == (7, "exception", "ValueError: " + "x" * 68)
    del bench.p.keeper.watch_load
    bench.go(200)
    assert bench.mode == "fault"
    assert bench.p.protect.worst == 3
    assert bench.p.snap.values[s.EXCEPTIONS] == 0, "or no reset could ever end it"


def test_a_panic_outside_the_cycle_opens_too() -> None:
    """PW-117."""
    bench = Bench()

    def broken(_now: int, _mode: int) -> None:
        raise KeyError("led")

    bench.p.panel.poll = broken
    bench.go(10)
    assert bench.front.fets == 0


class Counted:
    """A charge counter that notes what it is given."""

    def __init__(self) -> None:
        self.counted: list[tuple[int, int]] = []
        self.seconds = 0
        self.known = False
        self.permille = 0

    def count(self, current_ma: int, elapsed_ms: int) -> None:
        self.counted.append((current_ma, elapsed_ms))

    def second(self, _snap: s.Snapshot) -> None:
        self.seconds += 1


def test_charge_is_counted_over_the_time_that_a_reading_stands_for() -> None:
    bench = Bench()
    bench.p.soc = counted = Counted()
    bench.front.current_ma = -1234
    bench.go(2000)
    assert counted.counted == [(-1234, 100)] * 20
    assert 0 <= bench.loop.uptime_ms < 1000
    assert counted.seconds == 2
    counted.counted.clear()
    bench.board.now = ticks.add(bench.board.now, 5000)
    bench.go(10)
    assert counted.counted == [(-1234, 1000)], "a stall is not guessed through"


def test_an_old_reading_is_not_counted_for_ever() -> None:
    bench = Bench()
    bench.p.soc = counted = Counted()
    bench.front.fresh = False
    bench.go(5000)
    assert len(counted.counted) == 9


def test_nothing_is_counted_before_the_first_scan() -> None:
    bench = self_testing()
    bench.p.soc = counted = Counted()
    bench.cycle()
    assert counted.counted == []
    assert bench.p.limits.charge_ma == 0


def test_limits_follow_what_is_closed() -> None:
    bench = Bench()
    bench.go(1000)
    assert bench.p.limits.charge_ma > 0
    assert bench.p.limits.discharge_ma > 0
    bench.front.safety = chip.OV
    bench.go(200)
    assert bench.p.limits.charge_ma == 0
    assert bench.p.limits.discharge_ma > 0


def test_a_silent_chip_is_given_up_after_its_time() -> None:
    bench = Bench()
    bench.front.trouble["read"] = bench.front.trouble["commission"] = NO_ANSWER
    bench.go(2900)
    assert bench.p.keeper.ready
    bench.go(200)
    assert not bench.p.keeper.ready
    assert bench.front.calls.count(("open_path",)) == 2


def test_the_load_pin_is_watched_while_a_trip_waits_for_it() -> None:
    bench = Bench()
    bench.front.calls.clear()
    bench.front.safety = chip.SCD
    bench.go(300)
    assert ("load_detect", True) in bench.front.calls
    bench.front.safety = 0
    bench.front.ld_mv = 9000
    bench.go(6000)
    assert ("load_detect", False) in bench.front.calls


def bleeding(bench: Bench) -> list[int]:
    """Masks that were sent in 12 s with one cell high and near the top."""
    for i in range(4):
        bench.front.cells_mv[i] = 3340
    bench.front.cells_mv[2] = 3450
    bench.front.stack_mv = bench.front.pack_mv = 3 * 3340 + 3450
    bench.front.calls.clear()
    bench.go(68000)  # a minute of looks had begun; then come twelve seconds of it
    return [call[1] for call in bench.front.calls if call[0] == "set_balance"]


@pytest.mark.parametrize(
    ("safety", "mode"), [(0, "active"), (chip.OCD1, "charge_only"), (chip.OV, "discharge_only")]
)
def test_bleeding_is_told_once_and_renewed_before_the_chip_ends_it(safety: int, mode: str) -> None:
    bench = Bench()
    bench.go(6000)
    bench.front.safety = safety
    masks = bleeding(bench)
    assert bench.mode == mode
    assert set(masks) == {0b0100}
    assert 3 <= len(masks) <= 4, "at the start, then every five seconds"
    bench.front.cells_mv[2] = 3340
    bench.front.stack_mv = bench.front.pack_mv = 4 * 3340
    bench.front.calls.clear()
    bench.go(140000)
    told = [call[1] for call in bench.front.calls if call[0] == "set_balance"]
    assert told[-1] == 0, "after a round of looks"
    assert told.count(0) == 1, "told once, and not again"


def test_nothing_is_bled_during_a_fault() -> None:
    """PW-137."""
    bench = Bench()
    bench.front.safety = chip.OTD
    assert bleeding(bench) == []


class Enough(Exception):  # noqa: N818
    """Ends what runs for ever."""


def test_run_sleeps_between_steps_and_counts_from_its_start() -> None:
    bench = Bench(closed=False)
    bench.board.now = ticks.add(bench.board.now, 30000)  # imports took their time
    asleep = bench.board.sleep_ms

    def sleep_ms(ms: int) -> None:
        asleep(ms)
        if len(bench.board.slept) == 101:
            raise Enough

    bench.board.sleep_ms = sleep_ms
    bench.front.waits = []
    with pytest.raises(Enough):
        bench.loop.run()
    assert set(bench.board.slept) == {10}
    assert bench.loop.cycles == 11
    assert bench.loop.uptime_s * 1000 + bench.loop.uptime_ms == 1000


def test_a_command_that_the_bus_lost_is_sent_again_at_every_step() -> None:
    bench = Bench()
    bench.cycle()
    bench.front.trouble["set_fets"] = NO_ANSWER
    bench.front.safety = chip.OV
    bench.cycle()
    bench.front.calls.clear()
    bench.go(40)
    assert bench.front.count("set_fets") >= 4
    assert bench.front.fets == s.BOTH
    bench.front.trouble.clear()
    bench.go(10)
    assert bench.front.fets == s.DSG
    bench.front.calls.clear()
    bench.go(50)
    assert bench.front.count("set_fets") == 0


def test_a_gate_that_reads_closed_and_should_not_is_opened_in_every_cycle() -> None:
    bench = Bench()
    bench.front.safety = chip.OTD
    bench.go(200)
    bench.front.deaf = True
    bench.front.fets = s.CHG
    bench.front.calls.clear()
    bench.go(500)
    assert [call for call in bench.front.calls if call[0] == "set_fets"] == [("set_fets", 0)] * 5


def test_an_impact_between_two_cycles_is_seen() -> None:
    bench = Bench()
    bench.cycle()
    bench.board.hit = True
    bench.go(10)
    bench.board.hit = False
    bench.cycle()
    assert bench.front.fets == 0


def test_a_pause_in_which_nobody_looked_is_no_mismatch() -> None:
    bench = Bench()
    bench.front.deaf = True
    bench.front.fets = s.DSG
    bench.board.now = ticks.add(bench.board.now, 5000)
    bench.go(10)
    assert bench.p.snap.values[s.FET_MISMATCH_MS] == 100


def test_what_no_power_cut_may_undo_is_written_in_the_cycle_that_finds_it() -> None:
    """PW-114."""
    bench = Bench()
    bench.p.remembered.pressing = lambda _now_s: bench.p.remembered.urgent
    bench.cycle()
    assert bench.remembered == 0
    bench.front.safety = chip.SCD
    bench.cycle()
    assert bench.remembered >= 1
    assert bench.p.remembered.urgent
    assert bench.p.protect.unsaved is False


def test_with_an_alert_in_every_step_commands_are_still_repeated_and_time_is_real() -> None:
    bench = Bench()
    bench.board.alerted = bench.front.alert = True
    bench.front.trouble["set_fets"] = NO_ANSWER
    bench.front.safety = chip.OTD
    bench.go(50)
    assert bench.mode == "fault"
    assert bench.p.snap.values[s.FET_MISMATCH_MS] == 40
    bench.front.trouble.clear()
    bench.go(10)
    assert bench.front.fets == 0


def test_half_a_path_that_closed_has_closed() -> None:
    bench = Bench(closed=False)
    bench.front.safety = chip.OCD1
    bench.go(1000)
    assert bench.mode == "charge_only"
    bench.front.fresh = False
    fed = bench.board.fed
    bench.go(2000)
    assert bench.board.fed == fed
