"""The report as one HTML file: to print, to keep, to send to whoever sold the cells."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, cast

from packwarden.scan.drawings import cell_bars, freeze_frame
from packwarden.scan.findings import Findings

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0; } h2 { margin-top: 2rem; border-bottom: 1px solid #8888; } h3 { margin-bottom: .3rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
td, th { text-align: left; padding: .15rem .6rem .15rem 0; vertical-align: top; overflow-wrap: anywhere; }
tr { border-bottom: 1px solid #8883; }
svg { width: 100%; font: 11px system-ui, sans-serif; fill: currentColor; }
svg polyline { fill: none; stroke-width: 1.6; } .line0 { stroke: #d9480f; } .line1 { stroke: #1971c2; }
.grid { stroke: #8884; } .trip { stroke: #c92a2a; } .limit { stroke: #c92a2a; stroke-dasharray: 4 3; }
text.limit { stroke: none; fill: #c92a2a; } .bar { fill: #2f9e44; }
.verdict { font-size: 1.15rem; font-weight: 600; } .bad { color: #c92a2a; }
.note { opacity: .75; } section { break-inside: avoid; }
@media print { body { margin: 0; max-width: none; } details { display: none; } }
"""
_NOTHING = "Nothing wrong found: no bad charger, cold, heat, weak supply, loose joint or bad cell shows."


def page(found: Findings) -> str:
    """The whole report. Every word of the pack is escaped: a name may hold anything."""
    version, status = found.fields("version"), found.fields("status")
    running = f"firmware {version.get('firmware', '?')} on {version.get('board', '?')}"
    limits = {
        str(row.get("name")): row["value"]
        for row in found.rows("params")
        if isinstance(row.get("value"), int) and not isinstance(row.get("value"), bool)
    }
    parts = [
        '<!doctype html><html lang="en"><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width"><title>Packwarden report</title>',
        f"<style>{_STYLE}</style><h1>Packwarden report</h1>",
        f'<p class="note">{escape(found.taken)}, {escape(running)}. {escape(found.newer)}</p>',
        f'<p class="verdict">{escape(_verdict(status))}</p>',
        *(f'<p class="verdict bad">Service needed: {escape(each)}.</p>' for each in found.service),
        _section("What it looks like", _causes(found)),
        _section("Trouble codes", _codes(found, limits)),
        _section("Cells", cell_bars([int(mv) for mv in status.get("cells_mv", [])])),
        _section("Now", _pairs(status)),
        _section("Charge", _pairs(found.fields("soc"))),
        _section("Health", _pairs(found.fields("health"))),
        _section("Learning cycle", _pairs(found.fields("relearn"))),
        _section("Lifetime", _pairs(found.fields("lifetime"))),
        _section("Limits", _table(found.rows("limits"))),
        _section("Latest events", _table(found.rows("log"))),
        "<details><summary>All parameters</summary>" + _table(found.rows("params")) + "</details>",
    ]
    if found.missing:
        parts.append(_section("Not told", "".join(f"<p>{escape(each)}</p>" for each in found.missing)))
    parts.append("</html>\n")
    return "\n".join(parts)


def _verdict(status: dict[str, Any]) -> str:
    if not status:
        return "The pack does not tell how it is."
    why = f": {status['why']}" if status.get("why") else "."
    return f"The pack is in mode {status.get('mode')}{why}"


def _causes(found: Findings) -> str:
    if found["diagnose"] is None:
        return '<p class="note">This firmware does not diagnose.</p>'
    rows = found.rows("diagnose")
    if not rows:
        return f"<p>{_NOTHING}</p>"
    items: list[str] = []
    for row in rows:
        cell = f", cell {row['cell']}" if row.get("cell") else ""
        items.append(
            f"<li><b>{escape(str(row.get('text')))}</b>{escape(cell)} ({escape(str(row.get('figure')))}"
            f" {escape(str(row.get('unit')))}). {escape(str(row.get('advice')))}</li>"
        )
    return f"<ol>{''.join(items)}</ol>"


def _codes(found: Findings, limits: dict[str, int]) -> str:
    if not found.codes:
        return "<p>None is stored.</p>" if found["dtc.list"] is not None else '<p class="note">Not told.</p>'
    parts: list[str] = []
    for code in found.codes:
        parts.append(
            f"<section><h3>{escape(str(code.get('code')))} {escape(str(code.get('mnemonic')))}: "
            f"{escape(str(code.get('text')))}</h3><p>{escape(str(code.get('state')))}, "
            f"{escape(str(code.get('count')))} times, {escape(str(code.get('ever')))} in its life. "
            f"{escape(str(code.get('advice')))}</p>"
        )
        parts.append(_frame(code.get("frame")))
        parts += freeze_frame(code, limits)
        parts.append("</section>")
    return "".join(parts)


def _frame(frame: Any) -> str:
    """What the pack was like at the moment of the trip, in a sentence, and each of its cells."""
    if not isinstance(frame, dict):
        return '<p class="note">Its freeze frame is no longer kept.</p>'
    fields = cast("dict[str, Any]", frame)
    soc = cast("list[float]", fields.get("soc") or [])
    temps = cast("list[float]", fields.get("temps_ddegc") or [])
    cells = cast("list[float]", fields.get("cells_mv") or [])
    told = [
        str(fields.get("seen") or "a state, not a figure"),
        f"mode {fields.get('mode')}",
        f"{fields.get('current_ma', 0) / 1000:.1f} A",
        f"charge {soc[0] / 10:.1f} +- {soc[1] / 10:.1f} %" if len(soc) > 1 else "charge not known",
        *(f"{each / 10:.1f} degC" for each in temps),
        f"{fields.get('uptime_s')} s after a start by {fields.get('cause')}",
    ]
    return f"<p>At the trip: {escape(', '.join(told))}.</p>{cell_bars([int(mv) for mv in cells])}"


def _section(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{body or '<p>Nothing.</p>'}</section>"


def _pairs(fields: dict[str, Any]) -> str:
    return _rows((name, _text(value)) for name, value in fields.items())


def _table(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return ""
    names = list(rows[0])
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    return f"<table><tr>{head}</tr>{_rows((_text(row.get(name)) for name in names) for row in rows)[7:]}"


def _rows(rows: Iterable[Iterable[str]]) -> str:
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>{body}</table>" if body else ""


def _text(value: Any) -> str:
    if value is None:
        return "not known yet"
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return ", ".join(f"{name} {_text(each)}" for name, each in fields.items())
    if isinstance(value, list):
        rows = cast("list[object]", value)
        return ", ".join(_text(each) for each in rows) or "none"
    return str(value)
