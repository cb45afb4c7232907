"""What a module may not do if it is to be joined with others: a LinkError says it, before a chip has it.

Each of these would load, and then mean another name than it did.
"""

import ast
from collections.abc import Container, Iterable

from packwarden.compiler.scopes import bound, here

# What tells of the module that it stands in, or asks for a name by a string.
_OF_THE_MODULE = frozenset(
    ("__name__", "__doc__", "__dict__", "globals", "locals", "vars", "dir", "eval", "exec")
)
_FOLDER = "__file__"  # right for as long as the joined module lies as deep


class LinkError(Exception):
    """A module cannot be joined with others: why."""


def must_mean_the_same(name: str, tree: ast.Module, group: str) -> None:
    """LinkError where a module would mean something else as a part of another one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and (
            node.id in _OF_THE_MODULE or (node.id == _FOLDER and name.count(".") != group.count("."))
        ):
            raise LinkError(f"{name} asks for '{node.id}', which is another one when it is joined")
        if isinstance(node, ast.Global):
            raise LinkError(f"{name} has 'global {', '.join(node.names)}': keep it in an object")
        if isinstance(node, ast.AsyncFunctionDef | ast.Match):
            raise LinkError(f"{name}, line {node.lineno}: what this binds cannot be told")


def must_load(made: dict[str, str], groups: Iterable[str]) -> None:
    """LinkError where a joined module needs, while it is loaded, one that needs it."""
    needs = {name: _needed(ast.parse(source).body, made) for name, source in made.items()}
    for group in groups:
        seen: dict[str, str] = {}  # module -> who needs it
        waiting = [group]
        for name in waiting:
            if group in needs[name]:
                raise LinkError(f"{group} needs {name} while it is loaded, and is needed by it")
            new = {each: name for each in needs[name] if each not in seen}
            seen |= new
            waiting += new


def _needed(nodes: Iterable[ast.AST], known: Container[str]) -> set[str]:
    """The modules that are loaded with these statements, but not with a call."""
    found: set[str] = set()
    for node in nodes:
        for each in here(node):
            if isinstance(each, ast.ImportFrom):
                names = (f"{each.module}.{alias.name}" for alias in each.names)
                found |= {name if name in known else str(each.module) for name in names}
    return {name for name in found if name in known}


def unsure(nodes: Iterable[ast.AST]) -> set[str]:
    """Names that a class binds and asks for in its body: before it has, they are globals."""
    found: set[str] = set()
    for node in nodes:
        for body in (each.body for each in ast.walk(node) if isinstance(each, ast.ClassDef)):
            parts = [each for part in body for each in here(part) if isinstance(each, ast.Name)]
            found |= {each.id for each in parts if isinstance(each.ctx, ast.Load)} & bound(body)
    return found
