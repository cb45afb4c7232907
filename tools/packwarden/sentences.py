"""How a command speaks to its user beside its output: in sentences, and with exit status 2 for bad input."""

import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress

import typer

from packwarden.errors import InputError

BAD_INPUT = 2


def say(sentence: str) -> None:
    """The command's own words go to standard error: standard output is for what was asked for."""
    if sys.stderr is not None:  # print() would take None for standard output
        with suppress(OSError):
            for line in sentence.splitlines():
                print(f"packwarden: {line}", file=sys.stderr)


@contextmanager
def in_sentences() -> Generator[None]:
    """Bad input ends with a sentence and exit status 2."""
    try:
        yield
    except InputError as error:
        say(str(error))
        raise typer.Exit(BAD_INPUT) from None
