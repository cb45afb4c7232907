"""`packwarden scan`: connect, ask everything, tell it, and do what the person asks for on top."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from rich.console import Console
from rich.table import Table

from packwarden import finder, ports
from packwarden.client import talk
from packwarden.errors import InputError
from packwarden.ports import SerialPort, SimulatedPort
from packwarden.scan import acts
from packwarden.scan.findings import Findings, gather
from packwarden.scan.page import page

SIMULATED = "sim"


@dataclass(frozen=True)
class Options:
    """The command line."""

    source: str | None = None
    report: Path | None = None
    reset: str | None = None
    pin: str | None = None  # for what is locked
    pack: Path | None = None
    state: Path | None = None


def run(options: Options) -> bool:
    """Do it; False if a reset was asked for and refused."""
    acts.check(options.reset)
    console = Console(highlight=False, markup=False)
    port = _open(options)
    with talk(port) as client:
        done = options.reset is None or acts.reset(client, port, options.reset, options.pin, console)
        found = gather(client)
    show(found, console)
    if options.report is not None:
        _write(options.report, page(found))
        console.print(f"The report is in {options.report}.")
    return done


def show(found: Findings, console: Console) -> None:
    """What a person at the bench wants to know first."""
    version, status = found.fields("version"), found.fields("status")
    console.print(f"Packwarden {version.get('firmware', '?')} on {version.get('board', '?')}", style="bold")
    if found.newer:
        console.print(found.newer, style="yellow")
    console.print(f"mode {status.get('mode', '?')}" + (f": {status['why']}" if status.get("why") else ""))
    for reason in found.service:
        console.print(f"Service needed: {reason}.", style="bold red")
    _live(status, console)
    _diagnosis(found, console)
    learning = found.fields("relearn")
    if learning.get("number"):
        console.print(f"Learning cycle: {learning.get('text')}. {learning.get('advice')}")
    _codes(found, console)
    for sentence in found.missing:
        console.print(sentence, style="dim")


def _codes(found: Findings, console: Console) -> None:
    table = Table("code", "fault", "state", "times", "meaning, and what to do", box=None, header_style="bold")
    for code in found.codes:
        table.add_row(
            *(str(code.get(name, "")) for name in ("code", "mnemonic", "state", "count")),
            f"{code.get('text', '')}{_seen(code)}. {code.get('advice', '')}",
        )
    if found.codes:
        console.print(table)
    elif found["dtc.list"] is not None:
        console.print("No trouble code is stored.")


def _seen(code: dict[str, Any]) -> str:
    """The figure of the freeze frame."""
    frame: Any = code.get("frame")
    seen = cast("dict[str, Any]", frame).get("seen") if isinstance(frame, dict) else None
    return f" ({seen})" if seen else ""


def _live(status: dict[str, Any], console: Console) -> None:
    cells: list[int] = status.get("cells_mv") or []
    if cells:
        low, high = min(cells), max(cells)
        sigma = status.get("soc_sigma_permille", 0) / 10
        console.print(
            f"{len(cells)} cells: {low} mV (cell {cells.index(low) + 1}) to {high} mV"
            f" (cell {cells.index(high) + 1}),"
            f" {status.get('current_ma', 0) / 1000:.1f} A,"
            f" charge {status.get('soc_permille', 0) / 10:.1f} +- {sigma:.1f} %"
        )
        temps: list[int] = status.get("temps_ddegc") or []
        warmth = ", ".join(f"{each / 10:.1f}" for each in temps)
        limits = [f"{status.get(f'{name}_limit_ma', 0) / 1000:.1f} A" for name in ("charge", "discharge")]
        console.print(f"{warmth or '?'} degC; may take {limits[0]} and give {limits[1]}")


def _diagnosis(found: Findings, console: Console) -> None:
    if found["diagnose"] is None:
        return
    if not found.rows("diagnose"):
        console.print("Nothing wrong found.", style="green")
    for number, row in enumerate(found.rows("diagnose"), 1):
        cell = f", cell {row['cell']}" if row.get("cell") else ""
        console.print(
            f"{number}. {row.get('text')}{cell} ({row.get('figure')} {row.get('unit')})", style="bold"
        )
        console.print(f"   {row.get('advice')}")


def _write(report: Path, text: str) -> None:
    try:
        report.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{report} cannot be written: {error.strerror}.") from None


def _open(options: Options) -> SerialPort | SimulatedPort:
    source = options.source
    if source == SIMULATED:
        return ports.simulated(options.pack, options.state)
    if options.pack is not None or options.state is not None:
        raise InputError("--pack and --state belong to the simulation: `packwarden scan sim --pack FILE`.")
    if source is not None:
        finder.check(source)
        return SerialPort(source)
    likely = [each.port for each in finder.listed() if each.likely]
    if len(likely) != 1:
        seen = ", ".join(likely) or "none"
        raise InputError(
            f"Say which port: `packwarden scan PORT` (boards that are plugged in: {seen}), or `sim`."
        )
    return SerialPort(likely[0])
