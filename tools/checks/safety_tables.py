"""What the code and the tests say about safety, collected: the input of the requirement trace and its page.

Fault rows, modes and the AFE's limits are read from the firmware itself, tests' marks and code places from
the source, so that neither needs a chip nor a test run.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bms.core import faults, params, path, silicon
from checks import safety_rules
from checks.safety_rules import Hazard, Rule

ROOT = Path(__file__).resolve().parents[2]
ID = re.compile(r"\bPW-\d{3}\b")
ID_IN_NAME = re.compile(r"(?<![a-z0-9])pw_(\d{3})(?!\d)")
# Any usable set: which limits the AFE is asked for does not hang on their values.
SAMPLE: dict[str, Any] = {
    "chemistry": "lfp",
    "cell_count": 16,
    "capacity_mah": 100_000,
    "shunt_uohm": 250,
}


class Fault(NamedTuple):
    requirement: str
    mnemonic: str
    row: tuple[Any, ...] = ()


class Proof(NamedTuple):
    file: str  # below host_tests/
    line: int
    name: str


class Tables(NamedTuple):
    """All that must fit together."""

    faults: tuple[Fault, ...]
    asked: frozenset[str]  # of the AFE
    path_modes: tuple[str, ...]
    hazards: tuple[Hazard, ...] = safety_rules.HAZARDS
    rules: tuple[Rule, ...] = safety_rules.RULES
    limits: Mapping[str, str] = safety_rules.LIMITS
    modes: Mapping[str, str] = safety_rules.MODES

    def against(self, requirement: str) -> list[str]:
        """Names of the hazards that a fault row stands against; one, if all is well."""
        number = requirement.removeprefix("PW-")
        return [hazard.name for hazard in self.hazards if number in hazard.rows.split()]

    def limits_of(self, requirement: str) -> list[str]:
        """Limits in the AFE that serve a requirement."""
        return [name for name, serves in self.limits.items() if requirement in serves.split()]


def of_firmware() -> Tables:
    """The firmware's tables beside the host's."""
    rows = tuple(Fault(row[faults.REQUIREMENT], row[faults.MNEMONIC], row) for row in faults.ROWS)
    return Tables(rows, frozenset(silicon.derive(params.resolve(SAMPLE))), path.NAMES)


def marks(folder: Path) -> dict[str, list[Proof]]:
    """Requirement -> the tests below a folder that claim it.

    A test claims an id in its name (test_pw_nnn_...), its docstring, or a string of a decorator.
    """
    found: dict[str, list[Proof]] = {}
    for file in sorted(folder.rglob("*.py")):
        for name, line, claimed in _tests(ast.parse(file.read_text(), str(file))):
            for requirement in sorted(claimed):
                test = Proof(file.relative_to(folder).as_posix(), line, name)
                found.setdefault(requirement, []).append(test)
    return found


def _tests(tree: ast.AST) -> Iterator[tuple[str, int, set[str]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            texts = [ast.get_docstring(node) or "", *map(ast.unparse, node.decorator_list)]
            claimed = {name for text in texts for name in ID.findall(text)}
            claimed |= {f"PW-{digits}" for digits in ID_IN_NAME.findall(node.name)}
            yield node.name, node.lineno, claimed


def file_of(place: str) -> str:
    """`package.module:symbol` -> the module's file, below firmware/."""
    return place.partition(":")[0].replace(".", "/") + ".py"


def exists(firmware: Path, place: str) -> bool:
    """Whether `package.module:Name` or `package.module:Class.name` is defined below firmware/."""
    file = firmware / file_of(place)
    if not file.is_file():
        return False
    nodes: Iterable[ast.stmt] = ast.parse(file.read_text(), str(file)).body
    for name in place.partition(":")[2].split("."):
        defined = {each: node for node in nodes for each in _names(node)}
        if name not in defined:
            return False
        node = defined[name]
        nodes = node.body if isinstance(node, ast.ClassDef) else ()
    return True


def _names(node: ast.stmt) -> list[str]:
    """What a statement defines."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        return [node.name]
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign):
        targets = [node.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]
