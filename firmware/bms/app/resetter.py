"""Resets: judged here, whoever asks, and carried out by the table (`resets`, `core.resetplan`).

Soft resets come from the button or the console; hard, relearn and factory need the console, unlocked. After a
hard reset the path stays open for as long as it takes to see what the current sensor shows of no current.
"""

from micropython import const

from bms.app import overlay
from bms.core import faults, protection, reset
from bms.core import snapshot as s

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.app.parts import Parts

_AWAY_S = const(120)  # a supply that was away for so long was taken away, or is as good as new
_MODULES = "bms.core.resetplan bms.app.resets"
_ZERO_SCANS = const(50)
_ZERO_MOST = const(100)  # scans, after which it is left as it was


class Resetter:
    """Judges, carries out, and finds the zero of the current afterwards."""

    def __init__(self, parts: "Parts") -> None:
        self.p = parts
        self.zeroing = 0  # scans until the zero of the current is given up; the path stays open meanwhile
        self._zero_scans = 0
        self._zero_ma = 0
        self.away_s = 0  # how long this controller had no supply, while that is still to be acted upon

    def was_away(self, seconds: int) -> None:
        """The supply is back after so long; too short a time is a plain start."""
        self.away_s = seconds if seconds >= _AWAY_S else 0

    def supply(self) -> None:
        """The supply is back after minutes: that is a soft reset, if one has anything to do.

        Under the same guards as any other, and it counts: a supply that fails every night hides a failing
        pack as well as a finger does. One that finds nothing to clear is none.
        """
        away_min = self.away_s // 60
        self.away_s = 0
        locked = any(state == protection.LOCKED for state in self.p.protect.state)
        if locked or self.p.archive.codes.any_pending():
            self.perform(reset.SOFT, f"supply away for {away_min} min")

    def soft(self, asked_by: str) -> int:
        """Judge and do; returns a reason of `core.reset` (ACCEPTED when done). A refusal changes nothing."""
        return self.perform(reset.SOFT, asked_by)

    def perform(self, level: int, asked_by: str) -> int:
        """A reset of any level, under the same guards; only soft ones count against the quota."""
        p = self.p
        memory = p.remembered
        now_s = p.reporter.operating_s
        reason = reset.judge(p.snap, p.protect, memory.resets_s if level == reset.SOFT else [], now_s)
        if level == reset.FACTORY and reason in (reset.IMPACT, reset.PERMANENT):
            reason = reset.ACCEPTED  # the pack is open afterwards until somebody commissions it anew
        p.reporter.tell(f"reset {reset.LEVELS[level]}", f"{asked_by}: {reset.REASONS[reason][1]}")
        memory.urgent = True
        if level == reset.SOFT:
            p.archive.reset_asked(reason)
        if reason != reset.ACCEPTED:
            memory.refusals += 1
            return reason
        if level == reset.SOFT:
            memory.resets += 1
            memory.resets_s.append(now_s)
            p.doctor.soft_reset(_standing(p))
        from bms.app import resets  # noqa: PLC0415 - a reset is rare, and memory is not

        resets.carry_out(p, level)
        overlay.forget(_MODULES)
        return reason

    def zero(self) -> None:
        """Begin to look for what the sensor shows while no current flows."""
        self.zeroing = _ZERO_MOST
        self._zero_scans = self._zero_ma = 0

    def scan(self, snap: s.Snapshot) -> None:
        """One new picture while `zeroing`: it counts with both directions proven open and none drawn."""
        self.zeroing -= 1
        if self.p.keeper.ready and not snap.fets and not snap.charger and abs(snap.current_ma) < s.IDLE_MA:
            self._zero_scans += 1
            self._zero_ma += snap.current_ma
        if self._zero_scans >= _ZERO_SCANS:
            self.zeroing = 0
            self.p.soc.rest.offset_ma = offset_ma = self._zero_ma / self._zero_scans
            self.p.reporter.tell("current zero", f"{offset_ma:.1f} mA are taken off from now on")
        elif not self.zeroing:
            self.p.reporter.tell("current zero", "kept as it was: a current flowed, or a charger was there")


def _standing(p: "Parts") -> "list[str]":
    """What stands and a reset is about to end."""
    protect = p.protect
    return [
        faults.ROWS[i][faults.MNEMONIC]
        for i in range(protect.count)
        if protect.state[i] in (protection.TRIPPED, protection.LOCKED)
        and faults.ROWS[i][faults.CLASS] != faults.WARNING
    ]
