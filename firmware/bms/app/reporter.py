"""Turns what happened in a cycle into history and journal; keeps the clock and the state record, and streams
the status.

All of it belongs to the slow half: the fast half only leaves marks (the protection's journal, the mode). An
erase of flash may stop everything for 400 ms, so the journal waits for a cycle in which nothing was written.
"""

from micropython import const

from bms.app.report import evidence, words
from bms.core import button as b
from bms.core import faults, path, protection
from bms.core import snapshot as s
from bms.services import jsonstream, storage

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bms.app.parts import Parts
    from bms.ports import Fields

_EVENTS = ("fault", "lockout", "fault over")
_AGAIN_S = const(3600)  # a bug in every cycle must not fill the journal: the same again is one record so long
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
        self._wrote = False  # flash, in this cycle
        self._looked = False  # at what the journal found at the start
        self._refusal = ""  # of the state record
        self._trouble = ""  # of the journal
        self._noted = ("", "")
        self._noted_s = 0

    def note(self, event: str, detail: str = "", urgent: bool = False) -> None:
        """Put one event into the history and into the journal, where an urgent one is written at once."""
        now_s = self.operating_s
        self.p.history.add(now_s, event, detail)
        if (event, detail) != self._noted or now_s - self._noted_s >= _AGAIN_S:
            self._noted = (event, detail)
            self._noted_s = now_s
            self.p.journal.add(now_s, {"t": now_s, "event": event, "detail": detail}, urgent)

    def tell(self, event: str, detail: str, urgent: bool = False) -> None:
        """Note one event, and put it on the screen of whoever is at the console."""
        self.note(event, detail, urgent)
        self.p.console.say(f"[{self.operating_s} s] {event}: {detail}")

    def step(self, uptime_s: int, mode: int) -> None:
        """One slice, every cycle."""
        p = self.p
        if p.protect.journal_used:
            self._drain()
        if mode != self._mode:
            self.tell("mode", f"{path.NAMES[self._mode]} -> {path.NAMES[mode]}")
            p.doctor.entered(mode)
            self._mode = mode
        if uptime_s != self._second:
            self._new_second(uptime_s)
        self._keep()

    def _new_second(self, uptime_s: int) -> None:
        p = self.p
        self._second = uptime_s
        self.operating_s = p.remembered.base_s + uptime_s
        p.desk.second(uptime_s)
        if self.watch_s and p.desk.rows and uptime_s % self.watch_s == 0:
            self._stream()
        verdict = p.settings.second(p.keeper.ready)
        if verdict:
            self._wrote = True
            self.tell("parameters", verdict)
            p.loop.restart_asked = p.loop.restart_asked or p.settings.rejected
        if uptime_s == _WATCHDOG_NOTICE_S:
            p.snap.values[s.WATCHDOG_RESET] = 0
        if p.panel.button.stage == b.IDLE and p.remembered.due(p.soc, self.operating_s):
            self.remember()

    def _drain(self) -> None:
        protect = self.p.protect
        for k in range(protect.journal_used):
            row = faults.ROWS[protect.journal[k]]
            self.p.archive.fault(
                protect.journal[k], protect.journal_events[k], protect.journal_values[k], self.operating_s
            )
            if protect.journal_events[k] != protection.CLEAR_EVENT:
                self.p.doctor.tripped(row)
            seen = evidence(self.p.snap, row, protect.journal_values[k])
            self.tell(
                _EVENTS[protect.journal_events[k]],
                f"{row[faults.MNEMONIC]} {row[faults.DTC]}: {words(row)[0]}{seen}",
                protect.journal_events[k] == protection.LOCK_EVENT,
            )
        protect.journal_used = 0

    def _keep(self) -> None:
        """Let one memory do one thing, unless a write in this cycle or a finger on the button forbids it."""
        journal = self.p.journal
        archive = self.p.archive
        button = self.p.panel.button
        free = not self._wrote and (button.stage == b.IDLE or button.stuck)
        if not archive.step(self.operating_s, free) and free and not self.p.doctor.step(self.operating_s):
            journal.step(self.operating_s)
        self._wrote = False
        if archive.news:
            self.tell("storage", archive.news.pop(0))
        if journal.ready and not self._looked:
            self._looked = True
            for sentence in journal.lost:
                self.note("storage", f"the journal has lost records: {sentence}")
        if journal.trouble != self._trouble:
            self._trouble = journal.trouble
            if self._trouble:
                self.tell("storage", self._trouble)

    def _stream(self) -> None:
        """One status, in the form that was asked for."""
        from bms.app import views  # noqa: PLC0415 - on a controller they come and go with the desk

        p = self.p
        try:
            status = p.api.answers.status()
        except MemoryError:  # the next one may fit: readings are told again and again
            return
        if self.watch_json:
            p.console.stream(_notification(status))
        else:
            p.console.say(views.watch_line(status))

    def remember(self) -> None:
        """Write the state record; a flash that refuses is an event, not the end."""
        p = self.p
        self._wrote = True
        try:
            p.remembered.write(p.soc, p.protect, self.operating_s)
        except OSError as error:
            refusal = f"the state could not be written: {storage.explain(error)}"
            if refusal != self._refusal:
                self._refusal = refusal
                self.tell("storage", refusal)
        else:
            self._refusal = ""
            p.snap.values[s.STATE_LOST] = 0


def _notification(status: "Fields") -> "Iterator[str]":
    """Pieces of a JSON-RPC notification that carries a status."""
    yield '{"jsonrpc": "2.0", "method": "status", "params": '
    for piece in jsonstream.pieces(status):
        yield piece
    yield "}\r\n"
