"""What `packwarden scan` does to a pack: resets and the learning cycle, with the PIN where one is asked for.

The pack judges, never this command: what it refuses is told in its own words, and nothing is tried twice.
"""

import sys
from typing import Any, cast

import typer
from rich.console import Console

from packwarden import pin
from packwarden.client import Client, RefusalError
from packwarden.errors import InputError
from packwarden.ports import SerialPort, SimulatedPort

RESETS = ("soft", "hard", "relearn")
_STARTING = ("boot", "selftest", "standby")
_PATIENCE_S = 20.0  # a hard reset looks for the zero of the current for ten seconds
_LOOK_S = 0.5


def check(level: str | None) -> None:
    """InputError for a level that is none of those that can be asked for from afar."""
    if level == "factory":
        raise InputError(
            "A factory reset forgets what the pack is: type `reset factory ERASE` at its own console."
        )
    if level is not None and level not in RESETS:
        raise InputError(f"--reset is one of {', '.join(RESETS)}, not '{level}'.")


def reset(
    client: Client, port: SerialPort | SimulatedPort, level: str, given: str | None, console: Console
) -> bool:
    """Ask for it, unlocked if it is more than a soft one, and wait until the pack is back; was it done?"""
    try:
        if level != "soft":
            _unlock(client, given)
        answer = client.call("reset", level)
    except RefusalError as error:
        console.print(f"reset {level}: {error}")
        return False
    finally:
        if level != "soft":
            _lock(client)
    fields = cast("dict[str, Any]", answer) if isinstance(answer, dict) else {}
    console.print(f"reset {level}: {fields.get('reason', answer)}")
    if fields.get("accepted") is False:
        return False
    _wait(client, port)
    return True


def _unlock(client: Client, given: str | None) -> None:
    """With the PIN where one is set; else by whoever holds the button."""
    if not pin.unlock(client, given):
        if sys.stdin is not None and sys.stdin.isatty():
            typer.prompt("No PIN is set: hold the pack's button, then Enter", default="", show_default=False)
        client.call("unlock")


def _lock(client: Client) -> None:
    try:
        client.call("lock")
    except RefusalError:
        return  # it locks by itself


def _wait(client: Client, port: SerialPort | SimulatedPort) -> None:
    """Until the path has closed again, or had the time to."""
    until_s = port.now_s() + _PATIENCE_S
    while port.now_s() < until_s:
        port.pause(_LOOK_S)
        if client.call("status").get("mode") not in _STARTING:
            return
