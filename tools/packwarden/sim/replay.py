"""A recorded cell in place of the model: recorded reality, not our own equations, judges the estimators."""

from packwarden.sim.profile import between, find


class ReplayTrace:
    """Current, voltage, temperature and (where known) true charge of one cell, linear between samples."""

    def __init__(
        self,
        t: "list[float]",
        current_a: "list[float]",
        voltage_v: "list[float]",
        temperature_c: "list[float]",
        soc: "list[float] | None" = None,
    ) -> None:
        for column in (current_a, voltage_v, temperature_c):
            if len(t) < 2 or len(column) != len(t):
                raise ValueError("a replay needs at least two samples, and every column in each")
        if soc is not None and len(soc) != len(t):
            raise ValueError("a replay with soc needs it in every sample")
        self._t = t
        self._columns = (current_a, voltage_v, temperature_c)
        self._soc = soc
        self._at = 0

    @property
    def duration_s(self) -> float:
        return self._t[-1] - self._t[0]

    def at(self, t_s: float) -> "tuple[float, float, float, float | None]":
        """(current_a, voltage_v, temperature_c, soc or None); outside the recording its ends hold."""
        t = self._t
        at_s = min(t[-1], max(t[0], t_s + t[0]))
        self._at = k = find(t, at_s, self._at)
        current_a, voltage_v, temperature_c = self._columns
        return (
            between(t, current_a, k, at_s),
            between(t, voltage_v, k, at_s),
            between(t, temperature_c, k, at_s),
            between(t, self._soc, k, at_s) if self._soc is not None else None,
        )
