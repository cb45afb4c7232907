"""The verdict on a file: every error with its line, what the AFE makes of each limit, and what looks odd.

All rules are the firmware's own: its table, its checks, and the driver's plan of the AFE's registers.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bms.app import fronts
from bms.app.answers import columns
from bms.app.figures import limits
from bms.core import params, params_check, silicon
from bms.drivers import bq769x0_limits, bq76952_registers

from packwarden.config import odd, table
from packwarden.config.form import Draft
from packwarden.errors import nearest, show

_NAME = re.compile(r"[a-z][a-z0-9_]+")


@dataclass
class Verdict:
    """Sentences with the line that they are about, 0 for none."""

    errors: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    odd: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    columns: list[str] = field(default_factory=list[str])  # owner, silicon, firmware

    def lines(self, name: str) -> list[str]:
        """Errors as a compiler would say them."""
        return [_at(name, *each) for each in self.errors]

    def warnings(self, name: str) -> list[str]:
        """What looks odd, likewise."""
        return [_at(name, *each) for each in self.odd]


def judge(draft: Draft, afe: str | None = fronts.BQ76952) -> Verdict:
    """Everything at once. The AFE is asked about a set that is sound by itself; `afe` None: not at all."""
    verdict = Verdict(errors=list(draft.wrong))
    unreadable = {name for name in draft.lines if name not in draft.values}
    for sentence in against(draft.values, afe):
        if not any(sentence.startswith(f"{name} is not set") for name in unreadable):
            verdict.errors.append((line_of(sentence, draft.lines), sentence))
    verdict.errors.sort(key=lambda each: each[0] or 1 << 30)
    if afe and not verdict.errors:
        values = table.resolved(draft.values)
        applied = _applied(silicon.derive(values), afe)
        verdict.columns = list(limits(columns(values, applied)))
        sentences = odd.found(draft.values, values, applied)
        verdict.odd = [(line_of(sentence, draft.lines), sentence) for sentence in sentences]
    return verdict


def _applied(asked: dict[str, int], afe: str) -> dict[str, int]:
    """What the AFE makes of a sound set."""
    if afe == fronts.BQ76952:
        return bq76952_registers.plan(asked)[1]
    if fronts.is_alone(afe):
        return {}
    return bq769x0_limits.check(asked, fronts.NAMES.index(afe))


def against(given: dict[str, Any], afe: str | None) -> list[str]:
    """The firmware's verdict; a name that it does not know gets the nearest that it does."""
    plain = {name: value for name, value in given.items() if params.known(name)}
    reasons = [f"{show(name)} is not a parameter{_meant(name)}" for name in given if name not in plain]
    reasons += params_check.check(plain)
    if reasons or afe is None:
        return reasons
    return fronts.unreachable(silicon.derive(params.resolve(plain)), afe)


def _meant(name: str) -> str:
    return nearest(name, [entry.name for entry in table.entries()])


def line_of(sentence: str, lines: Mapping[str, int]) -> int:
    """Where the first parameter of a sentence stands in the file; 0 if none of them does."""
    quoted = re.match(r"'(.*?)' is not a parameter", sentence)
    names = [quoted[1]] if quoted else _NAME.findall(sentence)
    return next((lines[name] for name in names if name in lines), 0)


def _at(name: str, line: int, sentence: str) -> str:
    end = "" if sentence.endswith("?") else "."
    return f"{name}:{line}: {sentence}{end}" if line else f"{name}: {sentence}{end}"
