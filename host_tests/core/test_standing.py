"""What of the fault table outlives a power cut: lockouts, held trips, counts of retries, and nothing else."""

from bms.core import faults as f
from bms.core import protection as pr
from bms.core import snapshot as s
from bms.core import standing
from core.pack_fixture import LFP, calm, protect


def after(sources: dict, hardware: int = 0) -> pr.Protection:
    """A fault table that has seen this for a while."""
    machine = protect(LFP)
    snap = calm()
    for source in sources:
        snap.values[source] = sources[source]
    snap.hardware = hardware
    machine.step(0, snap)
    machine.step(20000, snap)
    return machine


def restarted(machine: pr.Protection) -> pr.Protection:
    again = protect(LFP)
    standing.take_up(again, standing.to_keep(machine), 5)
    return again


def test_lockouts_permanents_and_held_trips_come_back() -> None:
    """PW-113."""
    machine = after({s.SILENT_MS: 5000, s.IMPACT: 1, s.CELL_MIN_MV: 2400}, s.HW_SCD)
    again = restarted(machine)
    for mnemonic, state in (
        ("AFE_COMMS", pr.LOCKED),
        ("IMPACT", pr.PERMANENT),
        ("CELL_UV", pr.TRIPPED),
        ("SCD", pr.TRIPPED),
    ):
        assert again.state[f.index(mnemonic)] == state, mnemonic


def test_trips_that_end_by_themselves_are_left_to_the_first_scan() -> None:
    machine = after({s.CELL_MAX_MV: 3790, s.TEMP_MAX_DDEGC: 700, s.AGE_MS: 5000})
    assert machine.blocks == s.BOTH
    assert standing.to_keep(machine) == {}


def test_retries_are_counted_on_across_restarts() -> None:
    """PW-113."""
    machine = protect(LFP)
    snap = calm()
    now = 0
    for attempt in range(3):
        snap.hardware = s.HW_SCD
        machine.step(now, snap)
        machine = restarted(machine)
        snap.hardware = 0
        snap.load_gone = True
        machine.step(now + 10, snap)
        machine.step(now + 6000, snap)
        machine = restarted(machine)
        now += 7000
        expected = pr.LOCKED if attempt == 2 else pr.OK
        assert machine.state[f.index("SCD")] == expected, attempt


def test_a_held_trip_still_needs_its_release_after_a_restart() -> None:
    again = restarted(after({s.CELL_MIN_MV: 2400}))
    snap = calm()
    again.step(10, snap)
    again.step(60000, snap)
    assert again.blocks == s.DSG
    snap.charger = True
    again.step(60100, snap)
    again.step(62200, snap)
    assert again.blocks == 0


def test_what_changes_a_kept_row_asks_to_be_saved_and_the_rest_does_not() -> None:
    assert not after({s.CELL_MAX_MV: 3790}).unsaved
    assert after({s.CELL_MIN_MV: 2400}).unsaved
    assert after({s.EXCEPTIONS: 1}).unsaved
    machine = after({s.CELL_MIN_MV: 2400})
    machine.unsaved = False
    snap = calm()
    snap.charger = True
    machine.step(20100, snap)
    machine.step(30000, snap)
    assert machine.blocks == 0
    assert machine.unsaved, "that it is over must be known after a restart, too"


def test_nonsense_is_passed_over() -> None:
    for kept in (
        {
            "SCD": 7,
            "IMPACT": [9, 0],
            "EXCEPTION": ["x", 1],
            "AFE_COMMS": [3],
            "NOPE": [3, 1],
            "OCC": [2, "x"],
        },
        {"CELL_OV": [4, 0], "WATCHDOG_RESET": [3, 0], "SCD": [None, None], "OCC": [[], {}]},
    ):
        machine = protect(LFP)
        standing.take_up(machine, kept, 0)
        machine.step(0, calm())
        assert machine.blocks == 0


def test_a_count_that_is_no_count_keeps_nobody_from_starting() -> None:
    for retries in ("x", None, [1], -5, 100000):
        for state in (pr.OK, pr.PENDING, pr.TRIPPED, pr.LOCKED):
            machine = protect(LFP)
            standing.take_up(machine, {"SCD": [state, retries]}, 0)
            machine.step(0, calm())
            number = machine.retries[f.index("SCD")]
            assert number == (255 if retries == 100000 else 0), (state, retries)
