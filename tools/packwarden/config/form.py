"""The file: TOML, one `name = value` a line, with a comment that says unit, bounds and what it is for.

What the owner has not said stands there too, commented out, as what the table says for this chemistry. The
file is read line by line, so that everything that is wrong with it is found in one go, each with its line.
"""

import re
import tomllib
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from bms.core import params

from packwarden import inputfiles
from packwarden.config import table
from packwarden.errors import show

HEADING = "parameters"
_LARGEST = 1_000_000
_LARGEST_NUMBER = 1 << 62  # far beyond every bound; larger ones may not even be shown
_OPENING = f"""\
# Parameters of a Packwarden pack. `packwarden config check` says what they really do, `push` stores them.
# A line like '#name = value' is a default: take the '#' away, and it is your own.

[{HEADING}]
"""
_BEGUN = re.compile(r"\s*(\w+)\s*=")
_WHERE = re.compile(r" \(at (line 1, column (\d+)|end of document)\)")


@dataclass
class Draft:
    """A file as far as it can be read: values, where they stand, and what is wrong with lines."""

    values: dict[str, Any] = field(default_factory=dict[str, Any])
    lines: dict[str, int] = field(default_factory=dict[str, int])
    wrong: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])


def write(given: dict[str, Any], proposed: dict[str, Any] | None = None) -> str:
    """The file for what an owner has said; `proposed`: what would do for some of the rest."""
    known = table.resolved(given)
    text = _OPENING
    for group, several in groupby(table.entries(), lambda each: each.group):
        text += f"\n# {group}\n"
        for entry in several:
            text += "\n" + _entry(entry, given, known, (proposed or {}).get(entry.name))
    return text


def _entry(entry: table.Entry, given: dict[str, Any], known: dict[str, Any], proposed: object) -> str:
    must = "; must be said" if entry.required else ""
    comment = f"# {entry.help} ({entry.allowed()}{must})\n"
    name = entry.name
    if name in given:
        return f"{comment}{name} = {_toml(given[name])}\n"
    if proposed is not None:
        comment += f"# {proposed} would do for the defaults: is it what is fitted?\n"
        return f"{comment}#{name} = {_toml(proposed)}\n"
    value = known.get(name)
    return f"{comment}#{name} = {'' if value is None else _toml(value)}".rstrip() + "\n"


def _toml(value: object) -> str:
    """A whole number, or a word: plain characters only, as the firmware takes no others."""
    return f'"{value}"' if isinstance(value, str) else str(value)


def load(path: Path) -> Draft:
    """Read a file; InputError if there is none that could be read."""
    return read(inputfiles.text(path, _LARGEST))


def read(text: str) -> Draft:
    """Every line of the text, whatever is wrong with others."""
    draft = Draft()
    for number, line in enumerate(text.split("\n"), 1):
        try:
            found = tomllib.loads(line.removesuffix("\r"))
        except (ValueError, RecursionError) as error:
            reason = _WHERE.sub(lambda match: f" at column {match[2]}" if match[2] else "", str(error))
            draft.wrong.append((number, f"this is not 'name = value': {reason[:1].lower()}{reason[1:]}"))
            begun = _BEGUN.match(line)
            if begun:
                draft.lines.setdefault(begun[1], number)
            continue
        for name, value in found.items():
            _take(draft, number, name, value)
    return draft


def _take(draft: Draft, number: int, name: str, value: object) -> None:
    """One line's name and value."""
    if value == {} and name == HEADING:
        return
    if isinstance(value, dict):
        draft.wrong.append((number, f"only the table [{HEADING}] is known here, not {show(name)}"))
    elif name in draft.lines:
        draft.wrong.append((number, f"{show(name)[1:-1]} is set in line {draft.lines[name]} already"))
    elif isinstance(value, int) and abs(value) > _LARGEST_NUMBER:
        draft.wrong.append((number, f"{show(name)[1:-1]} is a number far too large"))
        draft.lines[name] = number
    else:
        draft.values[name] = value
        draft.lines[name] = number


def canonical(given: dict[str, Any]) -> dict[str, Any]:
    """The same values in the table's order, without names that it does not know."""
    return {entry.name: given[entry.name] for entry in table.entries() if entry.name in given}


def differences(left: dict[str, Any], right: dict[str, Any]) -> list[str]:
    """Names that two owners' sets say differently, or only one of them says."""
    names = dict.fromkeys([*canonical(left), *left, *right])
    return [name for name in names if left.get(name) != right.get(name)]


def said(given: dict[str, Any], name: str) -> str:
    """A value, or what stands in for it."""
    if name in given:
        return _toml(given[name])
    value = table.resolved(given).get(name)
    if name == params.PACK_NAME or value is None:
        return "not set"
    return f"the default, {value}"
