"""A table of rows, held as text and numbers in a few pieces: as tuples the fault table takes 14 KB of heap.

A table is written as a tuple of tuples, where it can be read, and handed to `Rows`. It reads as before:
`rows[i][column]`, one row after the other, `len`. A column of whole numbers is an array; any other is found
in one long text when somebody asks, which takes an RP2040 a tenth of a millisecond and some memory, so in the
fast half of a cycle only `numbers` have a place. For a chip the compiler packs the tuples, which never get
there.
"""

from array import array

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bms.ports import Row

_TEXT = "t"


class Rows:
    """A table, from its rows or from what `pack` made of them."""

    def __init__(self, rows: "tuple[Row, ...]" = (), packed: "tuple[str, bytes, list[bytes]] | None" = None):
        if packed is None:
            from bms.core.packing import pack  # noqa: PLC0415 - on a chip the compiler has done it

            packed = pack(rows)
        kinds, self.text, numbers = packed
        self.places = bytearray(len(kinds))  # of a column: among the texts, or among the numbers
        self.columns: "list[array[int]]" = []
        self.kinds = kinds
        texts = 0
        for column in range(len(kinds)):
            if kinds[column] == _TEXT:
                self.places[column] = texts
                texts += 1
            else:
                self.places[column] = len(self.columns)
                self.columns.append(array(kinds[column], numbers[len(self.columns)]))
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

    def numbers(self, column: int) -> "array[int]":
        """A column of whole numbers; not to be written to."""
        return self.columns[self.places[column]]


class _Row:
    """One row, which looks its fields up."""

    def __init__(self, table: Rows, i: int) -> None:
        self._table = table
        self._i = i

    def __getitem__(self, column: int) -> "int | str | tuple[str, int]":
        table = self._table
        place = table.places[column]
        if table.kinds[column] != _TEXT:
            return table.columns[place][self._i]
        text = table.text
        at = table.starts[self._i]
        for _ in range(place):
            at = text.find(b"|", at) + 1
        field = str(text[at : text.find(b"|", at)], "ascii")
        if field[0] in "-0123456789":
            return int(field)
        name, _, offset = field.partition(" ")
        return (name, int(offset)) if offset else name
