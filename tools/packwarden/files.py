"""The controller's flash as files in a folder, so that a second run remembers what the first one learned."""

import re
import tempfile
from pathlib import Path

from packwarden import inputfiles
from packwarden.errors import InputError
from packwarden.sim.board import MemoryFiles

_COPIES = (".a", ".b", ".a.new", ".b.new")  # of a record, and while one is being written
_JOURNAL = re.compile(r"log\.\d+")


class DirectoryFiles(MemoryFiles):
    """Each flash file is a file of the folder; a write is whole or not at all."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise InputError(f"--state {folder} cannot be used as a folder to write in: {reason}.") from None
        for file in sorted(folder.iterdir()):
            if file.name.endswith(_COPIES) or _JOURNAL.fullmatch(file.name):
                _check(file)

    def read(self, name: str) -> bytes | None:
        """The content, None if there is no such file."""
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, name: str, content: bytes) -> None:
        """Replace a file; OSError if the disk refuses."""
        beside = self._folder / f"{name}.new"
        beside.write_bytes(content)
        beside.replace(self._folder / name)

    def remove(self, name: str) -> None:
        """Delete a file if it is there."""
        (self._folder / name).unlink(missing_ok=True)

    def append(self, name: str, content: bytes) -> None:
        """Add to the end of a file, which is made if need be."""
        with (self._folder / name).open("ab") as file:
            file.write(content)

    def size(self, name: str) -> int:
        """Bytes in a file, -1 if there is no such file."""
        try:
            return (self._folder / name).stat().st_size
        except FileNotFoundError:
            return -1

    def read_at(self, name: str, offset: int, count: int) -> bytes:
        """At most so many bytes from there on."""
        with (self._folder / name).open("rb") as file:
            file.seek(offset)
            return file.read(count)

    def names(self) -> list[str]:
        """All files, in no order."""
        return [file.name for file in self._folder.iterdir()]


def _check(file: Path) -> None:
    """InputError if part of a record or of the journal cannot be read: real flash holds nothing but files."""
    try:
        inputfiles.check(file)
        with file.open("rb"):
            pass
    except OSError as error:
        raise InputError(f"--state: {file} cannot be read: {error.strerror or error}.") from None
