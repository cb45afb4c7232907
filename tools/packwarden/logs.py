"""`packwarden log`: what the pack has written down, into a file that other programs read.

Rows are events: `n` (a number that goes on over boots; a gap means that something is missing), `t_s`
(operating seconds), `event`, `detail`, and whatever else a firmware adds.
"""

import csv
import importlib
import io
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from packwarden import finder, output
from packwarden.client import Client, RefusalError, talk
from packwarden.errors import InputError, nearest
from packwarden.jsonvalues import objects
from packwarden.ports import SerialPort
from packwarden.sentences import say

METHOD_NOT_FOUND = -32601
_FIRST = ("n", "t_s", "event", "detail")
_FORMS = ("csv", "json", "parquet")
_TRIES = 5
_AGAIN_S = 1.0
_NO_PARQUET = "Parquet needs pyarrow, which is not installed: pip install pyarrow, or use --format csv."

Row = dict[str, Any]


def run(port: str | None, out: Path | None, form: str | None, count: int) -> None:
    """Download and write; InputError with a sentence."""
    chosen = form_of(out, form)
    where = finder.the_port(port, "log")
    with talk(SerialPort(where)) as client:
        say(f"Reading the journal at {where} ...")
        rows, head = download(client, count)
    if out is None:
        output.write(encode(rows, head, chosen))
        return
    try:
        out.write_bytes(encode(rows, head, chosen))
    except OSError as error:
        raise InputError(f"--out {out} cannot be written: {error.strerror or error}.") from None
    say(f"{len(rows)} events in {out}.")
    for gap in gaps(rows):
        say(gap)


def form_of(out: Path | None, form: str | None) -> str:
    """What is asked for, or what the file's name says."""
    chosen = form or (out.suffix.lower().lstrip(".") if out else "csv") or "csv"
    if chosen not in _FORMS:
        named = "--format" if form else "the name of --out"
        raise InputError(f"{named} says {chosen!r}; known are: {', '.join(_FORMS)}{nearest(chosen, _FORMS)}")
    if chosen == "parquet" and out is None:
        raise InputError("Parquet is no text: say which file with --out FILE.parquet.")
    if chosen == "parquet":
        _pyarrow()
    return chosen


def download(client: Client, count: int, wait: Callable[[float], None] = time.sleep) -> tuple[list[Row], Row]:
    """The events, oldest first, and what the pack says of itself; InputError if it has no journal."""
    head: Row = {}
    for name in ("version", "time"):
        try:
            answer = client.call(name)
        except RefusalError:
            continue
        head[name] = answer
    refusal = ""
    for _ in range(_TRIES):
        try:
            rows = client.call("log", count)
        except RefusalError as error:
            if error.code == METHOD_NOT_FOUND:
                raise InputError(
                    "This firmware has no journal; a newer one has: `packwarden flash`."
                ) from None
            refusal = str(error)
            wait(_AGAIN_S)  # after a start the firmware looks through it first
            continue
        found = objects(rows)
        if found is None:
            raise InputError(f"The pack answers something that is no journal: {str(rows)[:80]}")
        return found, head
    raise InputError(f"The pack does not give its journal: {refusal}.")


def gaps(rows: list[Row]) -> list[str]:
    """Sentences about numbers that are missing."""
    numbers = [row["n"] for row in rows if isinstance(row.get("n"), int)]
    return [
        f"Events {one + 1} to {other - 1} are missing." for one, other in pairwise(numbers) if other > one + 1
    ]


def encode(rows: list[Row], head: Row, form: str) -> bytes:
    """The file's content."""
    names = [*_FIRST, *sorted({name for row in rows for name in row} - {*_FIRST})]
    if form == "json":
        loaded = datetime.now(UTC).isoformat(timespec="seconds")
        return (
            json.dumps({"packwarden": "log", "loaded": loaded, **head, "log": rows}, indent=1) + "\n"
        ).encode()
    if form == "parquet":
        return _parquet(rows, names)
    text = io.StringIO(newline="")
    written = csv.DictWriter(text, names, lineterminator="\n")
    written.writeheader()
    written.writerows(rows)
    return text.getvalue().encode()


def _parquet(rows: list[Row], names: list[str]) -> bytes:
    pyarrow, parquet = _pyarrow()
    columns = {name: [row.get(name) for row in rows] for name in names}
    made = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), made)
    return made.getvalue()


def _pyarrow() -> tuple[Any, Any]:
    try:
        return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise InputError(_NO_PARQUET) from None
