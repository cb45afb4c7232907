"""Long sentences, on flash and read when somebody asks: in RAM all of them would cost a fifth of the heap.

A table is a text file in `bms/texts`, a line a key: `CELL_OV|what is wrong|what to do`. To add one, write
`bms/texts/<table>.txt` (ASCII, no '|' within a field) and ask

    find("faults", "CELL_OV")     -> ["a cell is charged too high", "Lower the charger's voltage; ..."]
    field("params", "cell_ov_mv") -> the first field; field(table, key, 1) is the second

A table or key that is not there gives [] or a sentence that says so: words must never stop the pack. Reading
takes milliseconds, so it has no place in the fast half of a cycle. Firmware that is frozen into the image has
no files beside it; there the tables come from the module `frozen_texts`, which `tools/checks/compile_mpy.py`
writes from the same files, and which lies in flash too.
"""

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import IO, Any

MISSING = "(its text is not on this chip: copy the folder bms/texts there)"
_PIECE = const(512)
# The table that was asked last, and where in it its line ends: who asks for all lines asks in their order.
_place: "list[Any]" = ["", 0]
_FOLDER = __file__.rsplit("/", 2)[0] + "/texts/"


def find(table: str, key: str) -> list[str]:
    """The fields behind a key; [] if there is no such table, key, or readable flash."""
    start = f"\n{key}|".encode()
    try:
        with open(f"{_FOLDER}{table}.txt", "rb") as file:
            line = _looked_up(file, table, start)
    except OSError:
        line = _frozen(table, start)
    except MemoryError:  # an open file takes more than a kilobyte in one piece
        return []
    try:
        return line.decode().split("|")[1:]
    except UnicodeError:
        return []


def field(table: str, key: str, number: int = 0) -> str:
    """One field of a line, or a sentence that says that it is missing."""
    fields = find(table, key)
    return fields[number] if number < len(fields) else MISSING


def _looked_up(file: "IO[bytes]", table: str, start: bytes) -> bytes:
    """The line that begins like this, or nothing: looked for behind the last one, and then from the top."""
    line = b""
    if _place[0] == table:
        file.seek(_place[1])
        line = _line(file, start, b"")
        file.seek(0)
    _place[0] = table
    return line or _line(file, start)


def _line(file: "IO[bytes]", start: bytes, held: bytes = b"\n") -> bytes:
    """The same, from here on. Piece by piece: readline takes each byte singly."""
    at = -1
    piece = start
    while piece:
        piece = file.read(_PIECE)
        held += piece
        if at < 0:
            at = held.find(start)
        if at >= 0:
            end = held.find(b"\n", at + 1)
            if end >= 0:
                _place[1] = file.tell() - len(held) + end
                return held[at + 1 : end]
        else:
            held = held[-len(start) :]
    return held[at + 1 :] if at >= 0 else b""


def _frozen(table: str, start: bytes) -> bytes:
    try:
        from bms.services import frozen_texts  # type: ignore[attr-defined]  # noqa: PLC0415
    except ImportError:
        return b""
    text: bytes = getattr(frozen_texts, table, b"")
    at = text.find(start)
    return text[at + 1 : text.find(b"\n", at + 1)] if at >= 0 else b""
