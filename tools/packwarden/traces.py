"""Recorded traces from CSV files, read strictly: a trace that is quietly wrong would judge the estimators
wrongly.

Every refusal is a ValueError whose text is a sentence with the file's name and the line, fit to be shown to a
user.
"""

import csv
import gzip
import io
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from packwarden import inputfiles

REPLAY_COLUMNS = ("t_s", "current_a", "voltage_v", "temperature_c")
PROFILE_COLUMNS = ("t_s", "current_a")
DRIVE_PROFILE = Path(__file__).with_name("sim") / "data" / "drive_profile.csv.gz"


@dataclass(frozen=True)
class Trace:
    """Columns of one cell; `soc` is None where the file has none, or has it only in places."""

    t_s: list[float]
    current_a: list[float]
    voltage_v: list[float]
    temperature_c: list[float]
    soc: list[float] | None


def load_trace(path: str | Path) -> Trace:
    """A replay: `t_s,current_a,voltage_v,temperature_c`, optionally `soc`."""
    rows = _read(Path(path), REPLAY_COLUMNS, optional="soc")
    t_s, current_a, voltage_v, temperature_c, soc = (list(column) for column in zip(*rows, strict=True))
    return Trace(
        _numbers(t_s),
        _numbers(current_a),
        _numbers(voltage_v),
        _numbers(temperature_c),
        None if None in soc else _numbers(soc),
    )


def load_current(path: str | Path) -> tuple[list[float], list[float]]:
    """A load profile: the first two columns `t_s,current_a` of any trace; positive charges."""
    rows = _read(Path(path), PROFILE_COLUMNS)
    t_s, current_a, *_ = (list(column) for column in zip(*rows, strict=True))
    return _numbers(t_s), _numbers(current_a)


def _numbers(column: list[float | None]) -> list[float]:
    return [value for value in column if value is not None]


def _read(path: Path, columns: tuple[str, ...], optional: str = "") -> list[list[float | None]]:
    try:
        return list(_rows(path, columns, optional))
    except (EOFError, UnicodeDecodeError, csv.Error, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{path.name} cannot be read as CSV: {error}.") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror or error}.") from None


def _rows(path: Path, columns: tuple[str, ...], optional: str) -> Iterator[list[float | None]]:
    """One list of numbers a line, the optional column last (None where empty or absent)."""
    with _text(path) as file:
        lines = csv.reader(file)
        header = [name.strip() for name in next(lines, None) or []]
        if tuple(header[: len(columns)]) != columns:
            raise ValueError(
                f"{path.name}, line 1: the header must begin with {','.join(columns)}, "
                f"but it is '{','.join(header)}'."
            )
        place = header.index(optional) if optional in header else None
        before = -math.inf
        count = 0
        for cells in lines:
            if not cells:
                continue
            where = f"{path.name}, line {lines.line_num}"
            if len(cells) != len(header):
                raise ValueError(f"{where}: {len(cells)} values, but the header names {len(header)}.")
            row: list[float | None] = [
                _number(text, name, where) for text, name in zip(cells, columns, strict=False)
            ]
            t_s = row[0]
            if t_s is None or t_s <= before:
                raise ValueError(f"{where}: time must rise, but {t_s:g} s follows {before:g} s.")
            before = t_s
            extra = cells[place].strip() if place is not None else ""
            row.append(_number(extra, optional, where) if extra else None)
            count += 1
            yield row
        if count < 2:
            raise ValueError(f"{path.name} has {count} samples, but a trace needs at least two.")


def _text(path: Path) -> IO[str]:
    """All of the file: a small packed one may unpack to more than this machine can hold."""
    inputfiles.check(path)
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as file:
        raw = file.read(inputfiles.LARGEST + 1)
    inputfiles.check_size(len(raw))
    return io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8-sig", newline="")


def _number(text: str, name: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{where}: {name} '{text}' is not a number.") from None
    if not math.isfinite(value):
        raise ValueError(f"{where}: {name} '{text}' is not finite.")
    return value
