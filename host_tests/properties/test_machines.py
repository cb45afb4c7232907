"""What must hold whatever happens: random samples, times, snapshots, and the tick wrap anywhere."""

from array import array

from bms.core import button as b
from bms.core import faults as f
from bms.core import path, protection, ticks
from bms.core import snapshot as s
from bms.core.snapshot import Snapshot
from core.pack_fixture import LFP, protect
from hypothesis import given
from hypothesis import strategies as st

TICK = st.integers(0, (1 << 30) - 1)


@given(
    start=TICK, hold_ms=st.integers(21, 40_000), polls=st.lists(st.integers(1, 25), min_size=1, max_size=20)
)
def test_the_button_does_what_the_length_of_the_hold_says(start: int, hold_ms: int, polls: list[int]) -> None:
    """Whatever the cadence: edges are seen up to a poll late, so near a boundary it may go either way."""
    machine = b.Button(start, False)
    events: list[int] = []
    t = 0
    for i in range(10**6):
        t += polls[i % len(polls)]
        event = machine.poll(ticks.add(start, t), 100 <= t < 100 + hold_ms)
        if event:
            events.append(event)
        if t > 100 + hold_ms + 100:
            break
    slack = max(polls)
    certain = all(abs(hold_ms - edge) > slack for edge in (b.DEBOUNCE_MS, 1000, 10_000, 15_000, 30_000))
    if not certain:
        return
    if hold_ms < 1000:
        assert events == [b.SHOW_CHARGE]
    elif hold_ms < 10_000:
        assert events == []
    elif hold_ms < 15_000:
        assert events == [b.SOFT_RESET]
    elif hold_ms < 30_000:
        assert events == [b.CANCELLED]
    else:
        assert events == [b.CANCELLED, b.STUCK, b.FREED]


@given(samples=st.lists(st.tuples(st.integers(1, 400), st.booleans()), max_size=200), start=TICK)
def test_a_button_that_was_never_down_ten_seconds_never_resets(
    samples: list[tuple[int, bool]], start: int
) -> None:
    machine = b.Button(start, False)
    now = start
    down_ms = longest_ms = 0
    for step, pressed in samples:
        now = ticks.add(now, step)
        down_ms = down_ms + step if pressed else 0
        longest_ms = max(longest_ms, down_ms)
        event = machine.poll(now, pressed)
        assert event != b.SOFT_RESET or longest_ms >= b.RESET_MS - 400


@given(
    cells=st.lists(st.integers(-32768, 32767), min_size=3, max_size=16),
    temps=st.lists(st.integers(-3000, 6000), min_size=1, max_size=3),
    raw=st.tuples(*[st.integers(-400_000, 400_000) for _ in range(5)]),
    bad=st.integers(0, 7),
    fets=st.integers(0, 15),
)
def test_a_snapshot_takes_any_reading(
    cells: list[int], temps: list[int], raw: tuple[int, ...], bad: int, fets: int
) -> None:
    snap = Snapshot(array("i", cells), array("i", temps))
    snap.stack_mv, snap.pack_mv, snap.ld_mv, snap.current_ma, snap.die_ddegc = raw
    snap.temps_bad = bad
    snap.fets = fets
    snap.derive()
    assert snap.values[s.CELL_MAX_MV] == max(cells) == cells[snap.cell_max_at]
    assert snap.values[s.CELL_MIN_MV] == min(cells) == cells[snap.cell_min_at]
    assert snap.sum_mv == sum(cells)
    good = [temp for i, temp in enumerate(temps) if not bad >> i & 1] or [snap.die_ddegc]
    assert (snap.values[s.TEMP_MIN_DDEGC], snap.values[s.TEMP_MAX_DDEGC]) == (min(good), max(good))


@given(
    start=TICK,
    moves=st.lists(
        st.tuples(
            st.integers(0, s.COUNT - 1),
            st.integers(-6000, 6000),
            st.integers(0, 0x1FFF),
            st.integers(1, 9000),
        ),
        max_size=60,
    ),
)
def test_the_path_never_closes_what_a_standing_fault_opens(
    start: int, moves: list[tuple[int, int, int, int]]
) -> None:
    """PW-126."""
    machine = protect(LFP)
    power = path.PowerPath()
    snap = Snapshot(array("i", [3300] * 4), array("i", [250]))
    snap.fresh = snap.valid = True
    snap.derive()
    now = start
    for source, value, hardware, step in moves:
        snap.values[source] = value
        snap.hardware = hardware
        now = ticks.add(now, step)
        machine.step(now, snap)
        closed = power.step(path.READY | path.PROVEN | path.WANTED, machine.blocks)
        for i, row in enumerate(f.ROWS):
            if machine.state[i] >= protection.TRIPPED and row[f.CLASS] != f.WARNING:
                assert not closed & row[f.OPENS], row[f.MNEMONIC]


@given(early=TICK, span=st.integers(0, (1 << 29) - 1))
def test_tick_arithmetic_has_no_seam(early: int, span: int) -> None:
    """PW-129."""
    assert ticks.diff(ticks.add(early, span), early) == span
    assert ticks.diff(early, ticks.add(early, span)) == -span
