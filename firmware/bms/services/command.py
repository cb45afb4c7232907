"""What can be asked of the pack: one table for the person at the console and the program on JSON-RPC.

A row is (name, argument names, help, method, view): the method gets the arguments as text and returns plain
data, or raises CommandError with a sentence; the view turns that data into lines for a person. Where the data
is a generator, None in it is a pause; the view hands it on.
"""

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from bms.ports import Json, Row

NAME, ARGUMENTS, HELP, METHOD, VIEW = range(5)

INVALID_PARAMS = -32602
REFUSED = -32000
_LONGEST = const(12)  # of an unknown word, so much is looked at
_LIKELY = const(3)


class CommandError(Exception):
    """A refusal that the asker can act on: a sentence, and a JSON-RPC code."""

    def __init__(self, sentence: str, code: int = REFUSED) -> None:
        super().__init__(sentence)
        self.code = code


class Commands:
    """Finds and runs the rows of a command table."""

    def __init__(self, rows: "list[Row]") -> None:
        self.rows = rows

    def load(self) -> "Iterator[str]":
        """Yields nothings while the rows are being got ready. These are."""
        return iter(())

    def ready(self, what: "Any") -> "Iterator[str]":
        """Yields nothings while a method or a view is got ready, which is one that takes its time."""
        return what.load() if hasattr(what, "load") else iter(())

    def find(self, name: str) -> "Row | None":
        """The row of a command, or None."""
        for row in self.rows:
            if row[NAME] == name:
                return row
        return None

    def call(self, row: "Row", arguments: list[str]) -> "Json":
        """Run a command; CommandError if there are too many arguments or the method refuses."""
        if len(arguments) > len(row[ARGUMENTS]):
            raise CommandError(f"usage: {usage(row)}", INVALID_PARAMS)
        return row[METHOD](*arguments)

    def unknown(self, name: str) -> str:
        """The sentence for a name that is none, with the nearest command."""
        word = name[:_LONGEST]
        # All rows would take a controller several cycles: only those that share most letters are looked at.
        likely = sorted(self.rows, key=lambda row: _strangers(word, row[NAME]))[:_LIKELY]
        nearest = min(likely, key=lambda row: distance(word, row[NAME]))
        return f"'{name[:20]}' is not a command; did you mean '{nearest[NAME]}'? 'help' lists all"


def _strangers(left: str, right: str) -> int:
    """Letters that are in one of the words only, roughly: no two words are nearer than half of that."""
    return len(left) + len(right) - 2 * sum([letter in left for letter in right])


def folded(text: str, width: int = 79) -> "Iterator[str]":
    """A sentence in lines that fit a screen."""
    while len(text) > width:
        at = text.rfind(" ", 0, width + 1)
        if at < 1:
            break
        yield text[:at]
        text = text[at + 1 :]
    yield text


def usage(row: "Row") -> str:
    """How a command is typed."""
    return " ".join([row[NAME]] + [f"[{name}]" for name in row[ARGUMENTS]])


def distance(left: str, right: str) -> int:
    """Edits between two short words (Levenshtein), with a bonus for a common beginning."""
    previous = list(range(len(right) + 1))
    for i in range(len(left)):
        current = [i + 1]
        for j in range(len(right)):
            change = previous[j] + (left[i] != right[j])
            current.append(min(change, previous[j + 1] + 1, current[j] + 1))
        previous = current
    common = 0
    while common < min(len(left), len(right)) and left[common] == right[common]:
        common += 1
    return 2 * previous[-1] - common
