"""Plays one trace to the production estimator and to its rivals, and keeps score.

The estimator is the firmware's own, fed once a second as its loop feeds it; that a whole firmware in a
simulated world (`packwarden sim --replay`) comes to the same is shown on a few traces by `proof`.
"""

import math
import random
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from bms.core import params
from bms.core import snapshot as s
from bms.core.snapshot import Snapshot
from bms.core.soc import ChargeCounter

from packwarden.soc_bench.cases import Case
from packwarden.soc_bench.rivals import Counter, TextbookFilter

GAIN_ERROR = 0.01
OFFSET_C = 0.0004
NOISE_MV = 2.0
COLD = 0.2
BELIEF_SIGMA = 110  # permille: what a pack file's belief comes to, once the firmware has started with it
CELLS = 4
_SKIP_S = 1800.0
_SKIP_SHARE = 0.3
_SCORE_S = 5
_SEED = 7
_DEEP, _FULL = 0.08, 0.99  # an anchor has been there once the truth was


@dataclass
class Score:
    """Errors in percent of the capacity, of one estimator on one trace."""

    squares: float = 0.0
    worst: float = 0.0
    inside: int = 0
    count: int = 0

    def add(self, error: float, sigma: float) -> None:
        """One moment."""
        self.squares += error * error
        self.worst = max(self.worst, abs(error))
        self.inside += abs(error) <= 2.0 * sigma + 0.05
        self.count += 1

    @property
    def rmse(self) -> float:
        """Root of the mean square."""
        return math.sqrt(self.squares / self.count) if self.count else math.nan

    @property
    def share(self) -> float:
        """Share of time within two standard deviations."""
        return self.inside / self.count if self.count else math.nan


@dataclass
class Outcome:
    """One trace, started cold or good."""

    case: Case
    cold: bool
    scores: dict[str, Score] = field(default_factory=dict[str, Score])


def seconds(case: Case) -> Iterator[tuple[float, float, float, float, float | None]]:
    """Each second of a trace: (time, mean current since the last, voltage, temperature, charge)."""
    trace = case.load()
    t_s, soc = trace.t_s, trace.soc
    k, last = 0, len(t_s) - 1
    for second in range(int(t_s[-1] - t_s[0]) + 1):
        at_s = t_s[0] + second
        while k < last - 1 and t_s[k + 1] <= at_s:
            k += 1
        step_s = t_s[k + 1] - t_s[k]
        share = min(1.0, (at_s - t_s[k]) / step_s)
        hold = case.held and share < 1.0
        current_a = trace.current_a[k] if hold else _between(trace.current_a, k, share)
        volts = _between(trace.voltage_v, k, share)
        truth = _between(soc, k, share) if soc else None
        yield second, current_a, volts, _between(trace.temperature_c, k, share), truth


def _between(column: list[float], k: int, share: float) -> float:
    return column[k] + share * (column[k + 1] - column[k])


def values(case: Case, told: float = 1.0) -> dict[str, int | str]:
    """The parameters of a pack of this cell; `told`: how wrong the capacity is that it is given."""
    return params.resolve(
        {
            "chemistry": case.chemistry,
            "cell_count": CELLS,
            "capacity_mah": round(1000 * told * case.capacity_ah),
            "shunt_uohm": 1000,
        }
    )


def run(case: Case, cold: bool, rivals: bool = True) -> Outcome:
    """Play it."""
    noise = random.Random(_SEED)
    firmware = ChargeCounter()
    firmware.configure(values(case))
    snap = Snapshot(array("i", [0] * CELLS), array("i", [250]))
    snap.fets = snap.commanded = s.BOTH
    snap.fresh = snap.valid = True
    outcome = Outcome(case, cold)
    scores = outcome.scores
    before_a: float | None = None
    others: dict[str, Counter | TextbookFilter] = {}
    start = 0.0
    trace_s = case.load().t_s
    skip_s = min(_SKIP_S, _SKIP_SHARE * (trace_s[-1] - trace_s[0]))
    anchored = False
    for t_s, current_a, volts, temp_c, truth in seconds(case):
        if truth is None:
            return outcome
        sensed_a = current_a * (1.0 + GAIN_ERROR) + OFFSET_C * case.capacity_ah
        if before_a is None:
            start = truth - (COLD if cold else 0.0)
            firmware.set(round(1000 * start), BELIEF_SIGMA)
            if rivals:
                others["counter"] = Counter(start, case.capacity_ah)
                others["textbook"] = TextbookFilter(
                    start, BELIEF_SIGMA / 1000, case.capacity_ah, case.chemistry
                )
        else:
            held_a = before_a if case.held else (before_a + sensed_a) / 2
            firmware.count(round(1000 * held_a), 1000)
        before_a = sensed_a
        snap.current_ma = round(1000 * sensed_a)
        total_mv = 0
        for cell in range(CELLS):
            snap.cells_mv[cell] = mv = round(1000 * volts + noise.gauss(0.0, NOISE_MV))
            total_mv += mv
        snap.temps_ddegc[0] = round(10 * temp_c)
        snap.stack_mv = snap.pack_mv = total_mv
        snap.derive()
        firmware.second(snap)
        for other in others.values():
            other.second(sensed_a, total_mv / CELLS / 1000, temp_c)
        anchored = anchored or truth < _DEEP or (truth > _FULL and current_a > 0.0)
        if t_s >= skip_s and int(t_s) % _SCORE_S == 0:
            believed = firmware.permille / 10
            score(scores, "firmware", 100 * truth, believed, firmware.sigma_permille / 10)
            if anchored:
                score(scores, "anchored", 100 * truth, believed, firmware.sigma_permille / 10)
            for name, other in others.items():
                score(scores, name, 100 * truth, 100 * min(1.0, max(0.0, other.soc)), 100 * other.sigma)
    return outcome


def score(scores: dict[str, Score], name: str, truth: float, believed: float, sigma: float) -> None:
    """Keep one moment of one estimator."""
    scores.setdefault(name, Score()).add(believed - truth, sigma)
