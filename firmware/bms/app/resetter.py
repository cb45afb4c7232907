"""Carries out a soft reset, or refuses it: the one place where `core.reset` meets the running parts."""

from micropython import const

from bms.core import reset

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.app.parts import Parts


class Resetter:
    """Soft resets, asked by the button or the console alike."""

    def __init__(self, parts: "Parts") -> None:
        self.p = parts

    def soft(self, asked_by: str) -> int:
        """Judge and do; returns a reason of `core.reset` (ACCEPTED when done). A refusal changes nothing."""
        p = self.p
        memory = p.remembered
        now_s = p.reporter.operating_s
        reason = reset.judge(p.snap, p.protect, memory.resets_s, now_s)
        sentence = reset.REASONS[reason][1]
        p.reporter.tell("reset soft", f"{asked_by}: {sentence}")
        memory.urgent = True
        if reason != reset.ACCEPTED:
            memory.refusals += 1
            return reason
        memory.resets += 1
        memory.resets_s.append(now_s)
        p.protect.restart(p.snap)
        p.path.restart()
        p.limits.restart()
        p.soc.reset(p.snap)
        p.plausible.forget()
        p.snap.valid = False  # nothing read before the reset counts after it
        return reason
