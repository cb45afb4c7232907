"""What only shows over time: jumps, loose taps, readings that stand still, a pack that heats by itself."""

from array import array

from bms.core import snapshot as s
from bms.core.plausible import Plausibility
from bms.core.snapshot import Snapshot


class Watch:
    """A pack that the test changes, looked at ten times a second."""

    def __init__(self, cells: int = 8, cell_mv: int = 3300) -> None:
        self.snap = Snapshot(array("i", [cell_mv] * cells), array("i", [250]))
        self.snap.fets = self.snap.commanded = s.BOTH
        self.plausible = Plausibility(cells)
        self.unread_mv = 0  # what the stack has and the readings of its cells have not
        self.go(3000)

    def go(self, ms: int, step_ms: int = 100) -> None:
        for _ in range(ms // step_ms):
            self.snap.stack_mv = self.snap.pack_mv = sum(self.snap.cells_mv) + self.unread_mv
            self.snap.derive()
            self.plausible.step(self.snap, step_ms)

    def shift(self, by_mv: int, but: int = -1) -> None:
        """All cells but one move together."""
        for i in range(len(self.snap.cells_mv)):
            if i != but:
                self.snap.cells_mv[i] += by_mv

    def step_load(self, by_mv: int, but: int = -1) -> None:
        """A load is switched: all cells but one answer to it."""
        self.snap.current_ma += by_mv * 100
        self.shift(by_mv, but)

    def value(self, index: int) -> int:
        return self.snap.values[index]


def test_a_pack_at_rest_shows_nothing() -> None:
    watch = Watch()
    watch.go(120000)
    for index in (s.JUMP_MV, s.TAP_MV, s.FROZEN_MV, s.TEMP_RISE_DDEGC):
        assert watch.value(index) == 0
    assert watch.value(s.SOUND_MIN_MV) == 3300


def test_a_load_that_moves_all_cells_is_no_jump() -> None:
    watch = Watch()
    watch.step_load(-900)
    watch.go(100)
    assert watch.value(s.JUMP_MV) == 0
    assert watch.value(s.FROZEN_MV) == 0


def test_a_cell_that_jumps_is_measured_against_the_others_and_seen_for_a_second_or_two() -> None:
    """PW-046."""
    for jump_mv in (-700, 700):
        for cell in (0, 3, 7):
            watch = Watch()
            watch.snap.cells_mv[cell] += jump_mv
            watch.go(100)
            assert watch.value(s.JUMP_MV) == 700
            assert watch.snap.jump_at == cell
            watch.go(900)
            assert watch.value(s.JUMP_MV) == 700, "seen at least as long as it takes to trip"
            watch.go(1200)
            assert watch.value(s.JUMP_MV) == 0, "that is where the cell is now"


def test_a_cell_that_falls_slowly_does_not_jump() -> None:
    watch = Watch()
    for _ in range(100):
        watch.snap.cells_mv[2] -= 10
        watch.go(100)
        assert watch.value(s.JUMP_MV) <= 200


def test_a_loose_tap_pulls_two_neighbours_apart() -> None:
    """PW-047."""
    watch = Watch()
    watch.snap.cells_mv[3] -= 320
    watch.snap.cells_mv[4] += 310
    watch.go(100)
    assert watch.value(s.TAP_MV) == 310
    assert watch.snap.tap_at == 4
    assert watch.value(s.SOUND_MIN_MV) == s.ABSENT, "no cell may be called dead by it"


def test_two_far_cells_that_are_no_neighbours_are_no_loose_tap() -> None:
    watch = Watch()
    watch.snap.cells_mv[2] -= 320
    watch.snap.cells_mv[4] += 310
    watch.go(100)
    assert watch.value(s.TAP_MV) < 100
    watch = Watch()
    watch.snap.cells_mv[2] -= 320
    watch.snap.cells_mv[3] -= 310
    watch.go(100)
    assert watch.value(s.TAP_MV) < 100


def test_a_cell_that_stands_still_while_the_others_move_at_once() -> None:
    """PW-049: a load step moves every cell; one that only flickers is not measured any more."""
    for flicker_mv in (-3, 0, 3):
        watch = Watch()
        watch.step_load(-60, but=5)
        watch.snap.cells_mv[5] += flicker_mv
        watch.go(100)
        assert watch.value(s.FROZEN_MV) == 60 + flicker_mv
        assert watch.snap.frozen_at == 5
        watch.go(30000)
        assert watch.value(s.FROZEN_MV) == 60 + flicker_mv, "as wrong as it was until it moves again"
        watch.snap.cells_mv[5] -= 60
        watch.go(3000)
        assert watch.value(s.FROZEN_MV) == 0


def test_a_frozen_cell_is_right_again_when_the_others_come_back_to_it() -> None:
    watch = Watch()
    watch.step_load(-60, but=5)
    watch.go(5000)
    watch.step_load(50, but=5)
    watch.go(100)
    assert watch.value(s.FROZEN_MV) == 0


def test_a_frozen_cell_shows_beside_the_one_that_is_being_rescued() -> None:
    """Both read as before when the charge ends: below or above the deep one, the other is frozen."""
    for frozen in (2, 6):
        watch = Watch()
        watch.snap.cells_mv[5] -= 1200
        watch.snap.rescue = True
        watch.go(3000)
        watch.snap.current_ma -= 6000
        for k in range(8):
            if k not in (frozen, 5):
                watch.snap.cells_mv[k] -= 60
        watch.go(300)
        assert watch.value(s.FROZEN_MV) == 60, frozen


def test_a_deep_cell_that_is_frozen_shows_when_its_rescue_begins() -> None:
    watch = Watch()
    watch.snap.cells_mv[5] -= 1200
    watch.snap.rescue = True
    watch.go(3000)
    watch.snap.current_ma += 6000
    for k in range(8):
        if k != 5:
            watch.snap.cells_mv[k] += 60
    watch.go(300)
    assert watch.value(s.FROZEN_MV) == 60


def test_a_cell_that_is_being_rescued_may_rise_by_what_the_current_takes() -> None:
    """The end of a rescue charge lowers all cells; a deep one has risen meanwhile, and reads as before."""
    for rescue, lowest, frozen in ((True, True, 0), (False, True, 60), (True, False, 60)):
        watch = Watch()
        watch.snap.cells_mv[5 if lowest else 2] -= 1200
        watch.snap.rescue = rescue
        watch.go(3000)
        watch.step_load(-60, but=5)
        watch.go(100)
        assert watch.value(s.FROZEN_MV) == frozen, (rescue, lowest)


def test_a_cell_that_follows_by_a_little_is_measured() -> None:
    watch = Watch()
    watch.step_load(-60, but=5)
    watch.snap.cells_mv[5] -= 4
    watch.go(100)
    assert watch.value(s.FROZEN_MV) == 0


def test_a_cell_that_stands_still_to_the_bit_while_the_others_move_slowly() -> None:
    """PW-049: for a minute, and by 30 mV, and the stack says that this one moved too."""
    watch = Watch()
    for _ in range(90):
        watch.shift(-1, but=5)
        watch.unread_mv -= 1
        watch.go(1000)
    assert watch.value(s.FROZEN_MV) == 90
    assert watch.snap.frozen_at == 5
    watch.snap.cells_mv[5] -= 1
    watch.go(100)
    assert watch.value(s.FROZEN_MV) <= 2
    watch = Watch()
    for _ in range(50):
        watch.shift(-2, but=5)
        watch.unread_mv -= 2
        watch.go(1000)
    assert watch.value(s.FROZEN_MV) <= 4, "not long enough, and not at once"


def test_a_cell_on_its_plateau_while_the_others_leave_theirs() -> None:
    """PW-049: at an end of its curve a pack moves by itself, and the stack agrees with the sum."""
    for by_mv in (-1, 1, -20, 20):
        watch = Watch()
        watch.snap.current_ma = 10000 if by_mv > 0 else -10000
        watch.go(3000)
        for _ in range(90):
            watch.shift(by_mv, but=5)
            watch.snap.current_ma += 100  # of ten amperes
            watch.go(1000)
            assert watch.value(s.FROZEN_MV) == 0


def test_one_cell_that_dives_does_not_make_the_others_look_frozen() -> None:
    watch = Watch()
    for _ in range(60):
        watch.snap.cells_mv[5] -= 15
        watch.go(100)
    assert watch.value(s.FROZEN_MV) == 0


def test_converters_that_stand_still_accuse_no_switch() -> None:
    """PW-050, PW-052, PW-053, PW-054: what flows past open switches is believed of live converters only."""
    watch = Watch()
    watch.snap.fets = watch.snap.commanded = 0
    watch.snap.current_ma = -5000
    watch.go(100)
    assert watch.value(s.DSG_WELD_MA) == watch.value(s.OFF_MA) == 5000
    watch.snap.current_ma = 5000
    watch.go(100)
    assert watch.value(s.CHG_WELD_MA) == 5000
    watch.snap.values[s.STILL] = 1
    watch.go(100)
    assert watch.value(s.CHG_WELD_MA) == watch.value(s.OFF_MA) == 0


def test_the_rise_is_that_of_the_last_minute() -> None:
    """PW-044."""
    watch = Watch()
    for second in range(120):
        watch.snap.temps_ddegc[0] = 250 + second * 2
        watch.go(1000)
    assert 120 <= watch.value(s.TEMP_RISE_DDEGC) <= 140
    watch.go(70000)
    assert watch.value(s.TEMP_RISE_DDEGC) == 0


def test_a_thermistor_that_fails_or_returns_is_no_rise() -> None:
    watch = Watch()
    watch.snap.die_ddegc = 900
    watch.snap.temps_bad = 1
    watch.snap.temps_ddegc[0] = 2000
    watch.go(30000)
    assert watch.value(s.TEMP_RISE_DDEGC) == 0
    watch.snap.temps_bad = 0
    watch.snap.temps_ddegc[0] = 400
    watch.go(100)
    assert watch.value(s.TEMP_RISE_DDEGC) <= 0


def test_what_was_seen_before_a_pause_is_no_measure() -> None:
    for pause in (True, False):
        watch = Watch()
        if not pause:
            watch.plausible.forget()
        watch.snap.cells_mv[3] += 900
        watch.snap.temps_ddegc[0] = 500
        watch.go(2100 if pause else 100, 2100 if pause else 100)
        assert watch.value(s.JUMP_MV) == 0
        assert watch.value(s.TEMP_RISE_DDEGC) == 0


def test_three_cells_are_enough() -> None:
    watch = Watch(cells=3)
    watch.snap.cells_mv[1] += 600
    watch.go(100)
    assert watch.value(s.JUMP_MV) == 600


def test_a_sum_that_does_not_fit_the_stack_calls_no_cell_dead() -> None:
    watch = Watch()
    watch.snap.cells_mv[2] = 0
    watch.snap.stack_mv = 8 * 3300
    watch.snap.derive()
    watch.plausible.step(watch.snap, 100)
    assert watch.value(s.SOUND_MIN_MV) == s.ABSENT
    watch.go(100)
    assert watch.value(s.SOUND_MIN_MV) == 0, "the stack agrees: that cell is dead"


def test_a_thermistor_that_comes_back_is_no_rise() -> None:
    """PW-044: while it was broken, another one was the hottest."""
    watch = Watch()
    watch.snap.temps_ddegc = array("i", [250, 400])
    watch.go(70000)
    watch.snap.temps_bad = 2
    watch.snap.temps_ddegc[1] = -800
    watch.go(70000)
    watch.snap.temps_bad = 0
    watch.snap.temps_ddegc[1] = 400
    for _ in range(700):
        watch.go(100)
        assert watch.value(s.TEMP_RISE_DDEGC) == 0


def test_one_odd_picture_is_no_measure_for_those_after_it() -> None:
    """PW-046: taken while a short circuit pulled the cells apart, whenever in the second it falls."""
    for at in range(12):
        watch = Watch()
        watch.go(100 * at)
        watch.snap.cells_mv[4] -= 900
        watch.go(100)
        watch.snap.cells_mv[4] += 900
        for _ in range(40):
            watch.go(100)
            assert watch.value(s.JUMP_MV) == 0, at


def test_a_jump_that_stays_becomes_the_measure() -> None:
    watch = Watch()
    watch.snap.cells_mv[4] -= 900
    watch.go(5000)
    assert watch.value(s.JUMP_MV) == 0
