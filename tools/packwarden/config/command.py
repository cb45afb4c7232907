"""`packwarden config`: begin a file, judge it, put it into a pack, take it out, compare."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from bms.app import fronts
from bms.core import chemistry, params

from packwarden import builder, output, pin
from packwarden.config import form, lint
from packwarden.config.pack import Pack, RefusedError
from packwarden.errors import InputError
from packwarden.lifeline import Line
from packwarden.sentences import in_sentences, say

_FAILED = 1
_CELLS = params.index("cell_count")
_SHUNT = params.index("shunt_uohm")
_LEAST_AH, _MOST_AH = 0.5, 1000.0

app = typer.Typer(no_args_is_help=True, help="Parameters as a file: begin, judge, put into a pack, take out.")

_File = Annotated[Path, typer.Argument(help="the file (TOML)")]
_Port = Annotated[
    str | None, typer.Option("--port", "-p", help="a serial port; without: the only board plugged in")
]
_Sim = Annotated[bool, typer.Option("--sim", help="a simulated pack instead")]
_PackFile = Annotated[Path | None, typer.Option(help="with --sim: the pack (TOML)")]
_State = Annotated[Path | None, typer.Option(help="with --sim: a folder that is the chip's flash")]


@app.command()
def init(
    file: _File,
    kind: Annotated[str, typer.Option("--chemistry", help="nmc or lfp")],
    cells: Annotated[int, typer.Option(min=params.LOW[_CELLS], max=params.HIGH[_CELLS], help="in series")],
    capacity: Annotated[float, typer.Option(min=_LEAST_AH, max=_MOST_AH, help="Ah, when new")],
    shunt: Annotated[
        int | None, typer.Option(min=params.LOW[_SHUNT], max=params.HIGH[_SHUNT], help="microohm")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="write over a file that is there")] = False,
) -> None:
    """Write a file for a new pack, with every default in it."""
    with in_sentences():
        if kind not in chemistry.NAMES:
            raise InputError(f"--chemistry '{kind}' must be one of: {', '.join(chemistry.NAMES)}.")
        given: dict[str, Any] = {
            "chemistry": kind,
            "cell_count": cells,
            "capacity_mah": round(capacity * 1000),
        }
        proposed: dict[str, Any] = {}
        if shunt is None:
            proposed["shunt_uohm"] = builder.suitable_shunt(given, fronts.BQ76952)
        else:
            given["shunt_uohm"] = shunt
        _write(file, form.write(given, proposed), force)
        if shunt is None:
            say(f"{file}: now say in it which shunt is soldered in (shunt_uohm).")


@app.command()
def check(
    file: _File, afe: Annotated[str, typer.Option(help="; ".join(fronts.NAMES))] = fronts.BQ76952
) -> None:
    """Find everything that is wrong with a file, show what the AFE makes of it, and warn of what is odd."""
    with in_sentences():
        if afe not in fronts.NAMES:
            raise InputError(f"--afe '{afe}' must be one of: {', '.join(fronts.NAMES)}.")
        verdict = _sound(file, afe)
        output.attempt(lambda: print("\n".join(verdict.columns)))
        for warning in verdict.warnings(file.name):
            say(warning)


@app.command()
def push(
    file: _File,
    port: _Port = None,
    sim: _Sim = False,
    pack: _PackFile = None,
    state: _State = None,
    secret: pin.Option = None,
) -> None:
    """Make a file the pack's set of parameters: whole, or not at all."""
    with in_sentences():
        _sound(file)
        wanted = form.load(file).values
        with _opened("push", port, sim, pack, state, secret) as there, _refusals():
            changed = there.push(wanted)
        names = f"changed: {', '.join(changed)}" if changed else "nothing to change"
        say(f"{names}; the pack holds what {file.name} says.")


@app.command()
def pull(
    file: _File,
    port: _Port = None,
    sim: _Sim = False,
    pack: _PackFile = None,
    state: _State = None,
    force: Annotated[bool, typer.Option("--force", help="write over a file that is there")] = False,
) -> None:
    """Write what the pack was told into a file."""
    with in_sentences():
        with _opened("pull", port, sim, pack, state) as there, _refusals():
            given = there.given()
        unknown = [name for name in given if not params.known(name)]
        if unknown:
            say(f"left out, because this packwarden does not know them: {', '.join(unknown)}.")
        _write(file, form.write(given), force)


@app.command()
def diff(
    file: _File, port: _Port = None, sim: _Sim = False, pack: _PackFile = None, state: _State = None
) -> None:
    """Compare a file with the pack; exit status 1 if they differ."""
    with in_sentences():
        _sound(file)
        wanted = form.load(file).values
        with _opened("diff", port, sim, pack, state) as there, _refusals():
            given = there.given()
        names = form.differences(wanted, given)
        lines = [
            f"{name}: {form.said(wanted, name)} in the file, {form.said(given, name)} in the pack"
            for name in names
        ]
        if lines:
            output.attempt(lambda: print("\n".join(lines)))
            raise typer.Exit(_FAILED)


def _sound(file: Path, afe: str | None = None) -> lint.Verdict:
    """The verdict on a file; InputError with every error in it. `afe` None: a pack will judge by its own."""
    verdict = lint.judge(form.load(file), afe)
    if verdict.errors:
        raise InputError("\n".join(verdict.lines(file.name)))
    return verdict


def _write(file: Path, text: str, force: bool) -> None:
    try:
        with file.open("w" if force else "x", encoding="utf-8") as target:
            target.write(text)
    except FileExistsError:
        raise InputError(f"{file} is there already; --force writes over it.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise InputError(f"{file} cannot be written: {reason}.") from None


@contextmanager
def _opened(
    command: str,
    port: str | None,
    sim: bool,
    pack: Path | None,
    state: Path | None,
    secret: str | None = None,
) -> Generator[Pack]:
    """The pack that the options name."""
    connect, finger = _simulated(pack, state) if sim else _real(command, port, pack or state)
    there = Pack(connect, finger, secret)
    try:
        yield there
    finally:
        there.close()


def _simulated(pack: Path | None, state: Path | None) -> tuple[Callable[[], Line], Callable[[], None]]:
    """A pack in this process, with somebody in front of it who presses its button."""
    from packwarden.ports import simulated  # noqa: PLC0415 - it brings the simulator

    line = simulated(pack, state)
    return lambda: line, lambda: line.session.world.press(3.0)


def _real(
    command: str, port: str | None, misplaced: Path | None
) -> tuple[Callable[[], Line], Callable[[], None]]:
    from packwarden import finder  # noqa: PLC0415
    from packwarden.ports import SerialPort  # noqa: PLC0415

    if misplaced:
        raise InputError("--pack and --state are for --sim: a real pack has its own.")
    name = finder.the_port(port, f"config {command}")
    return lambda: SerialPort(name), lambda: say("hold the button on the pack down until this goes on.")


@contextmanager
def _refusals() -> Generator[None]:
    """What the pack refuses ends with its reasons, a line each, and exit status 1."""
    try:
        yield
    except RefusedError as error:
        for reason in error.reasons:
            say(f"the pack refuses: {reason}.")
        raise typer.Exit(_FAILED) from None
