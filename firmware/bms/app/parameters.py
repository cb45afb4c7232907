"""The owner's commands on the parameter table: look, stage, save, and the schema for programs.

Rows and schema are generators: the whole table at once would not fit the chip's patience or its memory. What
each row is for is read from flash as it is shown.
"""

from micropython import const

from bms.core import chemistry, params
from bms.services import texts
from bms.services.command import INVALID_PARAMS, CommandError

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bms.app.parts import Parts
    from bms.ports import Fields

    Member = tuple[str, object]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ACCESS = ("owner", "anyone")  # the owner is who has unlocked; see `params.free`
_NAME_PATTERN = "^[A-Za-z0-9._-]{0,24}$"  # as params_check has it


class Parameters:
    """The methods `params`, `params.schema`, `get`, `set`, `save` and `revert`."""

    def __init__(self, parts: "Parts") -> None:
        self.p = parts
        self._access = parts.access

    def rows(self, containing: str = "") -> "Iterator[Fields]":
        """A row a parameter; or the one of this name; or those whose name has this word in it."""
        settings = self.p.settings
        given = settings.given
        known = settings.values or given
        for name in params.WORDS + tuple(params.NAMES):
            if containing not in name or (name != containing and params.known(containing)):
                continue
            row = params.index(name)
            yield {
                "name": name,
                "value": known.get(name),
                "unit": "" if row < 0 else params.unit(row),
                "min": None if row < 0 else params.LOW[row],
                "max": None if row < 0 else params.HIGH[row],
                "default": None if row < 0 else params.default(row, self._kind(), known),
                "access": _ACCESS[params.free(name)],
                "help": texts.field("params", name),
                "given": name in given,
            }

    def schema(self) -> "Fields":
        """A JSON Schema of a whole set, streamed row by row; rules between rows are for `save` to judge."""
        required = [name for name in params.NAMES if not params.has_default(params.index(name))]
        return {
            "$schema": _DIALECT,
            "title": "Packwarden parameters",
            "type": "object",
            "additionalProperties": False,
            "required": [params.CHEMISTRY] + required,
            "properties": self._properties(),
        }

    def get(self, name: str = "") -> "Fields":
        """One parameter's value, and what is staged for it if that is something else."""
        if not name:
            raise CommandError("say which: 'get cell_ov_mv'; 'params' lists them", INVALID_PARAMS)
        if not params.known(name):
            raise CommandError(f"'{name}' is not a parameter; 'params' lists them", INVALID_PARAMS)
        settings = self.p.settings
        answer = {name: settings.value(name)}
        if settings.staged.get(name) != settings.given.get(name):
            answer["staged"] = settings.staged.get(name, "default")
        return answer

    def set(self, name: str = "", value: str = "") -> "Fields":
        """Stage a value."""
        if not params.free(name):
            self._access.require()
        return {name: self.p.settings.stage(name, value), "staged": "use 'save' to make it count"}

    def save(self) -> "Fields":
        """Store the staged set and restart with it."""
        p = self.p
        if p.settings.staged == p.settings.given:
            raise CommandError("nothing is staged: use 'set' first")
        if p.settings.guarded:
            self._access.require()
        p.settings.save(p.keeper.ready)
        p.reporter.note("parameters", "saved; restarting with them")
        p.loop.restart_asked = True
        return {"saved": True, "restarting": True}

    def revert(self) -> "Fields":
        """Unstage."""
        self.p.settings.revert()
        return {"reverted": True}

    def _kind(self) -> int:
        """The chemistry whose defaults are shown; the first one until the owner has said which."""
        kind = self.p.settings.given.get(params.CHEMISTRY)
        return chemistry.index(kind) if isinstance(kind, str) and kind in chemistry.NAMES else 0

    def _properties(self) -> "Iterator[Member]":
        yield params.CHEMISTRY, _described(params.CHEMISTRY, {"enum": list(chemistry.NAMES)})
        yield params.PACK_NAME, _described(params.PACK_NAME, {"type": "string", "pattern": _NAME_PATTERN})
        for row in range(len(params.NAMES)):
            kinds: "Fields" = {}
            for kind in range(len(chemistry.NAMES)):
                follows, level, share = params.rule(row, kind)
                if follows:
                    kinds[chemistry.NAMES[kind]] = {"of": follows, "permille" if share else "plus": level}
                elif level != params.UNSET:
                    kinds[chemistry.NAMES[kind]] = level
            yield (
                params.NAMES[row],
                _described(
                    params.NAMES[row],
                    {
                        "type": "integer",
                        "minimum": params.LOW[row],
                        "maximum": params.HIGH[row],
                        "unit": params.unit(row),
                        "defaults": kinds,
                    },
                ),
            )


def _described(name: str, rules: "Fields") -> "Fields":
    rules["access"] = _ACCESS[params.free(name)]
    rules["description"] = texts.field("params", name)
    return rules
