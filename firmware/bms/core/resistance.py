"""Resistance of each cell from steps of the current: at once, and after ten seconds.

A step is a current that has changed by a good part of 1 C from one second to the next and then stays. What
the voltage does at once is ohmic; what it has done after ten seconds is what a pull of ten seconds costs,
which is what a power limit must know. Both are referred to 25 degC and half charge by the chemistry's own
laws, so that neither a cold morning nor an empty pack looks like age. (Pulses as in IEC 62660-1, 7.4; the
mean is weighed by the size of the step.)
"""

from array import array

from micropython import const

from bms.core import snapshot as s

_STEP_PER_AH = 0.25  # C: a smaller step drowns in noise
_STEADY = 0.12  # of the step: how far the current may wander
_LATER_S = const(10)
_MOST = 60.0  # weight of what has been learned, in steps


class Resistance:
    """uohm per cell, half full at 25 degC: `ohmic` and `ten_s`; 0 until a step has been seen."""

    def __init__(self, cells: int) -> None:
        self.ohmic = array("f", [0.0] * cells)
        self.ten_s = array("f", [0.0] * cells)
        self.steps = 0.0  # weight so far, at most _MOST
        self.late_steps = 0.0
        self._before_mv = array("h", [0] * cells)
        self._last_mv = array("h", [0] * cells)
        self._step_ma = 0
        self._last_ma = 0
        self._after_ma = 0
        self._since = -2  # seconds since the step; below 0: none is being watched
        self._still = 0
        self._least_ma = 0.0

    def configure(self, capacity_mah: int) -> None:
        """Take the size: a step is a share of it."""
        self._least_ma = capacity_mah * _STEP_PER_AH

    def second(self, snap: s.Snapshot, ohmic_here: float, ten_s_here: float) -> None:
        """One second; `..._here`: resistance at this charge and temperature, against where it is referred to.

        `ohmic_here` 0: too near to empty or full to compare.
        """
        current = snap.current_ma
        change = current - self._last_ma
        if self._since >= 0:
            self._watch(snap, current, ohmic_here, ten_s_here)
        if abs(change) >= self._least_ma and self._still >= 2:
            self._since = 0
            self._step_ma = change
            self._after_ma = current
            for k in range(len(self._last_mv)):
                self._before_mv[k] = self._last_mv[k]
        steady = abs(change) * 8.0 < self._least_ma and ohmic_here > 0.0
        self._still = self._still + 1 if steady else 0
        self._last_ma = current
        for k in range(len(self._last_mv)):
            self._last_mv[k] = snap.cells_mv[k]

    def weakest(self) -> int:
        """Cell with the highest resistance, or -1 before any is known."""
        if not self.steps:
            return -1
        best = 0
        for k in range(len(self.ohmic)):
            if self.ten_or_ohmic(k) > self.ten_or_ohmic(best):
                best = k
        return best

    def ten_or_ohmic(self, cell: int) -> float:
        """The better known of the two figures."""
        return self.ten_s[cell] if self.late_steps else self.ohmic[cell]

    def _watch(self, snap: s.Snapshot, current: int, ohmic_here: float, ten_s_here: float) -> None:
        """The step is `_since` + 1 seconds old; it counts as long as its current stays."""
        self._since += 1
        if not ohmic_here or abs(current - self._after_ma) > _STEADY * abs(self._step_ma):
            self._since = -2
            return
        if self._since == 1:
            # The reading of the step itself may have been taken in its middle: the next one was not.
            self.steps = self._learn(self.ohmic, snap, current, ohmic_here, self.steps)
        elif self._since == _LATER_S:
            self.late_steps = self._learn(self.ten_s, snap, current, ten_s_here, self.late_steps)
            self._since = -2

    def _learn(self, row: "array[float]", snap: s.Snapshot, current: int, here: float, seen: float) -> float:
        step_ma = self._step_ma + current - self._after_ma
        weight = min(3.0, abs(step_ma) / self._least_ma)
        share = weight / (seen + weight)
        for k in range(len(row)):
            uohm = (snap.cells_mv[k] - self._before_mv[k]) * 1000000.0 / step_ma / here
            if uohm > 0.0:
                row[k] += (uohm - row[k]) * share
        return min(_MOST, seen + weight)
