"""What a person wants to know of a pack, drawn for a width: is it safe, how full, why not, what to do."""

from collections.abc import Iterable
from typing import Any

from rich.text import Text

from packwarden.monitor.drawing import bar, centred, spark, uncertain
from packwarden.monitor.feeds import Feed
from packwarden.monitor.picture import Picture, cells_of, temps_of

LABEL = "grey62"
_MODE_STYLES = {
    "active": "bold black on green",
    "fault": "bold white on red",
    "permanent": "bold white on red",
    "standby": "bold black on cyan",
    "precharge": "bold black on cyan",
}
_OTHER_MODE = "bold black on yellow"
_CLASS_STYLES = {"warning": "bold yellow"}
_ROWS = 8  # of cells, before there is another column
_NARROWEST_CELL = 16
_REST_MA = 100  # less is noise
_CURVES = (
    ("charge", "Charge", "%", 1, "green"),
    ("current", "Current", "A", 1, "cyan"),
    ("pack", "Pack", "V", 2, "blue"),
    ("spread", "Spread", "mV", 0, "magenta"),
    ("warmth", "Warmest", "°C", 1, "yellow"),
)


def header(picture: Picture, feed: Feed, recorded: int | None, notice: str, width: int) -> Text:
    """Where this comes from, how it runs, and at the right what was last answered."""
    text = Text().append(" PACKWARDEN ", "bold black on green").append(f" {feed.title} ", "bold cyan")
    if recorded is not None:
        text.append(f"● REC {recorded} ", "bold red")
    if feed.paused:
        text.append("PAUSED", "bold black on yellow").append(" ")
    elif feed.speeds:
        text.append(f"{feed.speed}x ", "cyan")
    minutes, seconds = divmod(int(picture.t_s), 60)
    text.append(f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d} ", LABEL)
    room = max(0, width - text.cell_len - 1)
    version = picture.version
    note = notice or f"{version.get('board', '')} {version.get('firmware', '')}".strip()
    return text.append(note[:room].rjust(room), "yellow" if notice else LABEL)


def verdict(picture: Picture, trouble: str) -> Text:
    """The mode and why it is not active; before that, why there is nothing new."""
    text = Text()
    if trouble:
        text.append(" NO NEWS ", "bold white on red").append(f" {trouble}\n", "bold")
    status = picture.status
    if status is None:
        if not trouble:
            text.append("Waiting for the first answer ...", LABEL)
        text.rstrip()
        return text
    mode = str(status.get("mode", "?"))
    text.append(f" {mode.upper().replace('_', ' ')} ", _MODE_STYLES.get(mode, _OTHER_MODE))
    text.append(f" {_sentence(status.get('why'))}")
    if status.get("protected") is False:
        text.append("\n NOT PROTECTED ", "bold white on red")
        text.append(" the front end is not armed and verified")
    if status.get("silicon") is False:
        text.append("\n NO SILICON PROTECTION ", "bold black on yellow")
        text.append(" the firmware alone guards this pack")
    if status.get("service_needed"):
        text.append("\n SERVICE NEEDED ", "bold white on red")
        text.append(" do not use the pack as it is" if mode == "permanent" else " type :service for why")
    return text


def figures(picture: Picture, width: int) -> Text:
    """The pack as a whole."""
    text = Text()
    status = picture.status
    if status is None:
        return text
    _charge(text, status, width)
    cells = cells_of(status)
    if cells:
        _pair(text, "Pack", f"{status['pack_mv'] / 1000:.2f} V", f"  {_power(status)}")
    charge_ma, discharge_ma = _number(status, "charge_limit_ma"), _number(status, "discharge_limit_ma")
    current_ma = _number(status, "current_ma")
    _pair(text, "Current", f"{current_ma / 1000:+.1f} A", _direction(current_ma))
    room = max(9, width - 18)
    share = _share(current_ma, charge_ma if current_ma > 0 else discharge_ma)
    left, right = centred(share, room)
    style = "red" if abs(share) > 1 else "yellow" if abs(share) > 0.9 else "cyan"
    text.append(f"{discharge_ma / 1000:>7.0f} A ", LABEL).append(left, f"{style} on grey15")
    text.append("│", LABEL).append(right, f"{style} on grey15")
    text.append(f" {charge_ma / 1000:.0f} A\n", LABEL)
    if cells:
        low, high = min(cells), max(cells)
        _pair(text, "Cells", f"{low / 1000:.3f}…{high / 1000:.3f} V", f"  Δ {high - low} mV")
    temps = "  ".join(f"{each / 10:.1f}" for each in temps_of(status))
    _pair(text, "Warmth", temps or "-", " °C" if temps else "")
    text.append("FETs     "[: width - 26], LABEL)  # what follows needs so much when both are open
    for name, key in (("charge", "chg_fet"), ("discharge", "dsg_fet")):
        text.append(f"{name} ").append("ON " if status.get(key) else "OPEN ", _on(status.get(key)))
    return text


def cells(picture: Picture, width: int) -> Text:
    """Every cell as a bar between its limits; an arrow down where it is being bled."""
    text = Text()
    readings = cells_of(picture.status)
    if not readings:
        return text.append("no readings", LABEL)
    low_mv, high_mv = picture.cell_limits_mv
    bled = _number(picture.status or {}, "balance_mask")
    columns = max(1, min(-(-len(readings) // _ROWS), width // _NARROWEST_CELL))
    rows = -(-len(readings) // columns)
    room = max(3, width // columns - 12)
    lowest, highest = min(readings), max(readings)
    for row in range(rows):
        for k in range(row, len(readings), rows):
            mv = readings[k]
            bleeding = bool(bled >> k & 1)
            inside = low_mv <= mv <= high_mv
            style = "red" if not inside else "cyan" if bleeding else "green"
            text.append(f"{k + 1:>2} ", LABEL)
            extreme = highest > lowest and mv in (lowest, highest)
            text.append(f"{mv / 1000:.3f} ", "bold" if extreme else "")
            share = (mv - low_mv) / max(1, high_mv - low_mv)
            text.append(bar(share, room), f"{style} on grey15")
            text.append("↓ " if bleeding else "  ", "bold cyan")
        text.append("\n")
    text.right_crop(1)
    return text


def curves(picture: Picture, width: int) -> Text:
    """What it was like until now, the newest at the right, with the range of what is shown."""
    text = Text()
    room = max(8, width - 39)
    for name, label, unit, digits, style in _CURVES:
        points = list(picture.curves[name])[-room:]
        known = [point for point in points if point is not None]
        text.append(f"{label:<9}", LABEL)
        text.append(spark(points, room), style)
        if known:
            text.append(f" {known[-1]:>8.{digits}f} {unit:<3}", "bold")
            text.append(f"{min(known):.{digits}f} … {max(known):.{digits}f}"[:16], LABEL)
        text.append("\n")
    text.right_crop(1)
    return text


def codes(picture: Picture) -> Text:
    """Everything that stands, with what to do about it."""
    text = Text()
    standing = list((picture.status or {}).get("faults") or [])
    told = {row.get("mnemonic"): row for row in picture.faults}
    for mnemonic in standing:
        row = told.get(mnemonic, {})
        style = _CLASS_STYLES.get(str(row.get("class")), "bold red")
        text.append(str(mnemonic), style)
        if row:
            kind = f" {row.get('code', '')}  {row.get('class', '')}, seen {row.get('count', 0)}x"
            text.append(kind, LABEL)
            text.append(f"\n  {_sentence(row.get('text'))}")
            text.append(f"\n  → {_sentence(row.get('advice'))}", "bold")
        text.append("\n")
    if not standing:
        text.append("none", "bold green" if picture.status else LABEL)
        past = [row for row in picture.faults if row.get("count")]
        if past and picture.status:
            text.append("   before: ", LABEL)
            text.append(", ".join(f"{row.get('mnemonic')} {row.get('count')}x" for row in past))
    text.rstrip()
    return text


def events(picture: Picture, count: int) -> Text:
    """The latest events, the newest last."""
    text = Text()
    for row in list(picture.events)[-count:]:
        text.append(f"{row.get('t_s', ''):>9} s  ", LABEL).append(str(row.get("event", "")), "bold")
        text.append(f" {row.get('detail', '')}\n")
    if not picture.events:
        text.append("none yet", LABEL)
    text.rstrip()
    return text


def keys(entries: Iterable[tuple[str, str]], width: int) -> Text:
    """The keys that work now; a key and its label stay together."""
    text = Text()
    used = 0
    for key, label in entries:
        size = len(key) + len(label) + 3
        if used and used + size - 2 > width:
            text.append("\n")
            used = 0
        used += size
        text.append(key, "bold yellow").append(f" {label}  ")
    return text


def _charge(text: Text, status: dict[str, Any], width: int) -> None:
    soc, sigma = status.get("soc_permille"), status.get("soc_sigma_permille")
    if soc is None or sigma is None:
        _pair(text, "Charge", "not known yet")
        return
    settling = f" settling, {status.get('soc_settling_left_min')} min" if status.get("soc_settling") else ""
    health = "" if status.get("soh_permille") is None else f"  health {status['soh_permille'] / 10:.1f} %"
    _pair(text, "Charge", f"{soc / 10:.1f} %", f" ± {sigma / 10:.1f} %{settling}{health}")
    sure, perhaps, rest = uncertain(soc / 1000, sigma / 1000, max(5, width - 10))
    style = "green" if soc > 200 else "yellow" if soc > 100 else "red"
    text.append(" " * 9).append(sure, style).append(perhaps, f"{style} dim").append(f"{rest}\n", LABEL)


def _pair(text: Text, label: str, value: str, note: str = "") -> None:
    text.append(f"{label:<9}", LABEL).append(value, "bold").append(f"{note}\n", LABEL)


def _power(status: dict[str, Any]) -> str:
    return f"{status['pack_mv'] * _number(status, 'current_ma') / 1e6:+.0f} W"


def _share(current_ma: int, most_ma: int) -> float:
    """Of what is allowed, -1 to 1 and beyond; where nothing is, any current is too much."""
    if abs(current_ma) < _REST_MA:
        return 0.0
    return current_ma / most_ma if most_ma else (2.0 if current_ma > 0 else -2.0)


def _direction(current_ma: int) -> str:
    if abs(current_ma) < _REST_MA:
        return "  at rest"
    return "  charging" if current_ma > 0 else "  discharging"


def _number(status: dict[str, Any], name: str) -> int:
    value = status.get(name)
    return value if isinstance(value, int) else 0


def _on(value: object) -> str:
    return "bold green" if value else "bold red"


def _sentence(value: object) -> str:
    text = str(value or "").strip()
    return text[:1].upper() + text[1:]
