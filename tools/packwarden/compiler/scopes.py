"""Which names of a module are its globals: everything else means the same wherever it stands."""

import ast
from collections.abc import Callable, Iterable, Iterator

_LOOPS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_SCOPES = (ast.FunctionDef, ast.ClassDef, ast.Lambda, *_LOOPS)


def bound(nodes: Iterable[ast.AST]) -> set[str]:
    """The names that these statements bind in their own scope."""
    found: set[str] = set()
    for node in nodes:
        for each in here(node):
            if isinstance(each, ast.FunctionDef | ast.ClassDef):
                found.add(each.name)
            elif isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load):
                found.add(each.id)
            elif isinstance(each, ast.ExceptHandler) and each.name:
                found.add(each.name)
            elif isinstance(each, ast.alias):
                found.add((each.asname or each.name).partition(".")[0])
    return found


def here(node: ast.AST) -> Iterator[ast.AST]:
    """A node, and those below it that belong to the same scope; `:=` in a comprehension does."""
    yield node
    if not isinstance(node, _SCOPES):
        for child in ast.iter_child_nodes(node):
            yield from here(child)
    elif isinstance(node, _LOOPS):
        yield from (each.target for each in ast.walk(node) if isinstance(each, ast.NamedExpr))


def inner(nodes: Iterable[ast.AST]) -> set[str]:
    """Names that mean something within the functions and classes of these statements."""
    found: set[str] = set()
    for top in nodes:
        for node in ast.walk(top):
            if isinstance(node, ast.FunctionDef | ast.Lambda):
                given = node.args
                found |= {each.arg for each in ast.walk(given) if isinstance(each, ast.arg)}
                found |= bound(node.body) if isinstance(node, ast.FunctionDef) else set()
            elif isinstance(node, ast.ClassDef):
                found |= bound(node.body)
            elif isinstance(node, ast.comprehension):
                found |= bound([node.target])
    return found


class Globals(ast.NodeTransformer):
    """Hands each global name to `name`, each attribute of one to `attribute`, each import to `place`.

    What they return stands in its place. Definitions at the top of a module are names, too.
    """

    def __init__(
        self,
        name: Callable[[str], str],
        attribute: Callable[[ast.Attribute], ast.expr | None],
        place: Callable[[ast.Import | ast.ImportFrom, bool], list[ast.stmt] | None],
    ) -> None:
        self._name = name
        self._attribute = attribute
        self._place = place
        self._scopes: list[tuple[bool, set[str]]] = []  # whether it is a class's; what it binds

    def _is_local(self, name: str) -> bool:
        seen = [names for of_class, names in self._scopes[:-1] if not of_class]
        seen += [names for _, names in self._scopes[-1:]]
        return any(name in names for names in seen)

    def _within(self, of_class: bool, names: set[str], nodes: Iterable[ast.AST]) -> list[ast.AST]:
        self._scopes.append((of_class, names))
        made: list[ast.AST] = []
        for node in nodes:
            new = self.visit(node)
            made += new if isinstance(new, list) else [new]
        self._scopes.pop()
        return made

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return node if self._is_local(node.id) else ast.Name(self._name(node.id), node.ctx)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and not self._is_local(node.value.id):
            instead = self._attribute(node)
            if instead is not None:
                return instead
        self.generic_visit(node)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AnnAssign:
        """What is for type checkers stays as it is: no chip asks for it."""
        node.target = self.visit(node.target)
        node.value = node.value and self.visit(node.value)
        return node

    def visit_Import(self, node: ast.Import) -> "ast.Import | list[ast.stmt]":
        made = self._place(node, bool(self._scopes))
        return node if made is None else made

    def visit_ImportFrom(self, node: ast.ImportFrom) -> "ast.ImportFrom | list[ast.stmt]":
        made = self._place(node, bool(self._scopes))
        return node if made is None else made

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.ExceptHandler:
        if node.name and not self._is_local(node.name):
            node.name = self._name(node.name)
        self.generic_visit(node)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        if not self._scopes:
            node.name = self._name(node.name)
        node.decorator_list = [self.visit(each) for each in node.decorator_list]
        self._outside(node.args)
        node.body = self._within(False, _given(node.args) | bound(node.body), node.body)  # type: ignore[assignment]
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        self._outside(node.args)
        (node.body,) = self._within(False, _given(node.args), [node.body])  # type: ignore[assignment]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        if not self._scopes:
            node.name = self._name(node.name)
        for lists in (node.decorator_list, node.bases):
            lists[:] = [self.visit(each) for each in lists]
        for keyword in node.keywords:
            keyword.value = self.visit(keyword.value)
        node.body = self._within(True, bound(node.body), node.body)  # type: ignore[assignment]
        return node

    def _outside(self, given: ast.arguments) -> None:
        given.defaults = [self.visit(each) for each in given.defaults]
        given.kw_defaults = [each and self.visit(each) for each in given.kw_defaults]

    def visit_ListComp(self, node: ast.ListComp) -> ast.ListComp:
        self._loops(node.generators, node, ("elt",))
        return node

    def visit_SetComp(self, node: ast.SetComp) -> ast.SetComp:
        self._loops(node.generators, node, ("elt",))
        return node

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.GeneratorExp:
        self._loops(node.generators, node, ("elt",))
        return node

    def visit_DictComp(self, node: ast.DictComp) -> ast.DictComp:
        self._loops(node.generators, node, ("key", "value"))
        return node

    def _loops(self, loops: list[ast.comprehension], node: ast.expr, results: tuple[str, ...]) -> None:
        """What is looped over first still belongs to the scope around."""
        loops[0].iter = self.visit(loops[0].iter)
        self._scopes.append((False, bound(loop.target for loop in loops)))
        for loop in loops:
            if loop is not loops[0]:
                loop.iter = self.visit(loop.iter)
            loop.ifs = [self.visit(each) for each in loop.ifs]
        for result in results:
            setattr(node, result, self.visit(getattr(node, result)))
        self._scopes.pop()


def _given(given: ast.arguments) -> set[str]:
    several = [given.vararg, given.kwarg]
    return {each.arg for each in [*given.posonlyargs, *given.args, *given.kwonlyargs, *several] if each}
