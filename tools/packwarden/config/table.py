"""The firmware's parameter table as people read it: with help, in groups, defaults in words.

The rows are the firmware's own; groups and help are those of the text that lies on the chip's flash.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bms.core import chemistry, params
from bms.services import texts

TEXT = Path(texts.__file__).parents[1] / "texts" / "params.txt"


@dataclass(frozen=True)
class Entry:
    """One parameter; `row` is -1 for a word."""

    name: str
    group: str
    help: str
    row: int

    @property
    def unit(self) -> str:
        return params.unit(self.row) if self.row >= 0 else ""

    @property
    def bounds(self) -> tuple[int, int] | None:
        return (params.LOW[self.row], params.HIGH[self.row]) if self.row >= 0 else None

    @property
    def required(self) -> bool:
        """The pack is not armed before somebody has said it."""
        return self.name == params.CHEMISTRY or (self.row >= 0 and not params.has_default(self.row))

    @property
    def access(self) -> str:
        return "anyone" if params.free(self.name) else "owner"

    def allowed(self) -> str:
        """What it may be, in a few words."""
        if self.name == params.CHEMISTRY:
            return " or ".join(f'"{name}"' for name in chemistry.NAMES)
        if self.bounds is None:
            return "up to 24 letters, digits, '-', '_' or '.'"
        span = f"{self.bounds[0]} to {self.bounds[1]}"
        return f"{self.unit}, {span}" if self.unit else span

    def default(self, kind: int) -> str:
        """Where the default of a chemistry comes from, in words."""
        if self.row < 0 or self.required:
            return ""
        follows, level, share = params.rule(self.row, kind)
        if not follows:
            return str(level)
        if share:
            return f"{level / 1000:g} C" if follows == "capacity_mah" else f"{follows} x {level / 1000:g}"
        return f"{follows} {'-' if level < 0 else '+'} {abs(level)}" if level else follows


@cache
def entries() -> tuple[Entry, ...]:
    """All parameters, in the order of the text."""
    found: list[Entry] = []
    group = ""
    for line in TEXT.read_text().splitlines():
        if line.startswith("#"):
            group = line[1:].strip()
            continue
        name, words = line.split("|")
        found.append(Entry(name, group, words, params.index(name)))
    return tuple(found)


def resolved(given: dict[str, Any]) -> dict[str, Any]:
    """Every value as far as it is known; only what was given while there is no chemistry."""
    return params.resolve(given) if given.get(params.CHEMISTRY) in chemistry.NAMES else dict(given)
