"""A reason for the path to be open, as physics sees it: from when on it may be, or must be, and until when.

Between what surely is a cause and what surely is none lies the error of the measurement, in which both
answers are right. So a cause is followed twice: `may` errs to the one side, `must` to the other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from packwarden.campaign.limits import BOTH, FIRMWARE_S
from packwarden.campaign.truth import Truth

# What the firmware reads, and what it writes: a fault may spoil one of them.
CELLS, HEAT, CURRENT, ORDERS = "cells", "heat", "current", "orders"

_EARLY = 0.85  # a delay counted in cycles may end that much early ...
_EARLY_S = 0.25  # ... and begin at a reading taken before
_CHARGER_SHOWS_V = 0.3  # a charger is seen once it holds the open path this far above the stack
_CHARGER_SURELY_V = 0.6
_FLOWS_A = 0.3
_MOST_DOUBLINGS = 6
_FIRST_READING_S = 3.0  # after power-on


Value = Callable[[Truth], float]


class Ends(Enum):
    """What it takes, besides that the cause itself is gone."""

    BY_ITSELF = "by itself"
    LOAD_GONE = "once the load is gone"
    CHARGER_GONE = "once the charger is gone"
    CHARGING = "once it is charged"
    PRESS = "by a ten-second press"
    NEVER = "never"


@dataclass(frozen=True)
class Cause:
    """`value` rises with the danger; beyond `limit` for `set_s` the path opens in the directions `opens`."""

    what: str
    value: Value
    limit: float
    set_s: float
    faults: tuple[str, ...] = ()  # what the firmware may report for it; any of them must stand while it opens
    opens: int = BOTH
    error: float = 0.0  # of the measurement, either way
    early: float = 0.0  # a limit rounded to the safe side acts this much before
    clear: float | None = None  # it is over at this value; None: at the limit
    ends: Ends = Ends.BY_ITSELF
    act_s: float = FIRMWARE_S  # what the responsible layer needs on top of `set_s`
    back_s: float = (
        9.0  # and to close again: the AFE recovers first, then the firmware has a delay of its own
    )
    may_open: int | None = None  # None: what it opens
    binding: bool = True  # the path must open; else it only may
    silicon: bool = False  # layer 1 answers for it, whatever the firmware does
    reading: str = ""  # what the firmware must be able to read to see it


class Watch:
    """Follows one cause through one run."""

    __slots__ = (
        "_calm_s",
        "_clear_high",
        "_clear_low",
        "_doubtful",
        "_early_s",
        "_may_from",
        "_must_from",
        "_presumed",
        "_set",
        "_surely_set",
        "_value",
        "blind",
        "cause",
        "may",
        "must",
        "since_s",
        "trips",
    )  # fmt: skip

    def __init__(self, cause: Cause) -> None:
        self.cause = cause
        self.may = False  # the path may be open for this
        self.must = False  # it must be, `cause.act_s` after the delay at the latest
        self.since_s: float | None = None  # surely beyond the limit since then
        self.blind = False  # nobody who answers for it can see it, or act, now
        self.trips = 0
        clear = cause.limit if cause.clear is None else cause.clear
        self._value = cause.value
        self._set = cause.set_s
        self._presumed = False
        self._surely_set = cause.set_s + cause.act_s  # by then whoever answers for it has seen it out
        self._may_from = cause.limit - cause.error - cause.early
        self._must_from = cause.limit + cause.error
        self._clear_low = clear - cause.error
        self._clear_high = clear + cause.error
        self._early_s = max(0.0, cause.set_s * _EARLY - _EARLY_S)
        self._doubtful: float | None = None  # perhaps beyond the limit since then
        self._calm_s: float | None = None  # surely over since then

    def look(self, truth: Truth) -> None:
        """Take the value of now."""
        value = self._value(truth)
        if value < self._may_from and not self.may:
            self._doubtful = self.since_s = None
            return
        now_s = truth.now_s
        self._look_may(value, now_s, truth)
        if self.blind:
            self.must = False
            self.since_s = None
        elif value >= self._must_from:
            if self.since_s is None:
                self.since_s = now_s
            if now_s - self.since_s >= self._surely_set:
                self.must = True
        elif self.must:
            if value <= self._clear_high and _perhaps(self.cause.ends, truth):
                self.must = False
                self.since_s = None
        else:
            self.since_s = None

    def _look_may(self, value: float, now_s: float, truth: Truth) -> None:
        if value >= self._may_from:
            if self._calm_s is not None:
                self.trips += 1
            self._calm_s = None
            if self._doubtful is None:
                self._doubtful = now_s
            if now_s - self._doubtful >= self._early_s and not self.may:
                self.may = True
                self.trips += 1
            return
        self._doubtful = None
        if not self.may:
            return
        if self.blind or value > self._clear_low or not _surely(self.cause.ends, truth):
            self._calm_s = None
        elif self._calm_s is None:
            self._calm_s = now_s
        elif now_s - self._calm_s > self._back_s():
            self.may = False

    def _back_s(self) -> float:
        """A trip that came again waits twice as long each time, so that nothing chatters."""
        return self.cause.back_s * 2.0 ** min(self.trips - 1, _MOST_DOUBLINGS)

    def pending(self, now_s: float, started_s: float) -> bool:
        """A trip is on its way, for which a path that is open waits; were it early, its report would be."""
        if self._doubtful is None or not self.cause.opens:
            return False
        return now_s - max(self._doubtful, started_s) < self._set + _FIRST_READING_S

    def opened(self, now_s: float) -> float | None:
        """The path has opened: how long after this cause; None if it was not there."""
        if self.since_s is None:
            return None
        took_s = now_s - self.since_s
        if not self.must and took_s >= self._set:
            self.must = True
            self._presumed = took_s < self._surely_set
        return took_s

    def hear(self, reported: frozenset[str], now_s: float) -> None:
        """What is reported for this cause settles that it was the reason."""
        if self.since_s is None or not any(name in reported for name in self.cause.faults[:1]):
            return
        self._presumed = False
        self.must = self.must or now_s - self.since_s >= self._set

    def unsettle(self) -> bool:
        """It opened so early after this cause that it may have been for another one, and nobody says else."""
        if not self._presumed:
            return False
        self.must = self._presumed = False
        self.since_s = None
        return True

    def overdue_s(self, now_s: float) -> float:
        """For how long the responsible layer has been late, below zero while it is not."""
        if self.since_s is None:
            return -1.0
        return now_s - self.since_s - self.cause.set_s - self.cause.act_s


def _surely(ends: Ends, truth: Truth) -> bool:
    """What else it takes to end has surely happened."""
    if ends is Ends.LOAD_GONE:
        return not truth.load_attached
    if ends is Ends.CHARGER_GONE:
        return not truth.charger_v and truth.current_a < _FLOWS_A
    if ends is Ends.CHARGING:
        return truth.current_a > _FLOWS_A or truth.charger_v > truth.stack_v + _CHARGER_SURELY_V
    if ends is Ends.PRESS:
        return truth.pressed_s > 0.0
    return ends is Ends.BY_ITSELF


def _perhaps(ends: Ends, truth: Truth) -> bool:
    """What else it takes to end may have happened."""
    if ends is Ends.LOAD_GONE:
        return not truth.load_attached or truth.charger_v > truth.stack_v
    if ends is Ends.CHARGER_GONE:
        return truth.charger_v <= truth.stack_v + _CHARGER_SURELY_V or truth.load_attached
    if ends is Ends.CHARGING:
        return truth.charger_v > 0.0 or truth.current_a > 0.0
    return _surely(ends, truth)
