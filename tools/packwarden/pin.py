"""The owner's PIN on its way to a pack: from the environment, the command line, or typed and not shown."""

import sys
from typing import Annotated, cast

import typer

from packwarden.client import Client, RefusalError
from packwarden.errors import InputError

VARIABLE = "PACKWARDEN_PIN"
Option = Annotated[
    str | None,
    typer.Option("--pin", envvar=VARIABLE, help="of the pack, if one is set; without, it is asked for"),
]


def is_set(client: Client) -> bool:
    """Whether this pack is unlocked by a PIN; without one, and with older firmware, it is by its button."""
    try:
        answer = client.call("pin")
    except RefusalError:
        return False
    return isinstance(answer, dict) and cast("dict[str, object]", answer).get("set") is True


def unlock(client: Client, given: str | None) -> bool:
    """Unlock by the PIN; False where none is set. RefusalError if the pack does not take it."""
    if not is_set(client):
        return False
    client.call("unlock", given or _typed())
    return True


def _typed() -> str:
    if sys.stdin is None or not sys.stdin.isatty():
        raise InputError(f"A PIN is set on this pack: say it with --pin, or in {VARIABLE}.")
    return str(typer.prompt("PIN of the pack", hide_input=True, err=True))
