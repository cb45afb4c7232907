"""Passive balancing: the right cells, never neighbours, never when it could not be right."""

from bms.core import snapshot as s
from bms.core.balance import Balancer
from core.pack_fixture import calm, values


def choose(cells_mv: list, current_ma: int = 0, allowed: bool = True, **changes: int) -> int:
    balancer = Balancer()
    balancer.configure(values(**changes))
    snap = calm(3450, len(cells_mv))
    for i in range(len(cells_mv)):
        snap.cells_mv[i] = cells_mv[i]
    snap.current_ma = current_ma
    snap.derive()
    return balancer.step(snap, allowed)


def test_only_cells_above_the_start_are_bled() -> None:
    assert choose([3450, 3450, 3461, 3450]) == 0b0100
    assert choose([3450, 3450, 3460, 3450]) == 0


def test_only_near_the_top_where_voltage_tells_charge() -> None:
    """PW-137."""
    assert choose([3280, 3280, 3399, 3280]) == 0
    assert choose([3280, 3280, 3400, 3280]) == 0b0100


def test_never_neighbours_and_the_highest_first() -> None:
    """PW-137."""
    assert choose([3400, 3470, 3480, 3470]) == 0b0100
    assert choose([3480, 3470, 3400, 3470]) == 0b1001
    mask = choose([3500 - i if i else 3400 for i in range(16)])
    assert mask & (mask >> 1) == 0


def test_at_most_as_many_as_the_owner_allows() -> None:
    cells = [3400] + [3500, 3400] * 7 + [3500]
    assert bin(choose(cells)).count("1") == 8
    assert bin(choose(cells, balance_max_cells=3)).count("1") == 3
    assert choose(cells, balance_max_cells=0) == 0


def test_not_while_discharging_forbidden_stale_or_hot() -> None:
    """PW-137."""
    cells = [3400, 3500, 3400, 3400]
    assert choose(cells, current_ma=-500) != 0
    assert choose(cells, current_ma=-501) == 0
    assert choose(cells, allowed=False) == 0
    balancer = Balancer()
    balancer.configure(values())
    snap = calm(3450)
    snap.cells_mv[1] = 3500
    snap.derive()
    assert balancer.step(snap, True) == 0b0010
    snap.fresh = False
    assert balancer.step(snap, True) == 0
    snap.fresh = True
    snap.values[s.DIE_DDEGC] = 650
    assert balancer.step(snap, True) == 0
    snap.values[s.DIE_DDEGC] = 649
    snap.valid = False
    assert balancer.step(snap, True) == 0


def test_a_cell_that_started_goes_on_to_half_the_start() -> None:
    balancer = Balancer()
    balancer.configure(values())
    snap = calm(3450)
    for above, bled in ((8, 0), (11, 0b0010), (8, 0b0010), (6, 0b0010), (5, 0), (8, 0)):
        snap.cells_mv[1] = 3450 + above
        snap.derive()
        assert balancer.step(snap, True) == bled, above


def test_a_cell_that_was_stopped_must_start_anew() -> None:
    balancer = Balancer()
    balancer.configure(values())
    snap = calm(3450)
    for above, current_ma, bled in ((11, 0, 0b0010), (8, -600, 0), (8, 0, 0)):
        snap.cells_mv[1] = 3450 + above
        snap.current_ma = current_ma
        snap.derive()
        assert balancer.step(snap, True) == bled, above
        assert balancer.mask == bled


def test_a_warm_front_end_still_balances() -> None:
    balancer = Balancer()
    balancer.configure(values())
    snap = calm(3450)
    snap.cells_mv[1] = 3500
    snap.die_ddegc = 649
    snap.derive()
    assert balancer.step(snap, True) == 0b0010


def test_without_parameters_nothing_is_bled() -> None:
    snap = calm(3450)
    snap.cells_mv[1] = 3500
    snap.derive()
    balancer = Balancer()
    assert balancer.mask == 0
    assert balancer.step(snap, True) == 0
