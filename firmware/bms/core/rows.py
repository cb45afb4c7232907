"""A table of rows, held as text and numbers in a few pieces: as tuples the fault table takes 14 KB of heap.

A table is written as a tuple of tuples, where it can be read, and handed to `Rows`. It reads as before:
`rows[i][column]`, one row after the other, `len`. A column of whole numbers is an array; texts are found in
one long text when somebody asks, which takes an RP2040 a tenth of a millisecond and some memory, so in the
fast half of a cycle only `numbers` have a place. A column of levels (a figure, a name, or a name and what is
added to it) is two arrays: `levels`. For a chip the compiler packs the tuples, which never get there.
"""

from array import array

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bms.ports import Row

_TEXT, _LONG_LEVEL = "t", "L"
_LEVELS = "lL"


class Rows:
    """A table, from its rows or from what `pack` made of them."""

    def __init__(
        self, rows: "tuple[Row, ...]" = (), packed: "tuple[str, bytes, list[bytes], bytes] | None" = None
    ):
        if packed is None:
            from bms.core.packing import pack  # noqa: PLC0415 - on a chip the compiler has done it

            packed = pack(rows)
        kinds, self.text, numbers, self._names = packed
        self.places = bytearray(len(kinds))  # of a column: among the texts, or among the numbers
        self.columns: "list[array[int] | bytes]" = []  # bytes stay where the compiler has put them
        self.kinds = kinds
        texts = 0
        for column in range(len(kinds)):
            if kinds[column] == _TEXT:
                self.places[column] = texts
                texts += 1
            else:
                self.places[column] = len(self.columns)
                kind = kinds[column]
                if kind in _LEVELS:
                    self.columns.append(numbers[len(self.columns)])
                    kind = "i" if kind == _LONG_LEVEL else "h"
                data = numbers[len(self.columns)]
                self.columns.append(data if kind == "B" else array(kind, data))
        starts = [0]
        at = self.text.find(b"\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find(b"\n", at + 1)
        self.starts = array("H", starts)  # of the lines

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, i: int) -> "Row":
        if not 0 <= i < len(self):
            raise IndexError("no such row")
        return _Row(self, i)  # type: ignore[return-value]  # it is read like one

    def __iter__(self) -> "Iterator[Row]":
        for i in range(len(self)):
            yield self[i]

    def numbers(self, column: int) -> "array[int] | bytes":
        """A column of whole numbers; not to be written to."""
        return self.columns[self.places[column]]

    def levels(self, column: int) -> "tuple[array[int] | bytes, array[int] | bytes]":
        """A column of levels: of each which of the `names`, from 1 (0: none), and what is added to it."""
        place = self.places[column]
        return self.columns[place], self.columns[place + 1]

    def names(self) -> "list[str]":
        """What levels are named after."""
        return str(self._names, "ascii").split("|")


class _Row:
    """One row, which looks its fields up; the texts all at once, with the first of them."""

    def __init__(self, table: Rows, i: int) -> None:
        self._table = table
        self._i = i
        self._texts: "list[str]" = []

    def __getitem__(self, column: int) -> "int | str | tuple[str, int]":
        table = self._table
        place = table.places[column]
        kind = table.kinds[column]
        if kind in _LEVELS:
            which, added = table.columns[place][self._i], table.columns[place + 1][self._i]
            name = table.names()[which - 1] if which else ""
            return (name, added) if name and added else name or added
        if kind != _TEXT:
            return table.columns[place][self._i]
        if not self._texts:
            starts = table.starts
            self._texts = str(table.text[starts[self._i] : starts[self._i + 1]], "ascii").split("|")
        return self._texts[place]
