"""What the slow half notes in every cycle allocates nothing either: the ring's record, and charge moved."""

from array import array

from bms.core import path
from bms.core.lifetime import Lifetime
from bms.core.ring import AFTER, Ring
from bms.core.snapshot import Snapshot
from upy.alloc import no_alloc


def test_a_record_of_the_ring():
    ring = Ring()
    snap = Snapshot(array("i", [3300] * 16), array("i", [250]))
    snap.derive()
    for current_ma in (0, 5000, -250000, 1 << 28, -(1 << 28)):
        snap.current_ma = current_ma
        no_alloc(ring.sample, 100, snap, path.ACTIVE)
    for _ in range(300):
        no_alloc(ring.sample, 100, snap, path.DISCHARGE_ONLY)
    assert no_alloc(ring.trip)
    for _ in range(AFTER + 5):
        no_alloc(ring.sample, 100, snap, path.FAULT)
    assert ring.left == 0


def test_charge_moved():
    life = Lifetime(16)
    for _ in range(100):
        no_alloc(life.count, 800000, 1000)
        no_alloc(life.count, -800000, 1000)
        no_alloc(life.count, 1, 100)
    assert life.ah[0] == life.ah[2] == 22
