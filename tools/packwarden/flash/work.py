"""The way from a port to a board that runs the firmware, step by step; each step says what it does.

Nothing is written before the path is open, the chip is the right one and everything fits. `main.py` goes
first and comes last, so that a copy that breaks off leaves a prompt and never half a firmware.
"""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import bms
from bms.app.settings import MIGRATIONS
from bms.services.storage import Record

from packwarden import boards
from packwarden.client import PATIENCE_S, LinkError, RefusalError, talk
from packwarden.errors import InputError
from packwarden.flash import fitting, opening
from packwarden.flash import plan as plans
from packwarden.flash.chip import Chip
from packwarden.flash.parameters import load as load_parameters
from packwarden.flash.program import compiled, controller_of, mcu_of
from packwarden.ports import SerialPort
from packwarden.sim.assembly import DEFAULT_AFE
from packwarden.sim.board import MemoryFiles

_BACK_S = 40.0  # from the restart to the first answer; an ESP32 starts slowly
_LOOK_S = 0.5
_HOLD = (
    "If its firmware guards a pack, only its owner stops it. Take load and charger off, and repeat the "
    "command with the PIN (--pin), or where none is set press its button when you are told to. If it does "
    "not listen: cut the board's power, hold its button while you restore the power, and repeat the command "
    "within 10 s, still holding."
)

_NOBODY = (
    "only a watchdog beside it opens it now: this front end has none of its own. Take load and charger off."
)


class Progress(Protocol):
    """Where the work is shown."""

    def say(self, sentence: str) -> None: ...

    def begin(self, size: int) -> None: ...

    def at(self, path: str, done: int) -> None: ...


@dataclass(frozen=True)
class Job:
    """What the command line asks for."""

    board: str
    port: str
    parameters: Path | None = None
    restart: bool = True
    secret: str | None = None  # the PIN of the pack


def run(job: Job, progress: Progress) -> None:
    """All of it; InputError with what to do where it cannot be."""
    mcu = mcu_of(job.board)
    given = load_parameters(job.parameters, boards.load(job.board).afe) if job.parameters else None
    progress.say(f"Compiling firmware {bms.__version__} for {job.board} ({mcu}).")
    wanted = compiled(job.board, mcu)
    opening.open_path(job.port, job.secret, progress.say)
    with _chip(job.port) as chip:
        _stop(chip, boards.load(job.board).afe, progress)
        fitting.check(what := chip.what(), job.board, mcu, wanted, controller_of(job.board))
        progress.say(f"MicroPython {what.release} on {what.platform}.")
        held = chip.files()
        plan = plans.make(wanted, held)
        plans.check_room(plan, held, what.block, what.free_blocks)
        _copy(chip, plan, wanted, progress)
        if given is not None:
            _write_parameters(chip, given, progress)
        if job.restart:
            chip.restart()
    if job.restart:
        _greet(job.port, progress)
    else:
        progress.say("Not restarted: nothing guards the pack until the board is.")


def _stop(chip: Chip, afe: str, progress: Progress) -> None:
    """Get to the prompt, and make sure of the path."""
    if not chip.enter():
        raise InputError(
            f"No MicroPython prompt at {chip.port}. {_HOLD} If no firmware runs there: is it the right port "
            "(`packwarden ports`), and is MicroPython on the board (`packwarden flash --image`)?"
        )
    fets = chip.fets()
    if fets not in ("0", "unknown", "starting", "none", "prompt"):
        raise InputError(
            f"The firmware has stopped, but the front end still reports closed FETs ({fets}). Nothing was "
            "changed: cut the board's power and restore it, and look at `faults`."
        )
    if fets == "0":
        progress.say("The firmware has stopped, and the front end confirms that the path is open.")
    elif fets == "prompt":
        progress.say("The firmware does not run: it has opened the path and given way.")
    elif fets == "unknown":
        progress.say(
            "The firmware has stopped. No front end confirms that the path is open: it does not answer."
        )
    elif fets == "starting":
        progress.say(
            "The firmware was stopped as it started. Unless the path was open already, "
            + ("the front end's own watchdog opens it within 10 s." if afe == DEFAULT_AFE else _NOBODY)
        )
    chip.renew()


def _copy(chip: Chip, plan: plans.Plan, wanted: dict[str, bytes], progress: Progress) -> None:
    if not plan.write and not plan.remove:
        progress.say(f"All {plan.same} files are there already.")
        return
    for path in plan.remove:
        chip.remove(path)
    progress.say(
        f"Copying {len(plan.write)} files, {plan.size // 1024 + 1} KiB; {plan.same} are there already."
    )
    progress.begin(plan.size)
    before = 0
    for path, content in plan.write.items():
        if path == plans.MAIN:
            _verify(chip, {name: wanted[name] for name in wanted if name != plans.MAIN})

        def done(count: int, path: str = path, before: int = before) -> None:
            progress.at(path, before + count)

        chip.write(path, content, done)
        before += len(content)
    _verify(chip, wanted)
    progress.say(f"All {len(wanted)} files are verified by their SHA-256.")


def _verify(chip: Chip, wanted: dict[str, bytes]) -> None:
    held = chip.files()
    wrong = [
        path
        for path, content in wanted.items()
        if path not in held or held[path].digest != plans.digest(content)
    ]
    if wrong:
        if plans.MAIN in held:
            chip.remove(plans.MAIN)
        raise InputError(
            f"{len(wrong)} files did not arrive as they were sent, {wrong[0]} among them. The board does not "
            "start the firmware like this. Repeat the command; if it happens again, its flash is worn."
        )


def _write_parameters(chip: Chip, given: dict[str, Any], progress: Progress) -> None:
    """Store them as `save` would: a set that is in force stays until the new one has proved itself."""
    held = chip.files()
    names = [f"{record}.{copy}" for record in ("params", "trial") for copy in "ab"]
    before = {name: chip.read(name) for name in names if name in held}
    files = MemoryFiles(dict(before))
    stored = Record(files, "params", MIGRATIONS)
    if stored.load() is None:
        stored.save(given)
    else:
        trial = Record(files, "trial")
        trial.load()
        trial.save({"given": given, "begun": False})
    for name, content in files.files.items():
        if content != before.get(name):
            chip.write(name, content, lambda _: None)
    progress.say(f"{len(given)} parameters are stored.")


def _greet(port: str, progress: Progress) -> None:
    """Wait for the firmware, and say how it is."""
    progress.say("Restarting.")
    until_s = time.monotonic() + _BACK_S
    while time.monotonic() < until_s:
        try:
            with talk(SerialPort(port), PATIENCE_S) as client:
                version, status = client.call("version"), client.call("status")
        except (LinkError, RefusalError):
            time.sleep(_LOOK_S)
            continue
        if version.get("firmware") != bms.__version__:
            raise InputError(
                f"The board answers as firmware {version.get('firmware')}, not {bms.__version__}: flash it "
                "again."
            )
        progress.say(
            f"Firmware {bms.__version__} runs as {version.get('board')}. {status['mode']}: {status['why']}"
        )
        return
    raise InputError(
        f"The board was flashed and restarted, but nothing answered at {port} within {_BACK_S:g} s. "
        "`packwarden ports` tells whether the port has another name now, or shows a prompt: then the "
        "firmware could not start, and Ctrl-D in `mpremote repl` shows why."
    )


@contextmanager
def _chip(port: str, make: Callable[[str], Chip] = Chip) -> Generator[Chip]:
    chip = make(port)
    try:
        yield chip
    finally:
        chip.close()
