"""Who may change what: reading is free, changing protection needs a finger on the button.

Until the owner can set a PIN, `unlock` is granted only while the button is held: whoever can press it can
also unscrew the pack. It ends by itself.
"""

from micropython import const

from bms.core import button as b
from bms.services.command import CommandError

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.app.parts import Parts

UNLOCKED_S = const(600)
_PRESSED = (b.HELD, b.HURRY, b.RELEASE_NOW)


class Access:
    """Grants and ends the unlocked time."""

    def __init__(self, parts: "Parts") -> None:
        self.p = parts
        self._until_s = 0

    @property
    def remaining_s(self) -> int:
        """Seconds until the console locks by itself; 0 when locked."""
        return max(0, self._until_s - self.p.reporter.operating_s)

    def unlock(self) -> None:
        """Unlock while the button is down; the press then counts for nothing else. CommandError otherwise."""
        button = self.p.panel.button
        if button.stage not in _PRESSED:
            raise CommandError("hold the button down while you send 'unlock'")
        button.ignore()
        self._until_s = self.p.reporter.operating_s + UNLOCKED_S
        self.p.reporter.note("unlock", f"for {UNLOCKED_S} s")

    def lock(self) -> None:
        """Lock at once."""
        self._until_s = 0

    def require(self) -> None:
        """CommandError with what to do unless unlocked."""
        if not self.remaining_s:
            raise CommandError("locked: hold the button down, send 'unlock', then try again")
