"""Compiles every module of the firmware and the boards to .mpy for each port, as the chip would load them.

Besides giving build/<port>/, with the texts beside the modules, it finds what CPython accepts and MicroPython
does not. For an image with the firmware frozen in, build/frozen/ holds the sources that went into the
compiler, and the texts as a module.
"""

import shutil
import sys
from pathlib import Path

from packwarden.compiler import chip

BUILD = chip.ROOT / "build"


def frozen(texts: dict[str, bytes]) -> str:
    """The tables of sentences as a module of constants: frozen, they are read from flash too."""
    tables = {Path(name).stem: content for name, content in texts.items()}
    return "".join(f"{name} = {content!r}\n" for name, content in tables.items())


def write(folder: Path, files: dict[str, bytes]) -> None:
    """Put files into a folder of their own; what lay there before goes."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def main() -> int:
    sources, texts = chip.sources(), chip.texts()
    boards = {
        file.relative_to(chip.ROOT / "boards").as_posix(): file.read_text()
        for file in sorted((chip.ROOT / "boards").rglob("*.py"))
        if file.name == "board.py"
    }
    runs = {"main.py": (chip.ROOT / "firmware" / "main.py").read_text()}
    for port in chip.ARCHITECTURES:
        try:
            compiled = chip.compile_all({**sources, **runs}, port)
            fitted = chip.compile_all(boards, port)
        except chip.CompileError as error:
            print(error)
            return 1
        write(BUILD / port / "firmware", {**compiled, **texts})
        write(BUILD / port / "boards", fitted)
    plain = {name: source.encode() for name, source in sources.items()}
    write(BUILD / "frozen", {**plain, "bms/services/frozen_texts.py": frozen(texts).encode()})
    ports = " and ".join(chip.ARCHITECTURES)
    print(f"mpy: {len(sources) + len(runs) + len(boards)} modules compiled for {ports}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
