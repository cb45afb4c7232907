"""Takes the firmware's time on the emulated chip: each part of the cycle by itself, boot, heap and stack.

On the chip runs tools/emulator/on_chip/measure.py, which raises a pin while a part works. When the bus was
busy is known here, transaction by transaction; what is left is computing.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bms.core import commission, params
from bms.services.storage import encode

from packwarden.emulated import firmware, flash
from packwarden.emulated.rig import Rig

_SCRIPT = firmware.ROOT / "tools" / "emulator" / "on_chip" / "measure.py"
_BARE, _GUARDED = 8, 23
_PINS = (12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 24, 25, 26, 27, 28, 2, 3, 7, 9)
_SETTLE_S = 1
_PATIENCE_S = 15
_RESTART_S = 40
_PAINT_S = 0.02  # before MicroPython starts
SHUNT_UOHM = 250


@dataclass(frozen=True)
class Times:
    """Of all runs of one part, in us."""

    typical: float
    worst: float
    bus: float  # typical; the rest is computing

    @property
    def computing(self) -> float:
        return self.typical - self.bus


@dataclass(frozen=True)
class Figures:
    """What one run on the emulated chip showed. A part that this firmware does not have is missing."""

    parts: dict[str, Times]
    first_bus_s: float  # from power-on to the first transaction
    guarded_s: (
        float  # to the end of the first complete cycle: all read, decided and commanded, path still open
    )
    closed_s: float  # to the path closed
    allocated: int  # bytes, in the fast half
    free: int
    free_asked: int  # with all loaded that only answers questions
    used: int
    free_restarted: int
    largest: int  # piece of that
    stack_boot: int  # bytes, deepest
    stack_running: int
    flash_used: int  # by the firmware's files; by the whole image where it is frozen in


def take(
    parts: list[str],
    cells: int,
    crc: bool,
    cycles: int,
    program: dict[str, bytes],
    frozen: Path | None = None,
) -> Figures:
    """Boot an LFP pack of so many cells and measure these parts, each for so many cycles.

    `frozen` is an image that has the firmware in it; then nothing of `program` is put on the chip.
    """
    given = {"chemistry": "lfp", "cell_count": cells, "capacity_mah": 100_000, "shunt_uohm": SHUNT_UOHM}
    spec = {
        "chemistry": "lfp",
        "cells": cells,
        "capacity_ah": 100.0,
        "soc": 0.6,
        "shunt_ohm": SHUNT_UOHM / 1e6,
    }
    pins = dict(zip(parts, _PINS, strict=False))
    task = {"settle_s": _SETTLE_S, "cycles": cycles, "parts": [[pin, part] for part, pin in pins.items()]}
    proven = commission.vouched(params.resolve(given))
    parameters = {"params.a": encode(1, given), "commission.a": encode(1, proven)}
    files = {**parameters, "measure.json": json.dumps(task).encode()}
    on_chip = firmware.frozen_run_by(_SCRIPT) if frozen else firmware.run_by(program, _SCRIPT)
    with Rig({**spec, "crc": crc}, files, program=on_chip, uf2=frozen) as rig:
        rig.bus.log = []
        rig.run(_PAINT_S)
        rig.emulator.paint_stack()
        rig.until(lambda: rig.world.chip.chg_on, _PATIENCE_S)
        closed_s = rig.now_us / 1e6
        stack_boot = rig.emulator.stack_used()
        rig.emulator.paint_stack()
        patience_s = _PATIENCE_S + len(parts) * cycles / 8
        rig.until(lambda: '"free"' in rig.printed and rig.printed.endswith("\n"), patience_s, 0.1)
        stack_running = rig.emulator.stack_used()
        rig.until(lambda: '"largest"' in rig.printed and rig.printed.endswith("\n"), _RESTART_S, 0.1)
        memory = _told(rig, '"free"') | _told(rig, '"largest"')
        pulses = _pulses(rig.edges)
        bare_us = min(end - start for start, end in pulses[_BARE])
        return Figures(
            {part: _times(pulses[pin], bare_us, rig.bus.log) for part, pin in pins.items() if pin in pulses},
            rig.bus.log[0][0] / 1e6,
            next(us for us, pin, level in rig.edges if pin == _GUARDED and level) / 1e6,
            closed_s,
            **memory,
            stack_boot=stack_boot,
            stack_running=stack_running,
            flash_used=flash.image_bytes(frozen.read_bytes())
            if frozen
            else flash.used_bytes(flash.with_files(flash.program(b""), {**program, **parameters})),
        )


def _told(rig: Rig, key: str) -> dict[str, int]:
    """The line of JSON with this key that the script has printed."""
    line = next(line for line in rig.printed.splitlines() if key in line)
    told: dict[str, int] = json.loads(line[line.index("{") :])
    return told


def _pulses(edges: list[tuple[float, int, int]]) -> dict[int, list[tuple[float, float]]]:
    """From edge up to edge down, by pin."""
    up: dict[int, float] = {}
    found: dict[int, list[tuple[float, float]]] = {}
    for us, pin, level in edges:
        if level:
            up[pin] = us
        elif pin in up:
            found.setdefault(pin, []).append((up.pop(pin), us))
    return found


def _times(pulses: list[tuple[float, float]], bare_us: float, bus: list[tuple[float, float]]) -> Times:
    lengths = [end - start - bare_us for start, end in pulses]
    on_bus = [
        sum(min(end, to) - max(start, at) for at, to in bus if at < end and to > start)
        for start, end in pulses
    ]
    return Times(median(lengths), max(lengths), median(on_bus))
