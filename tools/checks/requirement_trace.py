"""Requirement trace: each id in a firmware table is proved by a test, and each id on a test is in a table.

An id (PW-nnn) is declared where a string of the firmware is exactly that, as in a row of the fault table. A
test claims it in its name (test_pw_nnn_...), its docstring, or a string of a decorator.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ID = re.compile(r"\bPW-\d{3}\b")
ID_IN_NAME = re.compile(r"(?<![a-z0-9])pw_(\d{3})(?!\d)")


def declared_ids(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and ID.fullmatch(node.value):
            yield node.value, node.lineno


def claimed_ids(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            texts = [ast.get_docstring(node) or "", *map(ast.unparse, node.decorator_list)]
            found = {name for text in texts for name in ID.findall(text)}
            found |= {f"PW-{digits}" for digits in ID_IN_NAME.findall(node.name)}
            yield from ((name, node.lineno) for name in sorted(found))


def places(folder: Path, read: Callable[[ast.AST], Iterator[tuple[str, int]]]) -> dict[str, str]:
    """Where each id of a folder stands first."""
    found: dict[str, str] = {}
    for file in sorted(folder.rglob("*.py")):
        for name, line in read(ast.parse(file.read_text(), str(file))):
            found.setdefault(name, f"{file.relative_to(folder.parent)}:{line}")
    return found


def orphans(root: Path) -> list[str]:
    """A sentence for each id that has no counterpart."""
    declared = places(root / "firmware", declared_ids)
    claimed = places(root / "host_tests", claimed_ids)
    if not declared:
        return ["no requirement is declared anywhere in the firmware"]
    missing = [f"{declared[name]}: {name} has no test" for name in sorted(declared.keys() - claimed.keys())]
    unknown = [f"{claimed[name]}: {name} is in no table" for name in sorted(claimed.keys() - declared.keys())]
    return missing + unknown


def main() -> int:
    found = orphans(ROOT)
    print(
        "\n".join(found) or f"requirements: {len(places(ROOT / 'firmware', declared_ids))}, each with a test"
    )
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
