"""Prints what the firmware costs on the chip, against its budgets: `python -m packwarden.emulated.bench`.

The emulated chip is about a tenth faster than a real one, which waits for its flash; so a budget is compared
with 1.3 times what was measured. A cycle counts as complete when the front end is set up and read back equal,
a fresh scan has been read, and the fast half has decided and commanded on it; journal, history and console
come after that, and the path closes once they are there ("path closed"). Where PACKWARDEN_RP2040_FROZEN_IMAGE
names an image with the firmware frozen in, all of it is measured with that, too.
"""

from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from packwarden.emulated import firmware, flash, image, turns
from packwarden.emulated.measure import Figures, take

MARGIN = 1.3
_CYCLES = 12  # each part is measured for so many
_CYCLES_A_SECOND = 10
_FREE = 98_304
_SPARE = 16_384  # for an answer's garbage between two collections
_PIECE = 4096  # of what is asked for at once, the largest: a file is written from one piece
_STACK = 7936  # 8 KiB less what MicroPython keeps in reserve
_FLASH = flash.SIZE - flash.FILES_AT  # the filesystem of the RPI_PICO board
_CELLS = (4, 8, 16)
MPY, FROZEN = ".mpy files", "frozen"  # the forms that firmware comes in
_CYCLE, _FAST, _COLLECT = "_cycle", "_protect", "p.hal.collect"
# The path of a part from the loop, and what it does.
_PARTS = {
    _CYCLE: "a whole cycle",
    _FAST: "its fast half: read, decide, command",
    "p.keeper.read": "read and digest",
    "p.keeper.afe.read": "the driver's part of that",
    "p.snap.derive": "highest, lowest, sums",
    "_compare": "commanded against done",
    "p.plausible.step": "whether readings can be true",
    "p.findings.compare": "commanded against done",
    "p.protect.step": "the fault table",
    "p.path.step": "the power path",
    "_rest": "its slow half",
    "p.limits.step": "current limits",
    "p.rota.step": "a turn of what is due once a second",
    "p.keeper.verify": "a slice of the AFE's configuration",
    "p.reporter.step": "after it: words and records",
    "p.console.poll": "the console",
    "p.panel.poll": "button and LED",
    _COLLECT: "garbage collection",
}
_BY_CELLS = (_CYCLE, _FAST, "p.keeper.read", "p.protect.step", "_rest")


def _ms(us: float) -> str:
    return f"{us / 1000:.2f}"


def parts_table(figures: Figures, form: str) -> Table:
    """Where a cycle's time goes."""
    table = Table(title=f"{form}: 16 cells, bus with CRC, RP2040 at 125 MHz: ms as measured")
    table.add_column("part")
    for column in ("typical", "bus", "computing", "worst"):
        table.add_column(column, justify="right")
    for part, text in _PARTS.items():
        times = figures.parts.get(part)
        if times is not None:
            row = (times.typical, times.bus, times.computing, times.worst)
            table.add_row(f"{text} ({part.removeprefix('p.')})", *(_ms(us) for us in row))
    return table


def cells_table(figures: dict[int, Figures]) -> Table:
    """The same for more cells: the cost of one more."""
    table = Table(title="against cell count: computing, ms")
    table.add_column("part")
    for cells in figures:
        table.add_column(f"{cells} cells", justify="right")
    table.add_column("us a cell", justify="right")
    low, high = min(figures), max(figures)
    for part in _BY_CELLS:
        computing = {cells: each.parts[part].computing for cells, each in figures.items()}
        slope = (computing[high] - computing[low]) / (high - low)
        table.add_row(_PARTS[part], *(_ms(us) for us in computing.values()), f"{slope:.0f}")
    return table


def budgets(figures: Figures, flash_limit: int) -> list[tuple[str, str, str, bool]]:
    """(what, figure, budget, whether it holds); a time is MARGIN times what was measured."""
    parts = figures.parts
    stack = max(figures.stack_boot, figures.stack_running)

    def most(what: str, value: float, limit: float, unit: str) -> tuple[str, str, str, bool]:
        digits = 2 if unit in ("s", "ms") else 0
        return what, f"{value:,.{digits}f} {unit}", f"at most {limit:,} {unit}", value <= limit

    return [
        most("reset to the first complete cycle, path still open", figures.guarded_s * MARGIN, 1.5, "s"),
        most("a whole cycle", parts[_CYCLE].typical * MARGIN / 1000, 15, "ms"),
        most("of it decisions", parts[_FAST].computing * MARGIN / 1000, 9, "ms"),
        most("worst cycle", parts[_CYCLE].worst * MARGIN / 1000, 25, "ms"),
        most("allocated in the fast half", figures.allocated, 0, "bytes"),
        ("free heap", f"{figures.free:,} bytes", f"at least {_FREE:,} bytes", figures.free >= _FREE),
        (
            "the same after a restart",
            f"{figures.free_restarted:,} bytes",
            f"at least {_FREE:,} bytes",
            figures.free_restarted >= _FREE,
        ),
        (
            "of it in one piece",
            f"{figures.largest:,} bytes",
            f"more than {_PIECE:,} bytes",
            figures.largest > _PIECE,
        ),
        (
            "the same while somebody asks",
            f"{figures.free_asked:,} bytes",
            f"more than {_SPARE:,} bytes",
            figures.free_asked > _SPARE,
        ),
        most("stack at its deepest", stack, _STACK, "bytes"),
        most("flash for the firmware", figures.flash_used, flash_limit, "bytes"),
    ]


def budget_table(by_form: dict[str, Figures]) -> Table:
    """Each budget and whether it holds."""
    table = Table(title=f"budgets: times are {MARGIN} x measured, as on a real chip")
    table.add_column("what")
    for form in by_form:
        table.add_column(form, justify="right")
        table.add_column("")
    table.add_column("budget", justify="right")
    columns = [
        budgets(figures, flash.FILES_AT if form == FROZEN else _FLASH) for form, figures in by_form.items()
    ]
    for rows in zip(*columns, strict=True):
        cells = [
            text
            for _, figure, _, holds in rows
            for text in (figure, "holds" if holds else "[bold red]OVER[/]")
        ]
        table.add_row(rows[0][0], *cells, " / ".join(dict.fromkeys(row[2] for row in rows)))
    return table


def longest(console: Console, seconds: int, program: dict[str, bytes], frozen: Path | None) -> None:
    """The worst cycle of a longer run."""
    parts = take([_CYCLE], max(_CELLS), True, seconds * _CYCLES_A_SECOND, program, frozen).parts
    times = parts[_CYCLE]
    form = FROZEN if frozen else MPY
    typical, worst = (_ms(MARGIN * us) for us in (times.typical, times.worst))
    console.print(f"{form}, {seconds} s: typical cycle {typical} ms, worst {worst} ms, {MARGIN} x measured.")


def run(seconds: int = 0) -> None:
    """Measure and print; with --seconds, also look for the worst cycle for so long (virtual time)."""
    console = Console()
    found = image.find()
    if found is None:
        console.print(f"There is no MicroPython image for the emulated RP2040: {image.HOW_TO}")
        return
    program = firmware.files()
    forms: dict[str, Path | None] = {MPY: None}
    if frozen := image.frozen():
        forms[FROZEN] = frozen
    console.print(f"On the emulated RP2040, {found.name}:")
    by_form: dict[str, Figures] = {}
    for form, uf2 in forms.items():
        by_cells: dict[int, Figures] = {}
        for cells in _CELLS:
            parts = list(_PARTS if cells == max(_CELLS) else _BY_CELLS)
            by_cells[cells] = take(parts, cells, True, _CYCLES, program, uf2)
        by_form[form] = by_cells[max(_CELLS)]
        console.print(parts_table(by_form[form], form))
        console.print(cells_table(by_cells))
    console.print(turns.table(turns.take(), MARGIN))
    console.print(budget_table(by_form))
    for form, figures in by_form.items():
        console.print(
            f"{form}, after power-on: first bus transaction {figures.first_bus_s:.2f} s, "
            f"first complete cycle {figures.guarded_s:.2f} s, path closed {figures.closed_s:.2f} s."
        )
    if seconds:
        for uf2 in forms.values():
            longest(console, seconds, program, uf2)


if __name__ == "__main__":
    typer.run(run)
