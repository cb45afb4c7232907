"""`packwarden scan`: connect, ask everything, tell it, and do what the person asks for on top."""

from pathlib import Path
from typing import Any, cast

from rich.console import Console
from rich.table import Table

from packwarden import builder, finder, packfile
from packwarden.client import Client, Port, RefusalError, talk
from packwarden.errors import InputError
from packwarden.ports import SerialPort, SimulatedPort
from packwarden.scan.findings import Findings, gather
from packwarden.scan.page import page
from packwarden.session import Session
from packwarden.sim.board import MemoryFiles, VirtualBoard
from packwarden.sim.world import World

SIMULATED = "sim"
RESETS = ("soft", "hard", "relearn")


def run(source: str | None, report: Path | None, reset: str | None, pack: Path | None) -> bool:
    """Do it; False if a reset was asked for and refused."""
    if reset is not None and reset not in RESETS:
        raise InputError(f"--reset is one of {', '.join(RESETS)}, not '{reset}'.")
    console = Console(highlight=False)
    with talk(_open(source, pack)) as client:
        done = reset is None or _reset(client, reset, console)
        found = gather(client)
    show(found, console)
    if report is not None:
        _write(report, page(found))
        console.print(f"The report is in {report}.")
    return done


def show(found: Findings, console: Console) -> None:
    """What a person at the bench wants to know first."""
    version, status = found.fields("version"), found.fields("status")
    console.print(f"Packwarden {version.get('firmware', '?')} on {version.get('board', '?')}", style="bold")
    console.print(f"mode {status.get('mode', '?')}" + (f": {status['why']}" if status.get("why") else ""))
    if status.get("service_needed"):
        console.print("Service needed.", style="bold red")
    _live(status, console)
    _diagnosis(found, console)
    table = Table("code", "fault", "state", "times", "what to do", box=None, header_style="bold")
    for code in found.codes:
        table.add_row(
            *(str(code.get(name, "")) for name in ("code", "mnemonic", "state", "count")),
            str(code.get("advice", "")),
        )
    if found.codes:
        console.print(table)
    elif found["dtc.list"] is not None:
        console.print("No trouble code is stored.")
    for sentence in found.missing:
        console.print(sentence, style="dim")


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


def _reset(client: Client, level: str, console: Console) -> bool:
    try:
        answer = client.call("reset", level)
    except RefusalError as error:
        console.print(f"reset {level}: {error}")
        return False
    fields = cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}
    console.print(f"reset {level}: {fields.get('reason', answer)}")
    return fields.get("accepted") is not False


def _write(report: Path, text: str) -> None:
    try:
        report.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{report} cannot be written: {error.strerror}.") from None


def _open(source: str | None, pack: Path | None) -> Port:
    if source == SIMULATED:
        return SimulatedPort(_simulated(pack))
    if pack is not None:
        raise InputError("--pack belongs to the simulation: `packwarden scan sim --pack FILE`.")
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


def _simulated(pack: Path | None) -> Session:
    given_pack = packfile.load(pack)
    given = builder.parameters(given_pack, pack.name if pack else "the default pack")
    files = MemoryFiles()
    builder.prepare_flash(files, given_pack, given)
    world = World(packfile.world_spec(given_pack, given, 1))
    return Session(world, VirtualBoard(world, files))
