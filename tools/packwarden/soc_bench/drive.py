"""Plays one trace to the production estimator and to its rivals, and keeps score.

The estimator is the firmware's own, fed once a second as its loop feeds it (`body`).
"""

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from packwarden.soc_bench.body import BELIEF_SIGMA, Body, Sensors
from packwarden.soc_bench.cases import Case
from packwarden.soc_bench.rivals import Counter, TextbookFilter

COLD = 0.2
CELLS = 4
_SKIP_S = 1800.0
_SKIP_SHARE = 0.3
SCORE_S = 5
DEEP, _FULL = 0.08, 0.99  # an anchor has been there once the truth was


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
    scores: defaultdict[str, Score] = field(default_factory=lambda: defaultdict[str, Score](Score))


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


def skipped_s(case: Case) -> float:
    """From then on it counts."""
    return min(_SKIP_S, _SKIP_SHARE * case.span_s)


def play(case: Case, rivals: bool = True) -> list[Outcome]:
    """Play it to a cold and to a good start at once: both see the same pictures."""
    sensors = Sensors(CELLS)
    players = [
        Player(case, cold, Body(case.chemistry, CELLS, case.capacity_ah, sensors=sensors))
        for cold in (True, False)
    ]
    outcomes = [player.outcome for player in players]
    before_a: float | None = None
    skip_s = skipped_s(case)
    anchored = False
    for t_s, current_a, volts, temp_c, truth in seconds(case):
        if truth is None:
            break
        sensed_a = players[0].body.sensed(current_a)
        mean_v = sensors.look(sensed_a, [volts] * CELLS, temp_c)
        anchored = anchored or truth < DEEP or (truth > _FULL and current_a > 0.0)
        scored = t_s >= skip_s and int(t_s) % SCORE_S == 0
        for player in players:
            body = player.body
            if before_a is None:
                player.begin(truth, rivals)
            else:
                mean_a = before_a if case.held else (before_a + sensed_a) / 2
                body.count(mean_a)
                player.others_see(mean_a, sensed_a, mean_v, temp_c)
            body.think()
            if scored:
                player.score(100 * truth, anchored)
        before_a = sensed_a
    return outcomes


class Player:
    """One start of a trace or a pack: the firmware's estimator, its rivals, and the score."""

    def __init__(self, case: Case, cold: bool, body: Body) -> None:
        self.body = body
        self.outcome = Outcome(case, cold)
        self.others: dict[str, Counter | TextbookFilter] = {}

    def begin(self, truth: float, rivals: bool) -> None:
        """All are told the same: the charge, right or as wrong."""
        case = self.outcome.case
        start, sigma = truth - (COLD if self.outcome.cold else 0.0), BELIEF_SIGMA / 1000
        self.body.believe(start)
        if rivals:
            self.others["counter"] = Counter(start, case.capacity_ah)
            self.others["textbook"] = TextbookFilter(start, sigma, case.capacity_ah, case.chemistry)

    def others_see(self, mean_a: float, current_a: float, volts: float, temp_c: float) -> None:
        """A second of the rivals: its mean current, and what is measured at its end."""
        for other in self.others.values():
            other.second(mean_a, current_a, volts, temp_c)

    def score(self, truth: float, anchored: bool) -> None:
        """One moment of everybody."""
        soc, scores = self.body.soc, self.outcome.scores
        error, sigma = soc.permille / 10 - truth, soc.sigma_permille / 10
        for name in ("firmware", "anchored" if anchored else "unanchored"):
            scores[name].add(error, sigma)
        for name, other in self.others.items():
            scores[name].add(100 * min(1.0, max(0.0, other.soc)) - truth, 100 * other.sigma)
