"""What can be drawn, whatever it was kept in: times, columns of numbers, events.

Recognised by content, not by name: a recording (`monitor --record`), the table of `sim --record`, a log
(`packwarden log`, CSV or JSON), and a freeze frame (the answer to `dtc.show`).
"""

import csv
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from packwarden import inputfiles, recording
from packwarden.errors import InputError
from packwarden.jsonvalues import a_list, an_object, objects
from packwarden.monitor.picture import cells_of, temps_of

_LARGEST = 200_000_000
Column = list[float | None]

# Name here -> factor; columns of `sim --record` and of freeze frames have the same names.
_SCALES = {
    "current_ma": ("current_a", 1e-3),
    "pack_mv": ("pack_v", 1e-3),
    "cell_min_mv": ("cell_min_v", 1e-3),
    "cell_max_mv": ("cell_max_v", 1e-3),
    "temp_min_ddegc": ("temp_min_c", 0.1),
    "temp_max_ddegc": ("temp_max_c", 0.1),
    "soc_permille": ("soc", 0.1),
    "soc_sigma_permille": ("soc_sigma", 0.1),
    "true_soc_permille": ("true_soc", 0.1),
    "charge_limit_ma": ("charge_limit_a", 1e-3),
    "discharge_limit_ma": ("discharge_limit_a", 1e-3),
}


@dataclass
class Past:
    """One axis of time, seconds, and what was known along it."""

    title: str
    times_s: list[float] = field(default_factory=list[float])
    columns: dict[str, Column] = field(default_factory=dict[str, Column])
    cell_limits_v: tuple[float, float] | None = None
    events: list[tuple[float, str, str]] = field(
        default_factory=list[tuple[float, str, str]]
    )  # when, what kind, in words
    since: str = "time"  # what the axis counts from

    def put(self, t_s: float, values: dict[str, Any]) -> None:
        """One moment; what is not a number counts as not known."""
        self.times_s.append(t_s)
        for name, (there, factor) in _SCALES.items():
            value = values.get(name)
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                value = None
            self.columns.setdefault(there, []).append(None if value is None else value * factor)

    def has(self, name: str) -> bool:
        """Whether a column has anything in it."""
        return any(value is not None for value in self.columns.get(name, []))


def read(file: Path) -> Past:
    """The file, whatever of these it is; InputError if none."""
    text = _text(file)
    if recording.is_recording(text):
        return _of_recording(file)
    if text.lstrip()[:1] in ("{", "["):
        return _of_json(text, file)
    rows = list(csv.DictReader(io.StringIO(text)))
    if rows and "t_s" in rows[0] and "mode" in rows[0]:
        return _of_table(rows, file)
    if rows and "event" in rows[0]:
        return _of_events(rows, file.name)
    raise InputError(
        f"{file} is nothing that can be drawn: a recording, a CSV of `sim --record`, a log, a freeze frame."
    )


def of_frame(answer: Any) -> Past:
    """A freeze frame: the answer to `dtc.show`."""
    shown = an_object(answer) or {}
    samples = a_list(shown.get("samples"))
    if not samples:
        raise InputError("There is no freeze frame of this code.")
    names = [str(name) for name in a_list(shown.get("columns")) or []]
    frame = an_object(shown.get("frame")) or {}
    title = f"{shown.get('mnemonic', '?')} {shown.get('code', '')}: {shown.get('text', '')}"
    past = Past(title, since=f"the trip at {frame.get('t', '?')} s of operation")
    mode: Any = None
    for sample in samples:
        values = dict(zip(names, a_list(sample) or [], strict=False))
        t_ms = values.get("t_ms")
        if not isinstance(t_ms, int):
            raise InputError("This freeze frame has no times.")
        past.put(t_ms / 1000, values)
        if mode is not None and values.get("mode") != mode:
            past.events.append((t_ms / 1000, "mode", f"{mode} -> {values['mode']}"))
        mode = values.get("mode")
    past.events.append((0.0, "fault", str(shown.get("mnemonic", "trip"))))
    return past


def _of_recording(file: Path) -> Past:
    past = Past(f"recording {file.name}", since="the beginning")
    limits: dict[str, Any] = {}
    for said in recording.read(file):
        if said.kind == recording.STATUS:
            cells = cells_of(said.value)
            temps = temps_of(said.value)
            values = dict(said.value)
            if cells:
                values |= {"cell_min_mv": min(cells), "cell_max_mv": max(cells)}
            else:
                values |= {"pack_mv": None, "current_ma": None}
            if temps:
                values |= {"temp_min_ddegc": min(temps), "temp_max_ddegc": max(temps)}
            past.put(said.t_s, values)
        elif said.kind == recording.EVENT:
            past.events.append(
                (said.t_s, str(said.value.get("event", "")), str(said.value.get("detail", "")))
            )
        elif said.kind == recording.PARAMETERS:
            limits |= said.value
    low, high = limits.get("cell_uv_mv"), limits.get("cell_ov_mv")
    if isinstance(low, int) and isinstance(high, int):
        past.cell_limits_v = (low / 1000, high / 1000)
    return past


def _of_table(rows: list[dict[str, str]], file: Path) -> Past:
    past = Past(file.name, since="power-on")
    mode, faults = None, ""
    for number, row in enumerate(rows, 2):
        try:
            t_s = float(row["t_s"])
            values = {name: float(row[name]) for name in _SCALES if row.get(name)}
        except (ValueError, TypeError):
            raise InputError(f"{file} line {number} holds something that is no number.") from None
        past.put(t_s, values)
        if row.get("mode") != mode:
            past.events.append((t_s, "mode", str(row.get("mode"))))
        if row.get("faults") and row["faults"] != faults:
            past.events.append((t_s, "fault", row["faults"]))
        mode, faults = row.get("mode"), row.get("faults") or ""
    return past


def _of_json(text: str, file: Path) -> Past:
    try:
        content: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError(f"{file} is not valid JSON.") from None
    found = an_object(content)
    if found is not None and "result" in found:
        content = found["result"]
        found = an_object(content)
    rows = objects(content if found is None else found.get("log"))
    if rows is not None and all("event" in row for row in rows):
        return _of_events(rows, file.name)
    if found is not None and "samples" in found:
        return of_frame(found)
    raise InputError(f"{file} is JSON, but neither a log nor a freeze frame.")


def _of_events(rows: list[dict[str, Any]], name: str) -> Past:
    past = Past(name, since="the first start (operating time)")
    for row in rows:
        try:
            t_s = float(row.get("t_s") or "nan")
        except (ValueError, TypeError):
            continue
        if t_s >= 0:
            past.events.append((t_s, str(row.get("event", "")), str(row.get("detail", ""))))
    if not past.events:
        raise InputError(f"{name} holds no event with a time.")
    return past


def _text(file: Path) -> str:
    try:
        inputfiles.check(file)
        raw = file.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"{file} cannot be read: {reason}.") from None
    if len(raw) > _LARGEST:
        raise InputError(f"{file} is larger than {_LARGEST} bytes; is it the right file?")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{file} is not a text file.") from None
