"""Trouble codes: their status bits, how they are confirmed, age, and come back after a power cut."""

from bms.core import dtc, faults, protection, recall
from bms.services import storage
from core.pack_fixture import protect

OV = faults.index("CELL_OV")
WARNING = faults.index("CELL_OV_WARN")
OVERRUN = faults.index("CYCLE_OVERRUN")  # a row of the firmware's own
DEAD = faults.index("CELL_DEAD")
MINUTE = 60


def whole_round(codes: dtc.Codes, machine: protection.Protection, now_s: int = 0) -> None:
    """Look at every row once."""
    for _ in range(len(faults.ROWS)):
        codes.look(machine, now_s)


def minute(codes: dtc.Codes, machine: protection.Protection, good: bool = True) -> None:
    """A minute in which nothing happens."""
    for _ in range(MINUTE):
        codes.second(0, good)
    whole_round(codes, machine)


def clean(codes: dtc.Codes, machine: protection.Protection, cycles: int) -> None:
    for _ in range(cycles):
        codes.start_cycle(0)
        minute(codes, machine)


def fresh() -> tuple:
    codes = dtc.Codes()
    codes.start_cycle(0)
    return codes, protect()


def test_a_row_that_was_never_tested_says_so() -> None:
    codes, machine = fresh()
    assert list(codes.status) == [0x50] * len(faults.ROWS)
    whole_round(codes, machine)
    assert codes.status[OV] == 0x50
    for _ in range(MINUTE - 1):
        codes.second(0, True)
    whole_round(codes, machine)
    assert codes.status[OV] == 0x50, "a minute it takes"
    codes.second(0, True)
    whole_round(codes, machine)
    assert list(codes.status) == [0] * len(faults.ROWS)
    codes.start_cycle(0)
    assert codes.status[OV] == 0x40, "tested since the last clear, but not in this cycle"


def test_without_good_readings_only_the_firmwares_own_rows_are_tested() -> None:
    codes, machine = fresh()
    minute(codes, machine, good=False)
    assert codes.status[OV] == 0x50
    assert codes.status[OVERRUN] == 0


def test_a_row_that_is_about_to_fail_is_not_tested() -> None:
    codes, machine = fresh()
    machine.state[OV] = protection.PENDING
    minute(codes, machine)
    assert codes.status[OV] == 0x50


def test_the_first_failure_is_pending_and_counted() -> None:
    codes, machine = fresh()
    minute(codes, machine)
    codes.failed(OV, 1000, False)
    assert codes.status[OV] == 0x27  # failed, in this cycle, pending, since the last clear
    codes.passed(OV)
    assert codes.status[OV] == 0x26
    assert (codes.count[OV], codes.first_s[OV], codes.last_s[OV]) == (1, 1000, 1000)
    codes.failed(OV, 1500, False)
    assert (codes.count[OV], codes.first_s[OV], codes.last_s[OV]) == (2, 1000, 1500)
    assert not codes.status[OV] & dtc.CONFIRMED
    assert not codes.pressing


def test_three_failures_in_a_cycle_confirm() -> None:
    codes, _ = fresh()
    for n in range(3):
        codes.failed(OV, n, False)
        codes.passed(OV)
    assert codes.status[OV] == 0xAE
    assert codes.pressing


def test_a_failure_in_the_next_cycle_confirms() -> None:
    codes, _ = fresh()
    codes.failed(OV, 1, False)
    codes.passed(OV)
    codes.start_cycle(10)
    assert codes.status[OV] & dtc.STORED == dtc.PENDING
    codes.failed(OV, 20, False)
    assert codes.status[OV] & dtc.CONFIRMED


def test_a_clean_cycle_ends_pending_and_the_counting_starts_anew() -> None:
    codes, machine = fresh()
    codes.failed(OV, 1, False)
    codes.passed(OV)
    codes.start_cycle(0)
    minute(codes, machine)
    assert codes.status[OV] & dtc.PENDING
    codes.start_cycle(0)
    assert codes.status[OV] & dtc.STORED == 0
    assert codes.count[OV] == 0
    assert codes.ever[OV] == 1
    codes.failed(OV, 20, False)
    assert codes.status[OV] & dtc.STORED == dtc.PENDING


def test_a_cycle_in_which_nothing_was_tested_ends_nothing() -> None:
    codes, machine = fresh()
    codes.failed(OV, 1, True)
    codes.passed(OV)
    for _ in range(100):
        codes.start_cycle(0)
        minute(codes, machine, good=False)
    assert codes.status[OV] & dtc.STORED == dtc.STORED
    assert codes.clean[OV] == 0


def test_a_lockout_is_confirmed_at_once_and_asks_for_the_warning() -> None:
    codes, _ = fresh()
    codes.failed(OV, 1, True)
    assert codes.status[OV] & (dtc.CONFIRMED | dtc.WARN) == dtc.CONFIRMED | dtc.WARN
    assert codes.pressing


def test_a_warning_never_lights_the_indicator() -> None:
    codes, _ = fresh()
    for n in range(5):
        codes.failed(WARNING, n, False)
    assert codes.status[WARNING] & dtc.CONFIRMED
    assert not codes.status[WARNING] & dtc.WARN


def test_the_warning_ends_after_three_clean_cycles_and_the_code_after_forty() -> None:
    codes, machine = fresh()
    codes.failed(OV, 7, True)
    codes.passed(OV)
    codes.start_cycle(0)  # the one with the failure is over
    clean(codes, machine, 3)
    assert codes.status[OV] & dtc.WARN
    codes.start_cycle(0)
    assert not codes.status[OV] & dtc.WARN
    minute(codes, machine)
    clean(codes, machine, 35)
    codes.start_cycle(0)
    assert codes.clean[OV] == 39
    assert codes.status[OV] & dtc.CONFIRMED
    minute(codes, machine)
    codes.start_cycle(0)
    assert codes.status[OV] == dtc.UNTESTED_NOW
    assert (codes.count[OV], codes.first_s[OV], codes.ever[OV]) == (0, 0, 1)


def test_a_failure_makes_ageing_start_anew() -> None:
    codes, machine = fresh()
    codes.failed(OV, 7, True)
    codes.passed(OV)
    clean(codes, machine, 30)
    codes.failed(OV, 8, False)
    codes.passed(OV)
    assert codes.clean[OV] == 0
    clean(codes, machine, 39)
    assert codes.status[OV] & dtc.CONFIRMED


def test_a_permanent_code_does_not_age() -> None:
    codes, machine = fresh()
    codes.failed(DEAD, 7, True)
    codes.passed(DEAD)
    clean(codes, machine, 300)
    assert codes.status[DEAD] & dtc.CONFIRMED


def test_what_still_fails_in_a_new_cycle_fails_in_it_too_but_has_not_failed_again() -> None:
    codes, machine = fresh()
    machine.state[OV] = protection.TRIPPED
    codes.failed(OV, 5, False)
    codes.start_cycle(100)
    assert not codes.status[OV] & dtc.FAILED_NOW
    whole_round(codes, machine, 101)
    assert codes.status[OV] == 0xAF, "in a second cycle: confirmed"
    assert (codes.count[OV], codes.last_s[OV]) == (1, 5)


def test_a_failure_that_nobody_told_of_is_found_and_counted_once() -> None:
    codes, machine = fresh()
    machine.state[OV] = protection.LOCKED
    whole_round(codes, machine, 30)
    whole_round(codes, machine, 31)
    assert codes.count[OV] == 1
    assert codes.first_s[OV] == 30
    assert codes.status[OV] & dtc.CONFIRMED
    machine.state[OV] = protection.OK
    whole_round(codes, machine, 32)
    assert not codes.status[OV] & dtc.FAILED


def test_a_day_is_the_longest_cycle() -> None:
    codes, _ = fresh()
    codes.second(86399, True)
    assert codes.cycle == 1
    codes.second(86400, True)
    assert codes.cycle == 2
    codes.second(86401, True)
    assert codes.cycle == 2


def test_a_soft_reset_clears_what_is_pending_and_over() -> None:
    codes, machine = fresh()
    standing = faults.index("OCC")
    codes.failed(WARNING, 1, False)
    codes.passed(WARNING)
    codes.failed(OV, 1, True)
    codes.passed(OV)
    codes.failed(standing, 1, False)
    machine.state[standing] = protection.TRIPPED
    codes.clear(machine, True)
    assert codes.status[WARNING] == dtc.CLEARED
    assert codes.count[WARNING] == 0
    assert codes.ever[WARNING] == 1
    assert codes.status[OV] & dtc.CONFIRMED
    assert codes.status[standing] & dtc.PENDING


def test_a_hard_reset_clears_all_that_is_over_and_keeps_the_count_of_a_life() -> None:
    codes, machine = fresh()
    codes.failed(OV, 1, True)
    codes.passed(OV)
    codes.failed(DEAD, 1, True)
    machine.state[DEAD] = protection.PERMANENT
    codes.clear(machine, False)
    assert codes.status[OV] == dtc.CLEARED
    assert codes.ever[OV] == 1
    assert codes.status[DEAD] & dtc.CONFIRMED


def test_everything_comes_back() -> None:
    codes, machine = fresh()
    minute(codes, machine)
    codes.failed(OV, 1000, True)
    codes.failed(OV, 2000, True)
    codes.failed(WARNING, 3000, False)
    assert codes.changed
    kept = codes.to_keep()
    assert not codes.changed
    assert not codes.pressing
    again = dtc.Codes()
    recall.codes(again, kept)
    assert again.to_keep() == kept
    again.start_cycle(5000)
    assert again.cycle == 2
    assert again.status[OV] & dtc.STORED == dtc.STORED
    assert (again.count[OV], again.ever[OV], again.first_s[OV], again.last_s[OV]) == (2, 2, 1000, 2000)
    assert again.status[DEAD] == dtc.UNTESTED_NOW


def test_a_boot_loop_does_not_age_codes() -> None:
    codes, machine = fresh()
    codes.failed(OV, 7, True)
    codes.passed(OV)
    codes.start_cycle(0)
    minute(codes, machine)
    kept = codes.to_keep()
    for _ in range(100):
        codes = dtc.Codes()
        recall.codes(codes, kept)
        codes.start_cycle(0)
    assert codes.clean[OV] == 1
    kept = codes.to_keep()
    recall.codes(codes, kept)
    codes.start_cycle(0)
    assert codes.clean[OV] == 1


def test_nonsense_in_a_record_is_passed_over() -> None:
    for kept in (
        {},
        {"codes": 3},
        {"codes": {"CELL_OV": 3, "NOPE": [1, 2, 3, 4, 5, 6]}},
        {"codes": {"CELL_OV": [8, 1, 1, 1, 1]}},
        {"codes": {"CELL_OV": [8, 1, 1, 1, 1, "x"]}, "cycle": "x", "untested": 7},
        {"codes": {"CELL_OV": [8, 1, 1, 1, 1, -1]}, "cycle": -1},
        {"codes": {"CELL_OV": [8, 1, 1, 1 << 40, 1, 1]}, "cycle": 1 << 40},
    ):
        codes = dtc.Codes()
        recall.codes(codes, kept)
        assert codes.cycle == 0, kept
        assert codes.status[OV] & dtc.CONFIRMED == 0, kept
    codes = dtc.Codes()
    recall.codes(codes, {"codes": {"CELL_OV": [511, 70000, 70000, 5, 5, 300]}})
    assert (codes.status[OV], codes.count[OV], codes.ever[OV], codes.clean[OV]) == (255, 65535, 65535, 255)


def test_only_what_matters_asks_for_a_write() -> None:
    codes, machine = fresh()
    assert not codes.changed, "nothing is stored: a new cycle is not worth a write"
    codes.failed(OV, 1, False)
    codes.to_keep()
    codes.passed(OV)
    assert not codes.changed
    codes.start_cycle(5)
    assert codes.changed
    codes.to_keep()
    minute(codes, machine)
    assert codes.changed, "a clean test counts for ageing"


def test_counters_stop_at_their_end() -> None:
    codes, _ = fresh()
    codes.count[OV] = codes.ever[OV] = 65535
    codes.failed(OV, 1, False)
    assert codes.count[OV] == codes.ever[OV] == 65535


def test_all_codes_at_their_longest_fit_a_record() -> None:
    codes, _ = fresh()
    for i in range(len(faults.ROWS)):
        codes.status[i] = 255 & ~dtc.UNTESTED
        codes.count[i] = codes.ever[i] = 65535
        codes.first_s[i] = codes.last_s[i] = 7305 * 86400
        codes.clean[i] = 39
    assert len(storage.encode(1, codes.to_keep())) <= 4096
    codes = dtc.Codes()
    for i in range(len(faults.ROWS)):
        codes.ever[i] = 65535
    assert len(storage.encode(1, codes.to_keep())) <= 4096
