"""The commands that look at a pack, or put the firmware on its board: monitor, ports, log, plot, flash."""

from pathlib import Path
from typing import Annotated

import typer

from packwarden import output
from packwarden.pin import Option as PinOption
from packwarden.sentences import in_sentences

app = typer.Typer()

_SEEDS = 2**31
_Port = Annotated[
    str | None,
    typer.Option(
        "--port", "-p", help="a serial port, or tcp:PORT; without: the only board that is plugged in"
    ),
]


@app.command()
def monitor(
    source: Annotated[
        str | None,
        typer.Argument(
            help="a serial port, tcp:PORT, sim, or a recording; without: the board that is plugged in"
        ),
    ] = None,
    record: Annotated[Path | None, typer.Option(help="write a recording (JSONL)")] = None,
    pack: Annotated[Path | None, typer.Option(help="with sim: the pack (TOML)")] = None,
    scenario: Annotated[Path | None, typer.Option(help="with sim: what happens (TOML)")] = None,
    seed: Annotated[int, typer.Option(min=0, max=_SEEDS, help="with sim: which pack of its kind")] = 1,
    speed: Annotated[int, typer.Option(help="with sim or a recording: times real time (1, 10, 60, 600)")] = 1,
) -> None:
    """Watch a pack on a full screen: cells, charge, current, why it is not active, what to do."""
    with in_sentences():
        from packwarden import monitor as screen  # noqa: PLC0415 - it brings a screenful of libraries of its own

        raise typer.Exit(screen.show(source, record, pack, scenario, seed, speed))


@app.command()
def ports(
    ask: Annotated[bool, typer.Option(help="ask each board what runs there")] = True,
) -> None:
    """List serial ports, and say what each of them is."""
    with in_sentences():
        from packwarden import finder  # noqa: PLC0415

        output.attempt(lambda: finder.show(ask))


@app.command()
def log(
    out: Annotated[Path | None, typer.Option(help="file; .csv, .json or .parquet says the form")] = None,
    form: Annotated[str | None, typer.Option("--format", help="csv, json or parquet")] = None,
    count: Annotated[int, typer.Option(min=1, max=99_999, help="at most so many, the latest")] = 99_999,
    port: _Port = None,
) -> None:
    """Download what the pack has written down: every event of all boots, oldest first."""
    with in_sentences():
        from packwarden import logs  # noqa: PLC0415

        output.attempt(lambda: logs.run(port, out, form, count))


@app.command()
def scan(
    source: Annotated[
        str | None, typer.Argument(help="a serial port, or sim; without: the only board that is plugged in")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="also write all of it as one HTML file")] = None,
    reset: Annotated[str | None, typer.Option(help="first ask for one: soft, hard or relearn")] = None,
    pin: PinOption = None,
    pack: Annotated[Path | None, typer.Option(help="with sim: the pack (TOML)")] = None,
    state: Annotated[Path | None, typer.Option(help="with sim: a folder that is the chip's flash")] = None,
) -> None:
    """Look a pack over as a workshop would: codes with freeze frames, live data, diagnosis, report."""
    with in_sentences():
        from packwarden.scan import command  # noqa: PLC0415

        options = command.Options(source, report, reset, pin, pack, state)
        if not output.attempt(lambda: command.run(options)):
            raise typer.Exit(1)


@app.command()
def commission(
    source: Annotated[
        str | None, typer.Argument(help="a serial port, or sim; without: the only board that is plugged in")
    ] = None,
    pin: PinOption = None,
    save: Annotated[Path | None, typer.Option(help="write the summary to this file")] = None,
    pack: Annotated[Path | None, typer.Option(help="with sim: the pack (TOML)")] = None,
    state: Annotated[Path | None, typer.Option(help="with sim: a folder that is the chip's flash")] = None,
    wrong: Annotated[
        list[str] | None, typer.Option(help="with sim: what is wired wrong at first, as taps_swapped:2")
    ] = None,
) -> None:
    """Lead from a bare board to an armed pack: prove the wiring step by step, calibrate, keep a summary."""
    with in_sentences():
        from packwarden.commission import command  # noqa: PLC0415

        options = command.Options(source, pin, save, pack, state, tuple(wrong or ()))
        if not output.attempt(lambda: command.run(options)):
            raise typer.Exit(1)


@app.command()
def plot(
    file: Annotated[
        Path | None,
        typer.Argument(help="a recording, a CSV of `sim --record`, a log, or a freeze frame (JSON)"),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="PNG, SVG or PDF; without: a window")] = None,
    code: Annotated[
        str | None, typer.Option(help="instead of a file: the pack's freeze frame of this code")
    ] = None,
    port: _Port = None,
) -> None:
    """Draw voltage, current, charge with its uncertainty, limits and events."""
    with in_sentences():
        from packwarden import plots  # noqa: PLC0415 - matplotlib takes a second

        plots.run(file, code, port, out)


@app.command()
def flash(
    board: Annotated[str | None, typer.Option(help="a folder of boards/")] = None,
    port: _Port = None,
    parameters: Annotated[
        Path | None, typer.Option(help="also store these (a file of `packwarden config`)")
    ] = None,
    restart: Annotated[bool, typer.Option(help="start the firmware afterwards")] = True,
    image: Annotated[
        Path | None, typer.Option(help="MicroPython itself: a .uf2 or .bin you have downloaded")
    ] = None,
    drive: Annotated[
        Path | None, typer.Option(help="with a .uf2: where the board's drive is mounted")
    ] = None,
    pin: PinOption = None,
) -> None:
    """Put the firmware on a board; parameters, learned values and the journal stay."""
    with in_sentences():
        from packwarden.flash import command  # noqa: PLC0415

        output.attempt(lambda: command.run(board, port, parameters, restart, image, drive, pin))
