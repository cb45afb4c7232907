"""Which traces there are, what cell each one shows, and what the firmware is told about it.

The traces lie beside the project, not in it (their licences differ): `../shared/data`, or where the
environment's PACKWARDEN_DATA says. A folder of a cell that is not known here is judged, too, if its name
tells the chemistry and its traces have a reference charge: what flowed over how that changed is the capacity
that it goes by.
"""

import gzip
import json
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from packwarden.traces import Trace, load_trace

BESIDE = Path(__file__).resolve().parents[4] / "shared" / "data"
VARIABLE = "PACKWARDEN_DATA"

# Folder of measured cells: (group, preset, capacity in Ah that the reference charge of its traces goes by).
MEASURED = {
    "aboutenergy_lfp_18650": ("measured LFP", "lfp", 2.0744),
    "aboutenergy_nmc111_pouch": ("measured NMC", "nmc", 13.0974),
    "lg_18650hg2_nmc": ("measured NMC", "nmc", 2.875),
    "panasonic_18650pf_nca": ("measured NCA", "nmc", 2.833),
    "shi_lfp_1p2ah": ("measured LFP", "lfp", 1.1685),
}
# Beginning of the names of simulated traces: (group, preset).
SIMULATED = {
    "nmc": ("simulated NMC", "nmc"),
    "ael": ("simulated LFP", "lfp"),
    "aelh": ("simulated LFP, hysteresis", "lfp"),
}
# What a folder's name may hold, if the cell is none of those: (group, preset).
_TELLING = {
    "lfp": ("measured LFP", "lfp"),
    "nmc": ("measured NMC", "nmc"),
    "nca": ("measured NCA", "nmc"),
}
_TOLD_APART = 0.3  # a change of charge from which a capacity follows
_HELD = ("cc", "hppc", "ocv")  # their current is held after its sample (the data's own README)


@dataclass(frozen=True)
class Case:
    """One trace, and what is known about its cell."""

    name: str
    group: str
    chemistry: str
    capacity_ah: float
    path: str
    held: bool

    def load(self) -> Trace:
        """Read it."""
        return load_trace(self.path)

    @cached_property
    def span_s(self) -> float:
        """How long it lasts: its first and last lines say."""
        with gzip.open(self.path, "rt") as file:
            next(file)
            first = last = next(file)
            for line in file:
                last = line
        return float(last.split(",")[0]) - float(first.split(",")[0])


def folder(given: str | None = None) -> Path | None:
    """Where the traces are, or None."""
    for each in (given, os.environ.get(VARIABLE), BESIDE):
        if each and Path(each).is_dir():
            return Path(each)
    return None


def find(data: Path) -> list[Case]:
    """All traces in a data folder whose cell is known, in the order of the table."""
    found: list[Case] = []
    for path in sorted((data / "simulated").glob("*.csv.gz")):
        stem = path.name.split(".", maxsplit=1)[0]
        cell, _, what = stem.partition("_")
        if cell in SIMULATED:
            meta = json.loads((path.parent / f"{stem}.meta.json").read_text())
            group, chemistry = SIMULATED[cell]
            held = what.split("_")[0] in _HELD
            found.append(Case(stem, group, chemistry, meta["Q_true_Ah"], str(path), held))
    cells: dict[Path, tuple[str, str, float] | None] = {}
    for path in sorted((data / "measured").glob("*/*.csv.gz")):
        if path.parent not in cells:
            cells[path.parent] = MEASURED.get(path.parent.name) or _guessed(path.parent)
        if known := cells[path.parent]:
            group, chemistry, capacity_ah = known
            name = f"{path.parent.name.split('_')[0]}_{path.name.split('.')[0]}"
            found.append(Case(name, group, chemistry, capacity_ah, str(path), False))
    order = [*dict.fromkeys(group for group, _ in SIMULATED.values())]
    order += [*dict.fromkeys(group for group, _, _ in MEASURED.values())]
    return sorted(found, key=lambda each: (order.index(each.group), each.name))


def unknown(data: Path, found: list[Case]) -> list[str]:
    """Traces in that folder of which nothing is known, so that they are not judged."""
    judged = {each.path for each in found}
    return [path.name for path in sorted(data.glob("*ed/**/*.csv.gz")) if str(path) not in judged]


def _guessed(folder: Path) -> tuple[str, str, float] | None:
    """(group, preset, capacity) by the name of the folder and by the reference charge of its traces."""
    told = [known for part, known in _TELLING.items() if part in folder.name.lower()]
    if len(told) != 1:
        return None
    for path in sorted(folder.glob("*.csv.gz")):
        if capacity_ah := _referred_to(load_trace(path)):
            return *told[0], capacity_ah
    return None


def _referred_to(trace: Trace) -> float | None:
    """The capacity by which current and reference charge agree from the fullest to the emptiest moment."""
    if not trace.soc:
        return None
    ends = (trace.soc.index(min(trace.soc)), trace.soc.index(max(trace.soc)))
    change = trace.soc[max(ends)] - trace.soc[min(ends)]
    if abs(change) < _TOLD_APART:
        return None
    t_s, amps = trace.t_s, trace.current_a
    passed = sum((amps[k] + amps[k + 1]) / 2 * (t_s[k + 1] - t_s[k]) for k in range(min(ends), max(ends)))
    return passed / 3600 / change
