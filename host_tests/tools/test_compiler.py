"""What the compiler makes of the source means the same: numbers for names, short names for private ones."""

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bms.core import faults
from bms.core.rows import Rows
from packwarden.compiler import chip, constants, names, tables

LEVELS = """\
from micropython import const
TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from other import Thing
LOW = const(3)
HIGH = const(LOW << 2)  # twelve
BELOW, ABOVE = range(-1, 1)
USED_BY_NAME = const(7)
COLUMNS = (LOW, HIGH)
"""


def inlined(**sources: str) -> dict[str, str]:
    return constants.inline({name.replace("__", "."): text for name, text in sources.items()})


def test_constants_of_other_modules_become_numbers_and_their_lines_stay() -> None:
    user = "from pack import levels as v\n\n\ndef f(x):\n    return [v.LOW, v.HIGH, v.BELOW, x[v.ABOVE]]\n"
    made = inlined(pack__levels=LEVELS, user=user)
    assert "return [3, 12, (-1), x[0]]" in made["user"]
    assert "import" not in made["user"]
    assert made["user"].count("\n") == user.count("\n")
    assert made["pack.levels"].count("\n") == LEVELS.count("\n")
    assert "LOW = " not in made["pack.levels"]
    assert "COLUMNS = (3, 12)" in made["pack.levels"]
    assert "TYPE_CHECKING" not in made["pack.levels"]
    assert "const" not in made["pack.levels"]


def test_a_definition_that_somebody_still_needs_stays() -> None:
    made = inlined(pack__levels=LEVELS, user="import other\n\n\ndef answer():\n    return other.HIGH\n")
    assert "HIGH = " in made["pack.levels"]


@pytest.mark.parametrize(
    "user",
    [
        "from pack import levels as v\ndef f(v):\n    return v.LOW\n",
        "from pack import levels as v\ndef f():\n    return [v.LOW for v in ()]\n",
        "from pack.levels import LOW\ndef f():\n    global LOW\n    LOW = 4\n    return LOW\n",
        "from pack.levels import LOW\ntry:\n    pass\nexcept OSError as LOW:\n    print(LOW)\n",
        "LOW = 1\ndef f():\n    from pack.levels import LOW\n    return LOW\n",
        "from pack.levels import LOW\ndef f():\n    from pack.others import LOW\n    return LOW\n",
        "from pack import levels as v\ndef f():\n    from pack import others as v\n    return v.LOW\n",
        "from pack import levels as v\nv.LOW = 5\ndef f():\n    return v.LOW\n",
        "def f():\n    from pack.levels import LOW\n    return LOW\n",
    ],
)
def test_a_name_that_means_two_things_is_left_alone_and_stays_where_it_is(user: str) -> None:
    made = inlined(pack__levels=LEVELS, pack__others="LOW = 9\n", user=user)
    assert made["user"] == user
    assert "LOW = const(3)" in made["pack.levels"]
    assert "others" not in user or made["pack.others"] == "LOW = 9\n"


@pytest.mark.parametrize(
    "again",
    ["LEVEL = 2", "OTHER = LEVEL = 2", "(OTHER, (LEVEL, MORE)) = (1, (2, 3))", "from pack import LEVEL"],
)
def test_what_is_assigned_twice_is_no_constant(again: str) -> None:
    source = f"LEVEL = 1\n{again}\n\n\ndef f():\n    return LEVEL\n"
    assert inlined(house=source)["house"] == source


def run(source: str) -> dict[str, Any]:
    space: dict[str, Any] = {}
    exec(source, space)
    return space


COUNTER = """\
class Counter:
    def __init__(self, beginning):
        self._number_so_far = beginning
        self.shown = 0

    def count(self, many, each=1):
        for _ in range(many):
            self._one_more(each)
        return self._number_so_far

    def _one_more(self, step):
        self._number_so_far += step


def _twice(number):
    return 2 * number


def total(many):
    counter = Counter(10)
    return _twice(counter.count(many, each=2)), counter.shown
"""


def test_short_names_change_no_meaning() -> None:
    made = names.shorten({"pack": COUNTER}, ["total"])["pack"]
    assert run(made)["total"](3) == run(COUNTER)["total"](3) == (32, 0)
    assert "_number_so_far" not in made
    assert "_one_more" not in made
    assert "_twice" not in made
    assert "Counter" not in made
    assert "shown" not in made
    assert "each=2" in made
    assert made.count("\n") == COUNTER.count("\n")


def test_what_is_kept_or_stands_in_a_string_keeps_its_name() -> None:
    made = names.shorten({"pack": COUNTER + '\nNAME = "_twice"\n'}, ["_one_more"])["pack"]
    assert "def _one_more" in made
    assert "def _twice" in made


def test_classes_that_share_an_ancestor_share_no_short_name() -> None:
    base = "class Base:\n    def __init__(self):\n        self._first_thing = 1\n"
    child = (
        "from base import Base\nclass Child(Base):\n    def __init__(self):\n        super().__init__()\n"
        "        self._other_thing = 2\n"
    )
    made = names.shorten({"base": base, "child": child})
    attributes = [
        node.attr
        for text in made.values()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute)
    ]
    short = [name for name in attributes if name.startswith("_") and not name.startswith("__")]
    assert len(short) == len(set(short)) == 2


DOOR = """\
class DoorError(Exception):
    pass


class Door:
    def __init__(self):
        self.opened = 0
        self.by_name = 0

    def open_wide(self):
        self.opened += 1
        return f"{self.opened} times"
"""
HOUSE = """\
from house.door import Door, DoorError


def enter(number):
    door = Door()
    for _ in range(number):
        said = door.open_wide()
    return said, getattr(door, "by_name"), "opened", DoorError.__name__


def leave():
    return Door().opened
"""


def test_public_names_become_those_that_micropython_has_in_all_modules_alike() -> None:
    made = names.shorten({"house.door": DOOR, "house.room": HOUSE}, ["enter"])
    opened = [word for word in ("Door", "open_wide", "leave") if word in "".join(made.values()).split()]
    assert not opened
    space: dict[str, Any] = {}
    exec(made["house.door"], space)
    exec(made["house.room"].replace("from house.door import", "#"), space)
    assert space["enter"](2) == ("2 times", 0, "opened", "DoorError")
    assert "self.opened" in made["house.door"], "it stands in a string"
    tree = ast.parse(made["house.door"])
    renamed = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    assert renamed - {"DoorError", "__init__"} < FREE


FREE = set((Path(names.__file__).parent / "micropython_names.txt").read_text().split())


def test_what_a_program_outside_calls_by_name_is_found() -> None:
    assert {"loop", "p", "run", "keeper"} <= chip.called("loop.run()\nx = loop.p.keeper\n")


TABLE = """\
from bms.core.rows import Rows

ROWS = Rows(
    (
        ("ONE", 1, False, "level_mv", ("level_mv", -20), 3),
        ("TWO", 300, True, 70000, "other_mv", -1 | 4),
    )
)
"""


def test_a_packed_table_reads_as_the_one_that_was_written() -> None:
    made = tables.packed(TABLE)
    assert "Rows(" in made
    assert 'ONE", 1' not in made
    assert made.count("\n") == TABLE.count("\n")
    plain, compiled = run(TABLE)["ROWS"], run(made)["ROWS"]
    written = (("ONE", 1, 0, "level_mv", ("level_mv", -20), 3), ("TWO", 300, 1, 70000, "other_mv", -1))
    for rows in (plain, compiled):
        assert tuple(tuple(row[k] for k in range(6)) for row in rows) == written
        assert list(rows.numbers(1)) == [1, 300]
        with pytest.raises(IndexError):
            rows[2]


def test_the_fault_table_is_packed_for_the_chip_as_it_is_written() -> None:
    folder = chip.ROOT / "firmware" / "bms" / "core"
    texts = {f"bms.core.{file.stem}": file.read_text() for file in folder.glob("*.py")}
    made = tables.packed(constants.inline(texts)["bms.core.faults"])
    assert '"CELL_OV"' not in made
    columns = range(faults.HARDWARE + 1)
    compiled = run(made)
    rows = next(each for each in compiled.values() if isinstance(each, Rows))
    assert [[row[k] for k in columns] for row in rows] == [[row[k] for k in columns] for row in faults.ROWS]


def test_every_module_of_the_firmware_keeps_its_lines_and_its_definitions() -> None:
    firmware = chip.ROOT / "firmware"
    for name, source in chip.sources().items():
        before = (firmware / name).read_text()
        assert source.count("\n") == before.count("\n"), name
        after = _public(source)
        assert len(after) == len(_public(before)), name
        assert len(set(after)) == len(set(_public(before))), name
        kept = [each for each in _public(before) if each.endswith("Error")]
        assert set(kept) <= set(after), name


def _public(source: str) -> list[str]:
    return [
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]


def test_texts_go_along() -> None:
    assert "bms/texts/faults.txt" in chip.texts()


def test_a_module_that_does_not_compile_is_named() -> None:
    with pytest.raises(chip.CompileError, match=r"bad\.py"):
        chip.compile_all({"good.py": "x = 1\n", "bad.py": "def\n"})


def test_the_tree_that_is_compiled_is_this_one() -> None:
    assert (chip.ROOT / "firmware" / "main.py").is_file()
    assert Path(__file__).is_relative_to(chip.ROOT)


def test_a_public_name_is_replaced_everywhere_alike_and_no_two_become_one() -> None:
    folder = chip.ROOT / "firmware"
    files = {file.relative_to(folder).as_posix(): file for file in (folder / "bms").rglob("*.py")}
    modules = {".".join(Path(name).with_suffix("").parts): file for name, file in files.items()}
    inlined_texts = constants.inline(
        {name.removesuffix(".__init__"): file.read_text() for name, file in modules.items()}
    )
    after = chip.sources()
    became: dict[str, set[str]] = {}
    for name in files:
        module = ".".join(Path(name).with_suffix("").parts).removesuffix(".__init__")
        pairs = zip(_named(tables.packed(inlined_texts[module])), _named(after[name]), strict=True)
        for old, new in pairs:
            became.setdefault(old, set()).add(new)
    public = {old: new for old, new in became.items() if not old.startswith("_")}
    assert {old: new for old, new in public.items() if len(new) != 1} == {}
    names_after = [next(iter(new)) for new in public.values()]
    assert len(set(names_after)) == len(names_after)
    assert sum(new != {old} for old, new in public.items()) > 300


def _named(source: str) -> list[str]:
    """What attributes, definitions and imports are called, in the order in which they stand."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            found.append(node.attr)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.alias):
            found.append(node.name)
    return found


def test_the_same_sources_make_the_same_files_each_time() -> None:
    """Else a board that has them already would be written anew, and nobody could compare two builds."""
    script = (
        "from packwarden.compiler import chip\n"
        "made = {path: text.encode() for path, text in chip.joined(chip.sources()).items()}\n"
        "print(chip.bundled({path.removesuffix('.py') + '.mpy': each for path, each in made.items()}))"
    )
    made = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(made) == 1
