"""The command table of the console and of JSON-RPC, and the commands that change something.

A method takes its arguments as text, returns plain data and refuses with a sentence. What only reads is in
`answers`, how a person sees the data in `views`.
"""

from micropython import const

from bms.app import past_views, views, wellness
from bms.app.answers import Answers
from bms.app.care import Care
from bms.app.care import view as care_view
from bms.app.parameters import Parameters
from bms.app.past import Past, is_count
from bms.services.command import INVALID_PARAMS, CommandError, usage

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.app.parts import Parts
    from bms.ports import Fields, Row

_WATCH_MOST_S = 3600


class Api:
    """The methods, bound to the running parts."""

    def __init__(self, parts: "Parts") -> None:
        self.p = parts
        self.access = parts.access
        self.answers = answers = Answers(parts)
        self.past = past = Past(parts)
        tuned = Parameters(parts, self.access)
        care = Care(parts, self.access)
        # A row: name, arguments, help, method, view.
        self.rows: "list[Row]" = [
            ("help", ("command",), "this list, or what one command does", self.help, views.table_of_help),
            ("status", (), "how the pack is, in one screen", answers.status, views.status),
            ("cells", (), "every cell, with bars and balancing", answers.cells, views.cells),
            ("faults", (), "what is wrong now, and what to do about it", answers.faults, views.faults),
            ("limits", (), "each limit: as asked, in the AFE, in the firmware", answers.limits, views.limits),
            ("soc", (), "how full, how sure, and for how long", answers.soc, wellness.lines),
            ("health", (), "capacity, resistance, and the weak cell", answers.health, wellness.lines),
            ("balance", (), "which cells are being bled, and why not", answers.balance, views.pairs),
            ("dtc", ("what", "code"), "trouble codes; 'dtc show 1' explains one", past.dtc, past_views.dtc),
            ("dtc.list", (), "the same as 'dtc'", past.codes, past_views.dtc),
            ("dtc.show", ("code",), "one code with its freeze frame", past.show, past_views.dtc),
            ("history", ("what",), "latest events; or 'history life'", past.history, past_views.history),
            ("lifetime", (), "charge moved, time in bands, extremes", past.lifetime, past_views.lifetime),
            (
                "log",
                ("count", "number"),
                "events of all boots: 'log tail 50'; 'log export'",
                past.log,
                views.log,
            ),
            ("params", ("word",), "parameters with bounds, help; 'params cell'", tuned.rows, views.params),
            ("params.schema", (), "all of them as a JSON Schema", tuned.schema, views.json_text),
            ("get", ("name",), "one parameter", tuned.get, views.pairs),
            ("set", ("name", "value"), "stage a parameter; 'save' makes it count", tuned.set, views.pairs),
            ("save", (), "check the staged set, store it and restart", tuned.save, views.pairs),
            ("revert", (), "forget what was staged", tuned.revert, views.pairs),
            (
                "reset",
                ("level", "confirm"),
                "soft (as the button), hard, relearn, factory",
                care.reset,
                views.reset,
            ),
            (
                "relearn",
                ("what",),
                "the learning cycle: step, what to do, time left",
                care.relearn,
                views.pairs,
            ),
            ("diagnose", (), "what the evidence speaks for, best first", care.diagnose, care_view),
            ("service", (), "whether the pack needs service, and why", care.service, views.pairs),
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
        if not is_count(seconds) or int(seconds) > _WATCH_MOST_S:
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
