"""What is known of the pack now, and how it came there: put together from whatever a feed tells."""

from collections import deque
from typing import Any

from packwarden import recording
from packwarden.jsonvalues import a_list, an_object

KEPT = 600  # points of each curve
_EVENTS = 50
CURVES = ("charge", "current", "pack", "spread", "warmth")


class Picture:
    """The latest of each kind; a listener."""

    def __init__(self) -> None:
        self.t_s = 0.0
        self.status: dict[str, Any] | None = None
        self.faults: list[dict[str, Any]] = []
        self.events: deque[dict[str, Any]] = deque(maxlen=_EVENTS)
        self.version: dict[str, Any] = {}
        self.parameters: dict[str, Any] = {}
        self.curves: dict[str, deque[float | None]] = {name: deque(maxlen=KEPT) for name in CURVES}
        self.times_s: deque[float] = deque(maxlen=KEPT)

    def take(self, t_s: float, kind: str, value: Any) -> None:
        """Something was said."""
        self.t_s = t_s
        if kind == recording.STATUS:
            self.status = value
            self._add(t_s, value)
        elif kind == recording.FAULTS:
            self.faults = value
        elif kind == recording.EVENT:
            self.events.append(value)
        elif kind == recording.VERSION:
            self.version = value
        elif kind == recording.PARAMETERS:
            self.parameters = {**self.parameters, **value}

    @property
    def cell_limits_mv(self) -> tuple[int, int]:
        """The ends of a cell's bar: its limits where they are known, else a bit around what is measured."""
        low, high = (self.parameters.get(name) for name in ("cell_uv_mv", "cell_ov_mv"))
        if isinstance(low, int) and isinstance(high, int) and low < high:
            return low, high
        cells = cells_of(self.status)
        return (min(cells) - 50, max(cells) + 50) if cells else (0, 1)

    def _add(self, t_s: float, status: dict[str, Any]) -> None:
        cells = cells_of(status)
        temps = temps_of(status)
        soc = status.get("soc_permille")
        points: dict[str, float | None] = {
            "charge": None if soc is None else soc / 10,
            "current": status["current_ma"] / 1000 if cells else None,
            "pack": status["pack_mv"] / 1000 if cells else None,
            "spread": float(max(cells) - min(cells)) if cells else None,
            "warmth": max(temps) / 10 if temps else None,
        }
        self.times_s.append(t_s)
        for name, point in points.items():
            self.curves[name].append(point)


def cells_of(status: dict[str, Any] | None) -> list[int]:
    """The cells' voltages, mV; empty while nothing is measured."""
    return [each for each in a_list((status or {}).get("cells_mv")) or [] if isinstance(each, int)]


def temps_of(status: dict[str, Any] | None) -> list[int]:
    """The temperatures, tenths of a degC."""
    return [each for each in a_list((status or {}).get("temps_ddegc")) or [] if isinstance(each, int)]


def is_status(value: Any) -> bool:
    """Whether an answer is a status that can be drawn."""
    found = an_object(value) or {}
    return all(isinstance(found.get(name), int) for name in ("current_ma", "pack_mv", "uptime_ms"))
