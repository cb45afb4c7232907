"""Packs a table written as tuples into what `rows` holds: by the compiler, or where there was none."""

from array import array

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Row

_TEXT, _LEVEL, _LONG_LEVEL = "t", "l", "L"  # as `rows` knows them
_WIDTHS = (("B", 0, 255), ("b", -128, 127), ("h", -32768, 32767), ("i", -(1 << 30), 1 << 30))


def pack(rows: "tuple[Row, ...]") -> "tuple[str, bytes, list[bytes], bytes]":
    """A table as (a letter a column, all texts, the bytes of columns of numbers, the names in levels)."""
    kinds = ""
    numbers: "list[bytes]" = []
    names: "list[str]" = []
    for column in range(len(rows[0])):
        kind = _TEXT
        if all(isinstance(row[column], (int, bool)) for row in rows):  # to MicroPython a bool is no int
            whole = [int(row[column]) for row in rows]
            kind = _narrowest(whole)
            numbers.append(bytes(array(kind, whole)))
        elif not all(isinstance(row[column], str) for row in rows):
            levels = [_level(row[column], names) for row in rows]
            added = [offset for _, offset in levels]
            kind = _LONG_LEVEL if _narrowest(added) == "i" else _LEVEL
            numbers.append(bytes([which for which, _ in levels]))
            numbers.append(bytes(array("i" if kind == _LONG_LEVEL else "h", added)))
        kinds += kind
    lines = ""
    for row in rows:
        for column in range(len(kinds)):
            if kinds[column] == _TEXT:
                lines += str(row[column]) + "|"
        lines += "\n"
    return kinds, lines.encode(), numbers, "|".join(names).encode()


def _narrowest(whole: "list[int]") -> str:
    """The kind of array that holds these numbers."""
    return next(kind for kind, low, high in _WIDTHS if low <= min(whole) and max(whole) <= high)


def _level(field: "int | str | tuple[str, int]", names: "list[str]") -> "tuple[int, int]":
    """Which of the names, from 1, and what is added to it; 0: none, a fixed figure."""
    if isinstance(field, int):
        return 0, field
    name, offset = field if isinstance(field, tuple) else (field, 0)
    if name not in names:
        names.append(name)
    return names.index(name) + 1, offset
