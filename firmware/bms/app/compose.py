"""Wires the parts together, once. The only place that knows them all.

Nothing here closes the path: the first thing done with the AFE is to open it, because a controller may
restart under a chip that is still conducting.
"""

from micropython import const

import bms
from bms.app import fronts
from bms.app.access import Access
from bms.app.archive import Archive
from bms.app.arming import Arming
from bms.app.desk import Desk
from bms.app.doctor import Doctor
from bms.app.findings import Findings
from bms.app.keeper import Keeper
from bms.app.loop import Loop
from bms.app.panel import Panel
from bms.app.parts import Parts
from bms.app.remembered import Remembered
from bms.app.reporter import Reporter
from bms.app.resetter import Resetter
from bms.app.settings import Settings
from bms.app.switch import Switch
from bms.core import silicon
from bms.core import snapshot as s
from bms.core.balance import Balancer
from bms.core.health import Health
from bms.core.limits import Limits
from bms.core.path import PowerPath
from bms.core.plausible import Plausibility
from bms.core.protection import Protection
from bms.core.shown import Shown
from bms.core.snapshot import Snapshot
from bms.core.soc import ChargeCounter
from bms.drivers.afe import AfeError
from bms.services.console import Console
from bms.services.history import History
from bms.services.journal import Journal

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Hal, Values

_SILENT_MS = 3000  # until parameters say otherwise
_FEWEST_CELLS = 3


def open_first(hal: "Hal") -> None:
    """Before anything is loaded that might be damaged: open an AFE that may still be conducting."""
    try:
        fronts.make(hal, _FEWEST_CELLS, 1).open_path()
    except AfeError:
        return  # it does not answer; the keeper will say so, and its host watchdog, if any, has it


def build(hal: "Hal") -> Loop:
    """The running firmware on this hardware, ready for its first `step`."""
    open_first(hal)
    p = Parts()
    now = hal.ticks_ms()
    p.hal = hal
    p.history = History()
    p.journal = Journal(hal.files)
    p.settings = Settings(hal.files, fronts.judge(hal.afe))
    p.remembered = Remembered(hal.files)
    values = p.settings.values
    afe = fronts.make(hal, values.get("cell_count", _FEWEST_CELLS), values.get("thermistors", 1))
    p.snap = Snapshot(afe.cells_mv, afe.temps_ddegc)
    p.snap.separate_ports = hal.contactors
    p.plausible = Plausibility(len(afe.cells_mv))
    p.keeper = Keeper(hal, afe, p.snap)
    p.switch = Switch(hal, p.keeper)
    p.findings = Findings(p)
    p.protect = Protection()
    p.path = PowerPath()
    p.limits = Limits()
    p.soc = ChargeCounter()
    p.shown = Shown(p.soc)
    p.health = p.remembered.health = Health(p.soc, len(afe.cells_mv))
    p.balancer = Balancer()
    p.silent_ms = _SILENT_MS
    p.precharge = bool(values.get("precharge_fitted"))
    p.archive = Archive(p, len(afe.cells_mv))
    p.doctor = Doctor(p, len(afe.cells_mv))
    p.resetter = Resetter(p)
    p.reporter = Reporter(p)
    if values:
        _apply(p, values)
    else:
        p.snap.values[s.PARAMS_INVALID] = 1
    p.remembered.catch_up(p.archive.counted)
    p.remembered.restore(p.soc, p.protect, now)
    p.reporter.operating_s = p.remembered.base_s
    p.arming = Arming(p)
    p.snap.values[s.STATE_LOST] = p.remembered.lost
    p.panel = Panel(p, now)
    p.access = Access(p)
    p.desk = Desk(p)
    p.console = Console(hal.serial, p.desk)
    p.loop = Loop(p, now)
    _begin(p, hal.reset_cause())
    return p.loop


def _apply(p: Parts, values: "Values") -> None:
    """Tell every part what the owner has set."""
    p.snap.knee_mv = values["cell_uv_clear_mv"]
    p.snap.full_mv = values["full_mv"]
    p.findings.rescue_ma = values["rescue_ma"]
    for part in (p.protect, p.limits, p.soc, p.health, p.balancer, p.switch, p.doctor):
        part.configure(values)
    if fronts.is_alone(p.hal.afe):
        p.balancer.forbid()
    p.archive.ring.configure(values["shunt_uohm"])
    p.silent_ms = values["silent_ms"]
    p.reporter.watch_s = values["watch_s"]
    p.reporter.watch_json = values["watch_json"] == 1
    p.keeper.configure(silicon.derive(values, p.hal.contactors))


def _begin(p: Parts, cause: str) -> None:
    """Say hello, and put into the history how this start came about and what was found damaged."""
    bitten = cause == "watchdog"
    if cause == "power":
        p.resetter.was_away(fronts.away_s(p.keeper.afe, p.hal))
    p.archive.begin(cause, p.reporter.operating_s)
    p.reporter.note("start", f"firmware {bms.__version__}, after {cause}", bitten)
    if bitten:
        p.snap.values[s.WATCHDOG_RESET] = 1
    missing = fronts.missing(p.hal.afe)
    if missing:
        p.reporter.note("front end", f"{p.hal.afe}: {missing}")
    for sentence in (p.settings.reason, p.remembered.reason, p.doctor.reason, p.arming.reason):
        if sentence:
            p.reporter.note("storage", sentence)
    p.console.greet(
        f"Packwarden {bms.__version__} on {p.hal.board}: 'status' shows the pack, 'help' lists the rest."
    )
