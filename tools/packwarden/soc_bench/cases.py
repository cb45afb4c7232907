"""Which traces there are, what cell each one shows, and what the firmware is told about it.

The traces lie beside the project, not in it (their licences differ): `../shared/data`, or where the
environment's PACKWARDEN_DATA says.
"""

import json
import os
from dataclasses import dataclass
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
_HELD = ("cc", "hppc", "ocv")  # their current is held after its sample (the data's own README)
_LONG_S = 5.0  # samples further apart than this hold their current too: means of bins


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
        cell, what = stem.split("_")[:2]
        meta = json.loads((path.parent / f"{stem}.meta.json").read_text())
        group, chemistry = SIMULATED[cell]
        found.append(Case(stem, group, chemistry, meta["Q_true_Ah"], str(path), what in _HELD))
    for path in sorted((data / "measured").glob("*/*.csv.gz")):
        if path.parent.name in MEASURED:
            group, chemistry, capacity_ah = MEASURED[path.parent.name]
            name = f"{path.parent.name.split('_')[0]}_{path.name.split('.')[0]}"
            found.append(Case(name, group, chemistry, capacity_ah, str(path), False))
    order = [*dict.fromkeys(group for group, _ in SIMULATED.values())]
    order += [*dict.fromkeys(group for group, _, _ in MEASURED.values())]
    return sorted(found, key=lambda each: (order.index(each.group), each.name))
