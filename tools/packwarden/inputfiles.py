"""What may be read as input: ordinary files of a sane size. A device may go on for ever, a pipe never begin.

Refusals are OSErrors: whoever reads a file already makes a sentence of those.
"""

import errno
import os
import stat
from pathlib import Path

LARGEST = 64 << 20  # bytes; a day of one-second samples has 4 million


def check(path: Path) -> None:
    """OSError if this is no file to read from, before anything opens it: opening a pipe may wait for ever."""
    found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is not an ordinary file")
    check_size(found.st_size)


def check_size(size: int) -> None:
    """OSError if that is too much, packed or unpacked."""
    if size > LARGEST:
        raise OSError(errno.EFBIG, f"it is larger than {LARGEST >> 20} MiB")
