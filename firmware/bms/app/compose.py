"""Wires the parts together, once. The only place that knows them all.

Nothing here closes the path: the first thing done with the AFE is to open it, because a controller may
restart under a chip that is still conducting.
"""

from micropython import const

import bms
from bms.app.commands import Api
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
from bms.core.limits import Limits
from bms.core.path import PowerPath
from bms.core.plausible import Plausibility
from bms.core.protection import Protection
from bms.core.snapshot import Snapshot
from bms.core.soc import ChargeCounter
from bms.drivers.afe import AfeError, ConfigError
from bms.drivers.bq76952 import Bq76952
from bms.drivers.bq76952_registers import plan
from bms.services.command import Commands
from bms.services.console import Console
from bms.services.history import History
from bms.services.journal import Journal

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Hal

_SILENT_MS = 3000  # until parameters say otherwise
_FEWEST_CELLS = 3


def unreachable(asked: dict[str, int]) -> list[str]:
    """Sentences about limits that the fitted AFE cannot enforce; empty when it can do all."""
    try:
        plan(asked)
    except ConfigError as error:
        return [str(error)]
    return []


def open_first(hal: "Hal") -> None:
    """Before anything is loaded that might be damaged: open an AFE that may still be conducting."""
    try:
        Bq76952(hal.bus, hal.afe_address, hal.afe_crc, _FEWEST_CELLS).open_path()
    except AfeError:
        return  # it does not answer; the keeper will say so, and the AFE's host watchdog has it


def build(hal: "Hal") -> Loop:
    """The running firmware on this hardware, ready for its first `step`."""
    open_first(hal)
    p = Parts()
    now = hal.ticks_ms()
    p.hal = hal
    p.history = History()
    p.journal = Journal(hal.files)
    p.settings = Settings(hal.files, unreachable)
    p.remembered = Remembered(hal.files)
    values = p.settings.values
    afe = Bq76952(
        hal.bus,
        hal.afe_address,
        hal.afe_crc,
        values.get("cell_count", _FEWEST_CELLS),
        (1 << values.get("thermistors", 1)) - 1,
    )
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
    p.balancer = Balancer()
    p.silent_ms = _SILENT_MS
    p.precharge = bool(values.get("precharge_fitted"))
    if values:
        p.snap.knee_mv = values["cell_uv_clear_mv"]
        p.snap.full_mv = values["full_mv"]
        p.findings.rescue_ma = values["rescue_ma"]
        for part in (p.protect, p.limits, p.soc, p.balancer, p.switch):
            part.configure(values)
        p.silent_ms = values["silent_ms"]
        p.keeper.configure(silicon.derive(values, hal.contactors))
    else:
        p.snap.values[s.PARAMS_INVALID] = 1
    p.remembered.restore(p.soc, p.protect, now)
    p.snap.values[s.STATE_LOST] = p.remembered.lost
    p.resetter = Resetter(p)
    p.reporter = Reporter(p)
    p.panel = Panel(p, now)
    p.api = Api(p)
    p.console = Console(hal.serial, Commands(p.api.rows))
    p.loop = Loop(p, now)
    _begin(p, hal.reset_cause())
    return p.loop


def _begin(p: Parts, cause: str) -> None:
    """Say hello, and put into the history how this start came about and what was found damaged."""
    bitten = cause == "watchdog"
    p.reporter.note("start", f"firmware {bms.__version__}, after {cause}", bitten)
    if bitten:
        p.snap.values[s.WATCHDOG_RESET] = 1
    for sentence in (p.settings.reason, p.remembered.reason):
        if sentence:
            p.reporter.note("storage", sentence)
    p.console.greet(
        f"Packwarden {bms.__version__} on {p.hal.board}: 'status' shows the pack, 'help' lists the rest."
    )
