"""Gives short names to what only the firmware itself calls by them: what is private, and arguments.

Each different name takes some twenty bytes of a chip's RAM, and every import is held against all of them. A
private name is replaced where it stands, by the same one in all modules that use it; modules that have
nothing to do with each other share the short names. A traceback still has files. What stands in a
string, is given by keyword, or cannot be found in the text for certain, keeps its name.
"""

import ast
import builtins
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import count

from packwarden.compiler.edits import edited, starts

_BUILTIN = frozenset(dir(builtins))
_SHORTEST = 3  # a name that is worth the trouble


def shorten(sources: dict[str, str], kept: Iterable[str] = ()) -> dict[str, str]:
    """Module name -> source with shorter names; `kept` ones stay as they are."""
    trees = {name: ast.parse(source) for name, source in sources.items()}
    fixed = _fixed(trees.values()) | set(kept)
    private = _private(sources, trees, fixed)
    known = _known(trees.values())
    made: dict[str, str] = {}
    for name, source in sources.items():
        edits = {
            (at, at + len(old)): private[old] for old, at in _places(source, trees[name]) if old in private
        }
        for at, old, new in _arguments(source, trees[name], fixed | known):
            edits[at, at + len(old)] = new
        made[name] = edited(source, [(start, end, new) for (start, end), new in edits.items()])
    return made


def _fixed(trees: Iterable[ast.Module]) -> set[str]:
    """Names that stand in strings or that arguments are given by."""
    found: set[str] = set()
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            elif isinstance(node, ast.keyword) and node.arg:
                found.add(node.arg)
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
        elif isinstance(node, ast.alias):
            yield node.asname or node.name, -1


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
