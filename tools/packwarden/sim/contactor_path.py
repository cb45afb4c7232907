"""What flows when contactors take the place of the FETs: a port for the charger, another one for the load.

An open contact blocks both ways. The charge contactor stands between the pack and the charger, the discharge
contactor between the pack and the load; a precharge relay with its resistor lies across the latter. Contacts
have no resistance beside that of the pack. PACK is the pin on the charger's side, LD the one on the load's.
"""

from packwarden.sim.node import BLOCKED_V, meet
from packwarden.sim.power_path import PRE_OHM, PowerPath


class ContactorPath(PowerPath):
    """The same world outside as for FETs, behind two ports."""

    def solve(
        self,
        emf: float,
        ohm: float,
        chg: bool,
        dsg: bool,
        pchg: bool = False,  # noqa: ARG002 - there is none beside a contactor
        pdsg: bool = False,
    ) -> None:
        """Set currents and voltages for the contacts that are closed; `pdsg` is the precharge relay."""
        node = self.node
        whole = not self.fuse_open
        limit_v, limit_a = self.charger or (0.0, 0.0)
        ohm += self.shunt_ohm
        self._hang(not (dsg or pdsg))
        node.limit_v, node.limit_a = (limit_v, limit_a) if whole and chg and dsg else (0.0, 0.0)
        node.out_v, node.in_v = -BLOCKED_V, BLOCKED_V
        if whole and dsg:
            node.out_v = node.in_v = emf
            node.out_ohm = node.in_ohm = ohm
        elif whole and pdsg:
            raised_v = max(emf, min(limit_v, emf + ohm * limit_a)) if chg else emf
            node.out_v = node.in_v = raised_v
            node.out_ohm = node.in_ohm = ohm + PRE_OHM
        node.solve()
        current_a, charger_v = node.current_a, limit_v
        if whole and chg and dsg:
            charger_v = node.volts
        elif whole and chg:
            current_a = meet(emf, ohm, node.current_a, 0.0, limit_v, limit_a)
            charger_v = emf + ohm * current_a
        self.current_a = current_a
        self.terminal_v = node.volts
        if whole:
            self.pack_v = charger_v - current_a * self.shunt_ohm
            self.ld_v = node.volts - current_a * self.shunt_ohm
        else:
            self.pack_v = emf if chg else 0.0
            self.ld_v = emf if dsg or pdsg else 0.0
        if not (dsg or pdsg):
            self._pull_up(emf)
