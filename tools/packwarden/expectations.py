"""What a scenario expects, judged while it runs: conditions on record columns, and the time they have.

All conditions of one expectation must fit at the same moment. Without times they are judged once, at `t`;
`within_s` gives them time to come true, `for_s` asks that they stay true that long.
"""

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from bms.core import faults

from packwarden.errors import nearest, show
from packwarden.recorder import COLUMNS, MODES, WORDS, Value

TIMES = ("within_s", "for_s")
_LONGEST_S = 1e9
_MNEMONICS = tuple(row[faults.MNEMONIC] for row in faults.ROWS)

# Longer signs first: "<=" begins with "<".
_ORDER: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}


@dataclass(frozen=True)
class Condition:
    """One column and what must be true of it."""

    column: str
    text: str  # as the user wrote it
    fits: Callable[[Value], bool]

    def __str__(self) -> str:
        return f"{self.column} = {self.text}"


@dataclass(frozen=True)
class Expectation:
    """What must hold, from when, for how long."""

    conditions: tuple[Condition, ...]
    within_s: float = 0.0
    for_s: float = 0.0

    def __str__(self) -> str:
        text = ", ".join(str(each) for each in self.conditions)
        if self.within_s:
            text += f" within {self.within_s:g} s"
        return f"{text} for {self.for_s:g} s" if self.for_s else text


def parse(table: object) -> Expectation:
    """The `expect` table of a scenario; ValueError names what is wrong with it."""
    if not isinstance(table, Mapping):
        raise ValueError("must be a table of record columns")  # noqa: TRY004 - pydantic reports this kind only
    given = {str(name): value for name, value in cast("Mapping[object, object]", table).items()}
    times = {name: _seconds(name, given.pop(name)) for name in TIMES if name in given}
    if not given:
        raise ValueError("names no record column, so it expects nothing")
    return Expectation(tuple(_condition(name, value) for name, value in given.items()), **times)


def _seconds(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value <= _LONGEST_S:
        raise ValueError(f"{name} = {show(value)} must be seconds, 0 or more")
    return float(value)


def _condition(column: str, value: object) -> Condition:
    if column not in COLUMNS:
        raise ValueError(f"{show(column)} is not a record column{nearest(column, [*COLUMNS, *TIMES])}")
    shown = show(value)
    if value == "none":
        return Condition(column, shown, lambda seen: seen is None or seen == "")
    if column in WORDS:
        return Condition(column, shown, _of_words(column, value))
    return Condition(column, shown, _of_number(column, value))


def _of_number(column: str, value: object) -> Callable[[Value], bool]:
    compare, wanted = operator.eq, value
    if isinstance(value, str):
        sign = next((each for each in _ORDER if value.startswith(each)), "")
        compare = _ORDER.get(sign, operator.eq)
        try:
            wanted = float(value[len(sign) :])
        except ValueError:
            raise ValueError(
                f"{column} = {show(value)} must be a number, '< <= > >= !=' and a number, or 'none'"
            ) from None
    if not isinstance(wanted, int | float) or not math.isfinite(wanted):
        raise ValueError(f"{column} = {show(value)} must be a number, or a text such as '>= 900'")
    number = wanted
    return lambda seen: isinstance(seen, int | float) and compare(seen, number)


def _of_words(column: str, value: object) -> Callable[[Value], bool]:
    words = value.split() if isinstance(value, str) else []
    verb = words[0] if words and words[0] in ("has", "lacks", "!=") else ""
    names = [name for word in words[1 if verb else 0 :] for name in word.split("+")]
    known = MODES if column == "mode" else _MNEMONICS
    if not names or (column == "mode" and (verb in ("has", "lacks") or len(names) > 1)):
        verbs = "'!=' and a mode" if column == "mode" else "'has', 'lacks' or '!=' and mnemonics, or 'none'"
        raise ValueError(f"{column} = {show(value)} must be a text: {verbs}")
    for name in names:
        if name not in known:
            what = "mode" if column == "mode" else "fault"
            raise ValueError(
                f"{column} = {show(value)}: no {what} is called {show(name)}{nearest(name, known)}"
            )
    wanted = frozenset(names)
    if verb == "has":
        return lambda seen: seen is not None and wanted <= _set(seen)
    if verb == "lacks":
        return lambda seen: seen is not None and not wanted & _set(seen)
    if verb == "!=":
        return lambda seen: seen is not None and wanted != _set(seen)
    return lambda seen: seen is not None and wanted == _set(seen)


def _set(seen: Value) -> frozenset[str]:
    return frozenset(str(seen).split("+")) if seen else frozenset()


class Watch:
    """One expectation while the scenario runs; `met` is None until it is decided."""

    def __init__(self, expectation: Expectation, entry: int, start_s: float) -> None:
        self.expectation = expectation
        self.entry = entry  # as counted in the file, from 1
        self.start_s = start_s
        self.met: bool | None = None
        self._since_s: float | None = None
        self._seen = "nothing"

    def look(self, now_s: float, read: Callable[[str], Value]) -> None:
        """Judge the columns of now."""
        wanted = self.expectation
        seen = [(each, read(each.column)) for each in wanted.conditions]
        self._seen = (
            ", ".join(f"{each.column} = {_shown(value)}" for each, value in seen) + f" at {now_s:.1f} s"
        )
        if all(each.fits(value) for each, value in seen):
            if self._since_s is None:
                self._since_s = now_s
            if now_s - self._since_s >= wanted.for_s:
                self.met = True
            return
        self._since_s = None
        if now_s >= self.start_s + wanted.within_s:
            self.met = False

    def verdict(self) -> str:
        """The sentence about a failure; '' when met."""
        if self.met:
            return ""
        seen = f"last seen: {self._seen}"
        if self.met is None:
            seen = f"the run ended before it was decided; {seen}"
        return f"entry {self.entry}, t = {self.start_s:g} s: expected {self.expectation}; {seen}"


def _shown(value: Value) -> str:
    return "none" if value is None or value == "" else str(value)
