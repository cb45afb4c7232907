"""The walk over the fault table: thresholds at +-1, delays exact, every way in and out, across the wrap."""

from bms.core import faults as f
from bms.core import protection as pr
from bms.core import snapshot as s
from bms.core import ticks
from core.pack_fixture import LFP, calm, protect, values

WRAP = 1 << 30
STEP = 100


class Run:
    """A fault table driven over time by a snapshot that the test changes."""

    def __init__(self, start: int = WRAP - 1500, **changes: int) -> None:
        self.machine = protect(LFP, **changes)
        self.snap = calm()
        self.now = start
        self.machine.step(self.now, self.snap)

    def go(self, ms: int) -> None:
        """Let time pass in cycles."""
        for _ in range(ms // STEP):
            self.now = ticks.add(self.now, STEP)
            self.machine.step(self.now, self.snap)

    def wait(self, ms: int) -> None:
        """Let much time pass at once."""
        self.now = ticks.add(self.now, ms)
        self.machine.step(self.now, self.snap)

    def state(self, mnemonic: str) -> int:
        return self.machine.state[f.index(mnemonic)]


def marks(run: Run) -> list:
    """The journal: (row, event, value)."""
    machine = run.machine
    return [
        (machine.journal[k], machine.journal_events[k], machine.journal_values[k])
        for k in range(machine.journal_used)
    ]


def level(row: tuple, column: int) -> int:
    """A row's figure for the LFP fixture."""
    figure = row[column]
    if isinstance(figure, tuple):
        return values()[figure[0]] + figure[1]
    return values()[figure] if isinstance(figure, str) else figure


def put(run: Run, row: tuple, beyond: int) -> None:
    """Set the row's source to its trip level, `beyond` steps further into trouble (negative: short of it)."""
    sign = -1 if row[f.LOW_SIDE] else 1
    run.snap.values[row[f.SOURCE]] = level(row, f.TRIP) + sign * beyond


def measurable() -> list:
    return [row for row in f.ROWS if row[f.TRIP] != f.NEVER]


def test_every_row_trips_at_its_level_and_not_one_below() -> None:
    for row in measurable():
        run = Run()
        put(run, row, -1)
        run.go(level(row, f.SET_MS) + 5000)
        assert run.state(row[f.MNEMONIC]) == pr.OK, row[f.MNEMONIC]
        put(run, row, 0)
        run.go(level(row, f.SET_MS) + STEP)
        assert run.state(row[f.MNEMONIC]) >= pr.TRIPPED, row[f.MNEMONIC]


def test_every_row_waits_its_delay_and_no_longer() -> None:
    for row in measurable():
        delay = level(row, f.SET_MS)
        run = Run()
        put(run, row, 0)
        run.go(delay)  # the first cycle starts the clock
        assert run.state(row[f.MNEMONIC]) < pr.TRIPPED, row[f.MNEMONIC]
        run.go(STEP)
        assert run.state(row[f.MNEMONIC]) >= pr.TRIPPED, row[f.MNEMONIC]


def test_every_row_opens_what_it_says_and_enters_its_class() -> None:
    for row in measurable():
        run = Run()
        put(run, row, 0)
        run.go(level(row, f.SET_MS) + STEP)
        kind = row[f.CLASS]
        expected = {
            f.WARNING: pr.TRIPPED,
            f.TRIP_CLASS: pr.TRIPPED,
            f.LOCKOUT: pr.LOCKED,
            f.PERMANENT: pr.PERMANENT,
        }
        assert run.state(row[f.MNEMONIC]) == expected[kind], row[f.MNEMONIC]
        expected_blocks = 0
        warnings = 0
        worst = pr.OK
        for other in f.ROWS:  # a level that trips this row may trip a milder one on the same source
            state = run.state(other[f.MNEMONIC])
            if state >= pr.TRIPPED:
                expected_blocks |= other[f.OPENS]
                assert other[f.SOURCE] == row[f.SOURCE]
                if other[f.CLASS] == f.WARNING:
                    warnings += 1
                else:
                    worst = max(worst, state)
        assert run.machine.blocks == expected_blocks, row[f.MNEMONIC]
        assert run.machine.blocks & row[f.OPENS] == row[f.OPENS]
        assert run.machine.warnings == warnings
        assert run.machine.worst == worst


def test_the_afes_own_bit_trips_a_row_at_once() -> None:
    for row in f.ROWS:
        bits = row[f.HARDWARE]
        for shift in range(14):
            if bits & (1 << shift):
                run = Run()
                run.snap.hardware = 1 << shift
                run.go(STEP)
                assert run.state(row[f.MNEMONIC]) >= pr.TRIPPED, row[f.MNEMONIC]
                assert run.machine.blocks & row[f.OPENS] == row[f.OPENS]
                run.go(20000)
                assert run.state(row[f.MNEMONIC]) >= pr.TRIPPED, "it may not end while the AFE holds it"


def test_a_trip_ends_at_its_clear_level_after_its_delay() -> None:
    """PW-128."""
    for row in measurable():
        if row[f.CLASS] not in (f.TRIP_CLASS, f.WARNING):
            continue
        run = Run()
        run.snap.charger = run.snap.load_gone = True
        if row[f.RELEASE] == f.CHARGER_GONE:
            run.snap.charger = False
        put(run, row, 0)
        run.go(level(row, f.SET_MS) + STEP)
        sign = -1 if row[f.LOW_SIDE] else 1
        clear = level(row, f.CLEAR)
        if clear != level(row, f.TRIP):
            run.snap.values[row[f.SOURCE]] = clear + sign
            run.go(60000)
            assert run.state(row[f.MNEMONIC]) == pr.TRIPPED, row[f.MNEMONIC]
        run.snap.values[row[f.SOURCE]] = min(clear, level(row, f.TRIP) - 1) if sign > 0 else clear
        delay = level(row, f.CLEAR_MS)
        run.go(max(0, delay - STEP))
        assert run.state(row[f.MNEMONIC]) == pr.TRIPPED, row[f.MNEMONIC]
        run.go(2 * STEP)
        assert run.state(row[f.MNEMONIC]) == pr.OK, row[f.MNEMONIC]


def test_a_dip_restarts_the_delays() -> None:
    run = Run()
    row = f.ROWS[f.index("CELL_OV")]
    put(run, row, 0)
    run.go(900)
    put(run, row, -1)
    run.go(STEP)
    put(run, row, 0)
    run.go(1000)
    assert run.state("CELL_OV") == pr.PENDING
    run.go(STEP)
    assert run.state("CELL_OV") == pr.TRIPPED
    run.snap.values[s.CELL_MAX_MV] = 3500
    run.go(2900)
    run.snap.values[s.CELL_MAX_MV] = 3501
    run.go(STEP)
    run.snap.values[s.CELL_MAX_MV] = 3500
    run.go(2900)
    assert run.state("CELL_OV") == pr.TRIPPED
    run.go(STEP)
    assert run.state("CELL_OV") == pr.OK


def test_release_conditions_hold_a_trip_whose_cause_is_gone() -> None:
    """PW-128."""
    for mnemonic, attribute, held, freed in (
        ("CELL_UV", "charger", False, True),
        ("OCC", "charger", True, False),
        ("OCD1", "load_gone", False, True),
        ("OCD2", "load_gone", False, True),
    ):
        run = Run()
        row = f.ROWS[f.index(mnemonic)]
        put(run, row, 0)
        run.go(level(row, f.SET_MS) + STEP)
        run.snap.values[row[f.SOURCE]] = level(row, f.CLEAR)
        setattr(run.snap, attribute, held)
        run.go(60000)
        assert run.state(mnemonic) == pr.TRIPPED, mnemonic
        setattr(run.snap, attribute, freed)
        run.go(level(row, f.CLEAR_MS) + STEP)
        assert run.state(mnemonic) == pr.OK, mnemonic


def test_the_load_pin_is_watched_only_while_a_trip_waits_for_it() -> None:
    run = Run()
    assert not run.machine.load_watch
    run.snap.hardware = s.HW_SCD
    run.go(STEP)
    assert run.machine.load_watch
    run.snap.hardware = 0
    run.snap.load_gone = True
    run.go(5000 + STEP)
    assert not run.machine.load_watch


def test_stale_readings_end_no_trip() -> None:
    """PW-128."""
    run = Run()
    row = f.ROWS[f.index("OTC")]
    put(run, row, 0)
    run.go(3100)
    run.snap.values[s.TEMP_MAX_DDEGC] = 250
    run.snap.fresh = False
    run.go(10000)
    assert run.state("OTC") == pr.TRIPPED
    run.snap.fresh = True
    run.go(3000)
    assert run.state("OTC") == pr.OK


def test_before_the_first_scan_no_measured_row_trips() -> None:
    run = Run()
    run.snap.valid = False
    for i in range(s.MEASURED):
        run.snap.values[i] = 0
    run.go(60000)
    assert run.machine.blocks == 0


def test_too_many_trips_in_the_window_lock_out() -> None:
    """PW-127."""
    for mnemonic, bit, retries in (("SCD", s.HW_SCD, 2), ("OCC", s.HW_OCC, 3), ("OCD2", s.HW_OCD2, 3)):
        run = Run()
        run.snap.load_gone = True
        for attempt in range(retries + 1):
            run.snap.hardware = bit
            run.go(STEP)
            expected = pr.LOCKED if attempt == retries else pr.TRIPPED
            assert run.state(mnemonic) == expected, (mnemonic, attempt)
            run.snap.hardware = 0
            run.go(6000)
        assert run.state(mnemonic) == pr.LOCKED
        run.wait(7200000)
        assert run.state(mnemonic) == pr.LOCKED


def test_trips_outside_the_window_do_not_add_up() -> None:
    run = Run()
    run.snap.load_gone = True
    for _ in range(8):
        run.snap.hardware = s.HW_SCD
        run.go(STEP)
        assert run.state("SCD") == pr.TRIPPED
        run.snap.hardware = 0
        run.go(6000)
        run.wait(3600000)


def test_a_restart_frees_only_what_is_over() -> None:
    run = Run()
    run.snap.values[s.EXCEPTIONS] = 1
    run.snap.values[s.SILENT_MS] = 5000
    run.go(STEP)
    run.snap.values[s.EXCEPTIONS] = 0
    assert run.machine.cause_present(run.snap) == f.index("AFE_COMMS")
    run.machine.restart(run.snap)
    assert run.state("EXCEPTION") == pr.OK
    assert run.state("AFE_COMMS") == pr.LOCKED
    run.snap.values[s.SILENT_MS] = 0
    assert run.machine.cause_present(run.snap) == -1
    run.machine.restart(run.snap)
    run.go(STEP)
    assert run.machine.blocks == 0


def test_a_permanent_fault_survives_a_restart() -> None:
    """PW-125."""
    run = Run()
    run.snap.values[s.IMPACT] = 1
    run.go(STEP)
    run.snap.values[s.IMPACT] = 0
    run.machine.restart(run.snap)
    run.go(STEP)
    assert run.state("IMPACT") == pr.PERMANENT
    assert run.machine.blocks == s.BOTH


def test_a_warning_is_no_cause_against_a_reset() -> None:
    run = Run()
    run.snap.values[s.BUTTON_STUCK] = 1
    run.go(STEP)
    assert run.machine.warnings == 1
    assert run.machine.cause_present(run.snap) == -1


def test_a_restart_gives_the_retries_back() -> None:
    run = Run()
    run.snap.load_gone = True
    for _ in range(3):
        run.snap.hardware = s.HW_SCD
        run.go(STEP)
        run.snap.hardware = 0
        run.go(6000)
    assert run.state("SCD") == pr.LOCKED
    run.machine.restart(run.snap)
    run.snap.hardware = s.HW_SCD
    run.go(STEP)
    assert run.state("SCD") == pr.TRIPPED


def test_the_journal_tells_what_happened_in_order_and_is_bounded() -> None:
    run = Run()
    ov = f.index("CELL_OV")
    run.snap.values[s.CELL_MAX_MV] = 3700
    run.go(1100)
    run.snap.values[s.CELL_MAX_MV] = 3400
    run.go(3100)
    run.snap.values[s.EXCEPTIONS] = 1
    run.go(STEP)
    told = [mark for mark in marks(run) if f.ROWS[mark[0]][f.CLASS] != f.WARNING]
    assert told == [
        (ov, pr.TRIP_EVENT, 3700),
        (ov, pr.CLEAR_EVENT, 3400),
        (f.index("EXCEPTION"), pr.LOCK_EVENT, 1),
    ]
    for _ in range(20):
        run.snap.values[s.CELL_MAX_MV] = 3700
        run.go(1100)
        run.snap.values[s.CELL_MAX_MV] = 3400
        run.go(100)
        run.wait(600000)
    assert run.machine.journal_used == len(run.machine.journal)


def test_unconfigured_rows_cannot_trip_but_fixed_ones_can() -> None:
    machine = pr.Protection()
    snap = calm(cell_mv=100)
    machine.step(0, snap)
    machine.step(60000, snap)
    assert machine.blocks == 0
    snap.values[s.PARAMS_INVALID] = 1
    machine.step(60100, snap)
    assert machine.blocks == s.BOTH


def test_the_firmwares_own_findings_trip_before_the_first_scan() -> None:
    for source, mnemonic in ((s.CONFIG_LOST, "AFE_CONFIG"), (s.AGE_MS, "STALE"), (s.SILENT_MS, "AFE_COMMS")):
        run = Run()
        run.snap.valid = run.snap.fresh = False
        run.snap.values[source] = 5000
        run.go(STEP)
        assert run.state(mnemonic) >= pr.TRIPPED, mnemonic


def test_the_firmwares_own_findings_end_without_readings() -> None:
    run = Run()
    run.snap.values[s.BUTTON_STUCK] = 1
    run.go(STEP)
    run.snap.values[s.BUTTON_STUCK] = 0
    run.snap.fresh = False
    run.go(1000)
    assert run.state("BUTTON_STUCK") == pr.OK


def test_a_trip_that_the_afe_holds_is_one_trip() -> None:
    run = Run()
    run.snap.load_gone = True
    run.snap.hardware = s.HW_OV | s.HW_OTC
    run.go(20000)
    for mnemonic in ("CELL_OV", "OTC"):
        assert run.state(mnemonic) == pr.TRIPPED
        assert run.machine.occurrences[f.index(mnemonic)] == 1
    assert run.machine.journal_used == 2


def test_occurrences_are_counted() -> None:
    run = Run()
    run.snap.load_gone = True
    assert list(run.machine.occurrences) == [0] * len(f.ROWS)
    for _ in range(2):
        run.snap.hardware = s.HW_SCD
        run.go(STEP)
        run.snap.hardware = 0
        run.go(25000)
    assert run.machine.occurrences[f.index("SCD")] == 2


def test_a_restart_gives_every_retry_back_and_tells_what_it_ended() -> None:
    run = Run()
    run.snap.load_gone = True
    for _ in range(3):
        run.snap.hardware = s.HW_SCD
        run.go(STEP)
        run.snap.hardware = 0
        run.go(25000)
    run.machine.journal_used = 0
    run.machine.restart(run.snap)
    scd = f.index("SCD")
    assert (run.machine.journal_used, run.machine.journal[0], run.machine.journal_events[0]) == (
        1,
        scd,
        pr.CLEAR_EVENT,
    )
    for expected in (pr.TRIPPED, pr.TRIPPED, pr.LOCKED):
        run.snap.hardware = s.HW_SCD
        run.go(STEP)
        assert run.state("SCD") == expected
        run.snap.hardware = 0
        run.go(25000)


def test_a_restart_keeps_a_lockout_whose_cause_stands_on_the_low_side() -> None:
    run = Run()
    cold = f.index("UTC")
    run.snap.values[s.TEMP_MIN_DDEGC] = -50
    run.go(3000 + STEP)
    run.machine.restart(run.snap)
    assert run.machine.state[cold] == pr.TRIPPED
    run.snap.values[s.TEMP_MIN_DDEGC] = 100
    run.machine.restart(run.snap)
    assert run.machine.state[cold] == pr.OK


def test_trips_a_week_ago_do_not_add_up() -> None:
    """Past 6.2 days a difference of ticks reads negative; that is long ago, not just now."""
    run = Run()
    run.snap.load_gone = True
    for wait_ms in (7 * 86400000, 25000, 25000):
        run.snap.hardware = s.HW_SCD
        run.go(STEP)
        assert run.state("SCD") == pr.TRIPPED
        run.snap.hardware = 0
        run.go(6000)
        run.wait(wait_ms)


def test_a_restart_tells_of_a_trip_that_was_about_to_end() -> None:
    run = Run()
    run.snap.values[s.CELL_MAX_MV] = 3700
    run.go(1100)
    run.snap.values[s.CELL_MAX_MV] = 3400
    run.go(1000)
    run.machine.restart(run.snap)
    ov = f.index("CELL_OV")
    assert marks(run) == [(ov, pr.TRIP_EVENT, 3700), (ov, pr.CLEAR_EVENT, 3400)]
    assert run.state("CELL_OV") == pr.OK


def test_states_have_names() -> None:
    found = [pr.STATE_NAMES[each] for each in (pr.OK, pr.PENDING, pr.TRIPPED, pr.LOCKED, pr.PERMANENT)]
    assert found == ["ok", "pending", "tripped", "locked out", "permanent"]


def test_a_row_taken_up_again_waits_its_delay_and_counts_on() -> None:
    late = 10000000  # hours after power-up: nothing may be counted from the tick's zero
    scd = f.index("SCD")
    run = Run(start=late)
    run.snap.load_gone = True
    run.machine.resume(scd, pr.TRIPPED, 1, run.now)
    run.go(4900)
    assert run.state("SCD") == pr.TRIPPED
    run.go(STEP)
    assert run.state("SCD") == pr.OK
    run = Run(start=late)
    run.machine.resume(scd, pr.OK, 2, run.now)
    run.snap.hardware = s.HW_SCD
    run.go(STEP)
    assert run.state("SCD") == pr.LOCKED


def test_a_trip_whose_count_was_given_back_still_ends() -> None:
    run = Run()
    run.snap.values[s.TEMP_MIN_DDEGC] = -50
    run.go(3000 + STEP)
    run.machine.restart(run.snap)
    assert run.state("UTC") == pr.TRIPPED
    run.snap.values[s.TEMP_MIN_DDEGC] = 100
    run.go(3000)
    assert run.state("UTC") == pr.OK


def test_what_is_counted_or_held_outlives_a_restart() -> None:
    kept = [f.ROWS[i][f.MNEMONIC] for i in range(len(f.ROWS)) if f.is_kept(i)]
    for mnemonic in (
        "CELL_UV",
        "OCC",
        "OCD1",
        "OCD2",
        "SCD",
        "AFE_CONFIG",
        "HOST_SILENT",
        "AFE_COMMS",
        "IMPACT",
    ):
        assert mnemonic in kept
    for mnemonic in ("CELL_OV", "OTC", "STALE", "PARAMS_INVALID", "BUTTON_STUCK"):
        assert mnemonic not in kept


def test_what_is_on_its_way_is_told_before_it_trips() -> None:
    run = Run()
    run.snap.values[s.CELL_MIN_MV] = 2500
    run.go(STEP)
    assert run.machine.pending == s.DSG
    assert run.machine.blocks == 0
    run.go(3000)
    assert run.machine.pending == 0
    assert run.machine.blocks == s.DSG


def test_a_warning_may_take_current_but_never_opens() -> None:
    for row in f.ROWS:
        if row[f.CLASS] == f.WARNING:
            assert row[f.OPENS] in (0, s.LIMP), row[f.MNEMONIC]
    run = Run()
    run.snap.values[s.SPREAD_MV] = 450
    run.go(11000)
    assert run.machine.blocks == s.LIMP
    assert run.machine.worst == pr.OK
    assert run.machine.warnings == 1
