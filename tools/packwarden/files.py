"""The controller's flash as files in a folder, so that a second run remembers what the first one learned."""

import tempfile
from pathlib import Path

from packwarden.errors import InputError
from packwarden.sim.board import MemoryFiles


class DirectoryFiles(MemoryFiles):
    """Each flash file is a file of the folder; a write is whole or not at all, as on the chip."""

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
