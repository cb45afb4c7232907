"""The one place that knows whether FETs or contactors close the path.

Whoever decides says which directions to close and is told which read closed. With FETs that is the AFE's own
business. With contactors each coil hangs on two switches in series, the AFE's gate output and a pin of ours:
the AFE drops it without us, and we drop it without the AFE. A coil is driven only while its gate reads on,
because a contactor whose gate comes back has to pull in again.
"""

from micropython import const

from bms.core.snapshot import BOTH, CHG, DSG, PCHG, PDSG

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.app.keeper import Keeper
    from bms.core.contactor import Contactors
    from bms.ports import Hal, Values


class Switch:
    """Closes directions and says which are closed; allocates nothing once it is built."""

    def __init__(self, hal: "Hal", keeper: "Keeper") -> None:
        self.contactors: "Contactors | None" = None
        if hal.contactors:
            from bms.core.contactor import Contactors  # noqa: PLC0415 - only where they are fitted

            self.contactors = Contactors(hal.ticks_ms())
        self.moving = 0  # commanded and on their way: not closed yet, and nothing is wrong
        self.welded = 0  # by their sense inputs
        self.failed = 0  # likewise
        self._hal = hal
        self._keeper = keeper
        self._commanded = 0
        self._gates = 0  # on, when the AFE was last read
        self._chg_permille = self._dsg_permille = self._relay_permille = 0
        self._coils_off()

    def configure(self, values: "Values") -> None:
        """Take over the parameters."""
        if self.contactors is not None:
            self.contactors.configure(values)

    def command(self, directions: int) -> bool:
        """Close exactly these (CHG | DSG), or begin to, and open at once; True once the AFE has taken it."""
        self._commanded = directions
        self._gates &= directions  # on again only once they have been read so
        self.poll(self._hal.ticks_ms())
        return self._keeper.command(directions)

    def open_path(self) -> None:
        """Open everything now, whatever state anything is in."""
        self._commanded = self._gates = 0
        self._coils_off()
        self._keeper.open_path()

    def poll(self, now: int) -> None:
        """Every few milliseconds: contacts are looked at, coils follow."""
        pair = self.contactors
        if pair is None:
            return
        hal = self._hal
        pair.step(now, self._commanded & self._gates & BOTH, hal.contacts())
        if pair.chg.permille != self._chg_permille:
            self._chg_permille = pair.chg.permille
            hal.coil(CHG, pair.chg.permille)
        if pair.dsg.permille != self._dsg_permille:
            self._dsg_permille = pair.dsg.permille
            hal.coil(DSG, pair.dsg.permille)
        if pair.relay.permille != self._relay_permille:
            self._relay_permille = pair.relay.permille
            hal.coil(PDSG, pair.relay.permille)
        self.moving = pair.moving
        self.welded = pair.welded
        self.failed = pair.failed

    def reads(self, gates: int) -> int:
        """Once a scan: what is closed (CHG, DSG, and PCHG, PDSG for their detours), given the AFE's gates.

        A contactor needs its gate and its contact to count as closed; a welded one needs neither.
        """
        self._gates = gates
        pair = self.contactors
        if pair is None:
            self.moving = self._commanded & DSG if gates & PDSG else 0
            return gates
        self.poll(self._hal.ticks_ms())  # a gate that the AFE has dropped drops our half as well
        afe = self._keeper.afe
        pair.scan(afe.stack_mv, afe.ld_mv, afe.current_ma)
        return gates & (pair.closed | PCHG) | pair.welded | (PDSG if pair.precharging else 0)

    def _coils_off(self) -> None:
        """Past all machinery, which follows at its next step."""
        if self.contactors is None:
            return
        for which in (CHG, DSG, PDSG):
            self._hal.coil(which, 0)
        self._chg_permille = self._dsg_permille = self._relay_permille = 0
