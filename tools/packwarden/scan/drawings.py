"""Curves as SVG text, drawn for a page that must be one file: no script, no font, no picture beside it."""

from collections.abc import Sequence
from html import escape
from typing import Any, cast

WIDTH, HEIGHT = 680, 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 8, 14, 22
_TICKS = 4

Points = Sequence[tuple[float, float]]


def curves(
    title: str, unit: str, lines: dict[str, Points], least: float, marks: Sequence[tuple[float, str]] = ()
) -> str:
    """One chart with a line for each name, and dashed marks across it where limits lie. Times in seconds.

    What moves by less than `least` is drawn flat.
    """
    times = [t for points in lines.values() for t, _ in points]
    values = [value for points in lines.values() for _, value in points]
    if not times:
        return ""
    values += [value for value, _ in marks]
    t0, t1 = min(times), max(*times, min(times) + 1e-3)
    low, high = min(values), max(values)
    margin = max((high - low) * 0.08, (least - high + low) / 2)
    low, high = low - margin, high + margin

    def x(t: float) -> float:
        return _LEFT + (t - t0) / (t1 - t0) * (WIDTH - _LEFT - _RIGHT)

    def y(value: float) -> float:
        return _TOP + (high - value) / (high - low) * (HEIGHT - _TOP - _BOTTOM)

    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">']
    for k in range(_TICKS):
        value = low + (high - low) * (k + 0.5) / _TICKS
        label = _short(value, high - low)
        parts.append(_across("grid", y(value)))
        parts.append(f'<text x="{_LEFT - 5}" y="{y(value) + 4:.1f}" text-anchor="end">{label}</text>')
    for t in (t0, t1):
        anchor = "start" if t == t0 else "end"
        parts.append(f'<text x="{x(t):.1f}" y="{HEIGHT - 6}" text-anchor="{anchor}">{t:+.1f} s</text>')
    if t0 < 0 < t1:
        parts.append(
            f'<line class="trip" x1="{x(0):.1f}" x2="{x(0):.1f}" y1="{_TOP}" y2="{HEIGHT - _BOTTOM}"/>'
        )
        parts.append(f'<text x="{x(0):.1f}" y="{HEIGHT - 6}" text-anchor="middle">trip</text>')
    for value, name in marks:
        place = f'x="{WIDTH - _RIGHT}" y="{y(value) - 3:.1f}" text-anchor="end"'
        parts.append(_across("limit", y(value)))
        parts.append(f'<text class="limit" {place}>{escape(name)}</text>')
    for number, (name, points) in enumerate(lines.items()):
        path = " ".join(f"{x(t):.1f},{y(value):.1f}" for t, value in points)
        parts.append(
            f'<polyline class="line{number}" points="{path}"><title>{escape(name)}</title></polyline>'
        )
    parts.append(
        f'<text x="{_LEFT}" y="10">{escape(title)} ({escape(unit)}): {escape(", ".join(lines))}</text></svg>'
    )
    return "".join(parts)


def freeze_frame(code: dict[str, Any], limits: dict[str, int]) -> list[str]:
    """The seconds around a trip: cell voltages, current, temperature; what had a limit has it drawn in."""
    columns, samples = code.get("columns"), code.get("samples")
    if not isinstance(columns, list) or not isinstance(samples, list) or not samples or "t_ms" not in columns:
        return []
    heads = cast("list[str]", columns)
    at = heads.index("t_ms")
    read = heads.index("pack_mv") if "pack_mv" in heads else at
    # Before the first reading after a start everything is 0, which is no voltage of any pack.
    rows = [row for row in cast("list[list[float]]", samples) if row[read] or read == at]

    def line(name: str, factor: float) -> Points:
        k = heads.index(name) if name in heads else -1
        return [(row[at] / 1000, row[k] * factor) for row in rows if k >= 0]

    def marks(names: dict[str, str], factor: float) -> list[tuple[float, str]]:
        return [(limits[name] * factor, label) for name, label in names.items() if name in limits]

    volts: dict[str, Points] = {
        "highest cell": line("cell_max_mv", 1e-3),
        "lowest cell": line("cell_min_mv", 1e-3),
    }
    return [
        curves("Cells", "V", volts, 0.02, marks({"cell_ov_mv": "OV", "cell_uv_mv": "UV"}, 1e-3)),
        curves("Current, charging up", "A", {"current": line("current_ma", 1e-3)}, 0.2),
        curves("Hottest", "degC", {"hottest": line("temp_max_ddegc", 0.1)}, 2.0),
    ]


def cell_bars(cells_mv: Sequence[int]) -> str:
    """A bar a cell, from 100 mV below the lowest up."""
    if not cells_mv:
        return ""
    low, high = min(cells_mv) - 100, max(cells_mv) + 5
    step = 18
    parts = [f'<svg viewBox="0 0 {WIDTH} {step * len(cells_mv) + 4}" role="img" aria-label="cell voltages">']
    for number, mv in enumerate(cells_mv):
        width = (mv - low) / (high - low) * (WIDTH - 150)
        y = number * step
        parts.append(
            f'<text x="56" y="{y + 13}" text-anchor="end">cell {number + 1}</text>'
            f'<rect class="bar" x="64" y="{y + 3}" width="{width:.1f}" height="{step - 6}"/>'
            f'<text x="{70 + width:.1f}" y="{y + 13}">{mv} mV</text>'
        )
    return "".join(parts) + "</svg>"


def _across(kind: str, y: float) -> str:
    return f'<line class="{kind}" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'


def _short(value: float, span: float) -> str:
    digits = 0 if span >= 40 else 1 if span >= 4 else 2 if span >= 0.4 else 3
    return f"{value:.{digits}f}"
