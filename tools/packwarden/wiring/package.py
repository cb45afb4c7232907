"""The files that MicroPython's own tools read: package.json, by which `mpremote mip install` puts a board's
firmware onto the chip from a checkout (or from wherever a release is served).

It names what `make mpy` compiles, not sources: a controller has not the memory to compile all of them.
"""

import json
from os.path import relpath
from pathlib import Path

from packwarden.boards import FOLDER
from packwarden.compiler.chip import BUNDLE
from packwarden.wiring.roles import Board

ROOT = FOLDER.parent
FIRMWARE = ROOT / "firmware"


def version() -> str:
    """Of the firmware, as it says itself."""
    lines = (FIRMWARE / "bms" / "__init__.py").read_text().splitlines()
    said = next(line for line in lines if line.startswith("__version__"))
    return said.partition("=")[2].strip().strip('"')


def files(board: Board) -> dict[str, Path]:
    """Path on the chip to file, all that a board needs; `main.py` last: half a firmware must not start."""
    built = ROOT / "build" / str(board.constants["MCU"])
    texts = sorted((FIRMWARE / "bms" / "texts").glob("*.txt"))
    names = ["bms/__init__.mpy", BUNDLE, *(text.relative_to(FIRMWARE).as_posix() for text in texts)]
    found = {name: built / "firmware" / name for name in names}
    found["board.mpy"] = built / "boards" / board.name / "board.mpy"
    return {**found, "main.py": FIRMWARE / "main.py"}


def text(board: Board) -> str:
    """The content of a board's package.json."""
    urls = [[name, Path(relpath(file, board.folder)).as_posix()] for name, file in files(board).items()]
    lines = ",\n".join(f"    {json.dumps(pair)}" for pair in urls)
    return f'{{\n  "urls": [\n{lines}\n  ],\n  "deps": [],\n  "version": "{version()}"\n}}\n'
