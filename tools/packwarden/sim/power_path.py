"""What flows between the pack and the world outside it: charger, load and short behind two FETs in series.

Everything outside is one node, pack plus. The pack is a voltage behind a resistance, so each arrangement of
FETs has a closed solution; nothing is iterated and nothing oscillates. Positive current charges.
"""

FET_OHM = 0.001  # each, conducting
DIODE_V = 0.6
PRE_OHM = 47.0  # in series with a precharge or predischarge FET

# A motor controller that feeds back into an open path raises its own supply until it gives up.
REGEN_LIMIT_FACTOR = 1.1


class PowerPath:
    """The node outside the FETs: what hangs on it, and the current and voltage that follow."""

    def __init__(self, shunt_ohm: float, full_v: float) -> None:
        self.shunt_ohm = shunt_ohm
        self.charger: "tuple[float, float] | None" = None
        self.draw_a = 0.0  # of the load; negative feeds back
        self.short_ohm = 0.0  # 0: none
        self.current_a = 0.0
        self.terminal_v = 0.0
        self._regen_limit_v = REGEN_LIMIT_FACTOR * full_v

    @property
    def load_attached(self) -> bool:
        return self.draw_a > 0.0 or self.short_ohm > 0.0

    def solve(
        self, emf: float, ohm: float, chg: bool, dsg: bool, pchg: bool = False, pdsg: bool = False
    ) -> None:
        """Set `current_a` and `terminal_v` for a pack and the FETs that really conduct."""
        ohm += self.shunt_ohm + 2.0 * FET_OHM
        if chg and dsg:
            self._meet(emf, ohm)
            return
        # One direction at a time, each through a FET that conducts and the body diode of one that does not.
        if dsg or pdsg:
            outward_ohm = ohm if dsg else ohm + PRE_OHM
            self._meet(emf if chg else emf - DIODE_V, outward_ohm)
            if self.current_a <= 0.0:
                return
        if chg or pchg:
            inward_ohm = ohm if chg else ohm + PRE_OHM
            self._meet(emf if dsg else emf + DIODE_V, inward_ohm)
            if self.current_a > 0.0:
                return
        self.current_a = 0.0
        self.terminal_v = self._alone()

    def _meet(self, emf: float, ohm: float) -> None:
        """The pack and the outside find one voltage; the charger limits its current, then its voltage."""
        feed_a = -self.draw_a
        siemens = 1.0 / self.short_ohm if self.short_ohm > 0.0 else 0.0
        limit_v, limit_a = self.charger or (0.0, 0.0)
        share = 1.0 + siemens * ohm
        current_a = (feed_a + limit_a - siemens * emf) / share
        if limit_a > 0.0 and emf + ohm * current_a > limit_v:
            current_a = (limit_v - emf) / ohm
            if current_a + siemens * limit_v - feed_a < 0.0:  # it would have to take current: it gives none
                current_a = (feed_a - siemens * emf) / share
        if emf + ohm * current_a < 0.0:  # no load pulls below zero
            current_a = -emf / ohm
        self.current_a = current_a
        self.terminal_v = emf + ohm * current_a

    def _alone(self) -> float:
        """Voltage of the node when no pack holds it."""
        feed_a = -self.draw_a
        limit_v, limit_a = self.charger or (0.0, 0.0)
        if limit_a > 0.0:
            siemens = 1.0 / self.short_ohm if self.short_ohm > 0.0 else 0.0
            if limit_a + feed_a >= siemens * limit_v:
                return limit_v
        if self.short_ohm > 0.0:
            return max(0.0, (limit_a + feed_a) * self.short_ohm)
        return self._regen_limit_v if feed_a > 0.0 else 0.0
