"""The command table of the console and of JSON-RPC, and the commands that change something.

A method takes its arguments as text, returns plain data and refuses with a sentence. What only reads is in
`answers`, how a person sees the data in `views`.
"""

from micropython import const

from bms.app import fronts, views
from bms.app.answers import Answers
from bms.app.later import Later, Shelf
from bms.services import texts
from bms.services.command import INVALID_PARAMS, CommandError, usage
from bms.services.console import plain

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
        shelf = Shelf(parts)

        def at(part: str, method: str) -> Later:
            return Later(shelf, part, method)

        figures = at("figures", "lines")
        # A row: name, arguments, help, method, view.
        # fmt: off
        self.rows: "list[Row]" = [
            ("help", ("command",), "this list, or what one command does", self.help, views.table_of_help),
            ("status", (), "how the pack is, in one screen", answers.status, views.status),
            ("cells", (), "every cell, with bars and balancing", answers.cells, views.cells),
            ("faults", (), "what is wrong now, and what to do about it", answers.faults, views.faults),
            ("limits", (), "each limit: as asked, in the AFE, in the firmware", answers.limits,
             at("figures", "limits")),
            ("soc", (), "how full, how sure, and for how long", answers.soc, figures),
            ("health", (), "capacity, resistance, and the weak cell", answers.health,
             at("figures", "health")),
            ("balance", (), "which cells are being bled, and why not", answers.balance, figures),
            ("dtc", ("what", "code"), "trouble codes; 'dtc show 1' explains one",
             at("past", "dtc"), at("past_views", "dtc")),
            ("dtc.list", (), "the same as 'dtc'", at("past", "codes"), at("past_views", "dtc")),
            ("dtc.show", ("code",), "one code with its freeze frame",
             at("past", "show"), at("past_views", "dtc")),
            ("history", ("what",), "latest events; or 'history life'",
             at("past", "history"), at("past_views", "history")),
            ("lifetime", (), "charge moved, time in bands, extremes",
             at("past", "lifetime"), at("past_views", "lifetime")),
            ("log", ("count", "number"), "events of all boots: 'log tail 50'; 'log export'",
             at("past", "log"), views.log),
            ("params", ("word",), "parameters with bounds, help; 'params cell'",
             at("parameters", "rows"), at("figures", "params")),
            ("params.schema", (), "all of them as a JSON Schema",
             at("parameters", "schema"), views.json_text),
            ("get", ("name",), "one parameter", at("parameters", "get"), at("figures", "named")),
            ("set", ("name", "value"), "stage a parameter; 'save' makes it count",
             at("parameters", "set"), at("figures", "named")),
            ("save", (), "check the staged set, store it and restart", at("parameters", "save"), figures),
            ("revert", (), "forget what was staged", at("parameters", "revert"), figures),
            ("reset", ("level", "confirm"), "soft (as the button), hard, relearn, factory",
             at("care", "reset"), views.reset),
            ("relearn", ("what",), "the learning cycle: step, what to do, time left",
             at("care", "relearn"), figures),
            ("diagnose", (), "what the evidence speaks for, best first",
             at("care", "diagnose"), at("care", "view")),
            ("selftest", (), "what can be checked without moving anything",
             at("selftest", "run"), at("selftest", "view")),
            ("service", (), "whether the pack needs service, and why", at("care", "service"), figures),
            ("commission", ("step", "value", "cell"), "prove the wiring, step by step; nothing closes before",
             at("commission", "commission"), at("commission", "view")),
            ("calibrate", ("what", "value", "cell"), "against a meter: 'calibrate volts 13.21', or amps",
             at("commission", "calibrate"), at("commission", "view")),
            ("taps", ("readings",), "dividers, by a meter, at two voltages: 'taps 3312,6630'",
             at("calibration", "taps"), figures),
            ("unlock", ("pin",), "allow changes for ten minutes, by PIN",
             at("pinpad", "unlock"), figures),
            ("pin", ("what", "new"), "is one set? 'pin set NEW', clear, forgotten",
             at("pinpad", "pin"), figures),
            ("lock", (), "forbid changes again", self.lock, figures),
            ("watch", ("seconds", "form"), "a status line every N s, as text or json; 0 ends it",
             self.watch, figures),
            ("color", ("on",), "colours on this screen: 'color on', 'color off'", self.color, figures),
            ("standby", (), "open the path until 'resume'", self.standby, figures),
            ("resume", (), "end standby", self.resume, figures),
            ("ship", (), "put AFE and path to sleep, for transport and storage", self.ship, figures),
            ("time", (), "operating time and time since power-up", answers.time, figures),
            ("version", (), "firmware, AFE and configuration", answers.version, figures),
            ("reboot", (), "open the path and restart the controller", self.reboot, figures),
            ("repl", (), "open the path; MicroPython's prompt instead of us", self.repl, figures),
            ("rpc.discover", (), "all methods, as an OpenRPC document",
             at("discover", "document"), views.json_text),
        ]
        # fmt: on

    def help(self, command: str = "") -> "list[Fields]":
        """All commands, or one."""
        rows = [row for row in self.rows if not command or row[0] == command]
        if not rows:
            raise CommandError(f"'{command}' is not a command; 'help' lists all", INVALID_PARAMS)
        found: "list[Fields]" = [{"command": usage(row), "help": row[2]} for row in rows]
        if command:
            found[0]["more"], found[0]["example"] = (texts.field("help", command, k) for k in range(2))
        return found

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

    def color(self, on: str = "on") -> "Fields":
        """Colours for a person's lines, until the next start."""
        if on not in ("on", "off"):
            raise CommandError(f"say 'color on' or 'color off', not '{on[:12]}'", INVALID_PARAMS)
        if on == "on":
            from bms.services import paint  # noqa: PLC0415 - for who asks

            self.p.console.paint = paint.line
        else:
            self.p.console.paint = plain
        return {"color": on}

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
        alone = fronts.is_alone(self.p.hal.afe)
        wakes = "" if alone else "a charger wakes the AFE, "
        return {"ship": True, "wakes": wakes + "a press of the button the firmware"}

    def reboot(self) -> "Fields":
        """Open the path, then restart."""
        self.p.loop.restart_asked = True
        return {"restarting": True}

    def repl(self) -> "Fields":
        """Open the path, then restart into MicroPython's prompt, where no watchdog runs."""
        self.access.require()
        self.p.reporter.note("repl", "asked at the console: the prompt, with the path open")
        self.p.loop.prompt_asked = self.p.loop.restart_asked = True
        return {"prompt": "in some seconds, on this port", "back": "Ctrl-D at the prompt, or a restart"}


def is_count(text: str) -> bool:
    """A short plain number: `str.isdigit` takes more than `int` does."""
    return 0 < len(text) < 6 and all(c in "0123456789" for c in text)
