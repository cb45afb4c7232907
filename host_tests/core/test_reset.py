"""The guard of the soft reset: each reason by itself, gravest first, quotas honest."""

from bms.core import faults as f
from bms.core import reset as r
from bms.core import snapshot as s
from core.pack_fixture import calm, protect


def judge(change=None, done: list = [], now_s: int = 100 * 86400, trip: str = "") -> int:  # noqa: B006
    snap = calm()
    machine = protect()
    if change:
        change(snap)
    if trip:
        row = f.ROWS[f.index(trip)]
        snap.values[row[f.SOURCE]] = 1 << 20
        machine.step(0, snap)
        machine.step(60000, snap)
    return r.judge(snap, machine, done, now_s)


def test_a_resting_pack_may_be_reset() -> None:
    assert judge() == r.ACCEPTED


def test_isolation_is_under_200_ma_and_no_charger() -> None:
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
    assert judge(trip="AFE_COMMS") == r.CAUSE_PRESENT
    assert judge(trip="OTC") == r.CAUSE_PRESENT


def test_permanent_and_impact_speak_first() -> None:
    def impact(snap) -> None:
        snap.values[s.IMPACT] = 1
        snap.charger = True

    assert judge(impact) == r.IMPACT
    snap = calm()
    machine = protect()
    snap.values[s.IMPACT] = 1
    machine.step(0, snap)
    snap.values[s.IMPACT] = 0
    snap.charger = True
    assert r.judge(snap, machine, [], 0) == r.PERMANENT


def test_three_a_day_and_ten_a_month() -> None:
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
