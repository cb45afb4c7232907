"""Carries out a reset: each row of `core.resetplan` that says so, on the part that holds the piece.

Loaded for the moment: resets are rare. What a power-up does to each piece is not done here but by starting.
"""

from micropython import const

from bms.core import path, reset, resetplan

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.app.parts import Parts


# Three rows, one act.
_RESTARTED = (
    "faults that end by themselves", "faults that wait for a release", "lockouts whose cause is gone",
)  # fmt: skip


def carry_out(p: "Parts", level: int) -> None:
    """All rows, in the order of the table; parameters last, because a restart follows."""
    if level == reset.RELEARN:
        p.doctor.note_before()
    for piece, _part, effects in resetplan.TABLE:
        if effects[level] != resetplan.KEEP:
            _do(p, piece, level)
    if level == reset.FACTORY:
        p.settings.to_defaults()
        p.loop.restart_asked = True


def _do(p: "Parts", piece: str, level: int) -> None:
    if piece in _RESTARTED:
        p.protect.restart(p.snap)
    elif piece == "permanent faults whose cause is gone":
        p.protect.pardon(p.snap)
    elif piece == "power path":
        p.path.restart()
        if level == reset.FACTORY:
            p.path.mode = path.BOOT
    elif piece == "commissioning":
        p.arming.clear()
    elif piece == "limits":
        p.limits.restart()
    elif piece == "readings":
        p.snap.valid = False  # nothing read before the reset counts after it
    elif piece == "readings before":
        p.plausible.forget()
    elif piece == "balancing":
        p.balancer.mask = 0
        p.keeper.balance(0)
    elif piece == "AFE configuration":
        p.keeper.start_over(f"reset {reset.LEVELS[level]}")
    elif piece == "unlocked time":
        p.access.lock()
    elif piece == "staged parameters":
        p.settings.revert()
    else:
        _forget(p, piece)


def _forget(p: "Parts", piece: str) -> None:
    """What the pack has learned, counted and stored."""
    if piece == "charge":
        p.soc.reset(p.snap)
    elif piece == "current zero":
        p.resetter.zero()
    elif piece == "resistance of the cells":
        p.health.forget(False)
    elif piece == "capacity and health":
        p.health.forget(True)
    elif piece == "learning cycle":
        p.doctor.begin_or_abort()
    elif piece == "service needed":
        p.doctor.serviced()
    elif piece == "evidence":
        p.doctor.evidence.clear()
    elif piece == "pending codes":
        p.archive.codes.clear(p.protect, True)
    elif piece == "confirmed codes":
        p.archive.codes.clear(p.protect, False)
    elif piece == "freeze frames":
        p.archive.frames.clear()
