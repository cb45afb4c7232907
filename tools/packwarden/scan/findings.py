"""Asks a pack for everything that it knows: what a workshop would want to see before it touches a screw.

An older firmware does not know every question. What it cannot answer is said so, and the rest stands.
"""

import time
from dataclasses import dataclass, field
from typing import Any, cast

import bms

from packwarden.client import Client, RefusalError

METHOD_NOT_FOUND = -32601
# What is asked, in the order in which it is told.
QUESTIONS = (
    "version",
    "status",
    "cells",
    "faults",
    "service",
    "diagnose",
    "dtc.list",
    "soc",
    "health",
    "relearn",
    "lifetime",
    "limits",
    "params",
    "log",
)


@dataclass
class Findings:
    """The answers by question, and sentences about those that did not come."""

    taken: str = ""
    answers: dict[str, Any] = field(default_factory=dict[str, Any])
    # `dtc.show` of each that is stored.
    codes: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    missing: list[str] = field(default_factory=list[str])

    def __getitem__(self, question: str) -> Any:
        return self.answers.get(question)

    def rows(self, question: str) -> list[dict[str, Any]]:
        """An answer that is a list of objects; empty where there is none."""
        answer = self.answers.get(question)
        rows = cast("list[object]", answer) if isinstance(answer, list) else []
        return [each for each in rows if isinstance(each, dict)]

    def fields(self, question: str) -> dict[str, Any]:
        """An answer that is an object; empty where there is none."""
        answer = self.answers.get(question)
        return cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}

    @property
    def service(self) -> list[str]:
        """Why the pack needs service; empty if it does not."""
        if not self.fields("status").get("service_needed"):
            return []
        return [str(each) for each in self.fields("service").get("reasons") or ["it does not say why"]]

    @property
    def newer(self) -> str:
        """A sentence if the firmware on the board is not the one that this command carries."""
        runs = self.fields("version").get("firmware")
        if runs in (None, bms.__version__):
            return ""
        return f"The board runs firmware {runs}; `packwarden flash` would bring {bms.__version__}."


def gather(client: Client) -> Findings:
    """Ask everything. LinkError if the pack does not answer at all."""
    found = Findings(time.strftime("%Y-%m-%d %H:%M"))
    for question in QUESTIONS:
        try:
            found.answers[question] = client.call(question)
        except RefusalError as error:
            found.missing.append(_sentence(question, error))
    for row in found.rows("dtc.list"):
        try:
            found.codes.append(client.call("dtc.show", str(row.get("mnemonic", row.get("code", "")))))
        except RefusalError as error:
            found.missing.append(_sentence(f"dtc.show {row.get('mnemonic')}", error))
    return found


def _sentence(question: str, error: RefusalError) -> str:
    if error.code == METHOD_NOT_FOUND:
        return f"This firmware does not know '{question}': a newer one tells more."
    return f"The pack refused '{question}': {error}."
