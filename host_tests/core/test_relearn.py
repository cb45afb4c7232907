"""The guided learning cycle: its steps, what it measures, what breaks it and what does not."""

from bms.core import relearn
from bms.core.relearn import Relearn
from core.pack_fixture import calm

VALUES = {"chemistry": "lfp", "capacity_mah": 100000, "cell_uv_warn_mv": 2800}
CAPACITY_C = 342000  # 95 Ah, which the pack does not know yet


class Owner:
    """Charges, waits and drives, and calls the procedure once a second."""

    def __init__(self):
        self.snap = calm()
        self.relearn = Relearn(len(self.snap.cells_mv))
        self.relearn.configure(VALUES)
        self.charge_c = 5
        self.second()

    def second(self, amps=0, full=False, cell_mv=3300, count=1):
        for _ in range(count):
            self.charge_c += amps
            self.snap.current_ma = amps * 1000
            for index in range(len(self.snap.cells_mv)):
                self.snap.cells_mv[index] = cell_mv + index
            self.snap.derive()
            self.relearn.second(self.snap, full, self.charge_c)

    def rest(self, cell_mv):
        self.second(0, False, cell_mv, relearn.REST_S)

    def fill(self, from_c=0):
        while from_c < CAPACITY_C:
            amps = min(50, CAPACITY_C - from_c)
            self.second(amps, from_c + amps >= CAPACITY_C, 3400)
            from_c += amps

    def drain(self):
        for _ in range(CAPACITY_C // 50):
            self.second(-50, False, 3100)
        self.second(0, False, 2800, 10)


def whole():
    owner = Owner()
    owner.relearn.begin(100000)
    owner.fill(CAPACITY_C // 2)
    owner.rest(3350)
    owner.drain()
    owner.rest(2900)
    owner.fill()
    return owner


def test_the_whole_cycle_measures_the_capacity():
    owner = Owner()
    learn = owner.relearn
    assert learn.step == relearn.IDLE
    assert not learn.active
    learn.begin(100000)
    assert learn.step == relearn.FILL
    owner.fill(CAPACITY_C // 2)
    assert learn.step == relearn.REST_FULL
    owner.second(0, False, 3350, relearn.REST_S - 1)
    assert learn.step == relearn.REST_FULL
    owner.second(0, False, 3350)
    assert learn.step == relearn.DRAIN
    assert list(learn.full_mv) == [3350, 3351, 3352, 3353]
    owner.drain()
    assert learn.step == relearn.REST_EMPTY
    owner.rest(2900)
    assert learn.step == relearn.REFILL
    assert list(learn.empty_mv) == [2900, 2901, 2902, 2903]
    owner.fill()
    assert learn.step == relearn.DONE
    assert not learn.active
    assert learn.before_mah == 100000
    assert learn.after_mah == 95000
    assert learn.confidence_permille() == 1000


def test_a_rest_that_is_left_out_costs_confidence_and_no_more():
    owner = Owner()
    learn = owner.relearn
    learn.begin(100000)
    owner.fill(CAPACITY_C // 2)
    owner.drain()
    assert learn.step == relearn.REST_EMPTY
    owner.fill()
    assert learn.step == relearn.DONE
    assert learn.after_mah == 95000
    assert learn.rests == 0
    assert learn.confidence_permille() == 600


def test_two_ways_that_disagree_cost_confidence():
    owner = whole()
    learn = owner.relearn
    learn.filled_c = learn.drawn_c * 101 // 100
    assert 945 <= learn.confidence_permille() <= 955
    learn.filled_c = learn.drawn_c * 2
    assert learn.confidence_permille() == 0


def test_charging_again_on_the_way_down_begins_the_count_anew():
    owner = Owner()
    learn = owner.relearn
    learn.begin(100000)
    owner.fill(0)
    owner.second(-50, False, 3200, 2000)
    assert learn.step == relearn.DRAIN
    assert learn.drawn_c == 100000
    owner.second(50, False, 3300, 1000)
    assert learn.drawn_c == 50000, "regeneration is taken off"
    owner.second(50, True, 3400)
    assert (learn.step, learn.drawn_c) == (relearn.REST_FULL, 0)


def test_a_full_pack_goes_on_resting_while_the_charger_holds_it():
    owner = Owner()
    owner.relearn.begin(100000)
    owner.fill(0)
    owner.second(0, True, 3400, 5000)
    assert owner.relearn.step == relearn.REST_FULL


def test_a_dip_under_load_is_not_empty():
    owner = Owner()
    owner.relearn.begin(100000)
    owner.fill(0)
    owner.rest(3350)
    for _ in range(20):
        owner.second(-90, False, 2790, 9)
        owner.second(-10, False, 3000)
    assert owner.relearn.step == relearn.DRAIN


def test_it_can_be_broken_off_anywhere():
    for seconds in (1, 3000, 9000):
        owner = Owner()
        owner.relearn.begin(100000)
        owner.fill(CAPACITY_C - 100)
        owner.second(-50, False, 3100, seconds)
        owner.relearn.abort()
        assert owner.relearn.step == relearn.IDLE
        assert "step" not in owner.relearn.to_keep()


def test_it_goes_on_after_a_power_cut_at_any_second():
    owner = Owner()
    owner.relearn.begin(100000)
    owner.fill(CAPACITY_C - 1000)
    owner.rest(3350)

    def cut():
        again = Relearn(4)
        again.configure(VALUES)
        again.take_up(owner.relearn.to_keep())
        assert again.to_keep() == owner.relearn.to_keep()
        owner.relearn = again
        owner.second()

    for _ in range(CAPACITY_C // 50):
        owner.second(-50, False, 3100)
        if owner.charge_c % 7000 == 0:
            cut()
    owner.second(0, False, 2800, 10)
    cut()
    owner.rest(2900)
    cut()
    owner.fill()
    assert owner.relearn.step == relearn.DONE
    assert owner.relearn.after_mah == 95000
    cut()
    assert owner.relearn.step == relearn.DONE


def test_what_flowed_after_the_last_write_is_not_lost():
    """The step was written down half an hour before the cut; the pack's lifetime count goes on."""
    owner = Owner()
    owner.relearn.begin(100000)
    owner.fill(CAPACITY_C - 1000)
    owner.rest(3350)
    kept = owner.relearn.to_keep()
    for _ in range(1800):
        owner.second(-50, False, 3100)
    owner.relearn = Relearn(4)
    owner.relearn.configure(VALUES)
    owner.relearn.take_up(kept)
    owner.second(-50, False, 3100)
    assert owner.relearn.drawn_c == 1801 * 50


def test_a_count_that_was_lost_is_not_taken_for_a_current():
    owner = Owner()
    owner.charge_c = 10 * CAPACITY_C
    owner.second()
    owner.relearn.begin(100000)
    owner.fill(CAPACITY_C - 1000)
    owner.rest(3350)
    owner.charge_c = 0
    owner.second(-50, False, 3100)
    assert owner.relearn.drawn_c == 0


def used(owner, days):
    """From full to empty and back, as people do, on one day."""
    owner.second(0, True, 3400)
    owner.drain()
    for _ in range(CAPACITY_C // 50):
        owner.second(50, False, 3300)
    owner.snap.derive()
    owner.relearn.second(owner.snap, True, owner.charge_c, days * 86400)


def test_a_natural_cycle_counts_and_puts_off_the_next():
    owner = Owner()
    learn = owner.relearn
    assert learn.due_s(0) == relearn.DUE_S
    assert learn.due_s(91 * 86400) == -86400
    learn.changed = False
    used(owner, 91)
    assert (learn.step, learn.changed) == (relearn.IDLE, True)
    assert learn.natural_mah == 95000
    assert learn.due_s(91 * 86400) == relearn.DUE_S


def test_half_a_natural_cycle_outlives_a_power_cut_and_a_short_one_is_none():
    owner = Owner()
    owner.second(0, True, 3400)
    owner.drain()
    again = Relearn(4)
    again.configure(VALUES)
    again.take_up(owner.relearn.to_keep())
    owner.relearn = again
    owner.second(50, False, 3300, 10)
    owner.second(0, True, 3400)
    assert again.natural_mah == 0, "full again after 500 C is no cycle"
    used(owner, 5)
    assert again.natural_mah == 95000
    assert again.cycled_s == 5 * 86400


def test_a_guided_cycle_counts_as_well():
    owner = whole()
    assert owner.relearn.step == relearn.DONE
    assert owner.relearn.natural_mah == 95000


def test_what_was_known_before_outlives_a_power_cut():
    owner = Owner()
    owner.relearn.begin(100000, 1234, 56)
    again = Relearn(4)
    again.take_up(owner.relearn.to_keep())
    assert (again.before_mah, again.before) == (100000, [1234, 56])


def test_what_was_left_when_empty_is_part_of_the_capacity():
    owner = whole()
    assert owner.relearn.left[0] < 60, "an LFP cell that rests at 2.9 V is nearly empty"
    owner.relearn.left = [50, 10]
    mah, sigma = owner.relearn.taught()
    assert mah == 95000 / 0.95
    assert 0.02 < sigma < 0.03
    owner.relearn.rests = 0
    assert owner.relearn.taught()[1] > sigma + 0.015, "without rests it is less sure"


def test_rubbish_is_no_procedure():
    good = whole().relearn.to_keep()
    for name, value in (
        ("step", 0),
        ("step", 7),
        ("step", "x"),
        ("c", [1]),
        ("c", None),
        ("mv", [[1], [2]]),
        ("mv", 5),
    ):
        kept = dict(good)
        kept[name] = value
        again = Relearn(4)
        again.take_up(kept)
        assert again.step == relearn.IDLE, (name, value)
    for rubbish in (None, 5, [], "x", {}):
        again = Relearn(4)
        again.take_up(rubbish)
        assert again.step == relearn.IDLE


def test_time_left_is_told_where_it_can_be():
    owner = Owner()
    learn = owner.relearn
    assert learn.left_s(500, 5000) == -1
    learn.begin(100000)
    assert learn.left_s(500, 0) == -1
    assert learn.left_s(500, 50000) == 3600
    owner.fill(CAPACITY_C // 2)
    owner.second(0, False, 3350, 100)
    assert learn.left_s(1000, 0) == relearn.REST_S - 100
    owner.rest(3350)
    assert learn.left_s(1000, -100000) == 3600
    assert learn.left_s(1000, 100000) == -1


def test_every_change_of_step_asks_to_be_written_down():
    owner = Owner()
    learn = owner.relearn
    for act in (lambda: learn.begin(1), lambda: owner.fill(CAPACITY_C - 50), learn.abort):
        learn.changed = False
        act()
        assert learn.changed
