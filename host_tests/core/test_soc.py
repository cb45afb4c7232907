"""Charge counting: exact for any current, bounded, and anchored by evidence."""

from bms.core import snapshot as s
from bms.core import soc
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


def test_the_uncertainty_grows_with_what_was_moved_and_with_time() -> None:
    c = counter(NMC)
    for _ in range(1800):
        c.count(-2500, 1000)  # a quarter of the capacity: two tenths and a bit
    assert c.sigma_permille == 22
    snap = calm(3700)
    snap.current_ma = -1000
    for _ in range(5400):
        c.second(snap)
    assert c.sigma_permille == 23


def test_the_first_voltage_is_taken_when_nothing_is_known() -> None:
    c = soc.ChargeCounter()
    c.configure(values(NMC))
    assert not c.known
    c.second(calm(3750))
    assert c.known
    assert c.permille == 500
    assert c.sigma_permille >= 60


def test_a_rested_pack_corrects_a_wrong_count_by_its_voltage() -> None:
    c = counter(NMC, permille=700)
    c.sigma_permille = 200
    for _ in range(soc.REST_S - 1):
        c.second(calm(3750))
    assert c.permille == 700
    c.second(calm(3750))
    assert 490 <= c.permille <= 520
    assert c.sigma_permille <= 20


def test_in_the_lfp_plateau_the_voltage_moves_little() -> None:
    c = counter(LFP, permille=700)
    for _ in range(soc.REST_S):
        c.second(calm(3278))
    assert c.permille >= 690


def test_full_is_voltage_and_taper_for_a_minute() -> None:
    c = counter(LFP, permille=900)
    snap = calm(3460)
    snap.current_ma = 4000
    for _ in range(59):
        c.second(snap)
    assert c.permille == 900
    c.second(snap)
    assert c.permille == 1000
    assert c.sigma_permille == 10


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


def test_usable_charge_is_that_of_the_emptiest_and_the_fullest_cell() -> None:
    c = soc.ChargeCounter()
    c.configure(values(NMC))
    snap = calm(3750)
    snap.cells_mv[0] = 3486  # 20 %
    snap.cells_mv[1] = 3946  # 70 %
    snap.derive()
    c.second(snap)
    assert c.permille == 400  # 20 to give, 30 to take


def test_a_reset_of_a_rested_pack_takes_its_voltage() -> None:
    c = counter(NMC, permille=900)
    for _ in range(soc.REST_S):
        c.second(calm(3750))
    c.set(900, 5)
    c.reset(calm(3750))
    assert c.permille == 500
    assert not c.settling


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


def test_idle_for_the_reset_guard_is_not_rest_for_a_small_pack() -> None:
    c = counter(NMC, permille=700, capacity_mah=2000)
    snap = calm(3750)
    snap.current_ma = -100
    assert abs(snap.current_ma) < s.IDLE_MA
    for _ in range(2 * soc.REST_S):
        c.second(snap)
    assert c.rested_s == 0
    assert c.permille == 700


def test_nothing_is_believed_before_there_is_evidence() -> None:
    c = soc.ChargeCounter()
    assert (c.permille, c.sigma_permille) == (500, 300)
    assert not c.known
    assert not c.settling


def test_rest_is_half_an_hour_without_a_break() -> None:
    c = counter(NMC, permille=700)
    c.sigma_permille = 200
    moving = calm(3750)
    moving.current_ma = 1000
    for _ in range(1700):
        c.second(calm(3750))
    c.second(moving)
    for _ in range(1799):
        c.second(calm(3750))
    assert c.permille == 700
    c.second(calm(3750))
    assert c.permille < 520


def test_a_rest_is_weighed_once_and_the_next_one_again() -> None:
    c = counter(LFP, permille=700)
    c.sigma_permille = 60
    for _ in range(1800):
        c.second(calm(3278))
    first = c.permille
    assert first < 700
    for _ in range(1800):
        c.second(calm(3278))
    assert c.permille == first
    moving = calm(3278)
    moving.current_ma = -5000
    c.second(moving)
    for _ in range(1800):
        c.second(calm(3278))
    assert c.permille < first


def test_what_counts_as_rest_goes_with_the_size_of_the_pack() -> None:
    for capacity_mah, limit_ma in ((500, 20), (5000, 50), (100000, 200)):
        for current_ma, rested in ((limit_ma - 1, 5), (1 - limit_ma, 5), (limit_ma, 0), (-limit_ma, 0)):
            c = counter(NMC, capacity_mah=capacity_mah)
            snap = calm(3750)
            snap.current_ma = current_ma
            for _ in range(5):
                c.second(snap)
            assert c.rested_s == rested, (capacity_mah, current_ma)


def test_the_first_voltage_is_worth_less_under_load_and_in_the_plateau() -> None:
    for given, cell_mv, current_ma, sigma in (
        (NMC, 3750, 0, 60),
        (NMC, 3750, 5000, 80),
        (NMC, 3750, -5000, 80),
        (LFP, 3275, 0, 149),
        (LFP, 3275, -5000, 209),
    ):
        c = soc.ChargeCounter()
        c.configure(values(given))
        snap = calm(cell_mv)
        snap.current_ma = current_ma
        c.second(snap)
        assert c.sigma_permille == sigma, (cell_mv, current_ma)


def test_a_flat_voltage_makes_nobody_less_sure() -> None:
    c = counter(LFP, permille=500)
    for _ in range(1800):
        c.second(calm(3275))
    assert c.sigma_permille == 20


def test_what_is_set_stays_within_what_a_pack_can_hold() -> None:
    c = counter(NMC)
    for given, kept in ((-5, 0), (1500, 1000), (1000, 1000), (0, 0)):
        c.set(given, 30)
        assert c.permille == kept
    c.set(500, 900)
    assert c.sigma_permille == 300
    c.set(500, -10)
    assert c.sigma_permille == 1


def test_the_uncertainty_drifts_by_the_hour_and_has_an_end() -> None:
    c = counter(NMC)
    snap = calm(3750)
    snap.current_ma = -1000
    for _ in range(10800):
        c.second(snap)
    assert c.sigma_permille == 22
    c.set(500, 300)
    for _ in range(5400):
        c.second(snap)
    assert c.sigma_permille == 300


def test_a_reset_makes_nobody_more_sure() -> None:
    c = counter(NMC)
    c.sigma_permille = 200
    c.reset(calm(3750))
    assert c.sigma_permille == 200


def test_only_a_voltage_that_tells_ends_the_settling() -> None:
    for given, cell_mv, settling in ((LFP, 3275, True), (NMC, 3750, False)):
        c = counter(given)
        c.reset(calm(cell_mv))
        assert c.settling
        for _ in range(1800):
            c.second(calm(cell_mv))
        assert c.settling is settling, cell_mv


def test_a_reset_of_a_rested_pack_is_as_sure_as_its_voltage() -> None:
    c = counter(NMC, permille=900)
    c.reset(calm(3750))
    assert c.settling
    for _ in range(1800):
        c.second(calm(3750))
    c.set(900, 5)
    c.reset(calm(3750))
    assert (c.permille, c.sigma_permille) == (500, 20)
    assert not c.settling


def test_full_is_at_the_voltage_and_without_a_break() -> None:
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
    assert c.permille == 900
    c.second(snap)
    assert c.permille == 1000


def test_a_pack_with_a_full_and_an_empty_cell_gives_nothing() -> None:
    c = soc.ChargeCounter()
    c.configure(values(NMC))
    snap = calm(3750)
    snap.cells_mv[0] = 2400
    snap.cells_mv[1] = 4300
    snap.derive()
    c.second(snap)
    assert c.permille == 0
