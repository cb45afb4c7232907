"""The figures of a diagnosis: what is counted, what is not, and what becomes of it."""

from bms.core import evidence as e
from bms.core import snapshot as s
from bms.core.evidence import Evidence
from core.pack_fixture import calm

VALUES = {"utc_ddegc": 0, "otc_ddegc": 450, "ocd1_ma": 100000, "aux_min_mv": 12400}


def made():
    evidence = Evidence()
    evidence.configure(VALUES)
    return evidence


def charge(evidence, seconds, ours=False, permille=500):
    """So long a charge, and then none."""
    snap = calm()
    snap.commanded = snap.fets = s.BOTH
    snap.current_ma = 5000
    snap.derive()
    for _ in range(seconds):
        evidence.second(100, snap, 0, permille)
    snap.current_ma = 0
    snap.derive()
    evidence.second(100, snap, s.CHG if ours else 0, permille)


def test_a_charger_that_stops_with_room_left_is_counted():
    evidence = made()
    charge(evidence, 60)
    assert evidence.values[e.CHARGES_ENDED] == 1
    charge(evidence, 59)
    assert evidence.values[e.CHARGES_ENDED] == 1, "it never began"
    charge(evidence, 60, ours=True)
    assert evidence.values[e.CHARGES_ENDED] == 1, "it was us"
    charge(evidence, 60, permille=950)
    assert evidence.values[e.CHARGES_ENDED] == 1, "it was full"


def test_a_refused_charger_counts_once_until_it_is_gone():
    evidence = made()
    snap = calm()
    snap.fets = snap.commanded = s.DSG
    for attempt in range(3):
        snap.pack_mv = snap.stack_mv + 1000
        snap.derive()
        for _ in range(50):
            evidence.second(100, snap, s.CHG, 500)
        assert evidence.values[e.CHARGES_REFUSED] == attempt + 1
        snap.pack_mv = snap.stack_mv
        snap.derive()
        evidence.second(100, snap, s.CHG, 500)


def test_cold_and_heat_count_while_the_pack_is_used():
    for ddegc, what in ((79, e.COLD_S), (371, e.HOT_S)):
        evidence = made()
        snap = calm()
        snap.temps_ddegc[0] = ddegc
        snap.derive()
        evidence.second(100, snap, 0, 500)
        assert evidence.values[what] == 0, "nobody uses it"
        snap.current_ma = -5000
        snap.derive()
        evidence.second(100, snap, 0, 500)
        assert evidence.values[what] == 1
        snap.temps_ddegc[0] = 80 if what == e.COLD_S else 370
        snap.derive()
        evidence.second(100, snap, 0, 500)
        assert evidence.values[what] == 1


def test_hard_use_and_a_weak_supply():
    evidence = made()
    snap = calm()
    snap.current_ma = -80001
    snap.values[s.AUX_MV] = 12100
    snap.derive()
    evidence.second(100, snap, 0, 500)
    assert evidence.values[e.HARD_S] == 1
    assert evidence.values[e.AUX_SHORT_MV] == 300
    snap.values[s.AUX_MV] = s.ABSENT
    evidence.second(100, snap, 0, 500)
    assert evidence.values[e.AUX_SHORT_MV] == 300, "a board without the input says nothing"


def test_trips_are_evidence_of_what_they_come_from():
    evidence = made()
    for mnemonic, cell, what in (
        ("CELL_JUMP", 7, e.JOINTS),
        ("BUS_NOISY", 0, e.BUS),
        ("EXCEPTION", 0, e.OWN),
        ("CELL_DEAD", 3, e.CELLS),
        ("THERMISTOR_OPEN", 0, e.SENSORS),
    ):
        evidence.tripped(mnemonic, cell)
        assert evidence.values[what] == 1, mnemonic
    assert evidence.values[e.JOINT_CELL] == 7
    assert evidence.values[e.CELL_AT] == 3
    before = list(evidence.values)
    evidence.tripped("CELL_OV", 2)
    assert list(evidence.values) == before, "a limit that is met is evidence of nothing"


def test_a_correction_counts_by_its_size():
    evidence = made()
    for permille in (20, -120, 60):
        evidence.corrected(permille)
    assert evidence.values[e.CORRECTED] == 120


def test_what_is_over_fades_and_places_stay():
    evidence = made()
    snap = calm()
    for _ in range(4):
        evidence.tripped("CELL_JUMP", 7)
    evidence.second(2592000, snap, 0, 500)
    assert evidence.values[e.JOINTS] == 2
    assert evidence.values[e.JOINT_CELL] == 7
    evidence.second(2592001, snap, 0, 500)
    assert evidence.values[e.JOINTS] == 2


def test_a_stored_list_is_taken_up_and_rubbish_is_not():
    evidence = made()
    evidence.tripped("CELL_JUMP", 7)
    evidence.faded_s = 55
    again = made()
    again.take_up(evidence.to_keep())
    assert list(again.values) == list(evidence.values)
    assert again.faded_s == 55
    for rubbish in (None, [], {}, "x", [1, "x"], [1.5], 7):
        other = made()
        other.take_up(rubbish)
        assert list(other.values) == [0] * e.COUNT
    other.take_up([-5, -7, 1 << 40])
    assert (other.faded_s, other.values[0], other.values[1]) == (0, 0, 1 << 29)
    other.take_up([1] * 99)
    assert other.values[e.COUNT - 1] == 1
    other.clear()
    assert list(other.values) == [0] * e.COUNT
