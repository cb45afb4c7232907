"""`packwarden commission`, put together: a pack on a line, somebody in front of it, and what is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from packwarden import builder, finder, packfile, ports
from packwarden.commission.people import AtTerminal, Person, Simulated
from packwarden.commission.wizard import Wizard
from packwarden.errors import InputError
from packwarden.lifeline import Line
from packwarden.ports import SerialPort
from packwarden.sim import mistakes

SIMULATED = "sim"
_TOLD = ("chemistry", "cell_count", "capacity_mah", "shunt_uohm", "thermistors", "fet_thermistor")


@dataclass(frozen=True)
class Options:
    """The command line."""

    source: str | None = None
    pin: str | None = None
    save: Path | None = None
    pack: Path | None = None
    state: Path | None = None
    wrong: tuple[str, ...] = ()


def run(options: Options) -> bool:
    """Lead through it; True if the pack is commissioned at the end."""
    console = Console(highlight=False)
    connect, person = _parties(options, console)
    wizard = Wizard(connect, person, console, options.pin)
    try:
        done = wizard.run()
        lines = wizard.summary()
    finally:
        wizard.close()
    console.print()
    console.print("\n".join(lines), markup=False)
    if options.save is not None:
        _write(options.save, lines)
        console.print(f"This is in {options.save}.", markup=False)
    return done


def _parties(options: Options, console: Console) -> tuple[Callable[[], Line], Person]:
    if options.source == SIMULATED:
        return _simulated(options)
    if options.pack is not None or options.state is not None or options.wrong:
        raise InputError(
            "--pack, --state and --wrong belong to the simulation: `packwarden commission sim --pack FILE`."
        )
    name = finder.the_port(options.source, "commission")
    return lambda: SerialPort(name), AtTerminal(console)


def _simulated(options: Options) -> tuple[Callable[[], Line], Person]:
    """A new board on a pack, and somebody simulated who has wired it."""
    line = ports.simulated(options.pack, options.state, bare=True)
    fitted = packfile.load(options.pack)
    given = builder.parameters(fitted, options.pack.name if options.pack else "the default pack")
    told: dict[str, Any] = {
        name: value for name, value in given.items() if name in {*_TOLD, *fitted.parameters}
    }
    wrong = [_mistake(text) for text in options.wrong]
    try:
        person = Simulated(line, told, wrong)
    except (ValueError, IndexError) as error:
        raise InputError(f"--wrong: {error}.") from None
    return lambda: line, person


def _mistake(text: str) -> tuple[str, int]:
    kind, _, number = text.partition(":")
    if kind not in mistakes.KINDS or (number and not number.isdecimal()):
        known = ", ".join(sorted(mistakes.KINDS))
        raise InputError(f"--wrong {text} must be one of {known}, with a cell, tap or sensor after a colon.")
    return kind, int(number or 1)


def _write(file: Path, lines: list[str]) -> None:
    try:
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror}.") from None
