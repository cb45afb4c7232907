"""Which modules a chip loads together: those that `link` makes one of."""

import ast
from collections.abc import Iterator

_FIRST = "bms.app.compose"  # what it imports runs first ...
_THEN = "bms.app.waking"  # ... and then what this imports, from pause to pause
_START = "bms.app.start"
_MACHINE_CODE = ("@micropython.viper", "@micropython.native", "@micropython.asm_thumb")


def find(sources: dict[str, str], kept: set[str]) -> dict[str, list[str]]:
    """Name of a group -> its modules in the order of loading.

    Modules in `kept` stay by themselves, and so do packages, those that are asked for by a string (they are
    forgotten again), and machine code, which not every chip takes.
    """
    trees = {name: ast.parse(source) for name, source in sources.items()}
    apart = kept | _packages(sources) | _in_strings(trees)
    apart |= {name for name, source in sources.items() if any(each in source for each in _MACHINE_CODE)}
    found: dict[str, list[str]] = {}
    seen: set[str] = set()
    stages = [_imports(trees[_FIRST].body, sources), *_stages(trees[_THEN], sources)]
    for stage in stages:
        members = [name for name in _closure(stage, trees, sources) if name not in apart | seen]
        seen.update(members)
        if len(members) > 1:
            found[f"{_START}{len(found)}"] = members
    found.update(_rest(trees, sources, apart | seen))
    return found


def imported(script: str) -> set[str]:
    """What a program imports by name: modules, or what is in them."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(script)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module))
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def _rest(
    trees: dict[str, ast.Module], sources: dict[str, str], others: set[str]
) -> Iterator[tuple[str, list[str]]]:
    """What is loaded where it is called for: with each such module what is needed by the same ones."""
    roots = sorted({each for tree in trees.values() for each in _late(tree, sources)} - others)
    needed_by: dict[str, list[str]] = {}
    order: list[str] = []
    for root in roots:
        for name in _closure([root], trees, sources):
            if name not in others:
                order += [] if name in needed_by else [name]
                needed_by.setdefault(name, []).append(root)
    groups: dict[str, list[str]] = {}
    for name in order:
        groups.setdefault(" ".join(needed_by[name]), []).append(name)
    for members in groups.values():
        if len(members) > 1:
            yield f"{members[-1]}_all", members


def _packages(sources: dict[str, str]) -> set[str]:
    return {name.rpartition(".")[0] for name in sources}


def _in_strings(trees: dict[str, ast.Module]) -> set[str]:
    return {
        word
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for word in node.value.split()
        if word in trees
    }


def _imports(nodes: list[ast.stmt], sources: dict[str, str]) -> list[str]:
    """The firmware's modules that these statements import."""
    found: list[str] = []
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found += [name for name in (whole, str(node.module)) if name in sources][:1]
        elif isinstance(node, ast.Try):
            found += _imports(
                [*node.body, *(each for handler in node.handlers for each in handler.body)], sources
            )
    return list(dict.fromkeys(found))


def _late(tree: ast.Module, sources: dict[str, str]) -> Iterator[str]:
    """What its functions import."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.ImportFrom):
                    yield from _imports([node], sources)


def _stages(tree: ast.Module, sources: dict[str, str]) -> list[list[str]]:
    """What its generator imports between one yield and the next."""
    stages: list[list[str]] = [[]]
    for function in tree.body:
        if isinstance(function, ast.FunctionDef):
            for node in function.body:
                if isinstance(node, ast.Expr) and isinstance(node.value, ast.Yield):
                    stages.append([])
                stages[-1] += _imports([node], sources)
    return stages


def _closure(roots: list[str], trees: dict[str, ast.Module], sources: dict[str, str]) -> list[str]:
    """These and what they import, each after what it needs."""
    found: list[str] = []

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name not in found and name not in above:
            for each in _imports(trees[name].body, sources):
                visit(each, (*above, name))
            found.append(name)

    for root in roots:
        visit(root, ())
    return found
