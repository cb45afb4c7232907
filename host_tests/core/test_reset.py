"""The guard of the soft reset: each reason by itself, gravest first, quotas honest."""

from bms.core import faults as f
from bms.core import protection
from bms.core import reset as r
from bms.core import snapshot as s
from core.pack_fixture import calm, protect, values


def judge(change=None, done: list = [], now_s: int = 100 * 86400, trip: str = "") -> int:  # noqa: B006
    snap = calm()
    machine = protect()
    if change:
        change(snap)
    if trip:
        row = f.ROWS[f.index(trip)]
        level = row[f.TRIP]
        snap.values[row[f.SOURCE]] = values()[level] if isinstance(level, str) else level
        machine.step(0, snap)
        machine.step(60000, snap)
    return r.judge(snap, machine, done, now_s)


def test_a_resting_pack_may_be_reset() -> None:
    assert judge() == r.ACCEPTED


def test_isolation_is_under_200_ma_and_no_charger() -> None:
    """PW-133."""

    def current(ma: int):
        def change(snap) -> None:
            snap.current_ma = ma
            snap.derive()

        return change

    assert judge(current(199)) == r.ACCEPTED
    assert judge(current(-199)) == r.ACCEPTED
    assert judge(current(200)) == r.NOT_ISOLATED
    assert judge(current(-200)) == r.NOT_ISOLATED

    def charger(snap) -> None:
        snap.charger = True

    assert judge(charger) == r.NOT_ISOLATED


def test_a_cause_that_stands_refuses() -> None:
    """PW-133."""
    assert judge(trip="AFE_COMMS") == r.CAUSE_PRESENT
    assert judge(trip="OTC") == r.CAUSE_PRESENT


def test_permanent_and_impact_speak_first() -> None:
    """PW-133."""

    def impact(snap) -> None:
        snap.values[s.IMPACT] = 1
        snap.charger = True

    assert judge(impact) == r.IMPACT
    for mnemonic, reason in (("IMPACT", r.IMPACT), ("CELL_DEAD", r.PERMANENT)):
        snap = calm()
        machine = protect()
        machine.resume(f.index(mnemonic), protection.PERMANENT, 0, 0)
        machine.step(0, snap)
        snap.charger = True
        assert r.judge(snap, machine, [], 0) == reason, "after a restart the sensor knows nothing of it"


def test_three_a_day_and_ten_a_month() -> None:
    """PW-133."""
    now = 100 * 86400
    assert judge(done=[now - 10, now - 20], now_s=now) == r.ACCEPTED
    assert judge(done=[now - 10, now - 20, now - 86399], now_s=now) == r.TOO_MANY_TODAY
    assert judge(done=[now - 10, now - 20, now - 86400], now_s=now) == r.ACCEPTED
    spread = [now - 86400 * day for day in range(2, 12)]
    assert judge(done=spread, now_s=now) == r.TOO_MANY_THIS_MONTH
    assert judge(done=spread[:9], now_s=now) == r.ACCEPTED
    old = [now - r.MONTH_S - day for day in range(10)]
    assert judge(done=old, now_s=now) == r.ACCEPTED


def test_every_reason_has_a_sentence_and_countable_blinks() -> None:
    assert len(r.REASONS) == 7
    for code in range(1, len(r.REASONS)):
        blinks, sentence = r.REASONS[code]
        assert 2 <= blinks <= 6
        assert sentence.startswith("refused: ")


def test_each_refusal_says_and_blinks_its_own_reason() -> None:
    for code, blinks, words in (
        (r.NOT_ISOLATED, 2, "not isolated"),
        (r.CAUSE_PRESENT, 3, "still present"),
        (r.PERMANENT, 4, "permanent fault"),
        (r.IMPACT, 5, "impact"),
        (r.TOO_MANY_TODAY, 6, "24 h"),
        (r.TOO_MANY_THIS_MONTH, 6, "30 days"),
    ):
        assert r.REASONS[code][0] == blinks
        assert words in r.REASONS[code][1]
    assert r.REASONS[r.ACCEPTED] == (0, "reset done")


def test_a_cause_stands_until_its_clear_level_on_either_side() -> None:
    for trip, source, beyond, still, over in (
        ("OTC", s.TEMP_MAX_DDEGC, 800, 451, 450),
        ("UTC", s.TEMP_MIN_DDEGC, -1000, 29, 30),
        ("UTD", s.TEMP_MIN_DDEGC, -1000, -151, 30),
        ("STACK_SUM", s.STACK_ERROR_MV, 1 << 20, 50, 49),
    ):
        snap = calm()
        machine = protect()
        snap.values[source] = beyond
        machine.step(0, snap)
        machine.step(60000, snap)
        snap.values[source] = still
        assert r.judge(snap, machine, [], 0) == r.CAUSE_PRESENT, trip
        snap.values[source] = over
        assert r.judge(snap, machine, [], 0) == r.ACCEPTED, trip


def test_a_trip_that_the_afe_still_holds_is_a_cause() -> None:
    snap = calm()
    machine = protect()
    snap.hardware = s.HW_SCD
    machine.step(0, snap)
    assert r.judge(snap, machine, [], 0) == r.CAUSE_PRESENT
    snap.hardware = 0
    assert r.judge(snap, machine, [], 0) == r.ACCEPTED


def test_what_has_not_tripped_is_no_cause() -> None:
    snap = calm()
    snap.values[s.CELL_MAX_MV] = 3690  # above the level that would end a trip, below the one that makes it
    machine = protect()
    machine.step(0, snap)
    machine.step(60000, snap)
    assert r.judge(snap, machine, [], 0) == r.ACCEPTED


def test_the_first_row_of_the_table_is_a_cause_like_any_other() -> None:
    first = next(row for row in f.ROWS if row[f.CLASS] != f.WARNING)
    assert judge(trip=first[f.MNEMONIC]) == r.CAUSE_PRESENT


def test_a_month_is_thirty_days() -> None:
    now = 100 * 86400
    for days, expected in ((29, r.TOO_MANY_THIS_MONTH), (30, r.ACCEPTED)):
        assert judge(done=[now - days * 86400] * 10, now_s=now) == expected
