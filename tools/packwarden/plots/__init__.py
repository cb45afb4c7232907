"""`packwarden plot`: a pack's past as a picture, from whatever kept it."""

from pathlib import Path

from packwarden import finder
from packwarden.client import RefusalError, talk
from packwarden.errors import InputError
from packwarden.plots import canvas
from packwarden.plots.data import Past, of_frame, read
from packwarden.ports import SerialPort


def run(file: Path | None, code: str | None, port: str | None, out: Path | None) -> None:
    """Draw a file, or the freeze frame of a code that the pack itself has."""
    if (file is None) == (code is None):
        raise InputError("Say what to draw: a FILE, or --code CODE for a freeze frame that the pack has.")
    canvas.check(out)
    canvas.draw(read(file) if file else _frame(str(code), port), out)


def _frame(code: str, port: str | None) -> Past:
    with talk(SerialPort(finder.the_port(port, "plot"))) as client:
        try:
            return of_frame(client.call("dtc.show", code))
        except RefusalError as error:
            raise InputError(f"The pack has no such freeze frame: {error}.") from None
