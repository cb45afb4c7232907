"""What all steps of commissioning have in common: they wait a cycle at a time, and end with a verdict.

A step is a generator: it yields None for another cycle, and once a verdict of `core.commission`. `arming`
runs it in the slow half. What needs a switch closed says so in `arming.closing`, which counts in standby only
and gives way to every protection; a fault that stands ends the step with its own words.
"""

from micropython import const

from bms.app import fronts
from bms.app.report import faults_standing
from bms.core import commission, path
from bms.core import snapshot as s
from bms.services import texts
from bms.services.command import CommandError

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bms.app.parts import Parts
    from bms.core.commission import Verdict
    from bms.ports import Fields

    Steps = Iterator[Verdict | None]

SWITCHING = (commission.FETS, commission.SHUNT, commission.BLEED, commission.AMPS)
_LOST_MS = const(1000)
_TURN = const(2)  # cycles until that shows, ...
_SETTLED = const(50)  # ... and until it must be over
LOOK = 10  # cycles that a reading is averaged over


def say(key: str, *figures: object) -> str:
    """A sentence of texts/commission.txt with its figures."""
    parts = texts.field("commission", key).split("{}")
    said = parts[0]
    for index in range(1, len(parts)):
        said += (str(figures[index - 1]) if index <= len(figures) else "?") + parts[index]
    return said


def ask(p: "Parts", key: str, *figures: object) -> None:
    """Say what is waited for."""
    p.arming.told = say("ask-" + key, *figures)
    p.arming.asks = " ".join([key] + [str(each) for each in figures[:1]])


def perform(p: "Parts", step: int, happening: "Steps") -> "Iterator[None]":
    """One step, from its beginning to what it leaves."""
    arming = p.arming
    if step in SWITCHING:  # what the step before has proven may have made everything look afresh
        for cycle in range(_SETTLED):
            yield
            if cycle >= _TURN and p.path.mode == path.STANDBY:
                break
    for seen_now in happening:
        verdict = seen_now or _hindered(p, step)
        if verdict is not None:
            arming.closing = 0
            _conclude(p, step, verdict)
            return
        yield


def record(p: "Parts") -> "Fields":
    """What is proven for the wiring of now, to be added to."""
    kept = dict(p.arming.kept)
    values = p.settings.values
    now = commission.wiring(values)
    was = kept.get("wiring")
    if not isinstance(was, list) or was[1:3] != now[1:3]:
        kept["sensors"] = 0
    kept["passed"] = commission.passed(kept, values)
    kept["wiring"] = now
    figures = kept.get("figures")
    kept["figures"] = list(figures) if isinstance(figures, list) else [[] for _ in commission.NAMES]
    return kept


def _conclude(p: "Parts", step: int, verdict: "Verdict") -> None:
    """Write down what was proven; say what was seen."""
    arming = p.arming
    key, figures = verdict
    arming.failed = "-" in key
    if arming.failed:
        arming.told = say(key, *figures)
        p.reporter.tell("commission", f"{commission.NAMES[step]}: {arming.told}")
        return
    kept = record(p)
    kept["passed"] |= 1 << step
    kept["figures"][step] = figures
    shunt_uohm = 0
    if step == commission.AMPS and len(figures) > 2:
        shunt_uohm = kept["wiring"][3] = int(figures[2])
    # What was found wrong on wiring that nobody had vouched for was the wiring.
    proven = kept["passed"] & commission.READINGS == commission.READINGS
    if proven and not kept.get("served"):
        p.protect.pardon(p.snap)
        p.protect.restart(p.snap)
        if p.path.mode == path.PERMANENT_FAULT:
            p.path.mode = path.BOOT
    if not arming.needed() & ~kept["passed"]:
        kept["served"] = True
    trouble = arming.keep(kept)
    arming.told = trouble or seen(step, figures)
    p.reporter.tell("commission", f"{commission.NAMES[step]}: passed, {arming.told}")
    if not arming.missing:
        p.reporter.tell("commission", "complete: the path may close", True)
    if shunt_uohm:
        _calibrate(p, shunt_uohm)


def _calibrate(p: "Parts", shunt_uohm: int) -> None:
    """The shunt as the meter found it, through the same checks and the same trial as every parameter."""
    try:
        p.settings.stage("shunt_uohm", str(shunt_uohm))
        p.settings.save(p.keeper.ready)
    except CommandError as refusal:
        p.arming.failed = True
        p.arming.told = str(refusal)
        return
    p.reporter.note("parameters", f"shunt_uohm = {shunt_uohm} by the meter; restarting with it")
    p.loop.restart_asked = True


def seen(step: int, figures: object) -> str:
    """What a step that was passed has seen, in words."""
    if not isinstance(figures, list) or (not figures and step not in (commission.FETS, commission.BLEED)):
        return say("done-label" if figures == [] and step == commission.AMPS else "done-vouched")
    if step == commission.THERMISTORS:
        figures = [f"{ddegc / 10:.1f}" for ddegc in figures]
    return say("done-" + commission.NAMES[step], *figures)


def _hindered(p: "Parts", step: int) -> "Verdict | None":
    """What ends a step from outside."""
    if not p.snap.valid or p.snap.values[s.AGE_MS] >= _LOST_MS:
        return "step-asleep", [last_seen(p)]
    if step in SWITCHING and (p.protect.blocks & s.BOTH or p.path.mode != path.STANDBY):
        standing = ", ".join(faults_standing(p.protect))
        return "step-blocked", [standing or f"the mode is {path.NAMES[p.path.mode]}"]
    return None


def last_seen(p: "Parts") -> str:
    """Why there are no readings. With a cell reversed an AFE switches itself off, and its last ones tell."""
    if p.snap.valid:
        key, figures = commission.order(p.snap.cells_mv)
        if "-" in key:
            return say(key, *figures)
    return p.keeper.error or "there are no readings"


def wait(cycles: int) -> "Steps":
    """Let so many pass."""
    for _ in range(cycles):
        yield None


def mean(p: "Parts", into: "list[int]") -> "Steps":
    """Fill a list with each cell's mean over a second."""
    total = [0] * len(p.snap.cells_mv)
    count = 0
    while count < LOOK:
        yield None
        if p.snap.fresh:
            count += 1
            for i in range(len(total)):
                total[i] += p.snap.cells_mv[i]
    into[:] = [each // count for each in total]


def sees_outside(p: "Parts") -> bool:
    """Whether the front end measures what stands outside the path, and through the same pair of terminals."""
    return p.hal.afe == fronts.BQ76952 and not p.hal.contactors
