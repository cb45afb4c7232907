"""Readings that no pack can give: a jump, a tap that hangs loose, a value that stands still, a runaway.

One picture cannot show these; each needs what was seen before. A cell is judged against the middle of the
others (the mean without the highest and the lowest), so that what the load does to all of them says nothing.
Results go into the snapshot's `values`, where rows of the fault table look at them.
"""

from array import array

from micropython import const

from bms.core import cells as c
from bms.core import snapshot as s

try:
    from bms.core.cells_fast import compare
except (AttributeError, ImportError, NameError, SyntaxError, ValueError):  # no machine code here
    from bms.core.cells import compare

_AGO_MS = const(1000)  # a jump is measured against one to two of these ago
_STEADY_MV = const(100)
_TAP_DOUBT_MV = const(150)  # two neighbours that far apart, one up, one down: a tap, not a cell
_CEILING_MV = const(5400)  # more than any cell has; the AFE reads up to 5.5 V
_STACK_DOUBT_MV = const(50)
_FLICKER_MV = const(3)  # a reading that moves no more has not moved
_SWING_MV = const(30)
_STILL_MS = const(60000)
_RISE_EVERY_MS = const(10000)
_RISE_SAMPLES = const(7)  # one each 10 s: the rise is that of a minute, and up to 10 s more
_PAUSE_MS = const(2000)  # after a longer gap, what was seen before is no measure any more


class Plausibility:
    """Compares each new picture with those before it."""

    def __init__(self, cells: int) -> None:
        self.cells = cells
        self._known = False
        self._older = array("i", [0] * cells)  # each cell's distance from the middle, one to two seconds ago
        self._newer = array("i", [0] * cells)
        self._held = array("i", [0] * (cells * c.HELD_RUNS))
        self._look = array("i", [0] * c.LOOK)
        self._look[c.COUNT] = cells
        self._look[c.STILL_MS] = _STILL_MS
        # Of a cell that did not follow the others: where it reads, and how far from the middle it should.
        self._stuck_mv = self._stuck_away = 0
        self._older_middle = 0
        self._newer_middle = 0
        self._older_ma = self._newer_ma = 0
        self._since_ms = 0
        self._hottest = array("i", [0] * _RISE_SAMPLES)
        self._hottest_at = 0
        self._rise_ms = 0
        self._broken = 0  # thermistors, in the picture before

    def forget(self) -> None:
        """What was seen before is no measure for what comes: after a pause, a reset, a new set-up."""
        self._known = False

    def step(self, snap: s.Snapshot, elapsed_ms: int) -> None:
        """Look at a fresh picture, `elapsed_ms` after the last. Allocates nothing."""
        values = snap.values
        if elapsed_ms > _PAUSE_MS:
            self._known = False
        if self.cells < 3:
            middle = snap.sum_mv // self.cells
        else:
            trimmed = snap.sum_mv - values[s.CELL_MAX_MV] - values[s.CELL_MIN_MV]
            middle = trimmed // (self.cells - 2)
        if not self._known:
            self._begin(snap, middle)
        before = values[s.JUMP_MV]
        self._compare_cells(snap, middle, elapsed_ms)
        self._since_ms += elapsed_ms
        # An odd picture, taken while something happens, is no measure for what follows.
        steady = abs(values[s.JUMP_MV] - before) < _STEADY_MV or self._since_ms >= 2 * _AGO_MS
        if self._since_ms >= _AGO_MS and steady:
            self._since_ms = 0
            self._older, self._newer = self._newer, self._older
            self._older_middle = self._newer_middle
            self._newer_middle = middle
            self._older_ma = self._newer_ma
            self._newer_ma = snap.current_ma
            self._note(self._newer, snap, middle)
        self._follow_heat(snap, elapsed_ms)
        sound = values[s.TAP_MV] < _TAP_DOUBT_MV and values[s.STACK_ERROR_MV] < _STACK_DOUBT_MV
        if values[s.STILL]:  # what converters say that stand still accuses no switch
            values[s.CHG_WELD_MA] = values[s.DSG_WELD_MA] = values[s.OFF_MA] = 0
        values[s.SOUND_MIN_MV] = values[s.CELL_MIN_MV] if sound else s.ABSENT
        values[s.SOUND_MAX_MV] = values[s.CELL_MAX_MV] if sound else 0

    def _begin(self, snap: s.Snapshot, middle: int) -> None:
        self._known = True
        self._since_ms = self._rise_ms = 0
        self._look[c.STUCK] = -1
        self._note(self._older, snap, middle)
        self._note(self._newer, snap, middle)
        for i in range(self.cells):
            self._held[i] = s.ABSENT
        self._older_middle = self._newer_middle = middle
        self._older_ma = self._newer_ma = snap.current_ma
        for i in range(_RISE_SAMPLES):
            self._hottest[i] = snap.values[s.TEMP_MAX_DDEGC]

    def _note(self, distances: "array[int]", snap: s.Snapshot, middle: int) -> None:
        for i in range(self.cells):
            distances[i] = snap.cells_mv[i] - middle

    def _compare_cells(self, snap: s.Snapshot, middle: int, elapsed_ms: int) -> None:
        """One pass over the cells (`cells`), and what it says of this picture."""
        values = snap.values
        look = self._look
        swing = middle - self._older_middle
        look[c.MIDDLE] = middle
        look[c.STACK_OFF] = snap.stack_mv - snap.sum_mv
        look[c.ELAPSED_MS] = elapsed_ms
        look[c.SWING] = swing
        look[c.STILL] = -1
        if abs(swing) >= _SWING_MV and self._load_changed(snap):
            look[c.STILL] = max(_FLICKER_MV, abs(swing) // 16)
        look[c.CEILING] = _CEILING_MV - middle
        look[c.STRUCK] = 0
        before = look[c.STUCK]
        compare(snap.cells_mv, self._older, self._held, look)
        if look[c.STRUCK]:
            at = look[c.STUCK]
            excused = snap.rescue and swing < 0 and at == snap.cell_min_at
            if excused:  # a charge lifts it by as much as the end of that charge takes
                at = look[c.STUCK] = before if before >= 0 else self._struck_besides(snap, at)
            if at >= 0 and not (excused and at == before):
                self._stuck_mv = snap.cells_mv[at]
                self._stuck_away = self._older[at]
        values[s.JUMP_MV] = look[c.JUMP]
        values[s.TAP_MV] = look[c.TAP]
        snap.jump_at = look[c.JUMP_AT]
        snap.tap_at = look[c.TAP_AT]
        if look[c.FROZEN]:
            snap.frozen_at = look[c.FROZEN_AT]
        values[s.FROZEN_MV] = look[c.FROZEN]
        if look[c.STUCK] >= 0:
            values[s.FROZEN_MV] = self._still_stuck(snap, middle, look[c.FROZEN])

    def _struck_besides(self, snap: s.Snapshot, but: int) -> int:
        """Another cell that did not follow this swing, or -1."""
        look = self._look
        for i in range(self.cells):
            step = snap.cells_mv[i] - look[c.MIDDLE] - self._older[i]
            if i != but and abs(step + look[c.SWING]) <= look[c.STILL]:
                return i
        return -1

    def _load_changed(self, snap: s.Snapshot) -> bool:
        """By so much that each cell must show it; at an empty or full end most move without any change."""
        now = snap.current_ma
        before = self._older_ma
        return abs(now - before) >= max(s.IDLE_MA, abs(now) // 4, abs(before) // 4)

    def _still_stuck(self, snap: s.Snapshot, middle: int, frozen: int) -> int:
        """FROZEN_MV: a cell that did not follow is wrong until it moves, or the others come back to it."""
        at = self._look[c.STUCK]
        cell = snap.cells_mv[at]
        wrong_mv = abs(cell - middle - self._stuck_away)
        if abs(cell - self._stuck_mv) * 2 > wrong_mv or wrong_mv < _SWING_MV // 2:
            self._look[c.STUCK] = -1
            self._older_middle = self._newer_middle = middle  # what it is now is what it is measured by
            self._note(self._older, snap, middle)
            self._note(self._newer, snap, middle)
        elif wrong_mv > frozen:
            snap.frozen_at = at
            return wrong_mv
        return frozen

    def _follow_heat(self, snap: s.Snapshot, elapsed_ms: int) -> None:
        """How much the hottest place has warmed within a minute."""
        values = snap.values
        now = values[s.TEMP_MAX_DDEGC]
        hottest = self._hottest
        broken = values[s.THERMISTORS_OPEN] + values[s.THERMISTORS_SHORT]
        if broken or self._broken:  # the hottest may be another one now, and again when it is back
            self._broken = broken
            for i in range(_RISE_SAMPLES):
                hottest[i] = now
        values[s.TEMP_RISE_DDEGC] = now - hottest[self._hottest_at]
        self._rise_ms += elapsed_ms
        if self._rise_ms >= _RISE_EVERY_MS:
            self._rise_ms = 0
            hottest[self._hottest_at] = now
            self._hottest_at = (self._hottest_at + 1) % _RISE_SAMPLES
