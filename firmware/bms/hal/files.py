"""The controller's flash as the storage layer wants it: plain files at the root of its file system.

A change is on flash when the call returns: littlefs commits when a file is closed, `os.sync` is for FAT.
Nothing is written beside and renamed over: whoever stores something keeps two copies of it or a checksum with
each piece (see bms/services/storage), which also covers what a file system does not.
"""

import os

from micropython import const

_ENOENT = const(2)
_STAT_SIZE = const(6)


class FlashFiles:
    """Files by name. What the flash refuses is an OSError."""

    def read(self, name: str) -> bytes | None:
        """The content; None if there is no such file."""
        try:
            with open(name, "rb") as file:
                return file.read()
        except OSError as error:
            if error.errno == _ENOENT:
                return None
            raise

    def read_at(self, name: str, offset: int, count: int) -> bytes:
        """At most so many bytes from there on."""
        with open(name, "rb") as file:
            file.seek(offset)
            return file.read(count)

    def size(self, name: str) -> int:
        """Bytes in a file; -1 if there is no such file."""
        try:
            return os.stat(name)[_STAT_SIZE]
        except OSError:
            return -1

    def names(self) -> list[str]:
        """All there are, in no order."""
        return os.listdir()

    def write(self, name: str, content: bytes) -> None:
        """Replace a file; a power cut may leave the old content, the new, or on FAT neither."""
        with open(name, "wb") as file:
            file.write(content)
        os.sync()

    def append(self, name: str, content: bytes) -> None:
        """Add to the end; a file that is not there is made."""
        with open(name, "ab") as file:
            file.write(content)
        os.sync()

    def remove(self, name: str) -> None:
        """Delete a file if it is there and the flash lets it."""
        try:  # noqa: SIM105 - MicroPython has no contextlib
            os.remove(name)
        except OSError:
            pass
