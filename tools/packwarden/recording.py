"""A recording of what a pack said: a JSON object a line, so that anything can follow, cut and read it.

The first line says what it is: `{"recording": "packwarden", "form": 1, "source": ..., "started": ...}`. Each
other line has `t_s`, the seconds since the recording began, and one of

    status     the answer to `status`
    faults     the answer to `faults`
    event      a row of `history` that was not there before
    version    the answer to `version`
    parameters some parameters by name, as `get` answers

`packwarden monitor` writes and plays it, `packwarden plot` draws it.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from packwarden.errors import InputError
from packwarden.jsonvalues import an_object

FORM = 1
STATUS, FAULTS, EVENT, VERSION, PARAMETERS = "status", "faults", "event", "version", "parameters"
KINDS: dict[str, type] = {STATUS: dict, FAULTS: list, EVENT: dict, VERSION: dict, PARAMETERS: dict}
_NAME = "packwarden"

Listener = Callable[[float, str, Any], None]


class Said(NamedTuple):
    """One line."""

    t_s: float
    kind: str
    value: Any


class Writer:
    """Writes what it is told to a file that is complete after every line."""

    def __init__(self, file: Path, source: str, started: datetime | None = None) -> None:
        self.file = file
        self.lines = 0
        try:
            self._out = file.open("w", encoding="utf-8")
        except (OSError, ValueError) as error:
            raise self._refusal(error) from None
        begun = (started or datetime.now(UTC)).isoformat(timespec="seconds")
        self._write({"recording": _NAME, "form": FORM, "source": source, "started": begun})
        self._zero_s: float | None = None

    def take(self, t_s: float, kind: str, value: Any) -> None:
        """Write one line; InputError if the file takes no more."""
        if self._zero_s is None:
            self._zero_s = t_s
        self._write({"t_s": round(t_s - self._zero_s, 3), kind: value})
        self.lines += 1

    def close(self) -> None:
        """No more will come."""
        try:
            self._out.close()
        except OSError as error:
            raise self._refusal(error) from None

    def _write(self, row: dict[str, Any]) -> None:
        try:
            self._out.write(json.dumps(row, separators=(",", ":")) + "\n")
            self._out.flush()
        except OSError as error:
            raise self._refusal(error) from None

    def _refusal(self, error: Exception) -> InputError:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return InputError(f"The recording {self.file} cannot be written: {reason}.")


def is_recording(text: str) -> bool:
    """Whether a file that begins like this is one."""
    first = text.lstrip("\ufeff").partition("\n")[0]
    try:
        head = an_object(json.loads(first)) or {}
    except (ValueError, RecursionError):
        return False
    return head.get("recording") == _NAME


def read(file: Path) -> list[Said]:
    """Everything in a recording, in the order of its times; InputError with the line that is wrong.

    A last line that was cut off counts for nothing: whoever wrote it was stopped.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise InputError(f"The recording {file} cannot be read: {reason}.") from None
    if not is_recording(text):
        raise InputError(f"{file} is not a recording: `packwarden monitor --record FILE` makes one.")
    lines = text.split("\n")
    form = json.loads(lines[0]).get("form")
    if form != FORM:
        raise InputError(f"{file} is a recording of form {form}; this packwarden reads form {FORM}.")
    found = list(_rows(file, lines))
    if not found:
        raise InputError(f"{file} is a recording with nothing in it.")
    return sorted(found, key=lambda said: said.t_s)


def _rows(file: Path, lines: list[str]) -> Iterator[Said]:
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        try:
            yield _row(json.loads(line))
        except (ValueError, RecursionError) as error:
            if number == len(lines):
                return
            reason = "it is not JSON" if isinstance(error, json.JSONDecodeError) else str(error)
            raise InputError(f"{file} line {number}: {reason}.") from None


def _row(value: Any) -> Said:
    row = an_object(value)
    if row is None or isinstance(row.get("t_s"), bool):
        raise ValueError("it is not an object with 't_s'")
    t_s = row.get("t_s")
    if not isinstance(t_s, (int, float)) or not 0 <= t_s < 1e12:
        raise ValueError("'t_s' must be seconds since the beginning")
    for kind, wanted in KINDS.items():
        if kind in row:
            if not isinstance(row[kind], wanted):
                raise ValueError(f"'{kind}' must be {'a list' if wanted is list else 'an object'}")
            return Said(float(t_s), kind, row[kind])
    raise ValueError(f"it has none of {', '.join(KINDS)}")
