"""What the figures are held against: each goal with its group's figure, and whether it is met."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from packwarden.soc_bench.cases import Case
from packwarden.soc_bench.drive import Outcome, Score
from packwarden.soc_bench.learned import Learned
from packwarden.soc_bench.packs import Found

SLACK = 0.2  # points that a good start may be worse than the counter
SURE = 0.95
SAME = 0.5  # points RMSE by which the whole firmware may differ from its estimators alone
# Group: (mean RMSE, worst) of a cold start; LFP counts from its first anchor on.
COLD_GOALS = {
    "simulated NMC": (0.6, 2.5),
    "measured NMC": (1.5, 4.0),
    "measured NCA": (1.5, 5.0),
    "simulated LFP": (2.0, 5.0),
    "simulated LFP, hysteresis": (2.0, 5.0),
    "measured LFP": (2.0, 5.0),
    "16 cells NMC": (0.6, 2.5),
    "16 cells LFP": (2.0, 5.0),
}


@dataclass(frozen=True)
class Verdict:
    """One goal: what it is about, what was found, what was asked for."""

    what: str
    found: str
    goal: str
    met: bool


def grouped(outcomes: Sequence[Outcome]) -> list[tuple[str, bool, list[Outcome]]]:
    """(group, cold, its traces), cold before good."""
    keys = sorted(
        {(each.case.group, each.cold) for each in outcomes},
        key=lambda key: (list(COLD_GOALS).index(key[0]) if key[0] in COLD_GOALS else 99, not key[1]),
    )
    return [
        (group, cold, [e for e in outcomes if (e.case.group, e.cold) == (group, cold)])
        for group, cold in keys
    ]


def judged_by(group: str, cold: bool) -> str:
    """Which score a group's goal is about."""
    return "anchored" if cold and "LFP" in group else "firmware"


def together(members: Sequence[Outcome], name: str) -> tuple[float, float, float]:
    """(mean RMSE, worst, share of time within two sigma) of all traces that have this score."""
    scores = [each.scores[name] for each in members if name in each.scores]
    count = sum(each.count for each in scores)
    if not count:
        return math.nan, math.nan, math.nan
    rmse = sum(each.rmse for each in scores) / len(scores)
    return rmse, max(each.worst for each in scores), sum(each.inside for each in scores) / count


def behind(outcome: Outcome) -> float:
    """By how many points RMSE the firmware is worse than the counter."""
    counter = outcome.scores.get("counter")
    return outcome.scores["firmware"].rmse - counter.rmse if counter else -math.inf


def of_traces(outcomes: Sequence[Outcome]) -> list[Verdict]:
    """Goals about charge."""
    found: list[Verdict] = []
    for group, cold, members in grouped(outcomes):
        where = f"{group}, {'cold' if cold else 'good'}"
        if cold:
            rmse, worst, _ = together(members, judged_by(group, cold))
            goal = COLD_GOALS[group]
            met = rmse <= goal[0] and worst <= goal[1]
            after = ", after an anchor" if "LFP" in group else ""
            if not math.isnan(rmse):
                found.append(
                    Verdict(where + after, f"{rmse:.2f}/{worst:.1f}", f"{goal[0]:g}/{goal[1]:g}", met)
                )
        elif "counter" in members[0].scores:
            most = max(members, key=behind)
            more = behind(most)
            found.append(Verdict(f"{where}: above the counter", f"{more:+.2f}", f"{SLACK:+g}", more <= SLACK))
        before = together(members, "unanchored")[2]
        if cold and "LFP" in group and not math.isnan(before):
            found.append(_sure(f"{where}, before it: 2 sigma", before))
        found.append(_sure(f"{where}: within 2 sigma", together(members, "firmware")[2]))
    return found


def of_packs(found: Sequence[Found]) -> list[Verdict]:
    """Whether the weak cells were named."""
    right = sum(each.named == each.weak for each in found)
    goal = f"{len(found)}"
    return (
        [Verdict("packs whose weak cell was named", f"{right}", goal, right == len(found))] if found else []
    )


def of_lessons(found: Sequence[Learned]) -> list[Verdict]:
    """Goals about what is learned: the worst of each kind."""
    verdicts: list[Verdict] = []
    for kind in dict.fromkeys(each.kind for each in found):
        worst = max((each for each in found if each.kind == kind), key=lambda each: abs(each.off))
        goal = f"+-{100 * worst.goal:g} %"
        verdicts.append(Verdict(f"{kind}, worst", f"{100 * worst.off:+.1f} %", goal, worst.met))
    return verdicts


def of_wholes(found: Sequence[tuple[Case, bool, Score]], outcomes: Sequence[Outcome]) -> list[Verdict]:
    """The whole firmware must come to what its estimators come to."""
    alone = {(each.case, each.cold): each.scores["firmware"].rmse for each in outcomes}
    apart = [abs(score.rmse - alone[case, cold]) for case, cold, score in found if (case, cold) in alone]
    if not apart:
        return []
    return [
        Verdict(
            "whole firmware against estimators alone", f"{max(apart):.2f}", f"{SAME:g}", max(apart) <= SAME
        )
    ]


def _sure(what: str, share: float) -> Verdict:
    return Verdict(what, f"{100 * share:.1f} %", f"{100 * SURE:.0f} %", share >= SURE)
