"""The layering, as a test: who may import whom, no cycles, short modules that open with why they exist.

Imports are read from the source, so a rule holds for a module that no test happens to load.
"""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FIRMWARE = ROOT / "firmware"
TOOLS = ROOT / "tools"
LONGEST_MODULE = 250

# What each layer may import: a name stands for itself and for all below it.
RULES = {
    "firmware/bms/core": ("bms.core", "micropython", "array", "math"),
    "firmware/bms/drivers": ("bms.drivers", "micropython", "array", "struct", "math"),
    "firmware/bms/services": (
        "bms.services", "bms.core", "micropython", "array", "binascii", "hashlib", "json", "os", "struct",
    ),
    "firmware/bms/hal": (
        "bms.hal", "machine", "rp2", "esp32", "micropython", "gc", "os", "select", "sys", "time",
    ),
    "firmware/bms/app": ("bms", "micropython", "array", "gc", "json", "math", "os", "struct", "sys"),
    "firmware/bms": ("array", "binascii", "vfs"),  # the package itself, which finds its modules
    "firmware": ("bms.app", "bms.hal", "board", "gc", "micropython", "sys"),  # main.py
    "boards": ("micropython",),
    "tools/packwarden/sim": ("packwarden.sim", "micropython", "array", "json", "math", "struct"),
}  # fmt: skip
# Under `if TYPE_CHECKING:`, which never runs.
TYPES_ONLY = ("bms.ports", "typing", "collections.abc")


def python_files(*folders: str) -> list[Path]:
    return sorted(
        file
        for folder in folders
        for file in (ROOT / folder).rglob("*.py")
        if "node_modules" not in file.parts
    )


def label(file: Path) -> str:
    return str(file.relative_to(ROOT))


def layer(file: Path) -> str:
    """The innermost folder of RULES that holds a file."""
    return next(str(parent) for parent in file.relative_to(ROOT).parents if str(parent) in RULES)


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def imports(tree: ast.AST, types_only: bool = False) -> Iterator[tuple[str, bool]]:
    """Every (module, whether for type checkers only) that a file imports, wherever in it."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, types_only) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"line {node.lineno}: relative import; write the whole name"
            yield from ((f"{node.module}.{alias.name}", types_only) for alias in node.names)
        else:
            yield from imports(node, types_only or _is_type_checking(node))


def within(module: str, allowed: tuple[str, ...]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in allowed)


def forbidden_imports(source: str, of_layer: str) -> list[str]:
    return [
        module
        for module, types_only in imports(ast.parse(source))
        if not within(module, RULES[of_layer]) and not (types_only and within(module, TYPES_ONLY))
    ]


LAYERED = python_files("firmware", "boards", "tools/packwarden/sim")


@pytest.mark.parametrize("file", LAYERED, ids=label)
def test_imports_stay_within_the_layer(file: Path) -> None:
    assert forbidden_imports(file.read_text(), layer(file)) == []


@pytest.mark.parametrize(
    ("of_layer", "source"),
    [
        ("firmware/bms/core", "from bms.drivers import bq76952"),
        ("firmware/bms/core", "def f():\n    import time"),
        ("firmware/bms/core", "try:\n    import machine\nexcept ImportError:\n    pass"),
        ("firmware/bms/core", "import typing"),
        ("firmware/bms/drivers", "from bms.core import snapshot"),
        ("firmware/bms/drivers", "from bms import core"),
        ("firmware/bms/drivers", "if TYPE_CHECKING:\n    from bms.core import snapshot"),
        ("firmware/bms/services", "from bms.drivers.bq76952 import Bq76952"),
        ("firmware/bms/hal", "from bms.app import loop"),
        ("firmware/bms/app", "from machine import Pin"),
        ("boards", "from machine import Pin"),
        ("tools/packwarden/sim", "from bms.drivers import bq76952_registers"),
        ("tools/packwarden/sim", "import random"),
        ("tools/packwarden/sim", "from packwarden import cli"),
    ],
)
def test_forbidden_import_is_seen(of_layer: str, source: str) -> None:
    assert len(forbidden_imports(source, of_layer)) == 1


def test_permitted_imports_pass() -> None:
    source = "from bms.core import snapshot as s\nif TYPE_CHECKING:\n    from typing import Protocol\n"
    assert forbidden_imports(source, "firmware/bms/core") == []


def _module_name(file: Path) -> str:
    parts = file.relative_to(FIRMWARE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def import_cycle(edges: dict[str, set[str]]) -> list[str]:
    """One cycle, as the modules on it, or nothing."""
    done: set[str] = set()

    def visit(module: str, trail: list[str]) -> list[str]:
        if module in trail:
            return [*trail[trail.index(module) :], module]
        if module in done:
            return []
        for other in sorted(edges.get(module, ())):
            cycle = visit(other, [*trail, module])
            if cycle:
                return cycle
        done.add(module)
        return []

    return next((cycle for module in sorted(edges) if (cycle := visit(module, []))), [])


def test_firmware_has_no_import_cycle() -> None:
    files = {_module_name(file): file for file in python_files("firmware")}
    edges: dict[str, set[str]] = {}
    for module, file in files.items():
        wanted = [name for name, types_only in imports(ast.parse(file.read_text())) if not types_only]
        edges[module] = {name if name in files else name.rpartition(".")[0] for name in wanted} & set(files)
    assert import_cycle(edges) == []


def test_import_cycle_is_seen() -> None:
    assert import_cycle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]


@pytest.mark.parametrize("file", python_files("firmware", "boards", "tools"), ids=label)
def test_module_is_short_and_says_why_it_exists(file: Path) -> None:
    source = file.read_text()
    length = len(source.splitlines())
    assert length <= LONGEST_MODULE, f"{length} lines: split it by what it knows"
    assert ast.get_docstring(ast.parse(source)), "a module opens with a docstring that says why it exists"


def project_files() -> list[Path]:
    """The files that git tracks: what lies about beside them, such as a log, is nobody else's business."""
    command = ["git", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git work tree")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_nothing_names_one_machine_or_one_registry() -> None:
    """Paths and download hosts belong to the machine's settings; a lock keeps versions and hashes."""
    homes = "home|root|Users|work|mnt|srv|opt|tmp"
    hosts = "|".join(
        rf"{name}\.{top}" for name, top in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "(org|com)"))
    )
    pattern = re.compile(rf"(?<![\w.:/~$}})\]-])/({homes})/\w|{hosts}")
    address = re.compile("https?:" + "//")
    found = []
    for file in project_files():
        text = file.read_bytes().decode("utf-8", "replace")
        is_lock = "requirements" in file.parts or "lock" in file.name
        for number, line in enumerate(text.splitlines(), 1):
            if pattern.search(line) or (is_lock and address.search(line)):
                found.append(f"{label(file)}:{number}: {line.strip()[:100]}")
    assert found == []
