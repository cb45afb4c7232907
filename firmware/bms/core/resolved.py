"""A whole set of parameters, kept in a third of the memory that a dictionary of them takes.

It reads like one: `values["cell_ov_mv"]`, `values.get(...)`, `name in values`; an empty one is false.
To look a value up takes an RP2040 half a millisecond: nothing does so in a cycle, nor up to the first one.
"""

from array import array

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bms.ports import Values

_BETWEEN = b"|"


class Resolved:
    """Made from a dictionary of whole numbers and words (name -> value), which it does not keep."""

    def __init__(self, values: "Values") -> None:
        self._words = {name: values[name] for name in values if isinstance(values[name], str)}
        names = [name for name in values if name not in self._words]
        self._names = _BETWEEN + "|".join(names).encode() + _BETWEEN
        self._numbers = array("i", [values[name] for name in names])

    def __len__(self) -> int:
        return len(self._words) + len(self._numbers)

    def __iter__(self) -> "Iterator[str]":
        for name in self._words:
            yield name
        for name in self._names[1:-1].decode().split("|") if self._numbers else ():
            yield name

    def __contains__(self, name: str) -> bool:
        return name in self._words or self._at(name) >= 0

    def __getitem__(self, name: str) -> object:
        """KeyError if there is no such name."""
        at = self._at(name)
        return self._numbers[at] if at >= 0 else self._words[name]

    def get(self, name: str, otherwise: object = None) -> object:
        """The value, or this."""
        at = self._at(name)
        return self._numbers[at] if at >= 0 else self._words.get(name, otherwise)

    def _at(self, name: str) -> int:
        """Which of the numbers; -1: none."""
        found = self._names.find(_BETWEEN + name.encode() + _BETWEEN)
        return self._names.count(_BETWEEN, 0, found) if found >= 0 and "|" not in name else -1
