"""Trace files as the command meets them: whatever is wrong with one ends the command with a sentence."""

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from packwarden import traces
from packwarden.errors import InputError
from packwarden.sim.replay import ReplayTrace

Read = TypeVar("Read")


def current_of(path: Path) -> tuple[list[float], list[float]]:
    """Times and currents of a profile."""
    return _read(traces.load_current, path)


def replay_of(path: Path) -> ReplayTrace:
    """A recorded cell."""
    trace = _read(traces.load_trace, path)
    return ReplayTrace(trace.t_s, trace.current_a, trace.voltage_v, trace.temperature_c, trace.soc)


def _read(reader: Callable[[Path], Read], path: Path) -> Read:
    try:
        return reader(path)
    except zlib.error as error:
        raise InputError(f"{path.name} cannot be unpacked: {error}.") from None
    except ValueError as error:
        raise InputError(str(error)) from None
