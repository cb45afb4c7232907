"""The command `commission`: what is proven of this pack, what is next, and each step by its name.

Looking is free; a step needs `unlock`, because it may close a switch. A step goes on by itself once it has
begun: who asked sees what it says with `commission`, and hears its verdict.
"""

from micropython import const

from bms.app import procedures
from bms.app.procedures import say, seen
from bms.app.report import faults_standing
from bms.app.views import wrap
from bms.core import commission, path
from bms.core import snapshot as s
from bms.services import texts
from bms.services.command import INVALID_PARAMS, CommandError, folded

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bms.app.parts import Parts
    from bms.ports import Fields

_ON_ITS_WAY = (path.BOOT, path.SELFTEST)  # to standby, while something is missing; the step waits for it
_UNDESCRIBED = (
    "First say what the pack is: 'set chemistry lfp', cell_count, capacity_mah, shunt_uohm; 'save'."
)
_MARKS = {"passed": "[x]", "running": "[>]", "failed": "[!]", "later": "[-]"}


class Commission:
    """The methods, bound to the running parts."""

    def __init__(self, parts: "Parts") -> None:
        self.p = parts

    def commission(self, step: str = "", value: str = "", cell: str = "") -> "Fields":
        """Where it stands; with a step: begin it, or give the running one its figure; 'abort' ends it."""
        if step:
            self._act(step, value, cell)
        return self._stand()

    def calibrate(self, what: str = "", value: str = "", cell: str = "") -> "Fields":
        """The two steps that ask a meter, at any time."""
        if what not in ("volts", "amps"):
            raise CommandError(
                "say 'calibrate volts 13.21', or with a cell: 'calibrate volts 3.302 2'; or 'calibrate amps'",
                INVALID_PARAMS,
            )
        return self.commission(what, value, cell)

    def view(self, result: "Fields") -> "Iterator[str | None]":
        """The steps as a list to tick off."""
        for row in result["steps"]:
            if row is None:
                yield None
                continue
            head = f"{_MARKS.get(row['state'], '[ ]')} {row['step']:<12} "
            for line in wrap(head, row["seen"] or row["text"]):
                yield line
        if result["says"]:
            for line in folded(f"{result['doing']}: {result['says']}"):
                yield line
        if result["running"]:
            told = "It goes on by itself; 'commission' shows how far, 'commission abort' ends it."
        elif result["commissioned"]:
            told = "Commissioned: the path may close."
        elif result["next"]:
            told = f"Next: 'commission {result['next']}'. {result['do']}"
        else:
            told = _UNDESCRIBED
        for line in folded(told):
            yield line

    def _act(self, step: str, value: str, cell: str) -> None:
        arming = self.p.arming
        self.p.access.require()
        if step == "abort":
            arming.end()
            arming.told = "broken off; what was passed stays"
            return
        if step not in commission.NAMES:
            known = ", ".join(commission.NAMES)
            raise CommandError(f"'{step[:12]}' is no step: say abort, or one of {known}", INVALID_PARAMS)
        if arming.running is not None:
            if step != arming.doing or not value:
                raise CommandError(f"'{arming.doing}' is under way: 'commission abort' ends it")
            self._check_figure(step, value, cell)
            arming.figure = value
            return
        number = commission.NAMES.index(step)
        self._may_begin(number)
        if number == commission.VOLTS or value:
            self._check_figure(step, value, cell)
        arming.figure = f"{value} {cell}" if cell else value
        arming.doing = step
        arming.told = arming.asks = ""
        arming.failed = False
        arming.running = procedures.perform(self.p, number, _happening(self.p, number))

    def _may_begin(self, number: int) -> None:
        """CommandError with what has to come first."""
        p = self.p
        if not p.settings.values:
            raise CommandError("say first what the pack is: " + "; ".join(p.settings.reasons[:2]))
        wait_s = p.arming.allowance.wait_s(p.reporter.operating_s)
        if wait_s:
            raise CommandError(f"so many steps wear the flash that keeps them: the next one in {wait_s} s")
        before = commission.NEEDS[number] & p.arming.missing
        if before:
            raise CommandError(f"first: {', '.join(commission.names(before))}")
        if not p.snap.valid or not p.keeper.ready:
            raise CommandError(say("step-asleep", procedures.last_seen(p)))
        if number not in procedures.SWITCHING:
            return
        if p.protect.blocks & s.BOTH:
            raise CommandError(say("step-blocked", ", ".join(faults_standing(p.protect))))
        if p.path.mode != path.STANDBY and not (p.arming.missing and p.path.mode in _ON_ITS_WAY):
            raise CommandError("the path is in use: send 'standby' first, and 'resume' afterwards")
        if number == commission.AMPS and p.settings.staged != p.settings.given:
            raise CommandError("parameters are staged: 'save' or 'revert' them first")

    def _check_figure(self, step: str, value: str, cell: str) -> None:
        from bms.app import procedures_current as current  # noqa: PLC0415 - see `_happening`

        if step not in ("volts", "amps"):
            raise CommandError(f"'{step}' takes no figure", INVALID_PARAMS)
        if step == "amps" and value == current.LABEL:
            return
        if not value:
            raise CommandError("say what the meter shows: 'commission volts 13.21'", INVALID_PARAMS)
        if current.milli(value) <= 0:
            raise CommandError("a meter that shows nothing is no measure", INVALID_PARAMS)
        count = len(self.p.snap.cells_mv)
        if cell and (step != "volts" or len(cell) > 2 or cell not in [str(k + 1) for k in range(count)]):
            raise CommandError(f"the cell must be 1 to {count}, and goes with volts", INVALID_PARAMS)

    def _stand(self) -> "Fields":
        """All of it, for a program."""
        arming = self.p.arming
        values = self.p.settings.values
        missing = arming.missing
        following = commission.next_step(missing) if values else -1
        running = arming.doing if arming.running is not None else ""
        return {
            "commissioned": not missing,
            "missing": commission.names(missing),
            "next": commission.NAMES[following] if following >= 0 else "",
            "do": texts.field("commission", commission.NAMES[following], 1) if following >= 0 else "",
            "running": running,
            "doing": arming.doing,
            "says": arming.told,
            "asks": arming.asks,
            "failed": arming.failed,
            "steps": self._rows(running),
        }

    def _rows(self, running: str) -> "Iterator[Fields | None]":
        """Yields what there is to say of each step; None after each piece that was read from flash."""
        arming = self.p.arming
        needed = arming.needed()
        figures = arming.kept.get("figures")
        for i in range(len(commission.NAMES)):
            if not needed & 1 << i:
                continue
            name = commission.NAMES[i]
            what = texts.find("commission", name)
            yield None
            told = ""
            if name == running:
                state = "running"
            elif not arming.missing & 1 << i:
                state = "passed"
                told = seen(i, figures[i] if isinstance(figures, list) and i < len(figures) else None)
            elif arming.failed and name == arming.doing:
                state = "failed"
            else:
                state = "later" if commission.NEEDS[i] & arming.missing else "to do"
            text, do = what if len(what) == 2 else (texts.MISSING, "")
            yield {"step": name, "state": state, "text": text, "do": do, "seen": told}


def _happening(p: "Parts", number: int) -> "procedures.Steps":
    """The step itself, from the one or the other half of them."""
    if number >= commission.SHUNT:
        from bms.app import procedures_current  # noqa: PLC0415 - a controller has no room for both

        return procedures_current.begin(p, number)
    from bms.app import procedures_wiring  # noqa: PLC0415

    return procedures_wiring.begin(p, number)
