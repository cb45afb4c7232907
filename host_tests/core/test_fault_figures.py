"""What the safety concept promises of each fault, in figures: levels, delays and retries, as measured.

The figures stand here literally, for a 100 Ah LFP pack with default parameters, so that none of them can
drift in the table without a word.
"""

from bms.core import faults as f
from bms.core import protection as pr
from bms.core import snapshot as s
from bms.core import ticks
from core.pack_fixture import calm, protect

STEP_MS = 100
LONG_MS = 40000

# mnemonic, source, trips at, may end at, trips after ms, ends after ms
PROMISED = (
    ("CELL_OV", s.CELL_MAX_MV, 3700, 3500, 1000, 3000),
    ("CELL_UV", s.CELL_MIN_MV, 2500, 2900, 2000, 2000),
    ("OCC", s.CHARGE_MA, 70000, 200, 2000, 3000),
    ("OCD1", s.DISCHARGE_MA, 120000, 200, 5000, 3000),
    ("OCD2", s.DISCHARGE_MA, 200000, 200, 500, 3000),
    ("OTC", s.TEMP_MAX_DDEGC, 500, 450, 3000, 3000),
    ("UTC", s.TEMP_MIN_DDEGC, 0, 30, 3000, 3000),
    ("OTD", s.TEMP_MAX_DDEGC, 600, 550, 3000, 3000),
    ("UTD", s.TEMP_MIN_DDEGC, -200, -150, 3000, 3000),
    ("BOARD_OT", s.DIE_DDEGC, 800, 700, 2000, 3000),
    ("IMBALANCE", s.SPREAD_MV, 500, 300, 10000, 5000),
    ("STACK_SUM", s.STACK_ERROR_MV, 50, 49, 2000, 2000),
    ("THERMISTOR_OPEN", s.THERMISTORS_OPEN, 1, 0, 1000, 3000),
    ("THERMISTOR_SHORT", s.THERMISTORS_SHORT, 1, 0, 1000, 3000),
    ("CELL_OV_WARN", s.CELL_MAX_MV, 3660, 3640, 2000, 5000),
    ("CELL_UV_WARN", s.CELL_MIN_MV, 2650, 2700, 5000, 5000),
    ("CELL_DEEP", s.CELL_MIN_MV, 2000, 2100, 2000, 5000),
    ("RESCUE_OCC", s.RESCUE_MA, 4900, 200, 2000, 3000),
    ("PACK_OV", s.STACK_CELL_MV, 3720, 3500, 2000, 3000),
    ("PACK_UV", s.STACK_CELL_MV, 2480, 2900, 5000, 2000),
    ("OCC_WARN", s.CHARGE_MA, 66500, 66300, 2000, 3000),
    ("OCD_WARN", s.DISCHARGE_MA, 114000, 113800, 2000, 3000),
    ("OTC_WARN", s.TEMP_MAX_DDEGC, 470, 450, 3000, 3000),
    ("OTD_WARN", s.TEMP_MAX_DDEGC, 570, 550, 3000, 3000),
    ("TEMP_RISE", s.TEMP_RISE_DDEGC, 200, 170, 5000, 5000),
    ("FET_OT", s.FET_DDEGC, 900, 750, 2000, 3000),
    ("TEMP_SPREAD", s.TEMP_SPREAD_DDEGC, 150, 120, 10000, 5000),
    ("IMBALANCE_WARN", s.SPREAD_MV, 450, 400, 10000, 5000),
    ("CELL_JUMP", s.JUMP_MV, 500, 400, 200, 5000),
    ("OPEN_TAP", s.TAP_MV, 300, 150, 200, 5000),
    ("TAPS_SWAPPED", s.CELL_MIN_MV, -200, 0, 300, 5000),
    ("FROZEN_CELL", s.FROZEN_MV, 30, 15, 500, 5000),
    ("FROZEN_AFE", s.STILL, 5, 0, 0, 5000),
    ("WRONG_PORT", s.WRONG_PORT_MA, 1000, 200, 500, 3000),
    ("PRECHARGE", s.PRECHARGE_MS, 2000, 0, 0, 5000),
    ("CHARGER_OV", s.PACK_CELL_MV, 3900, 3850, 1000, 3000),
    ("AUX_LOW", s.AUX_MV, 12400, 12600, 10000, 5000),
    ("BUS_NOISY", s.BUS_ERRORS, 100, 20, 0, 5000),
    ("STALE", s.AGE_MS, 500, 100, 0, 1000),
    ("AFE_CONFIG", s.CONFIG_LOST, 1, 0, 0, 1000),
    ("PARAMS_INVALID", s.PARAMS_INVALID, 1, 0, 0, 100),
    ("WATCHDOG_RESET", s.WATCHDOG_RESET, 1, 0, 0, 100),
    ("BUTTON_STUCK", s.BUTTON_STUCK, 1, 0, 0, 1000),
)
# The same without an end of their own: a person ends them, once the level is down.
LOCKING = (
    ("AFE_COMMS", s.SILENT_MS, 3000, 100),
    ("FET_MISMATCH", s.FET_MISMATCH_MS, 1500, 0),
    ("EXCEPTION", s.EXCEPTIONS, 1, 0),
    ("STATE_LOST", s.STATE_LOST, 1, 0),
    ("RESCUE_LONG", s.RESCUE_MIN, 480, 0),
    ("FET_STUCK_OPEN", s.DROP_MV, 500, 400),
    ("OPEN_CURRENT", s.OFF_MA, 1000, 200),
)
# mnemonic, source, trips at, trips after ms: for good
FOR_GOOD = (
    ("CELL_OV_PERM", s.SOUND_MAX_MV, 3800, 5000),
    ("CELL_DEAD", s.SOUND_MIN_MV, 1500, 30000),
    ("OT_PERM", s.TEMP_MAX_DDEGC, 850, 5000),
    ("CHG_WELDED", s.CHG_WELD_MA, 3000, 3000),
    ("DSG_WELDED", s.DSG_WELD_MA, 3000, 3000),
    ("IMPACT", s.IMPACT, 1, 0),
)
# mnemonic, the AFE's bit, trips within an hour that end by themselves; one more locks out
RETRIES = (
    ("OCC", s.HW_OCC, 3),
    ("OCD2", s.HW_OCD2, 3),
    ("SCD", s.HW_SCD, 2),
    ("HOST_SILENT", s.HW_HOST_SILENT, 3),
)


class Bench:
    """The fault table under a snapshot in which every release condition is met."""

    def __init__(self) -> None:
        self.machine = protect()
        self.snap = calm()
        self.now = 5000
        self.release("")
        self.machine.step(self.now, self.snap)

    def release(self, mnemonic: str) -> None:
        self.snap.load_gone = True
        self.snap.charger = mnemonic in ("CELL_UV", "CELL_DEEP", "PACK_UV")

    def step(self, ms: int = STEP_MS) -> None:
        self.now = ticks.add(self.now, ms)
        self.machine.step(self.now, self.snap)

    def state(self, mnemonic: str) -> int:
        return self.machine.state[f.index(mnemonic)]

    def ms_until(self, mnemonic: str, stands: bool) -> int:
        """Time to the change, counted from the first cycle that sees the cause; LONG_MS if none comes."""
        spent = 0
        while (self.state(mnemonic) >= pr.TRIPPED) != stands and spent < LONG_MS:
            self.step()
            spent += STEP_MS
        return spent - STEP_MS

    def trip(self, bit: int) -> None:
        """The AFE trips, then its cause goes away for long enough (a trip that returns waits ever longer)."""
        self.snap.hardware = bit
        self.step()
        self.snap.hardware = 0
        for _ in range(300):
            self.step(1000)
            if not self.machine.blocks:
                break


def test_levels_and_delays() -> None:
    for mnemonic, source, trip, clear, trip_ms, clear_ms in PROMISED:
        bench = Bench()
        bench.release(mnemonic)
        towards = 1 if trip > clear else -1
        bench.snap.values[source] = trip - towards
        assert bench.ms_until(mnemonic, True) >= LONG_MS - STEP_MS, mnemonic
        bench.snap.values[source] = trip
        assert bench.ms_until(mnemonic, True) == trip_ms, mnemonic
        bench.snap.values[source] = clear + towards
        assert bench.ms_until(mnemonic, False) >= LONG_MS - STEP_MS, mnemonic
        bench.snap.values[source] = clear
        assert bench.ms_until(mnemonic, False) + STEP_MS == clear_ms, mnemonic


def test_levels_of_what_only_a_person_ends() -> None:
    for mnemonic, source, trip, gone in LOCKING:
        bench = Bench()
        bench.snap.values[source] = trip - 1
        bench.step()
        assert bench.state(mnemonic) == pr.OK, mnemonic
        bench.snap.values[source] = trip
        for _ in range(101):
            bench.step()
        assert bench.state(mnemonic) == pr.LOCKED, mnemonic
        bench.snap.values[source] = gone + 1
        assert bench.machine.cause_present(bench.snap) == f.index(mnemonic)
        bench.snap.values[source] = gone
        assert bench.machine.cause_present(bench.snap) == -1
        bench.step(LONG_MS)
        assert bench.state(mnemonic) == pr.LOCKED, mnemonic


def test_levels_of_what_nobody_ends() -> None:
    for mnemonic, source, trip, trip_ms in FOR_GOOD:
        bench = Bench()
        before = bench.snap.values[source]
        bench.snap.values[source] = trip + (1 if trip < before else -1)
        bench.step(LONG_MS)
        bench.step(LONG_MS)
        assert bench.state(mnemonic) == pr.OK, mnemonic
        bench.snap.values[source] = trip
        assert bench.ms_until(mnemonic, True) == trip_ms, mnemonic
        assert bench.state(mnemonic) == pr.PERMANENT, mnemonic
        bench.snap.values[source] = before
        bench.step(LONG_MS)
        bench.machine.restart(bench.snap)
        assert bench.state(mnemonic) == pr.PERMANENT, mnemonic


def test_every_row_has_its_figures_here() -> None:
    told = {row[0] for table in (PROMISED, LOCKING, RETRIES, FOR_GOOD) for row in table}
    rows = {row[f.MNEMONIC] for row in f.ROWS}
    assert rows - told == {"AFE_FAULT", "CYCLE_OVERRUN"}, "the AFE's word alone; a minute to end"


def test_what_only_the_afe_sees_ends_after_its_time_without_it() -> None:
    for mnemonic, bit, clear_ms in (("SCD", s.HW_SCD, 5000), ("HOST_SILENT", s.HW_HOST_SILENT, 1000)):
        bench = Bench()
        bench.snap.hardware = bit
        assert bench.ms_until(mnemonic, True) == 0
        bench.snap.hardware = 0
        assert bench.ms_until(mnemonic, False) + STEP_MS == clear_ms, mnemonic


def test_retries_count_within_the_hour_after_the_first() -> None:
    """PW-127."""
    for mnemonic, bit, retries in RETRIES:
        for last_ms, expected in ((3595000, pr.LOCKED), (3605000, pr.TRIPPED)):
            bench = Bench()
            start = bench.now + STEP_MS
            for _ in range(retries):
                bench.trip(bit)
                assert bench.state(mnemonic) == pr.OK, mnemonic
            bench.step(last_ms - STEP_MS - ticks.diff(bench.now, start))
            bench.snap.hardware = bit
            bench.step()
            assert bench.state(mnemonic) == expected, (mnemonic, last_ms)


def test_retries_of_what_the_firmware_sees_itself() -> None:
    for mnemonic, source, level, calm_level, retries in (
        ("OCD1", s.DISCHARGE_MA, 120000, 0, 5),
        ("AFE_CONFIG", s.CONFIG_LOST, 1, 0, 3),
    ):
        for last_ms, expected in ((3595000, pr.LOCKED), (3605000, pr.TRIPPED)):
            bench = Bench()
            first = -1
            for attempt in range(retries + 1):
                if attempt == retries:
                    bench.step(last_ms - 5100 - ticks.diff(bench.now, first))
                bench.snap.values[source] = level
                bench.ms_until(mnemonic, True)
                first = bench.now if first < 0 else first
                if attempt < retries:
                    assert bench.state(mnemonic) == pr.TRIPPED, (mnemonic, attempt)
                    bench.snap.values[source] = calm_level
                    for _ in range(100):
                        bench.step(1000)
            assert bench.state(mnemonic) == expected, (mnemonic, last_ms)


def test_what_may_retry_for_ever_never_locks_out() -> None:
    for mnemonic, bit in (("CELL_OV", s.HW_OV), ("OTD", s.HW_OTD), ("BOARD_OT", s.HW_OT_DIE)):
        bench = Bench()
        for _ in range(12):
            bench.trip(bit)
            assert bench.state(mnemonic) == pr.OK, mnemonic


def test_the_largest_reading_there_is_trips_nothing_that_was_not_configured() -> None:
    machine = pr.Protection()
    snap = calm()
    snap.values[s.DISCHARGE_MA] = snap.values[s.CHARGE_MA] = 8000000
    machine.step(0, snap)
    machine.step(600000, snap)
    assert machine.blocks == 0


def seconds_to_end(bench: Bench, mnemonic: str, bit: int) -> int:
    """Trip by the AFE's bit, and count the seconds from there to the end."""
    bench.snap.hardware = bit
    bench.step()
    assert bench.state(mnemonic) == pr.TRIPPED
    bench.snap.hardware = 0
    spent_ms = 0
    while bench.state(mnemonic) != pr.OK:
        bench.step()
        spent_ms += STEP_MS
        assert spent_ms < 1_000_000
    assert spent_ms % 1000 == 0
    return spent_ms // 1000


def test_a_trip_that_keeps_coming_back_waits_twice_as_long_each_time() -> None:
    for mnemonic, bit in (("CELL_OV", s.HW_OV), ("OTC", s.HW_OTC), ("OTD", s.HW_OTD), ("UTC", s.HW_UTC)):
        bench = Bench()
        waits = [seconds_to_end(bench, mnemonic, bit) for _ in range(8)]
        assert waits == [3, 6, 12, 24, 48, 96, 192, 192], mnemonic
        bench.step(600000)
        assert seconds_to_end(bench, mnemonic, bit) == 3, "calm for ten minutes: forgotten"


def test_an_empty_pack_on_its_charger_is_not_made_to_wait() -> None:
    bench = Bench()
    bench.release("CELL_UV")
    assert [seconds_to_end(bench, "CELL_UV", s.HW_UV) for _ in range(4)] == [2, 2, 2, 2]
