"""The outcome as a table, fault kinds down and situations across, and how each failure is had again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from packwarden.campaign.kinds import KINDS
from packwarden.campaign.run import Result
from packwarden.campaign.situations import SITUATIONS

_MOST_SHOWN = 40
_NARROWEST = 150  # a log has no width of its own


@dataclass
class _Field:
    """One field of the table."""

    runs: int = 0
    passed: int = 0
    slowest_s: float | None = None

    def add(self, result: Result) -> None:
        self.runs += 1
        self.passed += not result.findings
        if result.reaction_s is not None:
            self.slowest_s = max(self.slowest_s or 0.0, result.reaction_s)

    def __str__(self) -> str:
        if not self.runs:
            return ""
        count = f"{self.passed}/{self.runs}"
        count = count if self.passed == self.runs else f"[red]{count}[/red]"
        return count if self.slowest_s is None else f"{count}\n{duration(self.slowest_s)}"


def duration(seconds: float) -> str:
    """As short as it can be said."""
    for unit, factor in (("us", 1e6), ("ms", 1e3)):
        if seconds * factor < 999.5:
            return f"{seconds * factor:.0f} {unit}"
    return f"{seconds:.1f} s"


def show(results: Sequence[Result], seed: int) -> None:
    """Both tables and all failures."""
    console = Console()
    console.width = max(console.width, _NARROWEST)
    for dead, title in ((False, "a fault in every situation"), (True, "the same, firmware stopped dead")):
        chosen = [result for result in results if result.key.dead == dead]
        if chosen:
            console.print(_table(chosen, f"{title}: passed/runs, slowest reaction"))
    failed = sorted((result for result in results if result.findings), key=lambda result: result.key)
    for result in failed[:_MOST_SHOWN]:
        console.print(f"\n[red]failed[/red] {result.key}: {escape(result.story)}", soft_wrap=True)
        for finding in result.findings:
            console.print(f"  {escape(finding)}", soft_wrap=True)
        console.print(f"  again: packwarden faults --seed {seed} --only {result.key}", soft_wrap=True)
    if len(failed) > _MOST_SHOWN:
        console.print(f"\nand {len(failed) - _MOST_SHOWN} more")


def _table(results: Iterable[Result], title: str) -> Table:
    fields: dict[tuple[str, str], _Field] = {}
    for result in results:
        key = result.key
        fields.setdefault((key.kind, key.situation), _Field()).add(result)
    table = Table(title=title, padding=(0, 0), collapse_padding=True)
    table.add_column("fault", no_wrap=True)
    for situation in SITUATIONS.values():
        table.add_column(situation.column, justify="right", no_wrap=True)
    for kind in KINDS:
        row = [str(fields.get((kind, situation), "")) for situation in SITUATIONS]
        if any(row):
            table.add_row(kind, *row, end_section=True)
    return table
