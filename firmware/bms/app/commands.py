"""The command table of the console and of JSON-RPC, and the commands that change something.

A method takes its arguments as text, returns plain data and refuses with a sentence. What only reads is in
`answers`, how a person sees the data in `views`.
"""

from micropython import const

from bms.app import overlay, views, wellness
from bms.app.answers import Answers
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
        self._name = ""  # of what `part` has brought last
        self._part: object = None

        def at(part: str, method: str) -> _Later:
            return _Later(self, part, method)

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
            (
                "dtc",
                ("what", "code"),
                "trouble codes; 'dtc show 1' explains one",
                at("past", "dtc"),
                at("past_views", "dtc"),
            ),
            ("dtc.list", (), "the same as 'dtc'", at("past", "codes"), at("past_views", "dtc")),
            (
                "dtc.show",
                ("code",),
                "one code with its freeze frame",
                at("past", "show"),
                at("past_views", "dtc"),
            ),
            (
                "history",
                ("what",),
                "latest events; or 'history life'",
                at("past", "history"),
                at("past_views", "history"),
            ),
            (
                "lifetime",
                (),
                "charge moved, time in bands, extremes",
                at("past", "lifetime"),
                at("past_views", "lifetime"),
            ),
            (
                "log",
                ("count", "number"),
                "events of all boots: 'log tail 50'; 'log export'",
                at("past", "log"),
                views.log,
            ),
            (
                "params",
                ("word",),
                "parameters with bounds, help; 'params cell'",
                at("tuned", "rows"),
                views.params,
            ),
            ("params.schema", (), "all of them as a JSON Schema", at("tuned", "schema"), views.json_text),
            ("get", ("name",), "one parameter", at("tuned", "get"), views.pairs),
            (
                "set",
                ("name", "value"),
                "stage a parameter; 'save' makes it count",
                at("tuned", "set"),
                views.pairs,
            ),
            ("save", (), "check the staged set, store it and restart", at("tuned", "save"), views.pairs),
            ("revert", (), "forget what was staged", at("tuned", "revert"), views.pairs),
            (
                "reset",
                ("level", "confirm"),
                "soft (as the button), hard, relearn, factory",
                at("care", "reset"),
                views.reset,
            ),
            (
                "relearn",
                ("what",),
                "the learning cycle: step, what to do, time left",
                at("care", "relearn"),
                views.pairs,
            ),
            (
                "diagnose",
                (),
                "what the evidence speaks for, best first",
                at("care", "diagnose"),
                at("care_views", "view"),
            ),
            ("service", (), "whether the pack needs service, and why", at("care", "service"), views.pairs),
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

    def part(self, name: str) -> object:
        """What answers this, brought from flash if it is not the one that answered last."""
        if name != self._name:
            self._part = None
            if overlay.is_small():
                overlay.forget(overlay.PARTS)
                self.p.hal.collect()
            self._part = _bring(name, self.p)
            self._name = name
        return self._part

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


class _Later:
    """A method of something that is brought when it is called; without the memory for it, a sentence."""

    def __init__(self, api: Api, part: str, method: str) -> None:
        self._api = api
        self._of = part
        self._method = method

    def __call__(self, *arguments: object) -> object:
        try:
            return getattr(self._api.part(self._of), self._method)(*arguments)
        except MemoryError:
            raise CommandError("there is no memory left to answer with: try again in a minute") from None


def _bring(name: str, p: "Parts") -> object:
    if name == "past":
        from bms.app.past import Past  # noqa: PLC0415 - see `overlay`

        return Past(p)
    if name == "tuned":
        from bms.app.parameters import Parameters  # noqa: PLC0415

        return Parameters(p, p.access)
    if name == "care":
        from bms.app.care import Care  # noqa: PLC0415

        return Care(p, p.access)
    if name == "care_views":
        from bms.app import care  # noqa: PLC0415

        return care
    from bms.app import past_views  # noqa: PLC0415

    return past_views


def is_count(text: str) -> bool:
    """A short plain number: `str.isdigit` takes more than `int` does."""
    return 0 < len(text) < 6 and all(c in "0123456789" for c in text)
