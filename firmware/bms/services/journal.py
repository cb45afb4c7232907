"""What happened, written down to stay: checksummed records at the end of files that take turns.

Records are lines of text (see journal_lines), so that whoever copies a file off the board can read it with
nothing but their eyes. Binary records would take half the room but no less wear: what costs an erase is an
addition to a file, whatever its length, because littlefs copies the last block (see wear). So records wait in
memory for up to a minute, or until one comes that must not be lost, and go to flash together.

The files are `<name>.1`, `<name>.2` and so on; when the newest is full, the oldest is removed. Another form
of line would get another name. Sequence numbers go on over boots, so a gap shows that something is missing.

`add` only takes a note. `step`, called once a cycle when nothing else is due, does one thing: read a piece at
boot, put one record into words, write once, or remove a file.
"""

from micropython import const

from bms.services import storage
from bms.services.journal_lines import LINE, decode, encode
from bms.services.wear import Allowance

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bms.ports import Fields, LogFiles
    from bms.services.journal_reader import Reader

FILES = const(8)
FILE_BYTES = const(16384)
_HOLD_S = const(60)  # how long a record may wait for company
_RETRY_S = const(60)  # after the flash refused
_ENOUGH = const(1024)  # bytes of text that are worth a write
_MOST = const(2048)  # bytes of text that may wait
_WAITING = const(32)  # records that may wait to be put into words
_TAIL = const(4096)  # of the newest file, read at boot
_NO_SPACE = const(28)


class Journal:
    """The log. `trouble` says what keeps it from being written, `lost` what the boot found missing."""

    def __init__(
        self, files: "LogFiles", name: str = "log", most_files: int = FILES, file_bytes: int = FILE_BYTES
    ) -> None:
        self._files = files
        self._name = name
        self._most_files = most_files
        self._file_bytes = file_bytes
        self._allowance = Allowance("journal")
        self._waiting: "list[tuple[Fields, bool]]" = []
        self._text = b""  # encoded and not yet written
        self._since_s = 0  # when the oldest of what waits came
        self._urgent = False
        self._must = False
        self._not_before_s = 0
        self._dropped = 0
        self._numbers: list[int] = []
        self._size = 0  # of the newest file
        self._open_end = False  # its last line has no end
        self._next = 1
        self._starting: "Iterator[None] | None" = self._start()
        self.kept = 0  # the last sequence number that is known to be on flash
        self.trouble = ""
        self.lost: list[str] = []

    @property
    def ready(self) -> bool:
        """The files have been looked at, and writing can begin."""
        return self._starting is None

    @property
    def idle(self) -> bool:
        """Nothing waits to be written."""
        return self.ready and not self._waiting and not self._text

    def add(self, now_s: int, fields: "Fields", urgent: bool = False) -> None:
        """Note a record, which must not change any more. An urgent one does not wait for company."""
        if not self._waiting and not self._text:
            self._since_s = now_s
        if len(self._waiting) >= _WAITING:
            self._dropped += 1
            if not urgent:
                return
            self._waiting.pop(self._least())
        self._waiting.append((fields, urgent))

    def hurry(self) -> None:
        """The supply is failing: write what waits, whatever the budget says."""
        self._must = True

    @property
    def newest(self) -> int:
        """The sequence number of the last record, on flash or not."""
        return self._next - 1 + len(self._waiting)

    def records(self) -> "Reader":
        """All that is on flash, oldest first."""
        from bms.services.journal_reader import Reader  # noqa: PLC0415 - rarely, and memory is short

        return Reader(self._files, self._name, list(self._numbers))

    def unwritten(self) -> "Iterator[tuple[int, Fields]]":
        """What has yet to be written at the time of the call, oldest first, as (sequence, fields)."""
        return _unwritten(self._text, self._next, list(self._waiting))

    def step(self, now_s: int) -> bool:
        """Do one thing; True if it changed the flash, which may have stopped everything for a while."""
        if self._starting is not None:
            for _ in self._starting:
                return False
            self._starting = None
        if self._waiting and len(self._text) < _MOST:
            fields, urgent = self._waiting.pop(0)
            self._encode(fields)
            self._urgent = self._urgent or urgent
            return False
        if self._dropped and len(self._text) < _MOST:
            self._encode({"dropped": self._dropped})
            self._dropped = 0
            return False
        if len(self._numbers) > self._most_files:
            self._remove_oldest()
            return True
        if not self._due(now_s):
            self._must = self._must and not self.idle
            return False
        self._write(now_s)
        return True

    def _due(self, now_s: int) -> bool:
        if not self._text or now_s < self._not_before_s:
            return False
        pressing = self._urgent or self._must or len(self._text) >= _ENOUGH
        if not pressing and now_s - self._since_s < _HOLD_S:
            return False
        return self._allowance.take(now_s, self._must)

    def _write(self, now_s: int) -> None:
        """Add what waits to the newest file, or begin another one with it."""
        if not self._numbers or (self._size and self._size + len(self._text) > self._file_bytes):
            self._new_file()
        name = self._file(self._numbers[-1])
        text = b"\r\n" + self._text if self._open_end else self._text
        try:
            self._files.append(name, text)
            if self._files.read_at(name, self._size, len(text)) != text:
                self._new_file()
                raise OSError(f"{name} did not read back as written")
        except OSError as error:
            self._refused(error, now_s)
            return
        self.trouble = ""
        self.kept = self._next - 1
        self._size += len(text)
        self._open_end = False
        self._text = b""
        self._urgent = False
        self._since_s = now_s

    def _refused(self, error: OSError, now_s: int) -> None:
        """Try again in a while; on a full file system the journal gives way to what matters more."""
        self.trouble = f"the journal cannot be written: {storage.explain(error)}"
        self._not_before_s = now_s + _RETRY_S
        if self._numbers:
            self._size = max(0, self._files.size(self._file(self._numbers[-1])))
            self._open_end = self._size > 0  # perhaps part of it is there
        if storage.number(error) == _NO_SPACE and len(self._numbers) > 2:
            self._remove_oldest()

    def _remove_oldest(self) -> None:
        try:
            self._files.remove(self._file(self._numbers.pop(0)))
        except OSError as error:
            self.trouble = f"the oldest file of the journal cannot be removed: {storage.explain(error)}"

    def _encode(self, fields: "Fields") -> None:
        line = encode(self._next, fields)
        if len(line) > LINE:
            short: Fields = {"bytes_left_out": len(line)}
            for name in ("t", "event"):
                if name in fields:
                    short[name] = fields[name]
            line = encode(self._next, short)
        self._text += line
        self._next += 1

    def _least(self) -> int:
        """The record to give up for an urgent one: the newest that is not urgent itself, else the newest."""
        for i in range(len(self._waiting) - 1, -1, -1):
            if not self._waiting[i][1]:
                return i
        return len(self._waiting) - 1

    def _new_file(self) -> None:
        self._numbers.append(self._numbers[-1] + 1 if self._numbers else 1)
        self._size = 0
        self._open_end = False

    def _start(self) -> "Iterator[None]":
        """Find the files and the last number, from the newest file backwards, a piece at a time."""
        from bms.services.journal_reader import Reader, numbers  # noqa: PLC0415 - as above

        try:
            self._numbers = numbers(self._files, self._name)
        except OSError as error:
            self.trouble = f"the journal cannot be found: {storage.explain(error)}"
        for i in range(len(self._numbers) - 1, -1, -1):
            for tail in (_TAIL, 0):
                reader = Reader(self._files, self._name, self._numbers[i : i + 1], tail)
                for record in reader:
                    if record is None:
                        yield
                if i == len(self._numbers) - 1:
                    self._open_end = reader.open_end
                if reader.last:
                    break
            self.lost += reader.lost
            if reader.last:
                self._next = reader.last + 1
                break
        self.kept = self._next - 1
        if self._numbers:
            self._size = max(0, self._files.size(self._file(self._numbers[-1])))

    def _file(self, number: int) -> str:
        return f"{self._name}.{number}"


def _unwritten(
    text: bytes, following: int, waiting: "list[tuple[Fields, bool]]"
) -> "Iterator[tuple[int, Fields]]":
    for line in text.split(b"\r\n")[:-1]:
        yield decode(line)
    for i in range(len(waiting)):
        yield following + i, waiting[i][0]
