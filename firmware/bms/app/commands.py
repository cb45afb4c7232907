"""The command table of the console and of JSON-RPC, and the commands that change something.

A method takes its arguments as text, returns plain data and refuses with a sentence. What only reads is in
`answers`, how a person sees the data in `views`.
"""

from micropython import const

from bms.app import views
from bms.app.access import Access
from bms.app.answers import Answers
from bms.core import params, reset
from bms.services.command import INVALID_PARAMS, CommandError, usage

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bms.app.parts import Parts
    from bms.ports import Fields, Row

_LEVELS = ("soft",)
_WATCH_MOST_S = 3600


class Api:
    """The methods, bound to the running parts."""

    def __init__(self, parts: "Parts") -> None:
        self.p = parts
        self.access = Access(parts)
        self.answers = answers = Answers(parts)
        # A row: name, arguments, help, method, view.
        self.rows: "list[Row]" = [
            ("help", ("command",), "this list, or what one command does", self.help, views.table_of_help),
            ("status", (), "how the pack is, in one screen", answers.status, views.status),
            ("cells", (), "every cell, with bars and balancing", answers.cells, views.cells),
            ("faults", (), "what is wrong now, and what to do about it", answers.faults, views.faults),
            ("limits", (), "each limit: as asked, in the AFE, in the firmware", answers.limits, views.limits),
            ("balance", (), "which cells are being bled, and why not", answers.balance, views.pairs),
            ("history", (), "the latest events, oldest first", answers.history, views.history),
            ("log", ("count",), "the last events of all boots, from flash", self.log, views.log),
            ("params", (), "every parameter with unit, bounds and default", answers.params, views.params),
            ("get", ("name",), "one parameter", self.get, views.pairs),
            ("set", ("name", "value"), "stage a parameter; 'save' makes it count", self.set, views.pairs),
            ("save", (), "check the staged set, store it and restart", self.save, views.pairs),
            ("revert", (), "forget what was staged", self.revert, views.pairs),
            ("reset", ("level",), "soft reset, as the ten-second hold does", self.reset, views.reset),
            ("unlock", (), "allow changes for ten minutes; hold the button", self.unlock, views.pairs),
            ("lock", (), "forbid changes again", self.lock, views.pairs),
            (
                "watch",
                ("seconds", "form"),
                "a status line every N s, as text or json; 0 ends it",
                self.watch,
                views.pairs,
            ),
            ("standby", (), "open the path until 'resume'", self.standby, views.pairs),
            ("resume", (), "end standby", self.resume, views.pairs),
            ("ship", (), "put AFE and path to sleep, for transport and storage", self.ship, views.pairs),
            ("time", (), "operating time and time since power-up", answers.time, views.pairs),
            ("version", (), "firmware, AFE and configuration", answers.version, views.pairs),
            ("reboot", (), "open the path and restart the controller", self.reboot, views.pairs),
        ]

    def help(self, command: str = "") -> "list[Fields]":
        """All commands, or one."""
        rows = [row for row in self.rows if not command or row[0] == command]
        if not rows:
            raise CommandError(f"'{command}' is not a command; 'help' lists all", INVALID_PARAMS)
        return [{"command": usage(row), "help": row[2]} for row in rows]

    def log(self, count: str = "20") -> "Iterator[Fields | None]":
        """The last events, oldest first, whichever boot they belong to."""
        if not _is_count(count) or not int(count):
            raise CommandError(f"count must be 1 to 99999, not '{count[:12]}'", INVALID_PARAMS)
        if not self.p.journal.ready:
            raise CommandError("the journal is still being looked through; try again in a second")
        return self.answers.log(int(count))

    def get(self, name: str = "") -> "Fields":
        """One parameter's value."""
        if name != params.CHEMISTRY and params.find(name) is None:
            raise CommandError(f"'{name}' is not a parameter; 'params' lists them", INVALID_PARAMS)
        return {name: self.p.settings.value(name)}

    def set(self, name: str = "", value: str = "") -> "Fields":
        """Stage a value."""
        self.access.require()
        return {name: self.p.settings.stage(name, value), "staged": "use 'save' to make it count"}

    def save(self) -> "Fields":
        """Store the staged set and restart with it."""
        self.access.require()
        self.p.settings.save()
        self.p.reporter.note("parameters", "saved; restarting with them")
        self.p.loop.restart_asked = True
        return {"saved": True, "restarting": True}

    def revert(self) -> "Fields":
        """Unstage."""
        self.p.settings.revert()
        return {"reverted": True}

    def reset(self, level: str = "") -> "Fields":
        """Soft reset; refused with a reason when it would hide danger."""
        if level not in _LEVELS:
            raise CommandError(f"say which: 'reset {_LEVELS[0]}'", INVALID_PARAMS)
        reason = self.p.resetter.soft("console")
        return {"accepted": reason == reset.ACCEPTED, "reason": reset.REASONS[reason][1]}

    def unlock(self) -> "Fields":
        """Unlock while the button is held."""
        self.access.unlock()
        return {"unlocked_s": self.access.remaining_s}

    def lock(self) -> "Fields":
        """Lock."""
        self.access.lock()
        return {"locked": True}

    def watch(self, seconds: str = "1", form: str = "text") -> "Fields":
        """Stream the status: lines for a person, JSON-RPC notifications called "status" for a program."""
        if form not in ("text", "json"):
            raise CommandError(f"form must be text or json, not '{form[:12]}'", INVALID_PARAMS)
        if not _is_count(seconds) or int(seconds) > _WATCH_MOST_S:
            raise CommandError(f"seconds must be 0 to {_WATCH_MOST_S}, not '{seconds[:12]}'", INVALID_PARAMS)
        self.p.reporter.watch_s = int(seconds)
        self.p.reporter.watch_json = form == "json"
        return {"watch_s": int(seconds)}

    def standby(self) -> "Fields":
        """Open the path; everything else goes on."""
        self.access.require()
        self.p.loop.standby_asked = True
        return {"standby": True}

    def resume(self) -> "Fields":
        """Close it again, after three good scans."""
        self.access.require()
        self.p.loop.standby_asked = False
        return {"standby": False}

    def ship(self) -> "Fields":
        """Open the path and shut the AFE down."""
        self.access.require()
        self.p.reporter.note("ship", "asked at the console")
        self.p.loop.ship_asked = True
        return {"ship": True, "wakes": "a charger wakes the AFE, a press of the button the firmware"}

    def reboot(self) -> "Fields":
        """Open the path, then restart."""
        self.p.loop.restart_asked = True
        return {"restarting": True}


def _is_count(text: str) -> bool:
    """A short plain number: `str.isdigit` takes more than `int` does."""
    return 0 < len(text) < 6 and all(c in "0123456789" for c in text)
