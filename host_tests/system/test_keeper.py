"""The keeper of the AFE: set-up, ages, what becomes of each kind of failure."""

from itertools import pairwise

import pytest
from bms.app.keeper import Keeper
from bms.app.readings import HARDWARE
from bms.core import snapshot as s
from bms.core import ticks
from bms.drivers import afe as chip
from system.bench import Board, Front, keeper

NO_ANSWER = chip.BusError(5, 1)
WRONG_CHIP = chip.IdentityError("something else answers at this address")
CHANGED = chip.ReadbackError("CUV Threshold", 0x9275, 50, 51)


def parts(k: Keeper) -> tuple[Front, Board, s.Snapshot]:
    return k.afe, k._hal, k.snap


def poll_for(k: Keeper, ms: int) -> None:
    board = k._hal
    for _ in range(ms // 10):
        k.poll(board.now)
        board.now = ticks.add(board.now, 10)


def ready() -> Keeper:
    k = keeper()
    poll_for(k, 100)
    assert k.ready
    k.afe.calls.clear()
    return k


def test_the_path_is_opened_before_the_set_up_begins() -> None:
    k = keeper()
    assert k.afe.calls == [("open_path",)]
    assert not k.ready


def test_the_set_up_waits_as_long_as_the_chip_asks() -> None:
    k = keeper()
    k.afe.waits = [50, 200]
    poll_for(k, 240)
    assert not k.ready
    assert k.afe.count("commission step") == 1
    poll_for(k, 40)
    assert k.ready
    assert k.error == ""
    assert k.afe.count("commission") == 1


def test_silence_does_not_grow_while_the_steps_of_a_set_up_succeed() -> None:
    """PW-016: an AFE that was reset and answers must not be called lost before it is set up again."""
    k = ready()
    k.afe.waits = [500, 500]
    k.start_over("the AFE was reset and lost its configuration")
    for _ in range(200):
        k.poll(k._hal.now)
        k.read(10)
        assert k.snap.values[s.SILENT_MS] <= 20
        k._hal.now = ticks.add(k._hal.now, 10)
    assert k.ready


def test_without_limits_nothing_is_set_up() -> None:
    front = Front()
    k = Keeper(Board(), front, s.Snapshot(front.cells_mv, front.temps_ddegc))
    poll_for(k, 5000)
    assert not k.ready
    assert k.error == ""
    assert front.calls == []


def test_a_ready_chip_is_not_set_up_again() -> None:
    k = ready()
    poll_for(k, 5000)
    assert k.afe.calls == []


@pytest.mark.parametrize("where", ["commission", "commission step"])
def test_a_silent_chip_is_tried_again_every_second_from_the_beginning(where: str) -> None:
    k = keeper()
    front, board, snap = parts(k)
    front.trouble[where] = NO_ANSWER
    snap.values[s.SILENT_MS] = 500
    poll_for(k, 3500)
    assert not k.ready
    assert front.count("commission") == 4
    assert k.errors == 4
    assert "does not answer" in k.error
    assert snap.values[s.SILENT_MS] == 500, "nothing was heard"
    assert snap.values[s.CONFIG_LOST] == 0, "silence is no wrong configuration"
    assert board.recovered == 1
    front.trouble.clear()
    poll_for(k, 1100)
    assert k.ready
    assert k.error == ""
    assert snap.values[s.SILENT_MS] == 0


def test_a_chip_that_answers_wrongly_is_not_silent_but_not_trusted() -> None:
    k = keeper()
    front, _, snap = parts(k)
    front.trouble["commission step"] = WRONG_CHIP
    snap.values[s.SILENT_MS] = 500
    poll_for(k, 1500)
    assert not k.ready
    assert front.count("commission") == 2
    assert snap.values[s.CONFIG_LOST] == 1
    assert snap.values[s.SILENT_MS] == 0
    assert k.error == "something else answers at this address"
    assert k.errors == 0
    front.trouble.clear()
    poll_for(k, 1100)
    assert k.ready
    assert snap.values[s.CONFIG_LOST] == 0


def test_a_set_up_that_the_driver_does_not_believe_is_repeated() -> None:
    k = keeper()
    front, _, snap = parts(k)
    front.configured = False
    snap.values[s.CONFIG_LOST] = 1
    poll_for(k, 500)
    assert not k.ready
    assert snap.values[s.CONFIG_LOST] == 1
    front.configured = True
    poll_for(k, 1000)
    assert k.ready
    assert front.count("commission") == 2


def test_ages_grow_until_something_new_is_read_and_saturate() -> None:
    k = ready()
    front, _, snap = parts(k)
    front.fresh = False
    for _ in range(3):
        k.read(100)
    assert (snap.values[s.AGE_MS], snap.values[s.SILENT_MS]) == (300, 0)
    assert not snap.fresh
    front.trouble["read"] = NO_ANSWER
    for _ in range(3):
        k.read(100)
    assert (snap.values[s.AGE_MS], snap.values[s.SILENT_MS]) == (600, 300)
    k.read(10**6)
    assert (snap.values[s.AGE_MS], snap.values[s.SILENT_MS]) == (60000, 60000)
    front.trouble.clear()
    front.fresh = True
    k.read(100)
    assert (snap.values[s.AGE_MS], snap.values[s.SILENT_MS]) == (0, 0)
    assert snap.fresh
    front.trouble["read"] = NO_ANSWER
    k.read(100)
    assert not snap.fresh


def test_a_chip_that_never_answered_is_stale_after_a_while_and_no_lockout() -> None:
    """It may only be powered later than the controller."""
    k = keeper()
    front, _, snap = parts(k)
    for _ in range(29):
        k.read(100)
    assert (snap.values[s.AGE_MS], snap.values[s.SILENT_MS]) == (0, 0)
    for _ in range(6):
        k.read(100)
    assert snap.values[s.AGE_MS] >= 500
    assert snap.values[s.SILENT_MS] == 0
    assert front.count("read") == 0
    assert not snap.valid


def test_a_board_without_parameters_expects_no_chip() -> None:
    front = Front()
    k = Keeper(Board(), front, s.Snapshot(front.cells_mv, front.temps_ddegc))
    for _ in range(100):
        k.read(100)
    assert (k.snap.values[s.AGE_MS], k.snap.values[s.SILENT_MS]) == (0, 0)


def test_silence_during_a_set_up_ages_once_the_chip_has_answered() -> None:
    k = ready()
    k.start_over("")
    k.afe.trouble["commission"] = NO_ANSWER
    k.read(100)
    k.read(100)
    assert (k.snap.values[s.AGE_MS], k.snap.values[s.SILENT_MS]) == (0, 200)


def test_ages_begin_anew_with_each_set_up() -> None:
    k = ready()
    snap = k.snap
    k.afe.fresh = False
    k.read(900)
    k.start_over("")
    assert snap.values[s.AGE_MS] == 900
    poll_for(k, 100)
    assert k.ready
    assert snap.values[s.AGE_MS] == 0


def test_every_reading_arrives() -> None:
    k = ready()
    front, _, snap = parts(k)
    front.stack_mv, front.pack_mv, front.ld_mv = 13201, 13202, 13203
    front.current_ma, front.die_ddegc, front.fets = -1500, 311, 2
    front.cells_mv[2] = 3333
    k.read(100)
    snap.derive()
    assert (snap.stack_mv, snap.pack_mv, snap.ld_mv) == (13201, 13202, 13203)
    assert (snap.current_ma, snap.die_ddegc, snap.fets) == (-1500, 311, 2)
    assert snap.values[s.CELL_MAX_MV] == 3333
    assert snap.valid
    assert snap.temps_bad == 0
    front.temps_ok = 0
    front.temps_ddegc[0] = 2000
    k.read(100)
    assert snap.temps_bad == 1
    assert not snap.fet_bad
    front.fet_ok = False
    front.fet_ddegc = -2000
    k.read(100)
    assert snap.fet_bad
    snap.derive()
    assert snap.values[s.THERMISTORS_OPEN] == 1
    assert snap.values[s.THERMISTORS_SHORT] == 1


def test_every_trip_of_the_chip_has_its_name_in_the_fault_table() -> None:
    named = {
        chip.OV: s.HW_OV,
        chip.UV: s.HW_UV,
        chip.OCC: s.HW_OCC,
        chip.OCD1: s.HW_OCD1,
        chip.OCD2: s.HW_OCD2,
        chip.SCD: s.HW_SCD,
        chip.OTC: s.HW_OTC,
        chip.UTC: s.HW_UTC,
        chip.OTD: s.HW_OTD,
        chip.UTD: s.HW_UTD,
        chip.OTF: s.HW_OT_FET,
        chip.OTINT: s.HW_OT_DIE,
        chip.HWD: s.HW_HOST_SILENT,
        chip.PF: s.HW_FAULT,
        chip.OTHER: s.HW_FAULT,
    }
    assert len(HARDWARE) == 15
    k = ready()
    for theirs, ours in named.items():
        k.afe.safety = theirs
        k.read(100)
        assert k.snap.hardware == ours
    k.afe.temps_ok = 0
    for theirs in (chip.OTC, chip.UTC, chip.OTD, chip.UTD):
        k.afe.safety = theirs | chip.OV
        k.read(100)
        assert k.snap.hardware == s.HW_OV, "a broken thermistor is neither hot nor cold"
    k.afe.temps_ok = 1
    k.afe.safety = chip.OV | chip.SCD
    k.read(100)
    assert k.snap.hardware == s.HW_OV | s.HW_SCD
    k.afe.safety = 0
    k.read(100)
    assert k.snap.hardware == 0


def test_a_chip_that_was_reset_is_opened_and_set_up_again() -> None:
    k = ready()
    front, _, snap = parts(k)
    front.configured = False
    k.read(100)
    assert not k.ready
    assert snap.values[s.CONFIG_LOST] == 1
    assert not snap.fresh
    assert front.calls[-1] == ("open_path",)
    assert "lost its configuration" in k.error
    front.configured = True
    poll_for(k, 100)
    assert k.ready
    assert snap.values[s.CONFIG_LOST] == 0


def test_changed_configuration_is_opened_and_set_up_again() -> None:
    k = ready()
    k.afe.trouble["verify_step"] = CHANGED
    k.verify()
    assert not k.ready
    assert k.snap.values[s.CONFIG_LOST] == 1
    assert k.afe.calls == [("verify_step",), ("open_path",)]
    assert "0x9275" in k.error
    assert k.errors == 0
    k.verify()
    assert k.afe.count("verify_step") == 1, "not while it is being set up"


@pytest.mark.parametrize(
    "method", ["verify_step", "check_alert", "set_fets", "open_path", "set_balance", "load_detect"]
)
def test_a_failed_transaction_is_counted_and_believed_to_be_one(method: str) -> None:
    """PW-122."""
    k = ready()
    front, board, _ = parts(k)
    front.trouble[method] = NO_ANSWER
    act = {
        "verify_step": k.verify,
        "check_alert": k.alarmed,
        "set_fets": lambda: k.command(3),
        "open_path": k.open_path,
        "set_balance": lambda: k.balance(1),
        "load_detect": lambda: k.watch_load(True),
    }[method]
    for failures in range(1, 7):
        assert not act()
        assert k.errors == failures
        assert board.recovered == failures // 3, "three in a row: the bus may be held down"
    assert k.recoveries == 2
    assert k.ready
    assert "does not answer" in k.error


def test_an_answer_in_between_means_the_bus_is_not_held_down() -> None:
    k = ready()
    for _ in range(3):
        k.afe.trouble["set_fets"] = NO_ANSWER
        k.command(3)
        k.command(3)
        k.read(100)
    assert k.errors == 6
    assert k.recoveries == 0


def test_the_alert_line_is_asked_about_only_once_the_chip_is_trusted() -> None:
    k = keeper()
    k.afe.alert = True
    assert k.alarmed() is False
    assert k.afe.count("check_alert") == 0
    k = ready()
    assert k.alarmed() is False
    k.afe.alert = True
    assert k.alarmed() is True


def test_nothing_is_closed_or_watched_before_the_set_up() -> None:
    k = keeper()
    assert k.command(3) is True, "open is what it should be: nothing to send again"
    k.watch_load(True)
    k.verify()
    assert k.afe.calls == [("open_path",)]


def test_the_load_pin_is_switched_on_change_and_again_after_a_new_set_up() -> None:
    k = ready()
    for on in (False, True, True, False, False):
        k.watch_load(on)
    assert k.afe.calls == [("load_detect", True), ("load_detect", False)]
    k.watch_load(True)
    k.start_over("")
    poll_for(k, 100)
    k.afe.calls.clear()
    k.watch_load(True)
    assert k.afe.calls == [("load_detect", True)]


def test_a_load_switch_that_failed_is_tried_again() -> None:
    k = ready()
    k.afe.trouble["load_detect"] = NO_ANSWER
    k.watch_load(True)
    k.afe.trouble.clear()
    k.watch_load(True)
    assert k.afe.count("load_detect") == 2


def test_giving_up_keeps_the_reason_and_begins_at_the_slow_pace() -> None:
    k = ready()
    k.afe.trouble["read"] = NO_ANSWER
    k.read(100)
    k.give_up()
    assert not k.ready
    assert "does not answer" in k.error
    opened = k.afe.count("open_path")
    k.give_up()
    assert k.afe.count("open_path") == opened, "once"


def test_starting_over_forgets_a_set_up_half_done() -> None:
    k = keeper()
    k.afe.waits = [20, 5000]
    poll_for(k, 100)
    k.start_over("")
    poll_for(k, 30)
    assert k.afe.count("commission") == 2


def test_an_opening_that_the_chip_did_not_take_is_repeated_before_anything_else() -> None:
    """PW-116."""
    k = ready()
    k.afe.fets = k.snap.fets = 3
    k.afe.trouble["open_path"] = NO_ANSWER
    k.start_over("")
    assert k.snap.fets == 3
    k.afe.calls.clear()
    poll_for(k, 100)
    assert set(k.afe.calls) == {("open_path",)}
    assert k.afe.count("open_path") == 10
    k.afe.trouble.clear()
    poll_for(k, 100)
    assert k.snap.fets == 0
    assert k.ready
    k.afe.calls.clear()
    poll_for(k, 100)
    assert k.afe.calls == []


def test_tries_to_open_over_a_hanging_bus_leave_the_loop_as_much_time_as_they_take() -> None:
    k = ready()
    front, board, _ = parts(k)
    front.trouble["open_path"] = NO_ANSWER
    tried = []

    def hang() -> None:
        tried.append(board.now)
        board.now = ticks.add(board.now, 50)
        raise NO_ANSWER

    front.open_path = hang
    k.start_over("")
    poll_for(k, 400)
    gaps = [ticks.diff(later, earlier) for earlier, later in pairwise(tried)]
    assert len(gaps) >= 3
    assert min(gaps) >= 100


def test_a_command_says_whether_the_chip_has_taken_it() -> None:
    k = ready()
    assert k.command(3) is True
    k.afe.trouble["set_fets"] = NO_ANSWER
    assert k.command(0) is False


def test_nothing_is_bled_before_the_set_up() -> None:
    k = keeper()
    k.balance(1)
    assert k.afe.count("set_balance") == 0
