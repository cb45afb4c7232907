"""How fast the simulation runs here, and where the time goes: firmware, or chip, pack and world.

The speed is taken from a run without instruments; the split from a second, shorter one, in which every call
out of the firmware into the simulated world is timed.
"""

import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.table import Table

from packwarden import builder, cyclecost, packfile
from packwarden.session import Session
from packwarden.sim.board import MemoryFiles, VirtualBoard
from packwarden.sim.profile import LoadProfile
from packwarden.sim.replay import ReplayTrace
from packwarden.sim.world import World
from packwarden.tracefiles import current_of
from packwarden.traces import DRIVE_PROFILE

PLAIN, CRC, REPLAY = "driving", "driving, bus with CRC", "replay of a trace"
_SETTLE_US = 3_000_000
_PROFILE_CELL_AH = 5.0
_BUSY = 0.9
_C_RATE = 0.5  # peaks at 1 C: nothing trips
_REST_V, _OHM = 3.3, 0.0005


def session(kind: str) -> Session:
    """A 16S pack under way."""
    pack = packfile.DEFAULT
    given = builder.parameters(pack, "bench")
    world = World(packfile.world_spec(pack, given, seed=1) | {"crc": kind == CRC})
    files = MemoryFiles()
    builder.prepare_flash(files, pack, given)
    run = Session(world, VirtualBoard(world, files))
    run.advance(_SETTLE_US)
    t_s, current_a = current_of(DRIVE_PROFILE)
    scale = _C_RATE * pack.capacity_ah / _PROFILE_CELL_AH
    if kind == REPLAY:
        amps = [scale * each for each in current_a]
        volts = [_REST_V + _OHM * each for each in amps]
        world.replay = ReplayTrace(t_s, amps, volts, [25.0] * len(t_s), [0.5] * len(t_s))
    else:
        world.load_profile = LoadProfile(t_s, current_a, scale)
    return run


def measure(kind: str, simulated_s: float) -> dict[str, float]:
    """Simulated seconds per wall second, and microseconds of this machine per firmware cycle."""
    run = session(kind)
    cycles = run.parts.loop.cycles
    used_s = time.process_time()
    wall_s = _timed(run, simulated_s)
    used_s = time.process_time() - used_s
    cycles = run.parts.loop.cycles - cycles
    inside = session(kind)
    world_s = _instrument(inside)
    share = world_s(_timed(inside, simulated_s / 3))
    cycle_us = wall_s / cycles * 1e6
    return {
        "speed": simulated_s / wall_s,
        "cycle_us": cycle_us,
        "firmware_us": cycle_us * (1 - share),
        "world_us": cycle_us * share,
        "had": used_s / wall_s,
    }


def _timed(run: Session, simulated_s: float) -> float:
    start_s = time.perf_counter()
    run.advance(round(simulated_s * 1e6))
    return time.perf_counter() - start_s


def _instrument(run: Session) -> Callable[[float], float]:
    """Time all that the world does; returns a function from a run's wall time to the world's share of it."""
    spent_s = 0.0

    def timed(call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*arguments: Any) -> Any:
            nonlocal spent_s
            start_s = time.perf_counter()
            result = call(*arguments)
            spent_s += time.perf_counter() - start_s
            return result

        return wrapper

    for owner, name in (
        (run.world, "advance"),
        (run.world.bus, "readfrom_mem_into"),
        (run.world.bus, "writeto"),
    ):
        setattr(owner, name, timed(getattr(owner, name)))
    return lambda wall_s: spent_s / wall_s


def run(simulated_s: float = 900.0) -> None:
    """Measure and print the table."""
    table = Table(title=f"16S pack, {simulated_s:g} simulated seconds each, no console, one core")
    table.add_column("what")
    for column in ("simulated s per wall s", "us per firmware cycle", "firmware", "chip, pack, world"):
        table.add_column(column, justify="right")
    had = 1.0
    for kind in (PLAIN, CRC, REPLAY):
        result = measure(kind, simulated_s)
        had = min(had, result["had"])
        table.add_row(
            kind, *(f"{result[key]:.0f}" for key in ("speed", "cycle_us", "firmware_us", "world_us"))
        )
    console = Console()
    console.print(table)
    console.print(cyclecost.table())
    if had < _BUSY:
        console.print(
            f"The machine is busy: this had {had:.0%} of a core at worst, and would be faster alone."
        )
