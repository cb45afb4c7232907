"""How long each turn of the rota takes on the emulated chip at its longest: tools/emulator/turns.py.

The estimators share the slow half of the cycle with all else: none of them may take it for itself.
"""

import json
from dataclasses import dataclass

from bms.core import commission, params
from bms.services.storage import encode
from rich.table import Table

from packwarden.compiler import chip
from packwarden.emulated import firmware
from packwarden.emulated.rig import Rig

SCRIPT = firmware.ROOT / "tools" / "emulator" / "turns.py"
LIMIT_MS = 5.0
_CELLS = 16
_CAPACITY_MAH = 100_000
_SHUNT_UOHM = 250
_PATIENCE_S = 240
# In the order of firmware/bms/app/rota.py.
NAMES = (
    "the charge",
    "findings",
    "what is shown of it",
    "health",
    "which cells are bled",
    "bleeding: AFE told",
    "evidence and service",
)


@dataclass(frozen=True)
class Turn:
    """One of them, in us as measured, and what happened in its longest."""

    usual: float
    longest: float
    when: str


def take(chemistry: str = "lfp") -> list[Turn]:
    """Boot a pack of sixteen cells and let the story happen to it."""
    given = {
        "chemistry": chemistry,
        "cell_count": _CELLS,
        "capacity_mah": _CAPACITY_MAH,
        "shunt_uohm": _SHUNT_UOHM,
    }
    values = params.resolve(given)
    task = {"chemistry": chemistry, "capacity_mah": _CAPACITY_MAH, "tail_ma": values["full_ma"] * 4 // 5}
    spec = {
        "chemistry": chemistry,
        "cells": _CELLS,
        "capacity_ah": _CAPACITY_MAH / 1000,
        "soc": 0.6,
        "shunt_ohm": _SHUNT_UOHM / 1e6,
        "crc": True,
    }
    files = {
        "params.a": encode(1, given),
        "commission.a": encode(1, commission.vouched(values)),
        "turns.json": json.dumps(task).encode(),
    }
    program = chip.files(kept=chip.called(SCRIPT.read_text()))
    with Rig(spec, files, program=firmware.run_by(program, SCRIPT)) as rig:
        rig.until(lambda: "\n" in rig.printed.partition('"turns"')[2], _PATIENCE_S, 0.1)
        line = next(line for line in rig.printed.splitlines() if '"turns"' in line)
    told = json.loads(line[line.index("{") :])
    return [Turn(usual, *longest) for usual, longest in zip(told["usual"], told["turns"], strict=True)]


def table(turns: list[Turn], margin: float) -> Table:
    """The longest turn of each kind against its limit; a time is `margin` times what was measured."""
    table = Table(title=f"a turn of the rota, 16 cells: ms, {margin} x measured; each at most {LIMIT_MS:g}")
    for name in ("turn", "usual", "longest", "", "when"):
        table.add_column(name, justify="right" if name in ("usual", "longest") else "left")
    for name, turn in zip(NAMES, turns, strict=True):
        usual_ms, longest_ms = margin * turn.usual / 1000, margin * turn.longest / 1000
        holds = "holds" if longest_ms <= LIMIT_MS else "[bold red]OVER[/]"
        table.add_row(name, f"{usual_ms:.2f}", f"{longest_ms:.2f}", holds, turn.when)
    return table
