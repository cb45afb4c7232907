"""Charge counting: exact for any current, bounded, and anchored by evidence."""

from bms.core import chemistry, soc
from bms.core.spread import Spread
from core.pack_fixture import LFP, NMC, calm, values


def counter(given: dict = LFP, permille: int = 500, **changes: int) -> soc.ChargeCounter:
    c = soc.ChargeCounter()
    c.configure(values(given, **changes))
    c.set(permille, 20)
    return c


def test_nothing_is_lost_to_rounding_at_tiny_currents() -> None:
    c = counter(NMC, capacity_mah=500)
    for _ in range(10 * 3600 * 5):  # 5 h at 4 mA out of 0.5 Ah
        c.count(-4, 100)
    assert c.permille == 460


def test_exact_at_large_currents_and_capacities() -> None:
    c = counter(LFP, capacity_mah=300000, shunt_uohm=100)
    for _ in range(3600):
        c.count(-150000, 1000)
    assert c.permille == 0
    c = counter(LFP, capacity_mah=300000, shunt_uohm=100)
    for _ in range(18000):
        c.count(-30000, 100)  # 15 Ah of 300
    assert c.permille == 450


def test_charge_and_discharge_cancel_exactly() -> None:
    c = counter(NMC)
    for current in (1, 7, 333, 12345):
        for _ in range(1000):
            c.count(current, 100)
        for _ in range(1000):
            c.count(-current, 100)
    assert c.permille == 500


def test_stays_between_empty_and_full() -> None:
    c = counter(NMC)
    for _ in range(3600):
        c.count(5000, 1000)
    assert c.permille == 1000
    for _ in range(7300):
        c.count(-5000, 1000)
    assert c.permille == 0


def test_the_first_voltage_is_taken_when_nothing_is_known() -> None:
    c = soc.ChargeCounter()
    c.configure(values(NMC))
    assert not c.known
    c.second(calm(3750))
    assert c.known
    assert c.permille == 500
    assert c.sigma_permille >= 60


def test_full_needs_every_cell_and_a_tapered_current() -> None:
    for weakest, current in ((3449, 1000), (3460, 5000), (3460, -1001)):
        c = counter(LFP, permille=900)
        snap = calm(3460)
        snap.cells_mv[1] = weakest
        snap.current_ma = current
        snap.derive()
        for _ in range(120):
            c.second(snap)
        assert c.permille < 1000, (weakest, current)


def test_a_reset_of_a_working_pack_keeps_the_count_and_says_unsure() -> None:
    c = counter(NMC, permille=700)
    c.reset(calm(3750))
    assert c.permille == 700
    assert c.settling
    assert c.sigma_permille == 150
    snap = calm(4200)
    snap.current_ma = 100
    for _ in range(60):
        c.second(snap)
    assert not c.settling


def test_a_new_capacity_keeps_the_share() -> None:
    c = counter(NMC, permille=640)
    c.configure(values(NMC, capacity_mah=4000))
    assert c.permille in (639, 640)


def test_nothing_is_believed_before_there_is_evidence() -> None:
    c = soc.ChargeCounter()
    assert (c.permille, c.sigma_permille) == (500, 300)
    assert not c.known
    assert not c.settling


def test_what_is_set_stays_within_what_a_pack_can_hold() -> None:
    c = counter(NMC)
    for given, kept in ((-5, 0), (1500, 1000), (1000, 1000), (0, 0)):
        c.set(given, 30)
        assert c.permille == kept
    c.set(500, 900)
    assert c.sigma_permille == 300
    c.set(500, -10)
    assert c.sigma_permille == 1


def test_a_remembered_charge_that_the_voltage_contradicts_is_given_up() -> None:
    c = counter(NMC, permille=700)
    c.set(700, 110)
    for _ in range(480):
        c.second(calm(3750))
    assert 480 <= c.permille <= 520
    assert 30 <= c.sigma_permille <= 110, "one voltage, and a curve that is only roughly this cell's"


def test_a_remembered_charge_that_the_voltage_allows_is_kept() -> None:
    c = counter(NMC, permille=530)
    c.set(530, 110)
    for _ in range(3600):
        c.second(calm(3750))
    assert 515 <= c.permille <= 531
    assert c.sigma_permille <= 80, "it has been seen that it is not 20 % off"


def driven_beside_the_curve(believed: int, error_mv: int) -> soc.ChargeCounter:
    """Started at 70 % of an NMC cell that lies beside its curve, driven to 45 % at 1/4 C."""
    c = counter(NMC, permille=believed)
    c.set(believed, 110)
    flows_ma = -values(NMC)["capacity_mah"] // 4
    for second in range(3600):
        c.count(flows_ma, 1000)
        truth = 700.0 - 250.0 * second / 3600
        snap = calm(int(chemistry.ocv_mv(0, truth) + c.over_mv) + error_mv)
        snap.current_ma = flows_ma
        c.second(snap)
    return c


def test_a_right_memory_outlives_a_start_in_mid_drive_in_a_cell_beside_its_curve() -> None:
    c = driven_beside_the_curve(700, -125)
    assert 440 <= c.permille <= 460
    assert c.sigma_permille > 50, "the voltage does not confirm it"


def test_a_wrong_memory_is_not_confirmed_by_a_voltage_that_is_as_wrong() -> None:
    c = driven_beside_the_curve(530, -105)
    assert 280 <= c.permille <= 400
    assert 2 * c.sigma_permille > 450 - c.permille


def test_in_the_lfp_plateau_the_voltage_says_nothing() -> None:
    c = counter(LFP, permille=700)
    c.set(700, 110)
    for _ in range(7200):
        c.second(calm(3300))
    assert 690 <= c.permille <= 710
    assert c.sigma_permille >= 90, "and nobody is made sure by it"


def test_in_the_lfp_knee_the_voltage_decides() -> None:
    c = counter(LFP, permille=400)
    c.set(400, 110)
    for _ in range(600):
        c.second(calm(3040))
    assert 15 <= c.permille <= 50
    assert c.sigma_permille <= 30


def test_full_is_voltage_and_taper_for_a_minute_without_a_break() -> None:
    c = counter(LFP, permille=900)
    snap = calm(3450)
    snap.current_ma = 4000
    pause = calm(3449)
    pause.current_ma = 4000
    for _ in range(59):
        c.second(snap)
    c.second(pause)
    for _ in range(59):
        c.second(snap)
    assert c.anchors == 0
    c.second(snap)
    assert (c.permille, c.anchors) == (1000, 1)
    assert c.sigma_permille <= 10


def test_the_uncertainty_grows_with_what_was_moved_and_with_time() -> None:
    c = counter(LFP)
    c.set(500, 10)
    before = c.sigma_permille
    snap = calm(3290)
    snap.current_ma = 20000
    for _ in range(3600):
        c.count(20000, 1000)
        c.second(snap)
    assert before <= c.sigma_permille <= 30
    moved = c.sigma_permille
    for _ in range(3 * 86400 // 60):
        c.trusted.passed(0.0, 60.0, 700.0)
    assert c.sigma_permille > moved + 15


def test_the_first_voltage_is_worth_less_under_load_and_in_the_plateau() -> None:
    found = []
    for given, cell_mv, current_ma in ((NMC, 3300, 0), (NMC, 3300, -5000), (LFP, 3290, 0)):
        c = soc.ChargeCounter()
        c.configure(values(given))
        snap = calm(cell_mv)
        snap.current_ma = current_ma
        c.second(snap)
        assert c.known
        found.append(c.sigma_permille)
    assert 60 <= found[0] < found[1] < found[2]


def test_a_reset_of_a_rested_pack_takes_its_voltage() -> None:
    c = counter(NMC, permille=560)
    for _ in range(900):
        c.second(calm(3750))
    assert c.rest.relaxed
    c.reset(calm(3750))
    assert 495 <= c.permille <= 505
    assert not c.settling


def test_a_reset_of_a_working_pack_is_unsure_until_the_voltage_agrees() -> None:
    c = counter(NMC, permille=120)
    snap = calm(3380)
    snap.current_ma = 60
    c.reset(snap)
    assert c.settling
    assert c.sigma_permille >= 150
    for _ in range(600):
        c.second(snap)
    assert not c.settling


def test_a_reset_makes_nobody_more_sure() -> None:
    c = counter(NMC)
    c.set(500, 200)
    c.reset(calm(3750))
    assert c.sigma_permille == 200


def test_a_learned_capacity_keeps_the_share_and_counts_by_it() -> None:
    c = counter(NMC, permille=800)
    c.use_capacity(0.8)
    assert c.permille == 800
    for _ in range(3600):
        c.count(-2000, 1000)  # 2 Ah of the 4 that are left
    assert c.permille == 300


def test_the_count_stays_a_small_number() -> None:
    c = counter(NMC, permille=900)
    c.set(900, 110)
    for _ in range(480):
        c.second(calm(3750))
    assert abs(c.trusted.off) < 51
    assert abs(c.counted() + c.trusted.off - 500) < 15


def test_a_learned_offset_is_taken_off_the_count() -> None:
    c = counter(LFP, permille=500)
    snap = calm(3290)
    snap.current_ma = 40
    for _ in range(4 * 3600):
        c.count(40, 1000)
        c.second(snap)
    assert abs(c.rest.offset_ma - 40.0) < 1.0
    before = c.counted_c
    for _ in range(36000):
        c.count(40, 1000)
        c.second(snap)
    assert abs(c.counted_c - before) < 40


def test_a_belief_that_has_lost_its_way_begins_anew() -> None:
    """Both views have come to believe in the middle of the plateau, firmly; the pack rests nearly empty."""
    c = counter(LFP, permille=550)
    for _ in range(1800):
        c.second(calm(3279))
    c.set(550, 10)
    c.fresh.restart(0.0, 10.0)
    c._began = True
    for _ in range(1800):
        c.second(calm(3040))
    assert 15 <= c.permille <= 50, c.permille
    assert c.sigma_permille <= 40


def test_a_cold_full_pack_moves_a_good_count_by_what_full_is_worth() -> None:
    """At freezing, a charger's last C/20 leaves 1.2 % out; the count is right, and sure of itself."""
    c = counter(NMC, permille=988)
    c.set(988, 3)
    c.fresh.restart(0.0, 100.0)
    snap = calm(4200)
    snap.temps_ddegc[0] = 0
    snap.current_ma = 230
    snap.derive()
    for _ in range(60):
        c.second(snap)
    assert c.anchors == 1
    assert 986 <= c.permille <= 994
    assert c.sigma_permille <= 8


def test_a_remembered_charge_far_from_full_is_given_up_at_full() -> None:
    c = counter(NMC, permille=700)
    snap = calm(4190)
    snap.current_ma = 100
    for _ in range(60):
        c.second(snap)
    assert (c.permille, c.anchors) == (1000, 1)


def test_what_is_kept_over_a_power_cut_is_the_usual_cell() -> None:
    """Restored as if it were the usual cell's, the charge of a pack with a low cell fell at each start."""
    c = counter(LFP, permille=500)
    c.spread = Spread(4)
    c.spread.off[1] = -80.0
    for k in range(4):
        c.spread.var[k] = 4.0
    c.spread.find(500.0)
    shown = c.permille
    assert shown < 470
    for _ in range(5):
        kept = c.kept()
        c.set(kept[0], kept[1])
    assert c.permille == shown
    assert c.kept()[1] < c.sigma_permille, "what the other cells add to the pack's doubt is kept with them"


def test_no_second_looks_at_a_voltage_twice() -> None:
    """Each look costs the chip two milliseconds: one a second, and both views see all of them."""
    c = counter(NMC, permille=530)
    c.set(530, 110)
    seen = []
    for view in (c.trusted, c.fresh):
        view.see = lambda *_, view=view: seen.append(view)  # type: ignore[method-assign]
    for _ in range(5):
        c.second(calm(3750))
    for second in range(50):
        before = len(seen)
        c.second(calm(3750))
        assert len(seen) - before <= 1, second
    assert len(seen) == 20
    assert seen[::2] == [c.trusted] * 10


def test_a_charge_that_no_cell_can_hold_is_given_up_at_once() -> None:
    """Believed 20 points too low, an LFP pack is counted down below empty, in the plateau still.

    No voltage contradicts that firmly there, but nobody can have less than nothing.
    """
    c = counter(LFP, permille=100)
    c.set(100, 110)
    snap = calm(3235)
    snap.current_ma = -20000
    snap.derive()
    for _ in range(15 * 60):  # 50 permille: now believed 5 % full
        c.count(-20000, 1000)
        c.second(snap)
    assert 40 <= c.permille <= 60
    for _ in range(30 * 60):
        c.count(-20000, 1000)
        c.second(snap)
    assert c.permille > 100, "what the voltage says, however vague"
    assert c.sigma_permille > 40


def test_a_charger_that_ends_with_one_cell_at_the_top_says_what_the_others_hold() -> None:
    """The count has drifted; the highest cell is known to hold 3 % more than the others."""
    for sigma, least, most in ((5.0, 960, 980), (59.0, 880, 960)):
        c = counter(LFP, permille=880)
        c.spread = Spread(4)
        for k in range(4):
            c.spread.var[k] = sigma * sigma
        c.spread.off[2] = 30.0
        snap = calm(3340)
        snap.cells_mv[2] = 3550
        snap.current_ma = 3000
        snap.derive()
        for _ in range(60):
            c.second(snap)
        assert (c.anchors, c.tops) == (0, 1)
        assert least <= c.middle() <= most, (sigma, c.middle())
