"""Charge of each cell against the others: read where the curve is steep, kept where it is flat."""

from bms.core import chemistry
from bms.core.spread import Spread, middle
from core.pack_fixture import calm

NMC, LFP = 0, 1


def spread_of(kind: int, capacity_mah: int = 100000) -> Spread:
    spread = Spread(4)
    spread.configure(kind, capacity_mah)
    return spread


def looked(spread: Spread, kind: int, permilles: list, seconds: int = 1200, current_ma: int = 0) -> Spread:
    snap = calm(3300)
    for k in range(4):
        snap.cells_mv[k] = int(chemistry.ocv_mv(kind, permilles[k]) + 0.5)
    snap.current_ma = current_ma
    snap.derive()
    for _ in range(seconds):
        spread.second(snap, 0.0, 0, middle(sum(permilles), max(permilles), min(permilles), 4), 0.0)
    return spread


def test_a_steep_curve_shows_which_cell_holds_how_much() -> None:
    spread = looked(spread_of(NMC), NMC, [480, 500, 500, 520])
    for k, expected in ((0, -20), (1, 0), (2, 0), (3, 20)):
        assert abs(spread.off[k] - expected) < 4, (k, spread.off[k])
    assert spread.certain(15.0)
    assert spread.low_at == -1, "a cell that is 2 % larger would not empty first"
    spread = looked(spread_of(NMC), NMC, [450, 500, 500, 550])
    assert spread.low_at == 0
    assert -55 < spread.low < -45
    assert 45 < spread.high < 55


def test_a_plateau_shows_nothing_and_says_so() -> None:
    spread = looked(spread_of(LFP), LFP, [480, 500, 500, 520])
    assert not spread.certain(15.0)
    assert (spread.low, spread.high) == (0.0, 0.0)


def test_what_the_knee_has_shown_outlives_the_plateau() -> None:
    spread = looked(spread_of(LFP), LFP, [20, 40, 40, 60])
    assert spread.off[0] < -15
    assert spread.certain(15.0)
    looked(spread, LFP, [480, 500, 500, 520], 3600)
    assert spread.off[0] < -14
    assert spread.certain(15.0)


def test_a_hard_current_is_not_looked_at() -> None:
    spread = looked(spread_of(NMC), NMC, [480, 500, 500, 520], current_ma=30000)
    assert list(spread.off) == [0.0] * 4


def test_usable_charge_is_that_of_the_emptiest_and_the_fullest_cell() -> None:
    spread = looked(spread_of(NMC), NMC, [200, 450, 450, 700])
    assert abs(spread.usable(450.0) - 400) < 12  # 20 to give, 30 to take
    full = looked(spread_of(NMC), NMC, [0, 500, 500, 1000])
    assert full.usable(500.0) < 20


def test_what_is_bled_is_taken_off_by_counting() -> None:
    spread = looked(spread_of(LFP), LFP, [40, 40, 40, 60])
    before = spread.off[3]
    snap = calm(3300)
    for _ in range(36000):
        spread.second(snap, 0.0, 0b1000, 500.0, 0.0)
    assert 800 < spread.bled_mah[3] < 860  # 10 h at 83 mA
    assert 7.5 < before - spread.off[3] < 8.6
    assert abs(middle(sum(spread.off), max(spread.off), min(spread.off), 4)) < 0.01


def test_what_the_middle_loses_by_bleeding_is_told_but_not_what_the_fullest_cell_does() -> None:
    """Two cells between the extremes are the middle: one of them bled, it sinks by half of that."""
    spread = looked(spread_of(NMC), NMC, [500, 510, 520, 560])
    snap = calm(3700)
    told_mas = [0, 0]
    for which, bleeding in enumerate((0b1000, 0b0100)):
        for _ in range(3600):
            spread.second(snap, 0.0, bleeding, 520.0, 0.0)
            told_mas[which] += spread.sunk_ma
    assert told_mas[0] == 0
    assert abs(told_mas[1] / 3600 - spread.bled_mah[2] / 2) < 1
    spread.skip(0.0)
    assert spread.sunk_ma == 0


def test_a_small_cell_is_found_though_its_knee_is_never_that_of_the_others() -> None:
    """The emptiest of an empty pack; when the pack is full it alone is, and the others are in the plateau."""
    spread = looked(spread_of(LFP), LFP, [85, 140, 140, 140])
    assert spread.off[0] < -45
    snap = calm(3300)
    for second in range(4000):  # charged by 84 %
        spread.second(snap, 0.0, 0, 140.0 + 0.21 * second, 0.21)
    for _ in range(400):
        for k in range(4):
            snap.cells_mv[k] = 3326
        snap.cells_mv[0] = 3540
        snap.derive()
        spread.second(snap, 0.0, 0, 975.0, 0.0)
    assert spread.off[0] > -5, spread.off[0]
    assert 0.02 < spread.steeper[0] < 0.1, spread.steeper[0]
    assert spread.var[0] > 9.0, "by how much it is fuller nobody has seen"


def test_a_bound_that_a_belief_keeps_to_changes_nothing() -> None:
    spread = spread_of(LFP)
    spread.off[0], spread.var[0] = 30.0, 25.0
    snap = calm(3326)
    snap.cells_mv[0] = 3540
    snap.derive()
    before = spread.var[0]
    for _ in range(400):
        spread.second(snap, 0.0, 0, 960.0, 0.0)
    assert spread.off[0] == 30.0
    assert abs(spread.var[0] - before) < 0.01
