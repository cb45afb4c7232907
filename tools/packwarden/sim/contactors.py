"""Contactors as they move: a coil pulls, holds with less, lets go, and each takes its time.

A coil carries current only while the controller's PWM drives it and the front end's gate output is on: the
two are ANDed in hardware, so the front end drops a contactor without the controller. The precharge relay
hangs on the discharge gate.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packwarden.sim.bq769x0 import Bq769x0
    from packwarden.sim.bq76952 import Bq76952
    from packwarden.sim.monitor_front import MonitorFrontEnd

CHG, DSG, PRECHARGE = 1, 2, 8

PULL_PERMILLE = 700
HOLD_PERMILLE = 200
CLOSE_US = 20_000
OPEN_US = 15_000

_NEVER_US = 1 << 62


class Contactor:
    """One coil with its contact."""

    def __init__(self) -> None:
        self.due_us = _NEVER_US  # when the contact will have moved
        self.welded = False
        self.stuck_open = False
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether the contact conducts."""
        return self.welded or (self._closed and not self.stuck_open)

    def drive(self, permille: int, now_us: int) -> None:
        """What the coil gets from now on, in thousandths of full drive."""
        if now_us >= self.due_us:
            self._closed = not self._closed
            self.due_us = _NEVER_US
        moves = permille < HOLD_PERMILLE if self._closed else permille >= PULL_PERMILLE
        if not moves:
            self.due_us = _NEVER_US
        elif self.due_us == _NEVER_US:
            self.due_us = now_us + (OPEN_US if self._closed else CLOSE_US)


class Contactors:
    """The three of a pack: charge, discharge, precharge."""

    def __init__(self) -> None:
        self.chg = Contactor()
        self.dsg = Contactor()
        self.precharge = Contactor()
        self.next_us = _NEVER_US

    def update(
        self, now_us: int, coil_permille: "dict[int, int]", chip: "Bq76952 | Bq769x0 | MonitorFrontEnd"
    ) -> int:
        """Let coils and contacts follow their drive; returns the bits of what conducts."""
        chg_gate, dsg_gate = chip.chg_on, chip.dsg_on
        self.chg.drive(coil_permille[CHG] if chg_gate else 0, now_us)
        self.dsg.drive(coil_permille[DSG] if dsg_gate else 0, now_us)
        self.precharge.drive(coil_permille[PRECHARGE] if dsg_gate else 0, now_us)
        self.next_us = min(self.chg.due_us, self.dsg.due_us, self.precharge.due_us)
        return self.contacts() | (PRECHARGE if self.precharge.closed else 0)

    def contacts(self) -> int:
        """What the sense contacts of the two main contactors tell: bits of those that are closed."""
        return (CHG if self.chg.closed else 0) | (DSG if self.dsg.closed else 0)
