"""What a person wants to see of a pack, drawn for a width: functions from answers of the firmware to text."""

from typing import Any

from rich.text import Text

from packwarden.demo.pace import Pace
from packwarden.demo.world_keys import KEYS, Player

_MODE_STYLE = {"active": "bold green", "fault": "bold red", "permanent": "bold white on red"}
_GREEN, _AMBER = 1, 3  # of the LED
_EIGHTHS = " ▏▎▍▌▋▊▉"
_LABEL = "grey62"
_ROWS = 8  # of cells, in as many columns as it takes


def header(pace: Pace, now_us: int, notice: str, width: int) -> Text:
    """Title, simulated clock and speed; at the right what was last done to the world."""
    seconds = now_us // 1_000_000
    behind = f", runs {pace.achieved:.0f}x" if pace.achieved < 0.8 * pace.speed else ""
    text = Text().append(" PACKWARDEN ", "bold black on green")
    text.append(f"  {seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}", "bold cyan")
    text.append(f" at {pace.speed}x{behind}  ", "cyan")
    return text.append(notice.rjust(width - len(text) - 1), "yellow")


def verdict(status: dict[str, Any] | None, faults: list[dict[str, Any]]) -> Text:
    """The mode and why; then whatever else stands, with its advice."""
    if status is None:
        return Text("NO FIRMWARE  the controller has no power, or is just starting", "bold yellow")
    mode = str(status["mode"])
    text = Text().append(mode.upper().replace("_", " "), _MODE_STYLE.get(mode, "bold yellow"))
    text.append(f"  {status['why']}")
    for row in faults:
        if row["mnemonic"] in status["faults"] and not str(status["why"]).startswith(row["mnemonic"] + ":"):
            text.append(f"\n{row['mnemonic']}", "bold red")
            text.append(f" {row['text']}. {row['advice']}")
    if status["service_needed"]:
        text.append("\nSERVICE NEEDED", "bold white on red")
    return text


def figures(status: dict[str, Any] | None, true_soc: float | None, width: int) -> Text:
    """The pack as a whole."""
    text = Text()
    if status is None or not status["cells_mv"]:
        return text.append("no readings", _LABEL)
    soc, sigma = status["soc_permille"] / 1000, status["soc_sigma_permille"] / 10
    settling = ", settling" if status["soc_settling"] else ""
    _row(text, "Charge", f"{soc * 100:.1f} %", f" ± {sigma:.1f} %{settling}")
    truth = "" if true_soc is None else f" truth {true_soc * 100:.1f} %"
    text.append(" " * 9)
    text.append(_bar(soc, max(5, width - 10 - len(truth))), "green" if soc > 0.2 else "yellow")
    text.append(truth + "\n", _LABEL)
    _row(text, "Pack", f"{status['pack_mv'] / 1000:.2f} V  {status['current_ma'] / 1000:+.1f} A")
    charge_a, discharge_a = status["charge_limit_ma"] / 1000, status["discharge_limit_ma"] / 1000
    _row(text, "Limits", f"in {charge_a:.0f} A, out {discharge_a:.0f} A")
    low, high = min(status["cells_mv"]), max(status["cells_mv"])
    _row(text, "Cells", f"{low / 1000:.3f} - {high / 1000:.3f} V", f"  spread {high - low} mV")
    _row(text, "Warmth", "  ".join(f"{each / 10:.1f}" for each in status["temps_ddegc"]), " °C")
    text.append("FETs     ", _LABEL)
    for name, on in (("charge", status["chg_fet"]), ("discharge", status["dsg_fet"])):
        text.append(f"{name} ")
        text.append("ON   " if on else "OPEN   ", "bold green" if on else "bold red")
    text.append("\n")
    faults = status["faults"]
    _row(text, "Faults", ", ".join(faults) or "none", "", "bold red" if faults else "bold")
    text.right_crop(1)
    return text


def cells(status: dict[str, Any] | None, low_mv: int, high_mv: int, width: int) -> Text:
    """Every cell as a bar between its two limits, with a mark where it is being bled."""
    text = Text()
    if status is None:
        return text
    readings = status["cells_mv"]
    columns = -(-len(readings) // _ROWS) or 1
    room = max(3, width // columns - 12)
    for row in range(min(_ROWS, len(readings))):
        for k in range(row, len(readings), _ROWS):
            mv = readings[k]
            bled = status["balance_mask"] >> k & 1
            style = "red" if not low_mv <= mv <= high_mv else "cyan" if bled else "green"
            text.append(f"{k + 1:>2} ", _LABEL)
            text.append(f"{mv / 1000:.3f} ", "bold")
            text.append(_bar((mv - low_mv) / (high_mv - low_mv), room), f"{style} on grey15")
            text.append("↓ " if bled else "  ", "bold cyan")
        text.append("\n")
    text.right_crop(1)
    return text


def world(player: Player) -> Text:
    """The LED as an eye sees it, the finger, and what is plugged in."""
    it, pace = player.world, player.pace
    level = int(60 + 195 * min(1.0, pace.brightness**0.5)) if pace.brightness > 0.0 else 45
    text = Text(" LED ")
    red, green = (level // 6, level) if pace.colour == _GREEN else (level, level // 5)
    if pace.colour == _AMBER:
        green = level * 2 // 3
    text.append("▐██▌", f"rgb({red},{green},{level // 8})")
    held_s = player.held_s
    if held_s is None:
        text.append(" button up", _LABEL)
    else:
        text.append(f" BUTTON DOWN {held_s:4.1f} s", "bold black on yellow")
    draws = "drive" if player.demo.driving else "none"
    for label, value, odd in (
        ("charger", "plugged" if it.charger else "off", bool(it.charger)),
        ("load", f"+{it.load_a:g} A" if it.load_a else draws, it.load_a > 0.0),
        ("flows", f"{it.current_a:+.0f} A", abs(it.current_a) > 200.0),
        ("air", f"{it.ambient_c:.0f} C", False),
    ):
        text.append(f"  {label} ", _LABEL)
        text.append(value, "bold yellow" if odd else "bold")
    for wrong, label in (
        (player.broken("open_tap"), "WIRE BROKEN"),
        (player.shorted, "SHORTED"),
        (not it.powered, "NO POWER"),
        (player.touched > 0, f"FINGER {player.touched}"),
    ):
        if wrong:
            text.append(" ")
            text.append(label, "bold white on red")
    return text


def footer(typing: bool, width: int) -> Text:
    """The keys that work now; a key and its label stay together."""
    entries = [(each.shown, each.label) for each in KEYS]
    entries += [("Tab", "console"), ("q", "quit")]
    text = Text()
    if typing:
        text.append("What you type goes to the firmware: help, status, cells, ... or JSON-RPC.\n", _LABEL)
        entries = [("Tab", "back to the world"), ("Ctrl+Q", "quit")]
    used = 0
    for key, label in entries:
        size = len(key) + len(label) + 3
        if used + size - 2 > width:
            text.append("\n")
            used = 0
        used += size
        text.append(key, "bold yellow").append(f" {label}  ")
    return text


def _row(text: Text, label: str, value: str, note: str = "", style: str = "bold") -> None:
    text.append(f"{label:<9}", _LABEL).append(value, style).append(note + "\n", _LABEL)


def _bar(share: float, width: int) -> str:
    eighths = round(max(0.0, min(1.0, share)) * width * 8)
    full, part = divmod(eighths, 8)
    return ("█" * full + (_EIGHTHS[part] if part else "")).ljust(width)
