"""The self-test that somebody asks for: what can be told apart without moving anything, each with its figure.

Nothing is opened, closed or bled here: that is what `commission` does, with the pack out of use. Loaded for
the moment.
"""

from micropython import const

from bms.app.readings import none_due
from bms.app.report import faults_standing
from bms.app.views import wrap
from bms.core import snapshot as s
from bms.services import texts

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bms.app.parts import Parts
    from bms.ports import Fields

_KEY = "CELL_OV"  # any row that has a text


class Selftest:
    """The method behind the command."""

    def __init__(self, parts: "Parts") -> None:
        self.p = parts

    def run(self) -> "list[Fields]":
        """A row a check: its name, whether it passed, and what was found."""
        return [{"check": name, "passed": passed, "found": found} for name, passed, found in self._checks()]

    def view(self, rows: "list[Fields]") -> "Iterator[str]":
        """Lines for a person, what failed first to see."""
        for row in rows:
            for line in wrap(f"{'ok  ' if row['passed'] else 'FAIL'}  {row['check']:<11}  ", row["found"]):
                yield line
        failed = len([row for row in rows if not row["passed"]])
        yield f"{len(rows) - failed} of {len(rows)} checks passed"

    def _checks(self) -> "Iterator[tuple[str, bool, str]]":
        p = self.p
        reasons = "; ".join(p.settings.reasons[:3])
        yield "parameters", bool(p.settings.values), reasons or p.settings.standing
        set_up = "identified, configured, and read back the same"
        yield "AFE", p.keeper.ready, set_up if p.keeper.ready else p.keeper.error or "being set up"
        yield self._bus()
        snap = p.snap
        new = snap.valid and (snap.fresh or none_due(p.keeper))
        yield "readings", new, f"{snap.values[s.AGE_MS]} ms old"
        yield self._sensors()
        apart_mv = snap.values[s.STACK_ERROR_MV]
        stands = faults_standing(p.protect)
        yield (
            "stack",
            "STACK_SUM" not in stands,
            f"{apart_mv} mV a cell between the cells and the whole stack",
        )
        follows = snap.fets & s.BOTH == snap.commanded & s.BOTH
        yield "switches", follows, f"told {_sides(snap.commanded)}, read back {_sides(snap.fets)}"
        yield self._supply()
        yield self._memory()
        yield "journal", not p.journal.trouble, p.journal.trouble or f"{p.journal.newest} records so far"
        there = bool(texts.find("faults", _KEY))
        yield "texts", there, "on flash" if there else texts.MISSING
        stuck = p.panel.button.stuck
        yield "button", not stuck, "held for so long that it must be stuck" if stuck else "not stuck"
        cause = p.hal.reset_cause()
        yield "last start", cause != "watchdog", f"by {cause}"
        yield "faults", not stands, ", ".join(stands) or "none stands"

    def _bus(self) -> "tuple[str, bool, str]":
        keeper = self.p.keeper
        recent = self.p.snap.values[s.BUS_ERRORS]
        found = f"{keeper.errors} errors and {keeper.recoveries} recoveries since the start"
        return "bus", not recent, found + (", some of them just now" if recent else "")

    def _sensors(self) -> "tuple[str, bool, str]":
        snap = self.p.snap
        bad = [str(i + 1) for i in range(len(snap.temps_ddegc)) if snap.temps_bad & 1 << i]
        if bad:
            return "thermistors", False, f"thermistor {', '.join(bad)} reads what none can be"
        return "thermistors", True, f"{len(snap.temps_ddegc)} plausible"

    def _supply(self) -> "tuple[str, bool, str]":
        aux_mv = self.p.hal.aux_mv()
        if aux_mv < 0:
            return "supply", True, "not sensed on this board"
        least_mv = self.p.settings.values.get("aux_min_mv", 0)
        return "supply", aux_mv >= least_mv, f"{aux_mv} mV, at least {least_mv} mV"

    def _memory(self) -> "tuple[str, bool, str]":
        p = self.p
        hurt = [p.settings.reason, p.remembered.reason if p.remembered.damage else "", p.doctor.reason]
        said = "; ".join([each for each in hurt if each])
        return "memory", not said, said or "parameters, state and records were whole at the start"


def _sides(fets: int) -> str:
    return f"charge {'on' if fets & s.CHG else 'off'}, discharge {'on' if fets & s.DSG else 'off'}"
