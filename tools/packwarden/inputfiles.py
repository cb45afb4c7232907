"""What may be read as input: ordinary files of a sane size. A device may go on for ever, a pipe never begin.

Refusals are OSErrors: whoever reads a file already makes a sentence of those.
"""

import errno
import os
import stat
from pathlib import Path

from packwarden.errors import InputError

LARGEST = 64 << 20  # bytes; a day of one-second samples has 4 million


def check(path: Path) -> None:
    """OSError if this is no file to read from, before anything opens it: opening a pipe may wait for ever."""
    found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is not an ordinary file")
    check_size(found.st_size)


def text(path: Path, largest: int) -> str:
    """All of a text file of at most `largest` bytes; InputError says why there is none."""
    try:
        check(path)
        with path.open("rb") as file:
            raw = file.read(largest + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from None
    except ValueError:
        raise InputError("A file name cannot hold a zero byte.") from None
    if len(raw) > largest:
        raise InputError(f"{path.name} is larger than {largest} bytes; is it the right file?")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path.name} is not a text file in UTF-8.") from None


def check_size(size: int) -> None:
    """OSError if that is too much, packed or unpacked."""
    if size > LARGEST:
        raise OSError(errno.EFBIG, f"it is larger than {LARGEST >> 20} MiB")
