"""The bench's answer: a row for each trace and start, a row for each group, and what the goals say to it."""

import math
from collections.abc import Sequence

from rich.table import Table

from packwarden.soc_bench.drive import Outcome, Score
from packwarden.soc_bench.learned import Learned
from packwarden.soc_bench.packs import Found

NAMES = ("firmware", "counter", "textbook")
SLACK = 0.2  # points that a good start may be worse than the counter
SURE = 0.95
# Group: (mean RMSE, worst) of a cold start; LFP counts from its first anchor on.
COLD_GOALS = {
    "simulated NMC": (0.6, 2.5),
    "measured NMC": (1.5, 4.0),
    "measured NCA": (1.5, 5.0),
    "simulated LFP": (2.0, 5.0),
    "simulated LFP, hysteresis": (2.0, 5.0),
    "measured LFP": (2.0, 5.0),
}


def traces(outcomes: Sequence[Outcome]) -> Table:
    """RMSE / worst in percent of the capacity, and the share of time within two standard deviations."""
    table = Table(title="Charge error in %, RMSE / worst (share of time within 2 sigma)")
    for name in ("trace", "start", "firmware", "from an anchor on", "counter", "textbook 2-RC EKF"):
        table.add_column(name, justify="left" if name in ("trace", "start") else "right")
    for outcome in outcomes:
        scores = outcome.scores
        table.add_row(
            outcome.case.name,
            "cold" if outcome.cold else "good",
            cell(scores.get("firmware"), share=True),
            cell(scores.get("anchored")),
            cell(scores.get("counter")),
            cell(scores.get("textbook"), share=True),
        )
    return table


def groups(outcomes: Sequence[Outcome]) -> Table:
    """Mean RMSE / worst of each group."""
    table = Table(title="Groups: mean RMSE / worst (share within 2 sigma)")
    for name in ("group", "start", "firmware", "from an anchor on", "counter", "textbook 2-RC EKF", "goal"):
        table.add_column(name, justify="left" if name in ("group", "start") else "right")
    for group, cold, members in _grouped(outcomes):
        goal = COLD_GOALS[group]
        table.add_row(
            group,
            "cold" if cold else "good",
            _mean(members, "firmware", share=True),
            _mean(members, "anchored"),
            _mean(members, "counter"),
            _mean(members, "textbook", share=True),
            f"{goal[0]:g} / {goal[1]:g}" if cold else f"counter + {SLACK:g} each",
        )
    return table


def packs(found: Sequence[Found]) -> Table:
    """Usable charge of packs whose cells differ, and whom the firmware names."""
    table = Table(title="Sixteen cells that differ: usable charge in %, RMSE / worst (share within 2 sigma)")
    for name in ("pack", "start", "firmware", "from an anchor on", "cell named"):
        table.add_column(name, justify="right" if name in ("firmware", "from an anchor on") else "left")
    for each in found:
        table.add_row(
            each.plan.name,
            "cold" if each.cold else "good",
            cell(each.score, share=True),
            cell(each.anchored, share=True),
            f"{each.named}: {each.because}" if each.named else "none",
        )
    return table


def learned(found: Sequence[Learned]) -> Table:
    """Capacities and resistances against the truth."""
    table = Table(title="What is learned (sensor gain +1 %)")
    for name in ("what", "learned", "truth", "error", "sigma", "goal"):
        table.add_column(name, justify="left" if name == "what" else "right")
    for each in found:
        table.add_row(
            each.what,
            f"{each.found:.2f}",
            f"{each.truth:.2f}",
            f"{100 * each.off:+.1f} %",
            f"{100 * each.sigma:.1f} %" if each.sigma else "-",
            f"{100 * each.goal:g} %",
        )
    return table


def more_verdicts(found: Sequence[Found], figures: Sequence[Learned]) -> list[str]:
    """The same for packs and for what is learned."""
    missed = [
        f"{each.what}: {100 * each.off:+.1f} %, not within {100 * each.goal:g} %."
        for each in figures
        if not each.met
    ]
    for each in found:
        if each.score.count and each.score.share < SURE:
            where = f"{each.plan.name}, {'cold' if each.cold else 'good'} start"
            missed.append(f"{where}: {_not_sure(each.score.share)}")
        weak = each.plan.weak
        named = int(weak[0]["cell"]) if weak else 0
        if each.named != named:
            missed.append(
                f"{each.plan.name}: the weak cell is {named or 'none'}, not {each.named or 'none'}."
            )
    return missed


def verdicts(outcomes: Sequence[Outcome]) -> list[str]:
    """Goals that are not met, each as a sentence."""
    found: list[str] = []
    for group, cold, members in _grouped(outcomes):
        where = f"{group}, {'cold' if cold else 'good'} start"
        shares = [each.scores["firmware"] for each in members]
        share = sum(each.inside for each in shares) / sum(each.count for each in shares)
        if share < SURE:
            found.append(f"{where}: {_not_sure(share)}")
        if cold:
            name = "anchored" if "LFP" in group else "firmware"
            rmse, worst = _figures(members, name)
            goal = COLD_GOALS[group]
            if rmse > goal[0] or worst > goal[1]:
                found.append(f"{where}: {rmse:.2f} / {worst:.1f}, not {goal[0]:g} / {goal[1]:g}.")
            continue
        for each in members:
            if "counter" not in each.scores:
                continue
            more = each.scores["firmware"].rmse - each.scores["counter"].rmse
            if more > SLACK:
                found.append(f"{where}: {each.case.name} is {more:.2f} points worse than the counter.")
    return found


def cell(score: Score | None, share: bool = False) -> str:
    """One estimator's figures."""
    if score is None or not score.count:
        return "-"
    inside = f" ({100 * score.share:3.0f} %)" if share else ""
    return f"{score.rmse:.2f} / {score.worst:.1f}{inside}"


def _not_sure(share: float) -> str:
    return f"within 2 sigma {100 * share:.1f} % of the time, not {100 * SURE:.0f} %."


def _grouped(outcomes: Sequence[Outcome]) -> list[tuple[str, bool, list[Outcome]]]:
    keys = dict.fromkeys((each.case.group, each.cold) for each in outcomes)
    return [
        (group, cold, [e for e in outcomes if (e.case.group, e.cold) == (group, cold)])
        for group, cold in keys
    ]


def _figures(members: Sequence[Outcome], name: str) -> tuple[float, float]:
    scores = [each.scores[name] for each in members if name in each.scores]
    if not scores:
        return math.nan, math.nan
    return sum(each.rmse for each in scores) / len(scores), max(each.worst for each in scores)


def _mean(members: Sequence[Outcome], name: str, share: bool = False) -> str:
    rmse, worst = _figures(members, name)
    if math.isnan(rmse):
        return "-"
    scores = [each.scores[name] for each in members if name in each.scores]
    inside = sum(each.inside for each in scores) / sum(each.count for each in scores)
    return f"{rmse:.2f} / {worst:.1f}" + (f" ({100 * inside:3.0f} %)" if share else "")
