"""Standard output, which may be closed, full, or left by its reader: none of that is worth a traceback.

A reader that has seen enough (`| head`) ends the command quietly; anything else ends it with a sentence.
"""

import errno
import os
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from packwarden.errors import InputError

Result = TypeVar("Result")


def require() -> None:
    """InputError if the command was started without a standard output."""
    if sys.stdout is None:
        raise InputError("Standard output is closed; there is nowhere to print to.")


def attempt(act: Callable[[], Result]) -> Result | None:
    """Do what prints; None if the reader has left meanwhile, InputError if it cannot be printed."""
    require()
    try:
        return act()
    except OSError as error:
        left = _left(error)
        _discard()
        if left:
            return None
        raise InputError(f"Standard output cannot be written: {error.strerror or error}.") from None


def write(data: bytes) -> bool:
    """Print at once; False if the reader has left, InputError if it cannot be printed."""

    def put() -> bool:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return True

    return attempt(put) is not None


def _left(error: OSError) -> bool:
    """A pipe says that nobody is there in one way, a terminal in the other; a disk may say EIO too."""
    if error.errno == errno.EIO:
        with suppress(OSError, ValueError):
            return stat.S_ISCHR(os.fstat(sys.stdout.fileno()).st_mode)
    return error.errno == errno.EPIPE


def _discard() -> None:
    """What is still in the buffer goes nowhere: the interpreter would fail over it again at its end."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(null, sys.stdout.fileno())
        finally:
            os.close(null)
