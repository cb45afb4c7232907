"""Plays one trace to the production estimator and to its rivals, and keeps score.

The estimator is the firmware's own, fed once a second as its loop feeds it (`body`).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from packwarden.soc_bench.body import BELIEF_SIGMA, Body
from packwarden.soc_bench.cases import Case
from packwarden.soc_bench.rivals import Counter, TextbookFilter

COLD = 0.2
CELLS = 4
_SKIP_S = 1800.0
_SKIP_SHARE = 0.3
_SCORE_S = 5
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


def run(case: Case, cold: bool, rivals: bool = True) -> Outcome:
    """Play it."""
    body = Body(case.chemistry, CELLS, case.capacity_ah)
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
        sensed_a = body.sensed(current_a)
        if before_a is None:
            start = truth - (COLD if cold else 0.0)
            body.believe(start)
            if rivals:
                others["counter"] = Counter(start, case.capacity_ah)
                others["textbook"] = TextbookFilter(
                    start, BELIEF_SIGMA / 1000, case.capacity_ah, case.chemistry
                )
        else:
            body.count(before_a if case.held else (before_a + sensed_a) / 2)
        before_a = sensed_a
        mean_v = body.look(sensed_a, [volts] * CELLS, temp_c)
        for other in others.values():
            other.second(sensed_a, mean_v, temp_c)
        anchored = anchored or truth < _DEEP or (truth > _FULL and current_a > 0.0)
        if t_s >= skip_s and int(t_s) % _SCORE_S == 0:
            believed, sigma = body.soc.permille / 10, body.soc.sigma_permille / 10
            score(scores, "firmware", 100 * truth, believed, sigma)
            if anchored:
                score(scores, "anchored", 100 * truth, believed, sigma)
            for name, other in others.items():
                score(scores, name, 100 * truth, 100 * min(1.0, max(0.0, other.soc)), 100 * other.sigma)
    return outcome


def score(scores: dict[str, Score], name: str, truth: float, believed: float, sigma: float) -> None:
    """Keep one moment of one estimator."""
    scores.setdefault(name, Score()).add(believed - truth, sigma)
