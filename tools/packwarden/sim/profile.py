"""Currents from a table: a recorded trip makes a better load than any constant.

Tables come as plain lists, so that the reading of files stays on the host. Positive current charges, as in
every trace. Time starts when the profile is given to the world.
"""


class LoadProfile:
    """Current over time, held after each sample or linear between samples; repeats or ends at zero."""

    def __init__(
        self,
        t: "list[float]",
        i: "list[float]",
        scale: float = 1.0,
        repeat: bool = False,
        mode: str = "linear",
    ) -> None:
        if len(t) < 2 or len(t) != len(i):
            raise ValueError("a load profile needs at least two samples, and a current for each time")
        if mode not in ("held", "linear"):
            raise ValueError(f"profile mode '{mode}' is not known; use: held, linear")
        self._start_s = t[0]
        self._t = t
        self._i = i
        self.scale = scale
        self.repeat = repeat
        self.linear = mode == "linear"
        self._at = 0

    @property
    def duration_s(self) -> float:
        return self._t[-1] - self._start_s

    def current(self, t_s: float) -> float:
        """Amps at a time since the start."""
        if t_s < 0.0:
            return 0.0
        if self.repeat:
            t_s %= self.duration_s
        elif t_s > self.duration_s:
            return 0.0
        self._at = find(self._t, t_s + self._start_s, self._at)
        k = self._at
        if not self.linear:
            return self.scale * self._i[k]
        return self.scale * between(self._t, self._i, k, t_s + self._start_s)


def find(t: "list[float]", at_s: float, hint: int) -> int:
    """Index of the last sample at or before a time, but never the last of all; cheap close to the hint."""
    last = len(t) - 2
    k = min(hint, last)
    if at_s < t[k]:
        k = 0
    # A few steps are the rule; a jump is halved.
    for _ in range(4):
        if k >= last or at_s < t[k + 1]:
            return k
        k += 1
    high = last
    while k < high:
        middle = (k + high + 1) // 2
        if t[middle] <= at_s:
            k = middle
        else:
            high = middle - 1
    return k


def between(t: "list[float]", values: "list[float]", k: int, at_s: float) -> float:
    """Linear between samples k and k + 1."""
    f = (at_s - t[k]) / (t[k + 1] - t[k])
    return values[k] + f * (values[k + 1] - values[k])
