"""Passive balancing: the right cells, never neighbours, never when it could not be right."""

from bms.core import snapshot as s
from bms.core.balance import Balancer
from bms.core.spread import Spread
from core.pack_fixture import calm, values

ROUND_S = 64  # by then a choice has been made: looks, weighing, choosing


def round_of(
    balancer: Balancer, snap: s.Snapshot, allowed: bool = True, spread: "Spread | None" = None
) -> int:
    if spread is None:
        spread = Spread(len(snap.cells_mv))  # nothing is known of the cells
    for _ in range(ROUND_S):
        mask = balancer.step(snap, allowed, spread)
    return mask


def choose(cells_mv: list, current_ma: int = 0, allowed: bool = True, **changes: int) -> int:
    balancer = Balancer()
    balancer.configure(values(**changes))
    snap = calm(3450, len(cells_mv))
    for i in range(len(cells_mv)):
        snap.cells_mv[i] = cells_mv[i]
    snap.current_ma = current_ma
    snap.derive()
    return round_of(balancer, snap, allowed)


def test_only_cells_above_the_start_are_bled() -> None:
    assert choose([3450, 3450, 3461, 3450]) == 0b0100
    assert choose([3450, 3450, 3460, 3450]) == 0


def test_only_near_the_top_where_voltage_tells_charge() -> None:
    """PW-137."""
    assert choose([3280, 3280, 3399, 3280]) == 0
    assert choose([3280, 3280, 3400, 3280]) == 0b0100


def test_never_neighbours_and_the_highest_first() -> None:
    """PW-137."""
    assert choose([3400, 3409, 3480, 3470]) == 0b0100
    assert choose([3400, 3470, 3480, 3470]) == 0b1010, "two that lose more than the one between them"
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
    assert round_of(balancer, snap) == 0b0010
    snap.values[s.AGE_MS] = 100
    assert balancer.step(snap, True, Spread(4)) == 0
    snap.values[s.AGE_MS] = 0
    snap.values[s.DIE_DDEGC] = 650
    assert balancer.step(snap, True, Spread(4)) == 0
    snap.values[s.DIE_DDEGC] = 649
    assert round_of(balancer, snap) == 0b0010
    snap.valid = False
    assert balancer.step(snap, True, Spread(4)) == 0


def test_a_cell_that_started_goes_on_to_half_the_start() -> None:
    balancer = Balancer()
    balancer.configure(values())
    snap = calm(3450)
    for above, bled in ((8, 0), (11, 0b0010), (8, 0b0010), (6, 0b0010), (5, 0), (8, 0)):
        snap.cells_mv[1] = 3450 + above
        snap.derive()
        round_of(balancer, snap)
        assert round_of(balancer, snap) == bled, above


def test_a_cell_that_was_stopped_must_start_anew() -> None:
    balancer = Balancer()
    balancer.configure(values())
    snap = calm(3450)
    for above, current_ma, bled in ((11, 0, 0b0010), (8, -600, 0), (8, 0, 0)):
        snap.cells_mv[1] = 3450 + above
        snap.current_ma = current_ma
        snap.derive()
        if not bled:
            assert balancer.step(snap, True, Spread(4)) == 0, above
        assert round_of(balancer, snap) == bled, above
        assert balancer.mask == bled


def test_a_warm_front_end_still_balances() -> None:
    balancer = Balancer()
    balancer.configure(values())
    snap = calm(3450)
    snap.cells_mv[1] = 3500
    snap.die_ddegc = 649
    snap.derive()
    assert round_of(balancer, snap) == 0b0010


def test_without_parameters_nothing_is_bled() -> None:
    snap = calm(3450)
    snap.cells_mv[1] = 3500
    snap.derive()
    balancer = Balancer()
    assert balancer.mask == 0
    assert round_of(balancer, snap) == 0


def apart(permilles: list, var: float = 9.0) -> Spread:
    spread = Spread(len(permilles))
    spread.configure(1, 100000)
    for k in range(len(permilles)):
        spread.off[k] = permilles[k]
        spread.var[k] = var
    return spread


def charged(
    spread: Spread, cell_mv: int = 3290, balancer: "Balancer | None" = None, die_ddegc: int = 300
) -> int:
    if balancer is None:
        balancer = Balancer()
        balancer.configure(values())
    snap = calm(cell_mv, len(spread.off))
    snap.die_ddegc = die_ddegc
    snap.derive()
    return round_of(balancer, snap, True, spread)


def test_known_charge_is_bled_wherever_the_voltage_stands() -> None:
    assert charged(apart([-20, 5, -5, 20])) == 0b1010
    assert charged(apart([-20, 5, -5, 20]), cell_mv=2899) == 0, "an empty cell is left alone"


def test_charge_that_is_not_known_is_judged_by_voltage() -> None:
    assert charged(apart([-20, 5, -5, 20], var=400.0)) == 0


def test_more_is_asked_of_weaker_evidence() -> None:
    assert charged(apart([0, 13, 0, 0], var=1.0)) == 0b0010
    assert charged(apart([0, 13, 0, 0], var=16.0)) == 0


def test_by_charge_never_neighbours_and_the_most_at_once() -> None:
    """PW-137."""
    assert charged(apart([0, 15, 40, 15])) == 0b0100
    assert charged(apart([0, 30, 40, 30])) == 0b1010, "two that lose more than the one between them"
    mask = charged(apart([60 - i for i in range(15)] + [0]))
    assert mask & (mask >> 1) == 0
    assert bin(mask).count("1") == 8


def test_the_warmth_of_the_chip_takes_one_cell_after_the_other() -> None:
    """PW-137."""
    cells = [30 * (i % 2) for i in range(16)]
    found = [bin(charged(apart(cells), die_ddegc=warm)).count("1") for warm in (500, 560, 620, 649, 650)]
    assert found == [8, 5, 2, 1, 0]


def test_bleeding_ends_when_the_charge_is_down_and_pauses_to_measure() -> None:
    balancer = Balancer()
    balancer.configure(values())
    spread = apart([0, 20, 0, 0])
    bled = 0
    snap = calm(3290)
    for _ in range(3720):
        bled += balancer.step(snap, True, spread) == 0b0010
    assert 3520 <= bled <= 3600, "60 s of every 1860 are for measuring, and a minute to choose"
    spread.off[1] = 4.0
    for _ in range(100):
        charged(spread, balancer=balancer)
    assert charged(spread, balancer=balancer) == 0b0010, "a pause does not end it"
    spread.off[1] = 1.9
    charged(spread, balancer=balancer)
    assert charged(spread, balancer=balancer) == 0
    spread.off[1] = 7.0
    assert charged(spread, balancer=balancer) == 0, "and it does not begin again at once"


def test_a_cell_goes_on_when_its_neighbour_had_its_turn() -> None:
    """Two neighbours 2 % too full, in turns: neither has to begin anew, and both come down."""
    balancer = Balancer()
    balancer.configure(values())
    spread = apart([0, 20, 21, 0], var=25.0)  # to begin, it takes 15
    snap = calm(3290)
    turns = [0, 0]
    for _ in range(20000):
        mask = balancer.step(snap, True, spread)
        for k in (1, 2):
            if mask & 1 << k:
                spread.off[k] -= 0.004
                turns[k - 1] += 1
    assert max(spread.off) <= 2.1, list(spread.off)
    assert min(turns) > 3000


def test_noise_sets_nothing_off() -> None:
    """A minute at 12 mV is a reason, and readings here and there are none."""
    balancer = Balancer()
    balancer.configure(values())
    snap = calm(3450)
    for second in range(600):
        snap.cells_mv[1] = 3450 + (14 if second % 3 else 0)  # 9 mV in the mean
        snap.derive()
        assert balancer.step(snap, True, Spread(4)) == 0


def test_what_a_current_does_to_resistances_that_differ_is_no_charge() -> None:
    spread = apart([0, 0, 0, 0], var=400.0)
    for over_mv, above, bled in ((0.0, 12, 0b0010), (50.0, 29, 0), (-50.0, 29, 0), (50.0, 31, 0b0010)):
        balancer = Balancer()
        balancer.configure(values())
        snap = calm(3450)
        snap.cells_mv[1] = 3450 + above
        snap.derive()
        spread.over_mv = over_mv
        assert round_of(balancer, snap, True, spread) == bled, (over_mv, above)


def test_what_one_cell_began_is_done_for_all() -> None:
    """A pack is left alone or balanced to the end: 6 permille are worth nothing, and something beside 30."""
    assert charged(apart([0, 6, 0, 8])) == 0
    balancer = Balancer()
    balancer.configure(values())
    spread = apart([0, 6, 0, 30])
    assert charged(spread, balancer=balancer) == 0b1000
    assert charged(spread, balancer=balancer) == 0b1010
    spread.off[3] = 1.0
    assert charged(spread, balancer=balancer) == 0b0010
    spread.off[1] = 1.0
    charged(spread, balancer=balancer)
    assert charged(spread, balancer=balancer) == 0
    spread.off[1] = 6.0
    assert charged(spread, balancer=balancer) == 0


def test_a_size_that_is_not_known_is_no_charge() -> None:
    """Half full, the cell that holds more may be the smaller one; nearly full it is not."""
    spread = apart([0, 12, 0, 0], var=1.0)
    for charge, bled in ((550.0, 0), (950.0, 0b0010)):
        balancer = Balancer()
        balancer.configure(values())
        snap = calm(3290)
        for _ in range(ROUND_S):
            mask = balancer.step(snap, True, spread, charge)
        assert mask == bled, charge


def test_no_voltage_is_judged_while_charge_is_being_read() -> None:
    balancer = Balancer()
    balancer.configure(values())
    snap = calm(3450)
    snap.cells_mv[1] = 3500
    snap.derive()
    spread = Spread(4)
    spread.reading = True
    assert round_of(balancer, snap, True, spread) == 0
    spread.reading = False
    assert round_of(balancer, snap, True, spread) == 0b0010
    spread.reading = True
    assert balancer.step(snap, True, spread) == 0b0010, "and what was begun goes on"


def test_a_pack_with_fewer_seconds_than_a_round_is_not_bled() -> None:
    balancer = Balancer()
    balancer.configure(values())
    snap = calm(3450)
    snap.cells_mv[1] = 3500
    snap.derive()
    for _ in range(10):
        for _ in range(55):
            assert balancer.step(snap, True, Spread(4)) == 0
        snap.current_ma = -5000
        assert balancer.step(snap, True, Spread(4)) == 0
        snap.current_ma = 0
