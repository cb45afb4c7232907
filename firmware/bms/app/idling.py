"""What stirs in this pack, for `core.idle`: looked for once a second, and while it is idle in every cycle.

And how the time between two steps is spent. An idle pack is guarded as any other: only the waiting is done
with less current.
"""

from micropython import const

from bms.core import button, idle, path, ticks
from bms.core import snapshot as s

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.app.parts import Parts

_LEAD_ON = (path.BOOT, path.SELFTEST, path.PRECHARGE)


def facts(p: "Parts") -> int:
    """The bits of `core.idle`. Allocates nothing."""
    snap = p.snap
    mode = p.loop.mode
    found = idle.SHIPPED if mode == path.SHIP else 0
    if not p.keeper.asleep and (abs(snap.current_ma) >= s.IDLE_MA or snap.charger):
        found |= idle.CURRENT
    if mode in _LEAD_ON or p.protect.pending or p.protect.journal_used or snap.values[s.FET_MISMATCH_MS]:
        found |= idle.CHANGE
    finger = p.panel.button
    console = p.console
    touched = finger.stage != button.IDLE and not finger.stuck
    if touched or console.heard or console.busy or console.out.moving or p.reporter.watch_s:
        found |= idle.PERSON
        console.heard = False
    if p.balancer.mask or p.arming.running is not None or _under_way(p):
        found |= idle.WORK
    if not (p.journal.idle and p.archive.idle):
        found |= idle.UNWRITTEN
    return found


def afe_may_sleep(p: "Parts") -> bool:
    """What stands clears by fresh pictures, one after the other: not while there is something."""
    return p.idle.is_idle and p.idle.afe_too and not p.protect.worst and not p.protect.warnings


def rest(p: "Parts", wait_ms: int, due: int) -> None:
    """Until the next step; a doze ends no later than the next cycle is due."""
    hal = p.hal
    if p.idle.is_idle:
        hal.doze_ms(max(0, min(wait_ms, ticks.diff(due, hal.ticks_ms()))))
    else:
        hal.sleep_ms(wait_ms)


def _under_way(p: "Parts") -> bool:
    """What leads to a restart, or comes of one."""
    return bool(p.loop.restart_asked or p.resetter.zeroing or p.settings.on_trial or p.keeper.task)
