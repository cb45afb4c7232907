"""Who may change what: reading is free, changing protection is for who has unlocked, for ten minutes.

What grants it, a PIN or a finger on the button, is the business of `pinpad`, which is loaded for the moment;
here is what must be remembered between two tries.
"""

from micropython import const

from bms.services.command import CommandError
from bms.services.wear import Allowance

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.app.parts import Parts

UNLOCKED_S = const(600)


class Access:
    """Keeps and ends the unlocked time."""

    def __init__(self, parts: "Parts") -> None:
        self.p = parts
        self._until_s = 0
        self.wrong = -1  # PINs since a right one; -1: the record has not been looked at since the start
        self.tried_s = 0  # uptime of the last of them; a start counts as one, so no restart shortens a wait
        self.allowance = Allowance("pin")

    @property
    def remaining_s(self) -> int:
        """Seconds until the console locks by itself; 0 when locked."""
        return max(0, self._until_s - self.p.reporter.operating_s)

    def grant(self, by: str) -> None:
        """Unlock, and write down what for."""
        self._until_s = self.p.reporter.operating_s + UNLOCKED_S
        self.p.reporter.note("unlock", f"{by}, for {UNLOCKED_S} s")

    def lock(self) -> None:
        """Lock at once."""
        self._until_s = 0

    def require(self) -> None:
        """CommandError with what to do unless unlocked."""
        if not self.remaining_s:
            raise CommandError(
                "locked: send 'unlock PIN' (or, while none is set, 'unlock' with the button held); then again"
            )
