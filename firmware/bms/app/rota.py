"""What is due once a second, each part in a cycle of its own: together they would make one cycle a long one.

| cycle of a second | part |
| 1 | the charge (`soc`), up to 5 ms on an RP2040 when it looks at the voltage |
| 2 | what the firmware finds out slowly (`findings`), what stirs (`idling`): little, after a collection |
| 3 | what people see of the charge, what ten seconds of current mean for the limits, which cell leaks |
| 4 | health: capacity, resistance, spread |
| 5 | what the charge means for the limits, and which cells are to be bled |
| 6 | bleeding: the AFE is told |
| 7 | evidence and service (`doctor`) |

The later ones build on what the earlier ones have found. Each has its turn once in every second that is
counted: what a second had too few cycles for is made up for at the beginning of the next.
"""

from micropython import const

from bms.app import idling
from bms.core import path

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.app.parts import Parts

_TURNS = const(7)
_KNOWN_S = const(5)  # from a start on, until whatever is wrong has shown
_BALANCING_MODES = (path.ACTIVE, path.CHARGE_ONLY, path.DISCHARGE_ONLY, path.LIMP_HOME, path.STANDBY)
_BALANCE_RESEND = const(5)  # seconds; the AFE stops bleeding by itself after 20 (TRM 10.4)


class Rota:
    """Whose turn it is."""

    def __init__(self, parts: "Parts") -> None:
        self.p = parts
        self._next = _TURNS  # nobody's, until the first second has passed
        self.permille: "int | None" = None  # the charge, if it is known, for whom a second ago will do
        self._bled = 0  # the cells that the AFE was told to bleed

    def step(self, new_second: bool) -> None:
        """One turn, every cycle."""
        if self.p.idle.is_idle:  # what stirs ends that in the same cycle
            self.p.idle.step(0, idling.facts(self.p))
        if new_second:
            while self._next < _TURNS:
                self._turn()
            self._next = 0
        if self._next < _TURNS:
            self._turn()

    def _turn(self) -> None:
        p = self.p
        snap = p.snap
        turn = self._next
        self._next = turn + 1
        if turn == 1:
            p.findings.second()
            p.idle.step(1, idling.facts(p))
        elif not snap.valid:
            return
        elif turn == 0:
            p.soc.second(snap)
        elif turn == 2:
            p.shown.second()
            p.limits.ten_s_uohm = p.health.ten_s_uohm()
            p.health.compare()
            if p.resetter.away_s and p.loop.uptime_s >= _KNOWN_S:
                p.resetter.supply()
        elif turn == 3:
            p.health.second(snap, p.balancer.mask)
        elif turn == 4:
            self.permille = p.soc.permille if p.soc.known else None
            free = p.keeper.ready and not p.arming.missing and p.arming.running is None
            p.balancer.step(snap, free and p.loop.mode in _BALANCING_MODES, p.health.spread, p.soc.middle())
        elif turn == 5:
            self._bleed(p.balancer.mask)
        else:
            p.doctor.second(p.reporter.operating_s)

    def _bleed(self, mask: int) -> None:
        """Tell the AFE on a change, and before its timer ends the bleeding."""
        if mask != self._bled or (mask and self.p.loop.uptime_s % _BALANCE_RESEND == 0):
            self._bled = mask
            self.p.keeper.balance(mask)
