"""Compiles every module of the firmware and the boards to .mpy for each port, as the chip would load them.

Besides giving build/<port>/, with the modules in one file and the texts beside it, it finds what CPython
accepts and MicroPython does not. For an image with the firmware frozen in, build/frozen/ holds the sources
that went into the compiler, and the texts as a module. build/names.txt tells what the names in a chip's
traceback are in the source.
"""

import ast
import shutil
import sys
from pathlib import Path

from packwarden.compiler import chip

BUILD = chip.ROOT / "build"


def frozen(texts: dict[str, bytes]) -> str:
    """The tables of sentences as a module of constants: frozen, they are read from flash too."""
    tables = {Path(name).stem: content for name, content in texts.items()}
    return "".join(f"{name} = {content!r}\n" for name, content in tables.items())


def legend(sources: dict[str, str]) -> str:
    """Module, name on the chip, name in the source, of each function and class whose names differ."""
    lines: list[str] = []
    for name, source in sources.items():
        before = (chip.ROOT / "firmware" / name).read_text()
        written = _defined(before)
        for line, new in _defined(source).items():
            if new != written.get(line, new):
                lines.append(f"{Path(name).stem} {new} {written[line]}\n")
    return "".join(lines)


def _defined(source: str) -> dict[int, str]:
    """By line."""
    nodes = ast.walk(ast.parse(source))
    return {node.lineno: node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}


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
        write(BUILD / port / "firmware", {**chip.bundled(compiled), **texts})
        write(BUILD / port / "boards", fitted)
    plain = {name: source.encode() for name, source in sources.items()}
    write(BUILD / "frozen", {**plain, "bms/services/frozen_texts.py": frozen(texts).encode()})
    (BUILD / "names.txt").write_text(legend(sources))
    ports = " and ".join(chip.ARCHITECTURES)
    print(f"mpy: {len(sources) + len(runs) + len(boards)} modules compiled for {ports}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
