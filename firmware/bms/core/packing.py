"""Packs a table written as tuples into what `rows` holds: by the compiler, or where there was none."""

from array import array

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Row

_TEXT = "t"  # as `rows` knows it
_WIDTHS = (("b", 1 << 7), ("h", 1 << 15), ("i", 1 << 30))


def pack(rows: "tuple[Row, ...]") -> "tuple[str, bytes, list[bytes]]":
    """A table as (a letter a column, all texts, the bytes of each column of numbers)."""
    kinds = ""
    numbers: "list[bytes]" = []
    for column in range(len(rows[0])):
        kind = _TEXT
        if all(isinstance(row[column], (int, bool)) for row in rows):  # to MicroPython a bool is no int
            most = max(abs(int(row[column])) for row in rows)
            kind = next(letter for letter, past in _WIDTHS if most < past)
            numbers.append(bytes(array(kind, [int(row[column]) for row in rows])))
        kinds += kind
    lines = ""
    for row in rows:
        for column in range(len(kinds)):
            if kinds[column] == _TEXT:
                lines += _written(row[column]) + "|"
        lines += "\n"
    return kinds, lines.encode(), numbers


def _written(field: "int | str | tuple[str, int]") -> str:
    return f"{field[0]} {field[1]}" if isinstance(field, tuple) else str(field)
