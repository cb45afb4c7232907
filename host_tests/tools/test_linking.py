"""Modules that are made one mean what they meant, and the firmware as it is joined lacks no name."""

import ast
import builtins
import subprocess
import sys
from pathlib import Path

import pytest
from packwarden.compiler import chip, groups
from packwarden.compiler.link import LinkError, link
from packwarden.compiler.scopes import Globals, bound

UNITS = """\
import math
from array import array

__all__ = ("Scale",)
_FACTOR = 3
values = array("i", (1, 2, 3))


class Error(Exception):
    pass


class Scale:
    least = _FACTOR

    def __init__(self, factor=_FACTOR):
        self.factor = factor

    def scaled(self, values):
        if not values:
            raise Error("nothing")
        return [math.floor(value * self.factor) for value in values]


def total(scale):
    return sum(scale.scaled(values))
"""
METER = """\
from array import array

from house import units
from house.units import Error as Trouble, Scale

_FACTOR = 5
values = array("i", (10, 20))


class Reading:
    total = 0

    def add(self, total):
        def inner(step):
            return units.total(step) + self.total + total

        self.total = inner(Scale(_FACTOR))
        return self


def min(values):
    return [units for units in values if units]


def read(values=values):
    try:
        units.Scale().scaled([])
    except Trouble as trouble:
        said = str(trouble)
    return min(values), Reading().add(1).add(2).total, said, {value: value for value in units.values}
"""
USER = """\
from house import meter
from house.units import total

try:
    from house.missing import first
except ImportError:
    from house.units import total as first


def lowest(values):
    return min(values)


def use():
    from house.units import Scale as Late

    return meter.read(), lowest([3, 2]), total(Late()), Late.least, first is total, (lambda meter: meter)(4)


print(use())
"""
HOUSE = {"house": "", "house.units": UNITS, "house.meter": METER, "house.user": USER}


def said(folder: Path, sources: dict[str, str]) -> str:
    """What the user prints."""
    for name, source in sources.items():
        file = folder / name.replace(".", "/")
        file = file / "__init__.py" if name == "house" else file.with_suffix(".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)
    start = "import house.user" if "house.user" in sources else "import house.all"
    done = subprocess.run(
        [sys.executable, "-c", start], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("members", [["units", "meter"], ["meter"], ["units"], ["units", "meter", "user"]])
def test_joined_modules_mean_what_they_meant(members: list[str], tmp_path: Path) -> None:
    user = USER.replace("    from house.units import Scale as Late\n\n", "    Late = meter.Scale\n")
    house = {**HOUSE, "house.user": user} if "user" in members else HOUSE
    made = link(house, {"house.all": [f"house.{name}" for name in members]})
    assert made.keys() == {"house.all"} | house.keys() - {f"house.{name}" for name in members}
    before = said(tmp_path / "before", house)
    assert "from house import" not in made["house.all"] or "units" not in members
    assert said(tmp_path / "after", made) == before
    assert before.startswith("(([10, 20], 63, 'nothing', {1: 1, 2: 2, 3: 3}), 2, 18, 3, True, 4)")


@pytest.mark.parametrize(
    ("user", "why"),
    [
        ("import house.units\n", "binds something else"),
        ("from house import units\nkept = units\n", "needs house.units by itself"),
        ("def f():\n    from house import units\n    return units\n", "needs house.units by itself"),
        ("from house import units\nprint(units.nothing)\n", "has no 'nothing'"),
        ("from house import units\nunits.values = ()\n", "changes 'values' of house.units"),
        ("from house import units\ndef f():\n    units.values = ()\n", "changes 'values' of house.units"),
        ("from house.units import *\n", "does not say what it binds"),
        ("from house.units import values\nvalues = values[1:]\n", "'values' means two things"),
        ("def f():\n    import house.units\n", "binds something else"),
    ],
)
def test_what_cannot_be_joined_for_certain_is_refused(user: str, why: str) -> None:
    with pytest.raises(LinkError, match=why):
        link({**HOUSE, "house.user": user}, {"house.all": ["house.units", "house.meter"]})


ONE = "n = 1\n\n\ndef one():\n    return n\n"


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ("n = 10\ndef f():\n    global n\n    n += 1\n", "has 'global n'"),
        ("n = 10\nclass C:\n    n = n + 1\n", "'n' means two things"),
        ("def f():\n    return __name__\n", "asks for '__name__'"),
        ("def f():\n    return globals()['n']\n", "asks for 'globals'"),
        ("n = 10\nasync def f():\n    n = 2\n", "line 2: what this binds cannot be told"),
        ("def f(x):\n    match x:\n        case n:\n            return n\n", "line 2: what this binds"),
    ],
)
def test_a_module_that_would_mean_something_else_when_it_is_joined_is_refused(other: str, why: str) -> None:
    with pytest.raises(LinkError, match=why):
        link(
            {"house": "", "house.one": ONE, "house.other": other}, {"house.all": ["house.one", "house.other"]}
        )


def test_a_folder_is_asked_for_where_it_is_the_same_one() -> None:
    sources = {"house": "", "house.one": ONE, "house.other": "place = __file__.rsplit('/', 1)[0]\n"}
    assert "__file__" in link(sources, {"house.all": ["house.one", "house.other"]})["house.all"]
    with pytest.raises(LinkError, match="asks for '__file__'"):
        link(sources, {"house.deep.all": ["house.one", "house.other"]})


def test_a_module_beside_the_group_that_both_needs_it_and_is_needed_is_refused() -> None:
    between = {
        "house": "",
        "house.low": "n = 1\n",
        "house.apart": "from house.low import n\nm = n\n",
        "house.high": "from house.apart import m\n\nk = m\n",
    }
    with pytest.raises(LinkError, match=r"house\.all needs house\.apart while it is loaded"):
        link(between, {"house.all": ["house.low", "house.high"]})


TRICKS = {
    "decorated classes": """\
n = NUMBER
def mark(kind):
    kind.mark = n
    return kind
class Meta(type):
    def kind(cls):
        return n
@mark
class Thing(metaclass=Meta):
    pass
def use():
    return Thing.mark, Thing.kind()
""",
    "a name bound within a comprehension": """\
each = [(last := number) for number in range(NUMBER)]
def use():
    return each, last
""",
    "an import in a branch": """\
try:
    import math
except ImportError:
    math = None
try:
    import no_such_thing as thing
except ImportError:
    thing = NUMBER
def use():
    import json as n
    return math.floor(2.5), thing, n.dumps({})
n = NUMBER
""",
    "defaults, closures and builtins": """\
n = NUMBER
def min(given=n, n=n):
    count = n
    def step():
        nonlocal count
        count += given
        return count, f"{n} {count:>{n}}"
    return step
n += 1
def use():
    try:
        raise ValueError(n)
    except ValueError as n1:
        said = str(n1)
    return min()(), (lambda x=n: (x, n))(), said, [n for n in range(n)]
""",
}


@pytest.mark.parametrize("trick", TRICKS)
def test_two_modules_that_call_everything_alike_mean_what_they_meant(trick: str, tmp_path: Path) -> None:
    house = {"house": "", "house.user": "from house import a, b\nprint(a.use(), b.use())\n"}
    house |= {
        f"house.{name}": TRICKS[trick].replace("NUMBER", number) for name, number in (("a", "3"), ("b", "5"))
    }
    before = said(tmp_path / "before", house)
    made = link(house, {"house.all": ["house.a", "house.b"]})
    assert said(tmp_path / "after", made) == before


def test_a_module_that_takes_from_its_own_group_late_is_refused() -> None:
    with pytest.raises(LinkError, match="twice"):
        link(HOUSE, {"house.all": ["house.units", "house.meter", "house.user"]})


MODULES = chip.sources()
TOGETHER = chip.together(MODULES)
JOINED = {chip.module(path): source for path, source in chip.joined(MODULES).items()}


def unbound(source: str) -> set[str]:
    """Names that nothing at the top of a module binds."""
    tree = ast.parse(source)
    asked: set[str] = set()

    def name(each: str) -> str:
        asked.add(each)
        return each

    def attribute(_: ast.Attribute) -> None:
        return None

    def place(_node: ast.ImportFrom, _local: bool) -> None:
        return None

    Globals(name, attribute, place).visit(ast.parse(source))
    return asked - bound(tree.body) - set(dir(builtins))


@pytest.mark.parametrize("name", JOINED)
def test_every_name_of_the_joined_firmware_is_bound(name: str) -> None:
    assert unbound(JOINED[name]) <= {"micropython", "ptr8", "ptr16", "ptr32", "uint", "__file__"}
    for node in ast.walk(ast.parse(JOINED[name])):
        if isinstance(node, ast.ImportFrom) and str(node.module) in JOINED:
            there = bound(ast.parse(JOINED[str(node.module)]).body)
            for alias in node.names:
                known = alias.name in there or f"{node.module}.{alias.name}" in JOINED
                assert known or alias.name == "frozen_texts", f"{name} takes {alias.name} from {node.module}"
        elif isinstance(node, ast.ImportFrom):
            assert not str(node.module).startswith("bms"), f"{name} imports {node.module}, which is no more"


def test_a_name_that_nothing_binds_would_be_found() -> None:
    assert unbound("def f(a):\n    return a + b + c\nb = 1\n") == {"c"}


def test_what_the_start_needs_up_to_each_pause_is_one_module() -> None:
    members = [each for names in TOGETHER.values() for each in names]
    assert len(members) == len(set(members)) > 50
    first = TOGETHER["bms.app.start0"]
    assert {"bms.core.protection", "bms.app.loop", "bms.app.keeper"} <= set(first)
    assert first.index("bms.core.rows") < first.index("bms.core.faults") < first.index("bms.core.protection")
    assert any("bms.core.soc" in names for names in TOGETHER.values())


def test_what_is_forgotten_again_or_is_machine_code_stays_by_itself() -> None:
    assert {"bms.core.params", "bms.app.fronts", "bms.core.cells_fast", "bms.app.overlay"} <= JOINED.keys()


def test_modules_come_after_what_they_need() -> None:
    sources = {
        "bms.app.compose": "from bms.app import a\n",
        "bms.app.waking": "def others():\n    yield\n    from bms.app.b import B\n",
        "bms.app.a": "from bms.app.c import C\n",
        "bms.app.b": "from bms.app.d import D\nfrom bms.app.c import C\n",
        "bms.app.c": "C = 1\n",
        "bms.app.d": "D = 2\n",
    }
    found = groups.find(sources, set())
    assert found == {
        "bms.app.start0": ["bms.app.c", "bms.app.a"],
        "bms.app.start1": ["bms.app.d", "bms.app.b"],
    }


def test_two_names_that_swap_make_no_tuple() -> None:
    swap = "def f(a, b):\n    a, b = b, a\n    both = (a, b)\n    return both\n"
    made = link(
        {"house": "", "house.swap": swap, "house.other": "x = 1\n"},
        {"house.all": ["house.swap", "house.other"]},
    )
    assert "a, b = b, a" in made["house.all"]
    assert "both = (a, b)" in made["house.all"]
    for name in TOGETHER:
        for node in ast.walk(ast.parse(JOINED[name])):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple):
                if not isinstance(node.targets[0], ast.Tuple):
                    continue
                assert not str(ast.get_source_segment(JOINED[name], node.value)).startswith("(")
