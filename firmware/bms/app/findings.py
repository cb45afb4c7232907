"""What the firmware itself finds out, between what it commands and what it reads: into the snapshot it goes.

The AFE measures; these are the firmware's own observations, which rows of the fault table look at like any
other: switches that do not follow, a load that does not come up, a rescue charge that lasts, a late cycle, a
weak supply.
"""

from micropython import const

from bms.core import snapshot as s

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.app.parts import Parts

_CYCLE_MS = const(100)  # a pause in which nobody looked is no mismatch: a cycle counts for a cycle
_MOST_MS = const(60000)
_RESCUE_SHARE = const(8)  # less than this part of what a rescue may take does not count as one


class Findings:
    """Compares commands with what reads back, and keeps the timers of what may not last."""

    def __init__(self, parts: "Parts") -> None:
        self.p = parts
        self.extra = 0  # directions that read closed and should not
        self.rescue_ma = 1 << 20
        self._rescue_s = 0

    def late(self, by_ms: int) -> None:
        """The cycle that begins now is this late."""
        self.p.snap.values[s.LATE_MS] = max(0, min(_MOST_MS, by_ms))

    def compare(self, elapsed_ms: int) -> None:
        """Commanded is not done: find what reads otherwise, and time how long it has. Allocates nothing."""
        snap = self.p.snap
        if not snap.fresh:
            return
        step_ms = min(elapsed_ms, _CYCLE_MS)
        values = snap.values
        fets = snap.fets
        wanted = snap.commanded
        reads = (fets | fets >> 2) & s.BOTH  # a detour through a resistor is closed, too
        extra = reads & ~wanted
        missing = wanted & ~reads & ~self.p.switch.moving
        # Series FETs: with one closed and current through the other's body diode, the AFE closes that one too
        # (TRM 5.2.3).
        if not self.p.hal.contactors and (
            (extra == s.CHG and wanted & s.DSG and snap.current_ma < 0)
            or (extra == s.DSG and wanted & s.CHG and snap.current_ma > 0)
        ):
            extra = 0
        self.extra = extra
        if extra or missing:
            values[s.FET_MISMATCH_MS] = min(_MOST_MS, values[s.FET_MISMATCH_MS] + step_ms)
        else:
            values[s.FET_MISMATCH_MS] = 0
        welded = self.p.switch.welded  # a sense input needs no current to tell
        if welded & s.CHG:
            values[s.CHG_WELD_MA] = s.ABSENT
        if welded & s.DSG:
            values[s.DSG_WELD_MA] = s.ABSENT
        if wanted & s.DSG and fets & s.PDSG and not fets & s.DSG:
            values[s.PRECHARGE_MS] = min(_MOST_MS, values[s.PRECHARGE_MS] + step_ms)
        else:
            values[s.PRECHARGE_MS] = 0

    def second(self) -> None:
        """Once a second: the slow ones."""
        p = self.p
        values = p.snap.values
        aux_mv = p.hal.aux_mv()
        values[s.AUX_MV] = s.ABSENT if aux_mv < 0 else aux_mv
        values[s.BUS_ERRORS] = max(0, values[s.BUS_ERRORS] - 1)
        if not p.snap.rescue or not p.snap.commanded & s.CHG:
            self._rescue_s = 0
        elif p.snap.current_ma * _RESCUE_SHARE >= self.rescue_ma:
            self._rescue_s += 1
        values[s.RESCUE_MIN] = self._rescue_s // 60
