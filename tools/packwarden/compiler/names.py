"""Gives cheap names to what only the firmware itself calls by them.

Each different name takes some twenty bytes of a chip's RAM for ever, and every import is held against all of
them. A private name is replaced where it stands, by the same one in all modules that use it; modules that
have nothing to do with each other share the short names. What is public within the firmware gets a name that
MicroPython has in its image anyway, and that means nothing here. A traceback still has files, and
build/names.txt tells what its names stand for. What stands in a string, is given by keyword, is called from
elsewhere, or cannot be found in the text for certain, keeps its name; so does what the drivers of the
controller's own hardware use, and what is an exception.
"""

import ast
import builtins
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path

from packwarden.compiler.edits import edited, starts

_BUILTIN = frozenset(dir(builtins))
_SHORTEST = 3  # a name that is worth the trouble
_HARDWARE = ".hal"  # where names are those of `machine`, which differ from port to port
# All that `dir` shows at MicroPython's prompt on an RP2040: names of its own, which cost nothing there.
_FREE = frozenset((Path(__file__).parent / "micropython_names.txt").read_text().split())
# Of those, what the interpreter itself looks for in an object.
_LOOKED_FOR = frozenset(("args", "close", "errno", "ioctl", "send", "throw", "value"))


def shorten(sources: dict[str, str], kept: Iterable[str] = ()) -> dict[str, str]:
    """Module name -> source with shorter names; `kept` ones stay as they are."""
    trees = {name: ast.parse(source) for name, source in sources.items()}
    fixed = _fixed(trees.values()) | set(kept)
    private = _private(sources, trees, fixed)
    private |= _public(sources, trees, fixed)
    known = _known(trees.values()) | set(private.values())
    made: dict[str, str] = {}
    for name, source in sources.items():
        edits = {
            (at, at + len(old)): private[old] for old, at in _places(source, trees[name]) if old in private
        }
        for at, old, new in _arguments(source, trees[name], fixed | known):
            edits[at, at + len(old)] = new
        made[name] = edited(source, [(start, end, new) for (start, end), new in edits.items()])
        ast.parse(made[name])
    return made


def _fixed(trees: Iterable[ast.Module]) -> set[str]:
    """Names of modules, in strings, that arguments are given by, and in places that cannot be edited."""
    found: set[str] = set()
    for tree in trees:
        types = {id(part) for kind in _types(tree) for part in ast.walk(kind)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in types:
                found.add(node.value)
            elif isinstance(node, ast.keyword) and node.arg:
                found.add(node.arg)
            elif isinstance(node, ast.ImportFrom):
                found.update((node.module or "").split("."))
            elif isinstance(node, ast.Import):
                found.update(part for alias in node.names for part in alias.name.split("."))
            elif isinstance(node, ast.Global | ast.Nonlocal):
                found.update(node.names)
            elif isinstance(node, ast.ExceptHandler) and node.name:
                found.add(node.name)
    return found


def _types(tree: ast.Module) -> Iterator[ast.expr]:
    """What is for type checkers alone."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.returns:
            yield node.returns
        elif isinstance(node, ast.AnnAssign | ast.arg) and node.annotation:
            yield node.annotation


def _public(sources: dict[str, str], trees: dict[str, ast.Module], fixed: set[str]) -> dict[str, str]:
    """Public name -> a name that MicroPython has, of what the firmware defines and nobody else knows."""
    modules = {part for name in trees for part in name.split(".")}
    users: defaultdict[str, set[str]] = defaultdict(set)
    hardware: set[str] = set()
    defined: set[str] = set()
    for name, tree in trees.items():
        for identifier, at in _places(sources[name], tree):
            users[identifier].add(name)
            if at < 0:
                fixed.add(identifier)
            if _HARDWARE in name:
                hardware.add(identifier)
        defined |= _defined(tree)
    wanted = defined - fixed - modules - hardware - _FREE - _BUILTIN
    wanted = {name for name in wanted if not name.startswith("_") and len(name) >= _SHORTEST}
    taken = users.keys() | fixed | modules | _BUILTIN | _LOOKED_FOR
    free = sorted(name for name in _FREE - taken if len(name) >= _SHORTEST)
    dearest = sorted(wanted, key=lambda name: (-len(users[name]), name))
    return dict(zip(dearest, free, strict=False))


def _defined(tree: ast.Module) -> set[str]:
    """What a module makes: functions, classes but exceptions, attributes, and what it holds."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) or (isinstance(node, ast.ClassDef) and "Error" not in node.name):
            found.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(node.attr)
    for statement in tree.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            found.update(
                node.id
                for node in ast.walk(statement)
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            )
    return found


def _places(source: str, tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every identifier that stands for something at run time, and where; -1 if that cannot be told."""
    lines = starts(source)

    def told(name: str, at: int) -> tuple[str, int]:
        return name, at if source[at : at + len(name)] == name else -1

    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield told(
                node.attr, lines[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0) - len(node.attr)
            )
        elif isinstance(node, ast.Name):
            yield told(node.id, _start(node, lines))
        elif isinstance(node, ast.FunctionDef):
            yield told(node.name, _start(node, lines) + len("def "))
        elif isinstance(node, ast.ClassDef):
            yield told(node.name, _start(node, lines) + len("class "))
        elif isinstance(node, ast.arg):
            yield told(node.arg, _start(node, lines))
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                start = lines[alias.lineno - 1] + alias.col_offset
                yield told(alias.name, -1 if alias.asname else start)
                if alias.asname:
                    yield alias.asname, -1
        elif isinstance(node, ast.Import):
            yield from (((alias.asname or alias.name), -1) for alias in node.names)


def _known(trees: Iterable[ast.Module]) -> set[str]:
    """Names that are there anyway: of attributes, and of what modules hold."""
    found: set[str] = set()
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                found.add(node.attr)
            elif isinstance(node, ast.alias):
                found.add((node.asname or node.name).rpartition(".")[2])
        for statement in tree.body:
            if isinstance(statement, ast.Assign):
                found.update(node.id for node in ast.walk(statement) if isinstance(node, ast.Name))
    return found


def _private(sources: dict[str, str], trees: dict[str, ast.Module], fixed: set[str]) -> dict[str, str]:
    """Private name -> short name: none twice within a module, or among those that share a class."""
    families = _families(trees)
    users: defaultdict[str, set[str]] = defaultdict(set)
    for name, tree in trees.items():
        for identifier, at in _places(sources[name], tree):
            users[identifier].add(families[name])
            if at < 0:
                fixed.add(identifier)
    used: defaultdict[str, set[str]] = defaultdict(set)
    found: dict[str, str] = {}
    for name in sorted(users, key=lambda each: (-len(users[each]), each)):
        if not name.startswith("_") or name.startswith("__") or name in fixed or len(name) < _SHORTEST:
            continue
        short = next(
            each
            for each in _short("_")
            if each not in users and each not in fixed and not any(each in used[user] for user in users[name])
        )
        for user in users[name]:
            used[user].add(short)
        found[name] = short
    return found


def _families(trees: dict[str, ast.Module]) -> dict[str, str]:
    """Module -> the module that its classes descend from, or itself."""
    found = {name: name for name in trees}
    for name, tree in trees.items():
        taken = {
            alias.asname or alias.name: node.module
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                for base in node.bases:
                    home = taken.get(base.id) if isinstance(base, ast.Name) else None
                    if home in trees:
                        found[name] = home
    return found


def _arguments(source: str, tree: ast.Module, fixed: set[str]) -> Iterator[tuple[int, str, str]]:
    """Arguments of functions that hold no others, where no name means two things."""
    lines = starts(source)
    top = {node.id for statement in tree.body for node in ast.walk(statement) if isinstance(node, ast.Name)}
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        inner = [node for node in ast.walk(function) if isinstance(node, ast.FunctionDef | ast.Lambda)]
        given = [*function.args.args, *function.args.kwonlyargs]
        if len(inner) > 1 or function.args.vararg or function.args.kwarg:
            continue
        short = (each for each in _short("") if each not in top and each not in _BUILTIN)
        for argument in given:
            if argument.arg in fixed or argument.arg == "self" or len(argument.arg) < _SHORTEST:
                continue
            places = [_start(argument, lines)]
            places += [
                _start(node, lines)
                for node in ast.walk(function)
                if isinstance(node, ast.Name) and node.id == argument.arg
            ]
            if all(source[at : at + len(argument.arg)] == argument.arg for at in places):
                instead = next(short)
                yield from ((at, argument.arg, instead) for at in places)


def _short(lead: str) -> Iterator[str]:
    """_a ... _z, _a0 ..."""
    for number in count():
        letter = "abcdefghijklmnopqrstuvwxyz"[number % 26]
        yield f"{lead}{letter}{number // 26 - 1 if number >= 26 else ''}"


def _start(node: ast.expr | ast.stmt | ast.arg, lines: list[int]) -> int:
    return lines[node.lineno - 1] + node.col_offset
