"""What a protection cycle costs, where there is no chip to time it on: bus time, and operations executed.

The bus time is exact: nine clocks a byte at 400 kHz. Operations are CPython's bytecodes, counted by tracing;
they stand for work done, not for time, and are the same on every machine. What a cycle takes on an RP2040 is
measured on the emulated one (`packwarden.emulated.bench`).
"""

import sys
from types import FrameType
from typing import Any

from rich.table import Table

from packwarden import builder, packfile
from packwarden.session import Session
from packwarden.sim.board import MemoryFiles, VirtualBoard
from packwarden.sim.world import World

CELLS = (4, 8, 16)
CYCLES = 300
_CYCLE_MS = 100
_SETTLE_US = 5_000_000
_DRIVERS = ("bms.drivers.", "bms.app.keeper", "bms.app.readings")


class Tracer:
    """Counts the bytecodes of the firmware: those that fetch and decode, and those that decide."""

    def __init__(self) -> None:
        self.fetch = 0
        self.decide = 0

    def __call__(self, frame: FrameType, event: str, _argument: Any) -> "Tracer | None":
        name = frame.f_globals.get("__name__", "")
        if event == "call":
            if not name.startswith("bms."):
                return None
            frame.f_trace_opcodes = True
            frame.f_trace_lines = False
        elif event == "opcode":
            if name.startswith(_DRIVERS):
                self.fetch += 1
            else:
                self.decide += 1
        return self


def session(cells: int) -> Session:
    """A healthy pack of so many cells under load, everything active."""
    pack = packfile.DEFAULT.model_copy(update={"cells": cells})
    given = builder.parameters(pack, "bench")
    world = World(packfile.world_spec(pack, given, seed=1) | {"crc": True})
    files = MemoryFiles()
    builder.prepare_flash(files, pack, given)
    run = Session(world, VirtualBoard(world, files))
    run.advance(_SETTLE_US)
    world.load_a = pack.capacity_ah / 4
    run.advance(_SETTLE_US)
    return run


def measure(cells: int, cycles: int = CYCLES) -> dict[str, int]:
    """Of many cycles: bus microseconds, and bytecodes to fetch and to decide; the median and the worst."""
    run = session(cells)
    loop, clock = run.parts.loop, run.world.clock
    protect = loop._protect  # noqa: SLF001 - the very part that is measured
    rows: list[tuple[int, int, int]] = []

    def traced(now: int, elapsed: int) -> None:
        tracer = Tracer()
        start_us = clock.now_us
        before = sys.gettrace()
        sys.settrace(tracer)
        try:
            protect(now, elapsed)
        finally:
            sys.settrace(before)
        rows.append((clock.now_us - start_us, tracer.fetch, tracer.decide))

    loop._protect = traced  # noqa: SLF001
    run.advance(cycles * _CYCLE_MS * 1000)
    rows.sort(key=lambda row: row[1] + row[2])
    bus_us, fetch, decide = rows[len(rows) // 2]
    return {"bus_us": bus_us, "fetch": fetch, "decide": decide, "worst": rows[-1][1] + rows[-1][2]}


def table() -> Table:
    """The cost for 4, 8 and 16 cells."""
    made = Table(title=f"one protection cycle, bus with CRC at 400 kHz, {CYCLES} cycles each")
    made.add_column("cells")
    for column in ("bus, ms", "operations: fetch", "decide", "worst of both"):
        made.add_column(column, justify="right")
    for cells in CELLS:
        found = measure(cells)
        made.add_row(
            str(cells),
            f"{found['bus_us'] / 1000:.2f}",
            *(str(found[key]) for key in ("fetch", "decide", "worst")),
        )
    return made
