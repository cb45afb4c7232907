"""Whether a soft reset may be done, and the reason if not.

A reset must never hide danger: it is refused while the pack is not isolated, while what tripped is still
there, after a permanent fault or an impact, and when resets have become a habit. Each refusal has a sentence
and a number of blinks; a refused reset changes nothing.
"""

from micropython import const

from bms.core import faults, protection
from bms.core import snapshot as s

# The levels, as columns of `core.resetplan`. A supply that was away for minutes is a soft reset.
POWER, SOFT, HARD, RELEARN, FACTORY = range(5)
LEVELS = ("power", "soft", "hard", "relearn", "factory")

ACCEPTED = const(0)
NOT_ISOLATED = const(1)
CAUSE_PRESENT = const(2)
PERMANENT = const(3)
IMPACT = const(4)
TOO_MANY_TODAY = const(5)
TOO_MANY_THIS_MONTH = const(6)

# reason -> (blinks, sentence)
REASONS = (
    (0, "reset done"),
    (2, "refused: the pack is not isolated; unplug charger and load, then hold again"),
    (3, "refused: what tripped is still present; 'faults' names it"),
    (4, "refused: a permanent fault stands; the pack needs service"),
    (5, "refused: an impact is on record; have the pack inspected"),
    (6, "refused: three resets in 24 h; the pack needs service, not a reset"),
    (6, "refused: ten resets in 30 days; the pack needs service, not a reset"),
)

_IMPACT_ROW = faults.index("IMPACT")

DAY_S = const(86400)
MONTH_S = const(2592000)
PER_DAY = const(3)
PER_MONTH = const(10)


def judge(snap: s.Snapshot, protect: protection.Protection, done_s: list[int], now_s: int) -> int:
    """ACCEPTED or the first reason against, gravest first.

    `done_s`: operating seconds of earlier soft resets; `now_s`: operating seconds now. The oldest faults
    speak first, so that an owner is never told to unplug a pack that needs service.
    """
    if snap.values[s.IMPACT] or protect.state[_IMPACT_ROW] == protection.PERMANENT:  # the sensor forgets
        return IMPACT
    if protect.worst == protection.PERMANENT:
        return PERMANENT
    if snap.charger or abs(snap.current_ma) >= s.IDLE_MA:
        return NOT_ISOLATED
    if protect.cause_present(snap) >= 0:
        return CAUSE_PRESENT
    if recent(done_s, now_s, DAY_S) >= PER_DAY:
        return TOO_MANY_TODAY
    if recent(done_s, now_s, MONTH_S) >= PER_MONTH:
        return TOO_MANY_THIS_MONTH
    return ACCEPTED


def recent(done_s: list[int], now_s: int, span_s: int) -> int:
    """How many of the resets fell into the last `span_s` seconds."""
    count = 0
    for done in done_s:
        if now_s - done < span_s:
            count += 1
    return count
