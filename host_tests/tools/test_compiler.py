"""What the compiler makes of the source means the same: numbers for names, short names for private ones."""

import ast
from pathlib import Path
from typing import Any

import pytest
from packwarden.compiler import chip, constants, names

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
    ],
)
def test_a_name_that_means_two_things_is_left_alone(user: str) -> None:
    assert inlined(pack__levels=LEVELS, user=user)["user"] == user


def test_what_is_assigned_twice_is_no_constant() -> None:
    source = "LEVEL = 1\nLEVEL = 2\n\n\ndef f():\n    return LEVEL\n"
    assert inlined(pack=source)["pack"] == source


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
    made = names.shorten({"pack": COUNTER})["pack"]
    assert run(made)["total"](3) == run(COUNTER)["total"](3) == (32, 0)
    assert "_number_so_far" not in made
    assert "_one_more" not in made
    assert "_twice" not in made
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


def test_every_module_of_the_firmware_keeps_its_lines_and_its_public_names() -> None:
    firmware = chip.ROOT / "firmware"
    for name, source in chip.sources().items():
        before = (firmware / name).read_text()
        assert source.count("\n") == before.count("\n"), name
        assert _public(source) == _public(before), name


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
