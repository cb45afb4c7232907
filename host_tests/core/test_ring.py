"""The ring: what it holds after a trip, in order, with the time between."""

from array import array

from bms.core import path, ring
from bms.core import snapshot as s
from bms.core.ring import AFTER, SLOTS, WIDTH, Ring
from bms.core.snapshot import Snapshot
from core.pack_fixture import calm


def record(taken: Ring, slot: int) -> list:
    at = slot % SLOTS * WIDTH
    return [ring.number(taken.data, at + 2 * k) for k in range(7)]


def fill(taken: Ring, snap: Snapshot, count: int, ms: int = 100) -> None:
    for _ in range(count):
        taken.sample(ms, snap, path.ACTIVE)


def test_a_record_holds_the_picture() -> None:
    taken = Ring()
    taken.configure(250)  # 800 A at full scale
    assert taken.step_ma == 25
    snap = calm(3300)
    snap.cells_mv[1] = 3290
    snap.cells_mv[2] = 3320
    snap.current_ma = -123456
    snap.commanded = s.DSG
    snap.derive()
    taken.sample(97, snap, path.DISCHARGE_ONLY)
    ms, low, high, current, pack, temp, bits = record(taken, 0)
    assert (ms, low, high, temp) == (97, 3290, 3320, 250)
    assert abs(current * taken.step_ma - snap.current_ma) <= taken.step_ma
    assert abs(pack * ring.PACK_STEP_MV - snap.sum_mv) < ring.PACK_STEP_MV
    assert (bits & 15, bits >> 4 & 3, bits >> 6 & 1, bits >> 7 & 15, bits >> 11) == (
        s.BOTH, s.DSG, 1, path.DISCHARGE_ONLY, 0,
    )  # fmt: skip


def test_a_stale_picture_and_a_charger_are_marked() -> None:
    taken = Ring()
    snap = calm()
    snap.fresh = False
    snap.charger = True
    taken.sample(100, snap, path.SHIP)
    bits = record(taken, 0)[6]
    assert bits >> 6 & 1 == 0
    assert bits >> 11 & 1 == 1
    assert bits >> 7 & 15 == path.SHIP


def test_what_does_not_fit_saturates() -> None:
    taken = Ring()
    snap = calm()
    snap.current_ma = -(1 << 29)
    snap.sum_mv = 1 << 20
    snap.values[s.CELL_MIN_MV] = -40000
    taken.sample(1 << 20, snap, 0)
    assert record(taken, 0)[:5] == [32767, -32767, 3300, -32767, 32767]


def test_every_shunt_fits() -> None:
    taken = Ring()
    for uohm in (20, 250, 1000, 20000):
        taken.configure(uohm)
        assert 200_000_000 // uohm // taken.step_ma <= 32767, uohm


def test_a_trip_lets_three_more_seconds_in_and_no_more() -> None:
    taken = Ring()
    snap = calm()
    fill(taken, snap, 500)
    assert taken.used == SLOTS
    snap.current_ma = 7000
    taken.sample(100, snap, path.ACTIVE)
    assert taken.trip()
    assert not taken.trip(), "one at a time"
    snap.current_ma = 0
    fill(taken, snap, 1000)
    assert taken.left == 0
    trip = taken.next + SLOTS - AFTER - 1
    assert record(taken, trip)[3] == 1000
    assert [record(taken, k)[3] for k in (trip - 1, trip + 1)] == [0, 0]
    layout = taken.layout()
    assert layout == {"first": taken.next, "used": SLOTS, "before_ms": 10100, "step_ma": 7}
    assert layout["before_ms"] >= 10000, "ten seconds before the trip"


def test_a_ring_that_is_not_full_begins_at_its_first_record() -> None:
    taken = Ring()
    fill(taken, calm(), 5)
    taken.trip()
    fill(taken, calm(), 3, 90)
    taken.stop()
    fill(taken, calm(), 50)
    assert taken.layout() == {"first": 0, "used": 8, "before_ms": 400, "step_ma": 7}
    assert taken.after == 3


def test_a_pause_shows_as_the_time_that_it_took() -> None:
    taken = Ring()
    fill(taken, calm(), 5)
    taken.trip()
    taken.stop()
    fill(taken, calm(), 7)
    taken.release()
    at = taken.next
    fill(taken, calm(), 1)
    assert record(taken, at)[0] == 800
    assert taken.left == -1
    assert taken.trip()


def test_nothing_to_stop_is_left_alone() -> None:
    taken = Ring()
    taken.stop()
    assert taken.left == -1


def test_numbers_are_signed() -> None:
    data = bytearray(array("h", [-1, 32767, -32768, 5]))
    assert [ring.number(data, 2 * k) for k in range(4)] == [-1, 32767, -32768, 5]
