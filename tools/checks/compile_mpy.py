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


def legend(compiled: dict[str, str], made_of: dict[str, list[str]]) -> str:
    """File, name on the chip, name in the source, of each function and class whose names differ."""
    lines: list[str] = []
    for path, source in compiled.items():
        name = chip.module(path)
        written = [
            f"{each}.{definition}"
            for each in made_of.get(name, [name])
            for definition in _definitions(ast.parse(_source(each)))
        ]
        for here, there in zip(_definitions(ast.parse(source)), written, strict=True):
            short = here.rpartition(".")[2]
            if name in made_of or short != there.rpartition(".")[2]:
                lines.append(f"{Path(path).stem} {short} {there}\n")
    return "".join(lines)


def _source(module: str) -> str:
    folder = chip.ROOT / "firmware" / module.replace(".", "/")
    file = folder.with_suffix(".py")
    return (file if file.exists() else folder / "__init__.py").read_text()


def _definitions(tree: ast.AST, within: str = "") -> list[str]:
    """Functions and classes as `Class.method`, in the order in which they stand."""
    found: list[str] = []
    for node in ast.iter_child_nodes(tree):
        inner = within
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.append(within + node.name)
            inner = f"{within}{node.name}."
        found += _definitions(node, inner)
    return found


def write(folder: Path, files: dict[str, bytes]) -> None:
    """Put files into a folder of their own; what lay there before goes."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def main() -> int:
    sources, texts = chip.sources(), chip.texts()
    joined, together = chip.joined(sources), chip.together(sources)
    boards = {
        file.relative_to(chip.ROOT / "boards").as_posix(): file.read_text()
        for file in sorted((chip.ROOT / "boards").rglob("*.py"))
        if file.name == "board.py"
    }
    runs = {"main.py": (chip.ROOT / "firmware" / "main.py").read_text()}
    for port in chip.ARCHITECTURES:
        try:
            compiled = chip.compile_all({**joined, **runs}, port)
            fitted = chip.compile_all(boards, port)
        except chip.CompileError as error:
            print(error)
            return 1
        write(BUILD / port / "firmware", {**chip.bundled(compiled), **texts})
        write(BUILD / port / "boards", fitted)
    plain = {name: source.encode() for name, source in sources.items()}
    write(BUILD / "frozen", {**plain, "bms/services/frozen_texts.py": frozen(texts).encode()})
    (BUILD / "names.txt").write_text(legend(joined, together) + legend(sources, {}))
    ports = " and ".join(chip.ARCHITECTURES)
    print(
        f"mpy: {len(sources) + len(runs) + len(boards)} modules compiled for {ports}, as {len(joined)} files"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
