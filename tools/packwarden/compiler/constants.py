"""Puts whole numbers that have a name into the places that use them, across modules, as a linker would.

`micropython.const` does that within a module; a constant of another module costs its name in RAM, a place in
that module's dictionary, and two look-ups at every use. So before the firmware is compiled for a chip, every
use of a module's integer constant, `s.CELL_MAX_MV` or `CELL_MAX_MV`, becomes the number, and a definition
that nobody needs any more goes, with imports that nothing is taken from. Lines stay where they are, so that
whatever a compiler says of the result is about the source.

A name is a constant if it is in capitals, is assigned once, at the top of its module, and has a value that
can be worked out from the source. Where a name means something else in any scope of a module, it is left
alone.
"""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from packwarden.compiler.edits import edited, starts

_NAME = re.compile(r"_?[A-Z][A-Z0-9_]*")
_OPERATORS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: int.__add__,
    ast.Sub: int.__sub__,
    ast.Mult: int.__mul__,
    ast.FloorDiv: int.__floordiv__,
    ast.LShift: int.__lshift__,
    ast.RShift: int.__rshift__,
    ast.BitOr: int.__or__,
    ast.BitAnd: int.__and__,
}


@dataclass
class Module:
    """One module, what its names mean, and what is to be changed in its text."""

    name: str
    source: str
    tree: ast.Module
    constants: dict[str, int] = field(default_factory=dict[str, int])
    modules: dict[str, str] = field(default_factory=dict[str, str])  # name here -> module
    # name here -> module, name there
    taken: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    changed: set[str] = field(default_factory=set[str])  # its names that others give another value
    edits: list[tuple[int, int, str]] = field(default_factory=list[tuple[int, int, str]])  # from, to, instead


def inline(sources: dict[str, str]) -> dict[str, str]:
    """Module name -> source, with the constants of all of them put in."""
    modules = {name: Module(name, source, ast.parse(source)) for name, source in sources.items()}
    for module in modules.values():
        _bind(module, modules)
    for module in modules.values():
        _note_changes(module, modules)
    found = 1
    while found:  # until no constant is worth what was just found
        found = sum(_define(module, modules) for module in modules.values())
    kept = {each for module in modules.values() for each in _by_name(module)}
    for module in modules.values():
        _replace(module, modules, kept)
    for module in modules.values():
        _drop(module, kept)
    return {name: edited(module.source, module.edits) for name, module in modules.items()}


def _bind(module: Module, modules: dict[str, Module]) -> None:
    """What the imports at the top give names to."""
    for node in module.tree.body:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                name, whole = alias.asname or alias.name, f"{node.module}.{alias.name}"
                if whole in modules:
                    module.modules[name] = whole
                elif node.module in modules:
                    module.taken[name] = (str(node.module), alias.name)
    rebound = _rebound(module.tree)
    for name in rebound & (module.modules.keys() | module.taken.keys()):
        module.modules.pop(name, None)
        module.taken.pop(name, None)


def _note_changes(module: Module, modules: dict[str, Module]) -> None:
    """What it gives another value in other modules."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            whole = module.modules.get(ast.unparse(node.value))
            if whole:
                modules[whole].changed.add(node.attr)


def _by_name(module: Module) -> set[tuple[str, str]]:
    """What it takes from others into a name that is left alone, so that it must be there."""
    imports = [node for node in ast.walk(module.tree) if isinstance(node, ast.ImportFrom)]
    taken = [(each, (str(node.module), each.name)) for node in imports for each in node.names]
    return {origin for each, origin in taken if module.taken.get(each.asname or each.name) != origin}


def _rebound(tree: ast.Module) -> set[str]:
    """Names that are given a meaning anywhere but by one import or assignment at the top."""
    simple = [node for node in tree.body if isinstance(node, ast.Assign | ast.Import | ast.ImportFrom)]
    tops = {id(each) for node in simple for each in ast.walk(node)}
    top = [name for node in simple for each in ast.walk(node) for name in _given(each)]
    found = {name for name in top if top.count(name) > 1}
    for node in ast.walk(tree):
        if id(node) not in tops:
            found.update(_given(node))
        if isinstance(node, ast.arg):
            found.add(node.arg)
        elif (isinstance(node, ast.ExceptHandler) and node.name) or isinstance(
            node, ast.FunctionDef | ast.ClassDef
        ):
            found.add(str(node.name))
        elif isinstance(node, ast.Global | ast.Nonlocal):
            found.update(node.names)
    return found


def _given(node: ast.AST) -> list[str]:
    """The name that an assignment or an import gives a meaning to here, if this is it."""
    if isinstance(node, ast.alias):
        return [(node.asname or node.name).partition(".")[0]]
    return [node.id] if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) else []


def _targets(node: ast.Assign) -> list[str]:
    """The names that an assignment gives a value to; empty if it does anything else."""
    if len(node.targets) != 1:
        return []
    target = node.targets[0]
    names = target.elts if isinstance(target, ast.Tuple) else [target]
    return [name.id for name in names if isinstance(name, ast.Name)]


def _define(module: Module, modules: dict[str, Module]) -> bool:
    """Note the constants whose values can be worked out by now; whether there was another one."""
    before = len(module.constants)
    rebound = _rebound(module.tree) | module.changed
    for node in module.tree.body:
        if not isinstance(node, ast.Assign):
            continue
        names = _targets(node)
        values = _values(node.value, len(names), module, modules)
        for name, value in zip(names, values, strict=False):
            if _NAME.fullmatch(name) and name not in rebound:
                module.constants[name] = value
    return len(module.constants) > before


def _values(node: ast.expr, count: int, module: Module, modules: dict[str, Module]) -> list[int]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
        limits = [_value(each, module, modules) for each in node.args]
        numbers = [each for each in limits if each is not None]
        return list(range(*numbers)) if len(numbers) == len(limits) else []
    value = _value(node, module, modules)
    return [value] if count == 1 and value is not None else []


def _value(node: ast.expr, module: Module, modules: dict[str, Module]) -> int | None:
    """A number, if that is what it is."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, int) else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "const":
        return _value(node.args[0], module, modules)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _value(node.operand, module, modules)
        return None if value is None else -value
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _value(node.left, module, modules), _value(node.right, module, modules)
        return None if left is None or right is None else int(_OPERATORS[type(node.op)](left, right))
    return _meant(node, module, modules)[1]


def _meant(
    node: ast.AST, module: Module, modules: dict[str, Module]
) -> tuple[tuple[str, str] | None, int | None]:
    """The constant that an expression names: where it is defined, and its value."""
    place = None
    if isinstance(node, ast.Name):
        place = module.taken.get(node.id, (module.name, node.id))
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        place = (module.modules.get(node.value.id, ""), node.attr)
    if place is None or place[0] not in modules:
        return None, None
    return place, modules[place[0]].constants.get(place[1])


def _replace(module: Module, modules: dict[str, Module], kept: set[tuple[str, str]]) -> None:
    """Edit every use; what is used in a way that cannot be edited is kept."""
    lines = starts(module.source)
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Name | ast.Attribute) or not isinstance(node.ctx, ast.Load):
            continue
        place, value = _meant(node, module, modules)
        if place is None or value is None:
            if isinstance(node, ast.Attribute):
                kept.add(("", node.attr))
            continue
        start = lines[node.lineno - 1] + node.col_offset
        end = lines[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
        if module.source[start:end] != ast.unparse(node):  # within an f-string, before Python 3.12
            kept.add(place)
        else:
            module.edits.append((start, end, str(value) if value >= 0 else f"({value})"))


def _drop(module: Module, kept: set[tuple[str, str]]) -> None:
    """Take out definitions that nothing needs any more, what is for type checkers, and idle imports."""
    lines = starts(module.source)

    def cut(node: ast.stmt, instead: str = "") -> None:
        start, end = lines[node.lineno - 1], lines[node.end_lineno or 0] - 1
        module.edits[:] = [edit for edit in module.edits if not start <= edit[0] < end]
        module.edits.append((start, end, instead + "\n" * module.source.count("\n", start, end)))

    for node in module.tree.body:
        if isinstance(node, ast.Assign):
            names = _targets(node)
            idle = [
                name in module.constants and (module.name, name) not in kept and ("", name) not in kept
                for name in names
            ]
            if names and all(idle):
                cut(node)
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            cut(node)
    for node in module.tree.body:
        if isinstance(node, ast.ImportFrom):
            used = [alias for alias in node.names if _is_used(alias.asname or alias.name, module)]
            if not used:
                cut(node)
            elif len(used) < len(node.names):
                cut(node, ast.unparse(ast.ImportFrom(node.module, used, 0)))


def _is_used(name: str, module: Module) -> bool:
    """Whether a name still stands in the edited text, outside of imports and what is not run."""
    tree = ast.parse(edited(module.source, module.edits))
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(_unannotated(tree)))


def _unannotated(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        elif isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant("")
    return tree
