"""Makes one module of those that a chip loads together, as a linker would.

Besides its code a module costs a chip more than a hundred bytes of RAM: a dictionary, a table of the names in
it, an entry for each import. So what the start needs up to each pause, and what a driver is made of, become
one module (`groups` says which). A name that two of them give to different things becomes another one, and
`module.name` becomes the name itself. What cannot be joined for certain is refused with a LinkError.
"""

import ast
import builtins
from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from itertools import chain, count

from packwarden.compiler import joinable
from packwarden.compiler.edits import edited, starts
from packwarden.compiler.joinable import LinkError
from packwarden.compiler.scopes import Globals, bound, inner

_BUILTIN = frozenset(dir(builtins))
_NO_NAME = "__all__"  # nothing is taken from a module by a star

Origin = tuple[str, str]  # module, its name for something; of a module itself: where it lies, its name


@dataclass
class Module:
    """One module before it is joined with others."""

    name: str
    body: list[ast.stmt]  # without what stands at its top: text, imports
    own: set[str]  # names that it binds
    taken: dict[str, Origin] = field(default_factory=dict[str, Origin])  # name here -> of another of them
    modules: dict[str, str] = field(default_factory=dict[str, str])  # name here -> another of them
    outer: dict[str, Origin] = field(
        default_factory=dict[str, Origin]
    )  # of all others; a module: ("", its name)


def link(sources: dict[str, str], groups: dict[str, list[str]]) -> dict[str, str]:
    """Module name -> source, with each group (name -> modules in the order of loading) as one module."""
    modules = {name: _read(name, source, sources.keys()) for name, source in sources.items()}
    together = {group: [modules[name] for name in names] for group, names in groups.items()}
    joined = {module.name for members in together.values() for module in members}
    together |= {name: [module] for name, module in modules.items() if name not in joined}
    spare = sorted(_attributes(modules.values()))
    homes: dict[str, Group] = {}
    for name, members in together.items():
        group = Group(name, members, spare, name in groups)
        homes |= {module.name: group for module in members}
    for whole, parts in groups.items():
        for part in parts:
            joinable.must_mean_the_same(part, ast.parse(sources[part]), whole)
    made = {
        name: homes[members[0].name].source(
            [node for module in members for node in _Mover(module, modules, homes).moved()]
        )
        for name, members in together.items()
    }
    joinable.must_load(made, groups)
    return made


def _read(name: str, source: str, known: Container[str | None]) -> Module:
    module = Module(name, [], set())
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom):
            if any(alias.name == "*" for alias in node.names):
                raise LinkError(f"{name}: 'from {node.module} import *' does not say what it binds")
            for alias in node.names:
                here, origin = alias.asname or alias.name, (str(node.module), alias.name)
                if ".".join(origin) in known:
                    module.modules[here] = ".".join(origin)
                elif node.module in known:
                    module.taken[here] = origin
                else:
                    module.outer[here] = origin
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname or "." in alias.name:
                    raise LinkError(f"{name}: 'import {alias.name}' binds something else than it names")
                module.outer[alias.name] = "", alias.name
        elif not _is_idle(node):
            module.body.append(node)
    module.own = bound(module.body)
    imported = {*module.taken, *module.modules, *module.outer}
    twice = sorted(module.own & imported) + sorted(joinable.unsure(module.body) & (module.own | imported))
    if twice:
        raise LinkError(f"{name}: '{twice[0]}' means two things, of which one is a global")
    return module


def _is_idle(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0]) == _NO_NAME
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _attributes(modules: Iterable[Module]) -> set[str]:
    """Names that a chip has to know anyway, and that stand for no global."""
    nodes = (node for module in modules for each in module.body for node in ast.walk(each))
    return {node.attr for node in nodes if isinstance(node, ast.Attribute) and not node.attr.startswith("_")}


class Group:
    """The modules that become one, and what its names stand for."""

    def __init__(self, name: str, members: list[Module], spare: list[str], renames: bool) -> None:
        self.name = name
        self._spare = spare
        own = Counter(each for module in members for each in module.own)
        twice = {each for each, count in own.items() if count > 1}
        self._used = {*_BUILTIN, *twice, *(each for module in members for each in inner(module.body))}
        self._names: dict[Origin, str] = {}
        self._imports: list[ast.stmt] = []
        for module in members:
            for each in sorted(module.own):
                self._names[module.name, each] = self._free(each) if renames else each
                self._used.add(self._names[module.name, each])

    def of(self, module: str, name: str) -> str:
        """What one of its modules calls by this name, by the name that it has here."""
        if (module, name) not in self._names:
            raise LinkError(f"{module} has no '{name}'")
        return self._names[module, name]

    def taken(self, origin: Origin, name: str) -> str:
        """What another module has, by the name that it has here; it is imported."""
        if origin not in self._names:
            here = self._names[origin] = self._free(name)
            self._used.add(here)
            alias = ast.alias(origin[1], None if here == origin[1] else here)
            self._imports.append(ast.ImportFrom(origin[0], [alias], 0) if origin[0] else ast.Import([alias]))
        return self._names[origin]

    def source(self, nodes: list[ast.stmt]) -> str:
        """As text: these, after what they import."""
        return _bare(ast.unparse(ast.fix_missing_locations(ast.Module([*self._imports, *nodes], []))) + "\n")

    def _free(self, name: str) -> str:
        """This name, or another if that is taken."""
        if name not in self._used:
            return name
        lead = "_" if name.startswith("_") else ""
        others = chain(self._spare, (f"{name}{number}" for number in count()))
        return next(each for each in map(lead.__add__, others) if each not in self._used)


class _Mover:
    """Moves one module into its group."""

    def __init__(self, module: Module, modules: dict[str, Module], homes: dict[str, Group]) -> None:
        self._module = module
        self._modules = modules
        self._homes = homes
        self._group = homes[module.name]

    def moved(self) -> list[ast.stmt]:
        """What it does, in names of the group."""
        globals_ = Globals(self._name, self._attribute, self._place)
        return [globals_.visit(node) for node in self._module.body]

    def _name(self, name: str) -> str:
        module = self._module
        if name in module.own:
            return self._group.of(module.name, name)
        if name in module.taken:
            return self._taken(*module.taken[name])
        if name in module.outer:
            return self._group.taken(module.outer[name], name)
        if name in module.modules:
            package, _, last = self._whole(module.modules[name]).rpartition(".")
            return self._group.taken((package, last), name)
        return name

    def _attribute(self, node: ast.Attribute) -> ast.expr | None:
        assert isinstance(node.value, ast.Name)
        whole = self._module.modules.get(node.value.id)
        if whole is None or not self._is_joined(whole):
            return None
        if not isinstance(node.ctx, ast.Load):
            raise LinkError(f"{self._module.name} changes '{node.attr}' of {whole}")
        return ast.Name(self._taken(whole, node.attr), node.ctx)

    def _place(self, node: ast.Import | ast.ImportFrom, local: bool) -> list[ast.stmt]:
        """An import within a function (`local`), or in a branch at the top."""
        if isinstance(node, ast.Import):
            return [self._plain(alias, local) for alias in node.names]
        made: list[ast.stmt] = []
        for alias in node.names:
            here = alias.asname or alias.name
            here = here if local else self._name(here)
            module = str(node.module)
            if f"{module}.{alias.name}" in self._modules:
                self._whole(f"{module}.{alias.name}")
            if module not in self._modules or not self._is_joined(module):
                made.append(_from(module, alias.name, here))
                continue
            home, there = self._found(module, alias.name)
            if home is not self._group:
                made.append(_from(home.name, there, here))
            elif local:
                raise LinkError(f"{self._module.name} imports {there} twice, if it is joined with {module}")
            else:
                made.append(ast.Assign([ast.Name(here, ast.Store())], ast.Name(there, ast.Load())))
        return made

    def _plain(self, alias: ast.alias, local: bool) -> ast.Import:
        if alias.name in self._modules or "." in alias.name:
            raise LinkError(f"{self._module.name}: 'import {alias.name}' binds something else than it names")
        here = alias.asname or alias.name
        here = here if local else self._name(here)
        return ast.Import([ast.alias(alias.name, None if here == alias.name else here)])

    def _taken(self, module: str, name: str) -> str:
        home, there = self._found(module, name)
        return there if home is self._group else self._group.taken((home.name, there), there)

    def _found(self, module: str, name: str) -> tuple[Group, str]:
        """Where the thing is that this module calls so, and its name there."""
        while name not in self._modules[module].own and name in self._modules[module].taken:
            module, name = self._modules[module].taken[name]
        return self._homes[module], self._homes[module].of(module, name)

    def _is_joined(self, module: str) -> bool:
        return self._homes[module].name != module

    def _whole(self, module: str) -> str:
        """A module that is used as a thing, and not for what is in it."""
        if self._is_joined(module):
            raise LinkError(f"{self._module.name} needs {module} by itself")
        return module


def _bare(source: str) -> str:
    """`a, b = (b, a)` without its brackets, with which MicroPython makes a tuple: the fast half must not."""
    lines = starts(source)
    edits: list[tuple[int, int, str]] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple):
            start = lines[node.value.lineno - 1] + node.value.col_offset
            end = lines[(node.value.end_lineno or 0) - 1] + (node.value.end_col_offset or 0)
            if isinstance(node.targets[0], ast.Tuple) and source[start] == "(" and source[end - 1] == ")":
                edits.append((start, end, source[start + 1 : end - 1]))
    return edited(source, edits)


def _from(module: str, name: str, here: str) -> ast.ImportFrom:
    return ast.ImportFrom(module, [ast.alias(name, None if here == name else here)], 0)
