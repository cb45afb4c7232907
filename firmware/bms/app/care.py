"""Answers of the workshop: what the evidence speaks for, the learning cycle, service, and the resets."""

from micropython import const

from bms.app import views
from bms.core import balance, diagnosis, leakage, protection, relearn, reset, service
from bms.services import texts
from bms.services.command import INVALID_PARAMS, CommandError

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator

    from bms.app.parts import Parts
    from bms.ports import Fields

_TYPED = "ERASE"  # what somebody types who means it


class Care:
    """The methods, bound to the running parts."""

    def __init__(self, parts: "Parts") -> None:
        self.p = parts
        self.access = parts.access

    def diagnose(self) -> "list[Fields]":
        """Causes for which there is evidence, best first, each with the figure that led to it."""
        found: "list[Fields]" = []
        figures = diagnosis.gather(self.p.doctor.evidence.values)
        self._measure(figures)
        for index in diagnosis.causes(figures):
            row = diagnosis.ROWS[index]
            cause = row[diagnosis.CAUSE]
            where = row[diagnosis.WHERE]
            figure = figures[row[diagnosis.FIGURE]]
            enough = row[diagnosis.ENOUGH]
            found.append(
                {
                    "cause": cause,
                    "confidence": round(figure / (figure + enough), 2),  # half when there is just enough
                    "evidence": f"{figure} {row[diagnosis.UNIT]}; {enough} are enough",
                    "text": texts.field("diagnosis", cause),
                    "figure": figure,
                    "enough": enough,
                    "unit": row[diagnosis.UNIT],
                    "cell": (figures[where] or None) if where != diagnosis.NOWHERE else None,
                    "advice": texts.field("diagnosis", cause, 1),
                }
            )
        return found

    def service(self) -> "Fields":
        """Whether the pack needs service, and why."""
        reasons = self.p.doctor.service_reasons()
        return {"service_needed": bool(reasons), "reasons": reasons}

    def relearn(self, what: str = "") -> "Fields":
        """Where the learning cycle stands and what to do next; 'relearn abort' breaks it off."""
        learn = self.p.doctor.relearn
        if what == "abort":
            self.access.require()
            self.p.doctor.abort_relearn()
        elif what:
            raise CommandError("say 'relearn', or 'relearn abort'; 'reset relearn' begins", INVALID_PARAMS)
        name = relearn.STEPS[learn.step]
        left_s = learn.left_s(self.p.soc.permille, self.p.snap.current_ma)
        answer: "Fields" = {
            "step": name,
            "number": learn.step,
            "of": relearn.DONE,
            "text": texts.field("relearn", name),
            "advice": texts.field("relearn", name, 1),
            "left_min": (left_s + 59) // 60 if left_s >= 0 else None,
        }
        answer["due_in_days"] = learn.due_s(self.p.reporter.operating_s) // service.DAY_S
        answer["natural_mah"] = learn.natural_mah or None
        if learn.step == relearn.DONE:
            self._learned(answer)
        return answer

    def _learned(self, answer: "Fields") -> None:
        """The report of a learning cycle: before, after, and how sure that is."""
        learn = self.p.doctor.relearn
        health = self.p.health
        spread, leak, row = health.spread, health.leakage, health.resistance
        cells = range(len(spread.off))
        answer["before_mah"] = learn.before_mah
        answer["after_mah"] = learn.after_mah  # what it gives from full to its lower limit
        answer["capacity_mah"] = int(self.p.soc.capacity_c / 3.6 + 0.5)
        answer["capacity_sigma_permille"] = int(health.capacity.sigma * 1000 + 0.5)
        answer["confidence_permille"] = learn.confidence_permille()
        answer["before_uohm"] = learn.before[0] or None
        answer["ten_s_uohm"] = [int(each) for each in row.ten_s] if row.late_steps else None
        answer["before_spread_permille"] = learn.before[1]
        answer["cell_charge_permille"] = [round(each, 1) for each in spread.off]
        charge = self.p.soc.middle()
        answer["balance_from_permille"] = [round(balance.starts_at(spread, k, charge), 1) for k in cells]
        # Which cell loses most by itself; that shows after days, not in a cycle.
        ranked = sorted(cells, key=lambda k: -leak.rate[k])
        answer["self_discharge_order"] = [k + 1 for k in ranked] if leak.sigma < leakage.UNKNOWN else None
        answer["rested_full_mv"] = list(learn.full_mv) if learn.rests & 1 else None
        answer["rested_empty_mv"] = list(learn.empty_mv) if learn.rests & 2 else None

    def reset(self, level: str = "", confirm: str = "") -> "Fields":
        """A reset of one of four kinds; refused with a reason when it would hide danger."""
        number = reset.LEVELS.index(level) if level in reset.LEVELS else reset.POWER
        if number == reset.POWER:
            raise CommandError("say which: 'reset soft', hard, relearn or factory", INVALID_PARAMS)
        if number != reset.SOFT:
            self.access.require()
        if number == reset.FACTORY and confirm != _TYPED:
            raise CommandError(
                f"this forgets all parameters and opens the path for good: 'reset factory {_TYPED}' does it",
                INVALID_PARAMS,
            )
        reason = self.p.resetter.perform(number, "console")
        return {"accepted": reason == reset.ACCEPTED, "reason": reset.REASONS[reason][1]}

    def view(self, found: "list[Fields]") -> "Iterator[str]":
        """Lines for a person."""
        if not found:
            yield "nothing wrong found: no bad charger, supply, joint or cell; no cold, no heat"
        for number, row in enumerate(found, 1):
            cell = f", cell {row['cell']}" if row["cell"] else ""
            for line in views.wrap(f"{number}. ", f"{row['text']}{cell} ({row['evidence']})"):
                yield line
            for line in views.wrap("   ", str(row["advice"])):
                yield line

    def _measure(self, figures: "array[int]") -> None:
        """What the estimators and the fault table know."""
        p = self.p
        for i in range(p.protect.count):
            if p.protect.state[i] == protection.PERMANENT:
                figures[diagnosis.PERMANENT] += 1
        health = p.health
        if health.resistance.late_steps:
            row = health.resistance.ten_s
            middle = sorted(row)[len(row) // 2]
            worst = max(row)
            figures[diagnosis.WEAK_CELL_PERMILLE] = int(worst * 1000 / max(1.0, middle))
            figures[diagnosis.WEAK_CELL_AT] = list(row).index(worst) + 1
        figures[diagnosis.SPREAD_PERMILLE] = int(health.spread.high - health.spread.low)
        soh = health.soh_permille
        if soh is not None:
            figures[diagnosis.LOSS_PERMILLE] = 1000 - soh
