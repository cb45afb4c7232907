"""Wires the parts together, once: first those that protect, which then run while `waking` brings all others.

Nothing here closes the path: the first thing done with the AFE is to open it, because a controller may
restart under a chip that is still conducting.
"""

from micropython import const

from bms.app import fronts
from bms.app.findings import Findings
from bms.app.keeper import Keeper
from bms.app.loop import Loop
from bms.app.parts import Parts
from bms.app.remembered import Remembered
from bms.app.settings import Settings, judged_by
from bms.app.switch import Switch
from bms.app.waking import Waking
from bms.core import silicon
from bms.core import snapshot as s
from bms.core.idle import Idle
from bms.core.path import PowerPath
from bms.core.plausible import Plausibility
from bms.core.protection import Protection
from bms.core.snapshot import Snapshot
from bms.drivers.afe import AfeError

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


def begin(hal: "Hal") -> Loop:
    """What protects the pack, and nothing else: see `waking`."""
    open_first(hal)
    p = Parts()
    now = hal.ticks_ms()
    p.hal = hal
    p.settings = Settings(hal.files, judged_by(hal.afe))
    values = p.settings.values
    afe = fronts.make(hal, values.get("cell_count", _FEWEST_CELLS), values.get("thermistors", 1))
    p.snap = Snapshot(afe.cells_mv, afe.temps_ddegc)
    p.snap.separate_ports = hal.contactors
    p.plausible = Plausibility(len(afe.cells_mv))
    p.keeper = Keeper(hal, afe, p.snap)
    p.switch = Switch(hal, p.keeper)
    p.findings = Findings(p)
    p.protect = Protection(values)
    p.path = PowerPath()
    p.idle = Idle()
    p.silent_ms = _SILENT_MS
    p.precharge = bool(values.get("precharge_fitted"))
    p.remembered = Remembered(hal.files)
    p.remembered.take_up(p.protect, now)
    p.snap.values[s.STATE_LOST] = p.remembered.lost
    p.cause = hal.reset_cause()
    p.away_s = fronts.away_s(afe, hal) if p.cause == "power" else 0  # its clock is set anew with its set-up
    if values:
        _apply(p, values)
    else:
        p.snap.values[s.PARAMS_INVALID] = 1
    p.loop = Loop(p, now)
    return p.loop


def build(hal: "Hal") -> Loop:
    """All parts at once, where there is no hurry."""
    loop = begin(hal)
    start = Waking(loop, hal.ticks_ms())
    while not loop.awake:
        start.bring()
    return loop


def _apply(p: Parts, values: "Values") -> None:
    """Tell what protects what the owner has set; `waking` tells the others."""
    p.snap.knee_mv = values["cell_uv_clear_mv"]
    p.snap.full_mv = values["full_mv"]
    p.findings.rescue_ma = values["rescue_ma"]
    p.silent_ms = values["silent_ms"]
    p.switch.configure(values)
    p.keeper.configure(silicon.derive(values, p.hal.contactors))
