"""The `packwarden` command: what can be asked of it, and how it answers what it cannot do."""

import math
import sys
from pathlib import Path
from typing import Annotated

import typer

from packwarden import inspection, output
from packwarden.config import command as config
from packwarden.errors import InputError
from packwarden.sentences import in_sentences as _in_sentences
from packwarden.sentences import say as _say
from packwarden.simulate import Options, Simulation

FAILED = 1
_FASTEST = 10_000.0
_SLOWEST = 0.01
_LONGEST_S = 1e9
_SEEDS = 2**31

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Battery packs on the bench and off it: simulate the firmware, watch it, measure it.",
)
app.add_typer(inspection.app)
app.add_typer(config.app, name="config")


@app.command()
def sim(  # noqa: PLR0913, PLR0917 - one for each option
    board: Annotated[str, typer.Option(help="which board the firmware runs on")] = "sim",
    pack: Annotated[
        Path | None, typer.Option(help="the pack (TOML); without: 16 LFP cells of 100 Ah")
    ] = None,
    scenario: Annotated[
        Path | None, typer.Option(help="what happens, and what must come of it (TOML)")
    ] = None,
    replay: Annotated[Path | None, typer.Option(help="a recorded cell (CSV, CSV.GZ)")] = None,
    speed: Annotated[str | None, typer.Option(help="times real time, or 'max'")] = None,
    duration: Annotated[float | None, typer.Option(help="simulated seconds")] = None,
    console: Annotated[str | None, typer.Option(help="stdio, pty, tcp:PORT or none")] = None,
    record: Annotated[Path | None, typer.Option(help="write a row a second (CSV)")] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=_SEEDS, help="which pack of its kind: spread and noise")
    ] = 1,
    state: Annotated[Path | None, typer.Option(help="a folder that is the chip's flash")] = None,
    bare: Annotated[bool, typer.Option("--bare", help="a new board, which nobody has commissioned")] = False,
) -> None:
    """Run the production firmware against a simulated chip, pack and world."""
    with _in_sentences():
        chosen = console or ("none" if scenario or replay else "stdio")
        simulation = Simulation(
            Options(
                board,
                pack,
                scenario,
                replay,
                _speed(speed, chosen),
                _duration(duration),
                chosen,
                record,
                seed,
                state,
                bare,
            )
        )
        failures = simulation.run()
    for note in simulation.notes:
        _say(note)
    for failure in failures:
        _say(f"expectation failed: {failure}")
    if simulation.expectations:
        _say(f"{simulation.expectations - len(failures)} of {simulation.expectations} expectations met.")
    if failures:
        raise typer.Exit(FAILED)


@app.command()
def bench() -> None:
    """Measure how fast the simulation runs on this machine."""
    with _in_sentences():
        from packwarden.bench import run  # noqa: PLC0415 - only this prints tables

        output.attempt(run)


@app.command()
def faults(
    seed: Annotated[int, typer.Option(min=0, max=_SEEDS, help="draws moments, sizes and sensor errors")] = 1,
    runs: Annotated[int, typer.Option(min=1, max=1000, help="how often each combination")] = 1,
    part: Annotated[str, typer.Option("--slice", help="all, or ci: a fixed part in half a minute")] = "all",
    jobs: Annotated[int | None, typer.Option(min=1, max=256, help="processes; without: one a core")] = None,
    only: Annotated[str | None, typer.Option(help="one run, by the key that a failure prints")] = None,
) -> None:
    """Break everything in every situation, and judge by physics what the firmware makes of it."""
    with _in_sentences():
        from packwarden.campaign import command  # noqa: PLC0415 - only this prints tables

        def judge() -> bool:
            return command.replay(only, seed) if only else command.campaign(seed, runs, part, jobs)

        if output.attempt(judge) is False:
            raise typer.Exit(FAILED)


@app.command()
def cuts(
    steps: Annotated[int, typer.Option(min=1, max=1_000_000, help="of each workload")] = 4000,
    years: Annotated[int, typer.Option(min=1, max=100, help="of writing as much as is allowed")] = 10,
) -> None:
    """Cut the power at every write, see what each boot finds, and wear the flash out by years of writing."""
    with _in_sentences():
        from packwarden.cuts import run  # noqa: PLC0415 - only this prints tables

        if output.attempt(lambda: run(steps, years)) is False:
            raise typer.Exit(FAILED)


@app.command()
def demo() -> None:
    """Boot the firmware on a simulated pack, with a live console."""
    with _in_sentences():
        from packwarden.demo import run  # noqa: PLC0415 - it brings a screenful of libraries of its own

        raise typer.Exit(run())


_Source = Annotated[
    str | None,
    typer.Argument(
        help="a serial port, tcp:PORT, or sim and options of `packwarden sim`; without: the only board"
    ),
]
_Port = Annotated[str | None, typer.Option("--port", "-p", hidden=True)]  # as other commands call a source
_Host = Annotated[str, typer.Option(help="who may reach it; 0.0.0.0: anybody who has the key")]
_Listen = Annotated[int, typer.Option(min=0, max=65535, help="TCP port that it listens on; 0: any free one")]
_OPTIONS_OF_SIM = {"allow_extra_args": True, "ignore_unknown_options": True}


@app.command(context_settings=_OPTIONS_OF_SIM)
def page(
    context: typer.Context,
    source: _Source = None,
    host: _Host = "127.0.0.1",
    listen: _Listen = 8765,
    show: Annotated[bool, typer.Option("--show", help="open it in the browser")] = False,
    port: _Port = None,
) -> None:
    """Show a pack in the browser: a board, or a simulation that is started for it."""
    _serve(source or port, host, listen, context.args, pages=True, show=show)


@app.command(context_settings=_OPTIONS_OF_SIM)
def bridge(
    context: typer.Context,
    source: _Source = None,
    host: _Host = "127.0.0.1",
    listen: _Listen = 8765,
    port: _Port = None,
) -> None:
    """Make a pack's console a WebSocket, for a page that is elsewhere."""
    _serve(source or port, host, listen, context.args, pages=False)


def _serve(
    source: str | None, host: str, listen: int, story: list[str], pages: bool, show: bool = False
) -> None:
    with _in_sentences():
        from packwarden import page as served  # noqa: PLC0415 - only this talks to browsers

        status = served.run(served.Where(source, host, listen, pages, show, story))
    if status:
        raise typer.Exit(status)


def _speed(text: str | None, console: str) -> float | None:
    """Times real time; None as fast as it goes, which is the default where nobody sits in front of it."""
    if text is None:
        return 1.0 if _interactive(console) else None
    if text == "max":
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not _SLOWEST <= value <= _FASTEST:
        raise InputError(f"--speed {text} must be a number from {_SLOWEST:g} to {_FASTEST:g}, or max.")
    return value


def _interactive(console: str) -> bool:
    return console not in ("none", "stdio") or (
        console == "stdio" and sys.stdin is not None and sys.stdin.isatty()
    )


def _duration(value: float | None) -> float | None:
    if value is not None and not 0.0 < value <= _LONGEST_S:
        raise InputError(
            f"--duration {value:g} must be simulated seconds, above 0 and at most {_LONGEST_S:g}."
        )
    return value
