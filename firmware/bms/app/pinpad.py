"""Unlocking, and the PIN that does it. Loaded for the moment.

No PIN opens a new board: until its owner sets one, whoever can press the button can also unscrew the pack, so
a finger on it unlocks, and sets the first PIN. From then on only the PIN unlocks: a pack that somebody rents
out has a button that everybody can reach. One that is forgotten is replaced with the path open, standing
still, and the button held as for a reset (10 to 15 s): that takes the pack out of use for all to see, and is
no more than whoever has it in their hands can do with a screwdriver.

The first wrong tries cost nothing; from the third on each makes the next wait twice as long, up to an hour,
so that trying all of four digits takes half a year on average. Each try is on flash before it is judged, and
a restart begins the wait anew.
"""

import os

from micropython import const

from bms.core import button as b
from bms.core import snapshot as s
from bms.services import pin, storage
from bms.services.command import INVALID_PARAMS, CommandError

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable

    from bms.app.parts import Parts
    from bms.ports import Fields

_PRESSED = (b.HELD, b.HURRY, b.RELEASE_NOW)
_FREE = const(3)  # wrong tries in a row before the first wait
_FIRST_S = const(5)
_LONGEST_S = const(3600)
_DOUBLINGS = const(10)


class Pinpad:
    """The methods `unlock` and `pin`, bound to the running parts."""

    def __init__(self, parts: "Parts") -> None:
        self.p = parts
        self.access = parts.access
        self._kept = pin.PinRecord(parts.hal.files)
        if parts.access.wrong < 0:
            parts.access.wrong = self._kept.begun

    def unlock(self, given: str = "") -> "Fields":
        """Allow changes, by the PIN; while there is none, with the button held."""
        if not self._kept.is_set:
            if given:
                raise CommandError("no PIN is set: hold the button down and send 'unlock' alone")
            self._press("hold the button down while you send 'unlock'")
            self.access.grant("button held")
        elif given:
            self._try(given)
            self.access.grant("PIN")
        else:
            raise CommandError("a PIN is set: send 'unlock PIN'", INVALID_PARAMS)
        return {"unlocked_s": self.access.remaining_s}

    def pin(self, what: str = "", new: str = "") -> "Fields":
        """Whether a PIN is set and how long until the next try; 'set NEW', 'clear', 'forgotten'."""
        if new and what != "set":
            raise CommandError("say 'pin', 'pin set NEW', 'pin clear' or 'pin forgotten'", INVALID_PARAMS)
        if what == "set":
            return self._set(new)
        if what == "clear":
            return self._clear()
        if what == "forgotten":
            return self._forgotten()
        if what:
            raise CommandError("say 'pin', 'pin set NEW', 'pin clear' or 'pin forgotten'", INVALID_PARAMS)
        access = self.access
        return {"set": self._kept.is_set, "wait_s": self._wait_s(), "unlocked_s": access.remaining_s}

    def _try(self, given: str) -> None:
        """CommandError unless this is the PIN. The try counts from before it is judged."""
        access, kept = self.access, self._kept
        if kept.lost:
            raise CommandError("the record of the PIN is damaged: replace it, beginning with 'pin forgotten'")
        wait_s = self._wait_s()
        if wait_s:
            raise CommandError(f"too many wrong PINs: the next try is in {wait_s} s")
        if kept.begun <= access.wrong:
            self._write(kept.begin, access.wrong + 1)
        access.wrong += 1
        if not kept.matches(given):
            access.tried_s = self.p.loop.uptime_s
            wait_s = self._wait_s()
            self.p.reporter.note("unlock", f"refused: wrong PIN, {access.wrong} in a row")
            raise CommandError("that is not the PIN" + (f"; the next try is in {wait_s} s" if wait_s else ""))
        access.wrong = 0
        if kept.begun > 1 and access.allowance.take(self.p.reporter.operating_s):
            try:  # noqa: SIM105
                kept.begin(1)  # not 0: so the next right one costs no write
            except OSError:
                pass  # then a restart makes the next one wait

    def _set(self, new: str) -> "Fields":
        kept = self._kept
        if not pin.is_sound(new):
            raise CommandError(
                f"a PIN is {pin.SHORTEST} to {pin.LONGEST} letters and digits, not all the same",
                INVALID_PARAMS,
            )
        if not kept.is_set:
            self._press("hold the button down while you send 'pin set'")
            done = "set, button held"
        elif self.access.remaining_s and not kept.lost:
            done = "changed"
        else:
            self._prove()
            done = "replaced without the old one: path open, button held"
        salt = os.urandom(pin.SALT_BYTES)
        self._write(lambda text: kept.replace(text, salt), new)
        self.access.wrong = 0
        self.p.reporter.tell("PIN", done)
        return {"set": True}

    def _clear(self) -> "Fields":
        self.access.require()
        self._write(lambda _none: self._kept.remove(), "")
        self.p.reporter.tell("PIN", "cleared: the button unlocks")
        return {"set": False}

    def _forgotten(self) -> "Fields":
        """Open the path, if that takes nothing from anybody, so that 'pin set' may follow."""
        if not self._kept.is_set:
            raise CommandError("no PIN is set: hold the button down and send 'unlock' or 'pin set NEW'")
        if self.p.panel.button.stage not in _PRESSED:
            raise CommandError("hold the button down, send 'pin forgotten', and go on holding")
        if self.p.snap.charger or abs(self.p.snap.current_ma) >= s.IDLE_MA:
            raise CommandError("the path is in use: unplug charger and load first")
        self.p.loop.standby_asked = True
        self.p.reporter.tell("PIN", "said to be forgotten: path opened")
        return {
            "standby": True,
            "next": "hold on; at 10 s, with the LED lit for good, 'pin set NEW'. 'reboot' ends standby",
        }

    def _prove(self) -> None:
        """CommandError unless the path is open and the button held as for a reset, which then is used up."""
        snap = self.p.snap
        if snap.commanded or snap.fets & s.BOTH:
            raise CommandError("locked: unlock with the PIN first; if it is forgotten, 'pin forgotten' helps")
        if self.p.panel.button.stage != b.RELEASE_NOW:
            raise CommandError("hold the button until the LED is lit for good, at 10 s, then send it again")
        self.p.panel.button.ignore()

    def _press(self, otherwise: str) -> None:
        """Use up a press that is under way; CommandError if there is none."""
        button = self.p.panel.button
        if button.stage not in _PRESSED:
            raise CommandError(otherwise)
        button.ignore()

    def _wait_s(self) -> int:
        """Seconds until a PIN may be tried."""
        over = self.access.wrong - _FREE
        if over < 0:
            return 0
        wait_s = min(_LONGEST_S, _FIRST_S << min(over, _DOUBLINGS))
        return max(0, self.access.tried_s + wait_s - self.p.loop.uptime_s)

    def _write(self, change: "Callable[..., None]", value: "int | str") -> None:
        self.access.allowance.take(self.p.reporter.operating_s, True)
        try:
            change(value)
        except OSError as error:
            raise CommandError(f"the flash refused, so nothing is done: {storage.explain(error)}") from None
