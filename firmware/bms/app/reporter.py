"""Turns what happened in a cycle into history; keeps the clock and the state record, and streams the status.

All of it belongs to the slow half: the fast half only leaves marks (the protection's journal, the mode).
"""

from micropython import const

from bms.app import views
from bms.core import button as b
from bms.core import faults, path
from bms.core import snapshot as s
from bms.services import jsonstream

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bms.app.parts import Parts
    from bms.ports import Fields

_EVENTS = ("fault", "lockout", "fault over")
_WATCHDOG_NOTICE_S = const(600)  # how long after a watchdog reset the warning stands


class Reporter:
    """Drains marks into the history and the flash."""

    def __init__(self, parts: "Parts") -> None:
        self.p = parts
        self.operating_s = parts.remembered.base_s
        self.watch_s = 0
        self.watch_json = False
        self._second = 0
        self._mode = path.BOOT

    def note(self, event: str, detail: str = "") -> None:
        """Put one event into the history."""
        self.p.history.add(self.operating_s, event, detail)

    def tell(self, event: str, detail: str) -> None:
        """Put one event into the history, and on the screen of whoever is at the console."""
        self.note(event, detail)
        self.p.console.say(f"[{self.operating_s} s] {event}: {detail}")

    def step(self, uptime_s: int, mode: int) -> None:
        """One slice, every cycle."""
        p = self.p
        if p.protect.journal_used:
            self._drain()
        if mode != self._mode:
            self.tell("mode", f"{path.NAMES[self._mode]} -> {path.NAMES[mode]}")
            self._mode = mode
        if uptime_s == self._second:
            return
        self._second = uptime_s
        self.operating_s = p.remembered.base_s + uptime_s
        if self.watch_s and uptime_s % self.watch_s == 0:
            self._stream()
        if uptime_s == _WATCHDOG_NOTICE_S:
            p.snap.values[s.WATCHDOG_RESET] = 0
        if p.panel.button.stage == b.IDLE and p.remembered.due(p.soc, self.operating_s):
            self.remember()

    def _drain(self) -> None:
        protect = self.p.protect
        for k in range(protect.journal_used):
            mark = protect.journal[k]
            row = faults.ROWS[mark & 63]
            self.tell(_EVENTS[mark >> 6], f"{row[faults.MNEMONIC]} {row[faults.DTC]}: {row[faults.TEXT]}")
        protect.journal_used = 0

    def _stream(self) -> None:
        """One status, in the form that was asked for."""
        p = self.p
        status = p.api.answers.status()
        if self.watch_json:
            p.console.stream(_notification(status))
        else:
            p.console.say(views.watch_line(status))

    def remember(self) -> None:
        """Write the state record; a flash that refuses is an event, not the end."""
        p = self.p
        try:
            p.remembered.write(p.soc, p.protect, self.operating_s)
        except OSError as error:
            self.note("storage", f"the state could not be written: {error}")
        else:
            p.snap.values[s.STATE_LOST] = 0


def _notification(status: "Fields") -> "Iterator[str]":
    """Pieces of a JSON-RPC notification that carries a status."""
    yield '{"jsonrpc": "2.0", "method": "status", "params": '
    for piece in jsonstream.pieces(status):
        yield piece
    yield "}\r\n"
