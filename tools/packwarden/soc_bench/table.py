"""The bench's answer in eighty columns: a row for each trace, pack and lesson, and then each goal."""

import math
from collections.abc import Iterator, Sequence

from packwarden.soc_bench import goals
from packwarden.soc_bench.cases import Case
from packwarden.soc_bench.drive import Outcome, Score
from packwarden.soc_bench.goals import Verdict
from packwarden.soc_bench.learned import Learned
from packwarden.soc_bench.packs import Found

WIDTH = 80
_MISSED = "MISSED"
_BEHIND = "!"
MARKS = (_MISSED, _BEHIND)  # how a line ends that tells of a goal that is not met
_FIGURES = "{:<23} {:>14} {:>9} {:>10} {:>15}"
_PACK = "{:<14} {:<23} {:<4} {:<7} {:<7} {:<12} {:<6}"
_LESSON = "{:<40} {:>7} {:>7} {:>8} {:>6}  {:<6}"
_GOAL = "{:<51} {:>10}  {:<8} {:<6}"


def traces(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """RMSE / worst in percent of the capacity, and the share of time within two standard deviations."""
    yield "Charge: RMSE / worst error in % of the capacity, share of time within 2 sigma"
    yield f"({_BEHIND}: a good start that is more than {goals.SLACK:g} points worse than the counter)"
    yield ""
    yield _FIGURES.format("", "firmware", "LFP after", "counter", "textbook")
    yield _FIGURES.format("", "", "an anchor", "", "2-RC EKF")
    for group, cold, members in goals.grouped(outcomes):
        yield ""
        yield f"{group}, {'cold: believed 20 points too low' if cold else 'good: believed right'}"
        plateau = "LFP" in group
        for each in members:
            behind = "" if cold or goals.behind(each) <= goals.SLACK else f" {_BEHIND}"
            yield _row(each.case.name, each.scores, plateau) + behind
        whole = {
            name: goals.together(members, name) for name in ("firmware", "anchored", "counter", "textbook")
        }
        yield _FIGURES.format(
            "  mean / worst",
            _figure(*whole["firmware"]),
            _figure(*whole["anchored"][:2]) if plateau else "",
            _figure(*whole["counter"][:2]),
            _figure(*whole["textbook"]),
        ).rstrip()


def wholes(found: Sequence[tuple[Case, bool, Score]], outcomes: Sequence[Outcome]) -> Iterator[str]:
    """The same by `packwarden sim --replay`, beside it."""
    alone = {(each.case, each.cold): each.scores["firmware"] for each in outcomes}
    yield ""
    yield "The same by packwarden sim --replay (whole firmware, simulated front end)"
    for case, cold, score in found:
        beside = alone.get((case, cold))
        yield (
            f"{case.name:<23} {'cold' if cold else 'good':<4} {cell(score, share=True):>14}"
            + (f"   estimators alone {cell(beside, share=True)}" if beside else "")
        )


def packs(found: Sequence[Found]) -> Iterator[str]:
    """Whom the firmware calls weak, and when."""
    yield ""
    yield "Sixteen cells that differ: which one is weak, and what the firmware says of it"
    yield ""
    for each in found:
        case = each.outcome.case
        start = "cold" if each.outcome.cold else "good"
        who = f"cell {each.weak}" if each.weak else "none"
        said = f"cell {each.named}" if each.named else "none"
        missed = "" if each.named == each.weak else _MISSED
        yield _PACK.format(
            case.group, case.name, start, who, said, f"after {each.days} days", missed
        ).rstrip()


def learned(found: Sequence[Learned]) -> Iterator[str]:
    """Capacities and resistances against the truth."""
    yield ""
    yield "What is learned: capacity in Ah (stated 15 % wrong), resistance in mohm"
    yield ""
    yield _LESSON.format("", "learned", "truth", "error", "sigma", "").rstrip()
    for each in found:
        yield _LESSON.format(
            each.what,
            f"{each.found:.2f}",
            f"{each.truth:.2f}",
            f"{100 * each.off:+.1f} %",
            f"{100 * each.sigma:.1f} %" if each.sigma else "-",
            "" if each.met else _MISSED,
        ).rstrip()


def verdicts(found: Sequence[Verdict]) -> Iterator[str]:
    """Each goal; the missed ones are called so."""
    yield ""
    yield _GOAL.format("Goals", "found", "goal", "").rstrip()
    yield ""
    for each in found:
        yield _GOAL.format(each.what, each.found, each.goal, "met" if each.met else _MISSED).rstrip()
    missed = sum(not each.met for each in found)
    yield ""
    yield (
        f"{missed} of {len(found)} goals are missed."
        if missed
        else f"Every one of {len(found)} goals is met."
    )


def cell(score: Score | None, share: bool = False) -> str:
    """One estimator's figures."""
    if score is None or not score.count:
        return "-"
    return _figure(score.rmse, score.worst, score.share if share else None)


def _row(name: str, scores: dict[str, Score], plateau: bool) -> str:
    return _FIGURES.format(
        name,
        cell(scores.get("firmware"), share=True),
        cell(scores.get("anchored")) if plateau else "",
        cell(scores.get("counter")),
        cell(scores.get("textbook"), share=True),
    ).rstrip()


def _figure(rmse: float, worst: float, share: float | None = None) -> str:
    if math.isnan(rmse):
        return "-"
    inside = "" if share is None else f" {100 * share:3.0f}%"
    return f"{rmse:.2f}/{worst:4.1f}{inside}"
