"""`packwarden flash` as the user sees it: sentences, and a bar while files go across."""

from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn

from packwarden import finder
from packwarden.errors import InputError
from packwarden.flash import image as images
from packwarden.flash import work


class Shown:
    """Sentences on the console, and a bar where that is a terminal."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            console=self._console,
            transient=True,
        )
        self._task: TaskID | None = None

    def say(self, sentence: str) -> None:
        """One line."""
        self._console.print(sentence, markup=False)

    def begin(self, size: int) -> None:
        """So many bytes are to go across."""
        if self._console.is_terminal:
            self._bar.start()
            self._task = self._bar.add_task("", total=size)

    def at(self, path: str, done: int) -> None:
        """So many are there."""
        if self._task is not None:
            self._bar.update(self._task, completed=done, description=path)

    def end(self) -> None:
        """Whatever became of it."""
        self._bar.stop()


def run(
    board: str | None,
    port: str | None,
    parameters: Path | None,
    restart: bool,
    image: Path | None,
    drive: Path | None,
    secret: str | None = None,
) -> None:
    """What the command line asks for; InputError with a sentence."""
    shown = Shown()
    if image is not None:
        if board or parameters:
            raise InputError(
                "--image goes by itself: first MicroPython, then `packwarden flash --board NAME`."
            )
        images.put(image, drive, port, shown.say)
        return
    if drive is not None:
        raise InputError("--drive needs --image: the firmware goes through the serial port.")
    if board is None:
        raise InputError(
            "Say which board: `packwarden flash --board NAME`; the boards/ folder explains each."
        )
    where = finder.the_port(port, "flash")
    try:
        work.run(work.Job(board, where, parameters, restart, secret), shown)
    except KeyboardInterrupt:
        shown.say(
            "Interrupted. If it had begun, nothing guards the pack now: repeat the command, which goes on "
            "where this one ended, or cut the board's power."
        )
        raise
    finally:
        shown.end()
