"""The journal read back, oldest record first, a piece at a time, whatever has become of its files.

A flipped bit damages one record and no other. What does not check is counted and passed over. Nothing in a
file makes a reader raise, and it holds one piece and one line, however long the files are. A record that did
not read back when it was written, and was written again, may be found twice.
"""

from micropython import const

from bms.services import storage
from bms.services.journal_lines import LINE, decode

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bms.ports import Fields, LogFiles

_PIECE = const(512)  # read at once
_SENTENCES = const(8)
_NOT_THERE = const(2)


def numbers(files: "LogFiles", name: str) -> list[int]:
    """Which files of a journal there are, oldest first; OSError if the flash does not say."""
    found = []
    for each in files.names():
        stem, _, number = each.partition(".")
        if stem == name and number.isdigit() and len(number) < 9:
            found.append(int(number))
    return sorted(found)


class Reader:
    """Iterates over (sequence, fields), with None after each piece that was read, for the caller to pause."""

    def __init__(self, files: "LogFiles", name: str, which: list[int], tail: int = 0) -> None:
        self._files = files
        self._name = name
        self._which = which
        self._tail = tail  # read only so many bytes of each file; 0: all
        self.last = 0  # the sequence number of the last record
        self.damaged = 0
        self.missing = 0
        self.open_end = False  # the last file ends within a line
        self.lost: list[str] = []  # what is damaged or missing, in sentences

    def __iter__(self) -> "Iterator[tuple[int, Fields] | None]":
        for number in self._which:
            file = f"{self._name}.{number}"
            damaged = self.damaged
            for line in self._lines(file):
                record = None if line is None else self._record(line)
                if line is None or record is not None:
                    yield record
            if self.damaged > damaged:
                self._note(f"{self.damaged - damaged} damaged in {file}")

    def _record(self, line: bytes) -> "tuple[int, Fields] | None":
        """The record of a line if it is whole."""
        try:
            sequence, fields = decode(line)
        except (ValueError, RuntimeError):  # RuntimeError: CPython's parser, of deep nesting
            self.damaged += 1
            return None
        if self.last and sequence > self.last + 1:
            self.missing += sequence - self.last - 1
            self._note(f"{self.last + 1} to {sequence - 1} missing")
        self.last = sequence
        return sequence, fields

    def _lines(self, file: str) -> "Iterator[bytes | None]":
        """The lines of a file without their ends, and None after each piece."""
        size = self._files.size(file)
        offset = max(0, size - self._tail) if self._tail else 0
        skipping = offset > 0  # up to the end of the line
        rest = b""
        while offset < size:
            try:
                piece = self._files.read_at(file, offset, _PIECE)
            except OSError as error:
                if storage.number(error) == _NOT_THERE:
                    return  # it was the oldest, and had to go
                piece = b""
            if not piece:
                self.damaged += 1
                rest = b""
                skipping = True
            offset += _PIECE
            rest += piece.replace(b"\r", b"\n")
            end = rest.find(b"\n")
            while end >= 0:
                if end and not skipping:
                    yield rest[:end]
                skipping = False
                rest = rest[end + 1 :]
                end = rest.find(b"\n")
            if len(rest) > LINE:
                self.damaged += not skipping
                rest = b""
                skipping = True
            yield None
        self.open_end = bool(rest) or skipping
        if rest and not skipping:
            yield rest

    def _note(self, sentence: str) -> None:
        if len(self.lost) < _SENTENCES:
            self.lost.append(sentence)
