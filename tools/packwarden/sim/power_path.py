"""What flows between the pack and the world outside it: charger, load and short behind two FETs in series.

Each arrangement of FETs and body diodes is a voltage and a resistance for each direction; `node` does the
rest. The pins PACK and LD are measured against the bottom of the stack, so the drop of the shunt, which lies
between there and the minus terminal, is not in them.
"""

from packwarden.sim.node import BLEEDER_OHM, BLOCKED_V, Node

FET_OHM = 0.001  # each, conducting
DIODE_V = 0.6
PRE_OHM = 47.0  # in series with a precharge or predischarge FET or relay

# The current out of pin LD while it looks for a load: the manual says that about 20 kohm hold it below 4 V.
LOAD_DETECT_A = 0.0002

# A motor controller that feeds back into an open path raises its own supply until it gives up.
REGEN_LIMIT_FACTOR = 1.1


class PowerPath:
    """Two FETs in series in front of one pair of terminals, for charger and load alike."""

    def __init__(self, shunt_ohm: float, full_v: float, farad: float = 0.0) -> None:
        self.shunt_ohm = shunt_ohm
        self.charger: "tuple[float, float] | None" = None
        self.draw_a = 0.0  # of the load; negative feeds back
        self.short_ohm = 0.0  # 0: none
        self.fuse_open = False  # between the pins and the terminals
        self.load_detect = False
        self.node = Node(REGEN_LIMIT_FACTOR * full_v, farad, shunt_ohm)
        self.current_a = 0.0  # of the pack
        self.terminal_v = 0.0  # of the load, plus against minus
        self.pack_v = self.ld_v = 0.0  # pins
        self.loss_w = 0.0  # what the FETs turn into heat

    @property
    def load_attached(self) -> bool:
        return self.draw_a > 0.0 or self.short_ohm > 0.0 or self.node.farad > 0.0

    def solve(
        self, emf: float, ohm: float, chg: bool, dsg: bool, pchg: bool = False, pdsg: bool = False
    ) -> None:
        """Set currents and voltages for a pack and the FETs that really conduct."""
        node = self.node
        self._hang(not (dsg or pdsg))
        node.limit_v, node.limit_a = self.charger or (0.0, 0.0)
        ohm += self.shunt_ohm + 2.0 * FET_OHM
        node.out_v, node.in_v = -BLOCKED_V, BLOCKED_V
        if not self.fuse_open:
            # Each direction goes through a FET that conducts, and the body diode of one that does not.
            if dsg or pdsg:
                node.out_v = emf if chg else emf - DIODE_V
                node.out_ohm = ohm if dsg else ohm + PRE_OHM
            if chg or pchg:
                node.in_v = emf if dsg else emf + DIODE_V
                node.in_ohm = ohm if chg else ohm + PRE_OHM
        node.solve()
        self.current_a = current_a = node.current_a
        self.terminal_v = node.volts
        self.loss_w = 2.0 * FET_OHM * current_a * current_a
        if (current_a < 0.0 and not chg) or (current_a > 0.0 and not dsg):
            self.loss_w += DIODE_V * abs(current_a)
        if self.fuse_open:
            self.pack_v = (emf if chg else emf - DIODE_V) if dsg or pdsg else 0.0
        else:
            self.pack_v = node.volts - current_a * self.shunt_ohm
        self.ld_v = self.pack_v
        if not (dsg or pdsg) and (self.fuse_open or self.charger is None):
            self._pull_up(emf)

    def flow(self, duration_s: float) -> float:
        """Let the load's capacitor move for a time; returns the mean current of the pack meanwhile."""
        beside_a = self.current_a - self.node.current_a
        return beside_a + self.node.flow(duration_s)

    def _hang(self, apart: bool) -> None:
        """Hang the load on the node; `apart`: no switch joins it to the pack."""
        node = self.node
        node.feed_a = -self.draw_a
        node.siemens = 1.0 / self.short_ohm if self.short_ohm > 0.0 else 0.0
        if node.farad > 0.0:
            node.siemens += 1.0 / BLEEDER_OHM
            if apart and self.load_detect and not self.fuse_open:
                node.feed_a += LOAD_DETECT_A

    def _pull_up(self, emf: float) -> None:
        """Load detection raises a pin that nothing holds."""
        if self.load_detect and (self.fuse_open or not self.load_attached):
            self.ld_v = max(self.ld_v, emf)
