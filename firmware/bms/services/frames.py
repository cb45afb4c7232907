"""Freeze frames on flash: what a pack did around a trip, a file each, of which only so many are kept.

A frame is written beside the others, the head first and then the ring as it lies in memory, so that no second
copy of it needs room; it counts once it has been read back whole. A file that a power cut tore fails its
checksum and is dropped alone. What makes room: a frame whose code has a newer one, then one whose code is
no longer stored, then the oldest.

File: b"PWF" version(1) crc32(4) length of the head(2) length of the ring(2) head (JSON) ring, little-endian;
the CRC covers what follows it. The head names its codes and has a number, `n`: the highest is the newest.
`ring` in it says where the oldest record lies (see bms/core/ring for the records).
"""

import binascii
import json
import struct

from micropython import const

from bms.core import faults as f
from bms.services import storage

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bms.ports import Fields, LogFiles

FILES = const(8)
_MAGIC = b"PWF\x01"
_START = "<4sIHH"
_START_SIZE = const(12)
_CRC_FROM = const(8)
_HEAD_MOST = const(1500)
_PIECE = const(512)


class Frames:
    """The files `frame.1` and so on. `trouble` is why the last was not written, `lost` what is torn."""

    def __init__(self, files: "LogFiles", most: int = FILES) -> None:
        self._files = files
        self.most = most
        self.numbers = [0] * most  # of the frame in each file; 0: there is none
        self.rows = [b""] * most  # the fault rows that it is about, the first one first
        self.trouble = ""
        self.lost: list[str] = []
        self._slot = 0
        self._gone = 0  # files that have yet to be removed
        self._pending: "tuple[bytes, bytearray] | None" = None  # head and ring
        self._number = 0  # of the frame that is being written
        self._written = 0  # parts of it
        self._starting: "Iterator[None] | None" = self._start()

    @property
    def ready(self) -> bool:
        """The files have been looked at."""
        return self._starting is None

    @property
    def busy(self) -> bool:
        """A frame is being written, and its ring must not change; or there is something to remove."""
        return self._pending is not None or self._gone > 0

    def of(self, row: int) -> int:
        """The file with the newest frame about a fault row, or -1."""
        best = -1
        for slot in range(self.most):
            newer = best < 0 or self.numbers[slot] > self.numbers[best]
            if self.numbers[slot] and row in self.rows[slot] and newer:
                best = slot
        return best

    def put(self, head: "Fields", rows: bytes, ring: bytearray, stored: "Callable[[int], bool]") -> None:
        """Write a frame, in the steps to come; `stored` tells whether a row's code is still kept."""
        self._slot = self._room(stored)
        head["n"] = self._number = max(self.numbers) + 1
        head["codes"] = [f.ROWS[i][f.MNEMONIC] for i in rows]
        self._pending = (json.dumps(head, separators=(",", ":")).encode(), ring)
        self._written = 0

    def clear(self) -> None:
        """Forget all, and remove a file a step from now on."""
        self._gone = self.most
        self.numbers = [0] * self.most

    def step(self) -> bool:
        """Do one thing: look at a file, write a part or remove one; True if it changed the flash."""
        if self._starting is not None:
            for _ in self._starting:
                return False
            self._starting = None
        if self._gone:
            self._gone -= 1
            if self._pending is None or self._slot != self._gone:
                self._files.remove(_name(self._gone))
            return True
        if self._pending is None:
            return False
        try:
            return self._write(self._pending)
        except (OSError, ValueError) as error:
            why = storage.explain(error) if isinstance(error, OSError) else str(error)
            self.trouble = f"a freeze frame cannot be written: {why}"
            self._pending = None
            return True

    def head(self, slot: int) -> "Fields":
        """The head of a frame; ValueError or OSError if it cannot be read any more."""
        length = self._lengths(slot)[0]
        fields: object = json.loads(self._files.read_at(_name(slot), _START_SIZE, length))
        if not isinstance(fields, dict):
            raise ValueError("it does not hold a set of values")  # noqa: TRY004 (as all that can be wrong)
        return fields

    def records(self, slot: int, first: int, used: int, slots: int, width: int) -> "Iterator[bytes]":
        """The records of a frame, oldest first; ends early where the flash does."""
        at = _START_SIZE + self._lengths(slot)[0]
        for k in range(used):
            record = self._files.read_at(_name(slot), at + (first + k) % slots * width, width)
            if len(record) < width:
                return
            yield record

    def _write(self, pending: "tuple[bytes, bytearray]") -> bool:
        head, ring = pending
        name = _name(self._slot)
        self._written += 1
        if self._written == 1:
            self.numbers[self._slot] = 0
            start = struct.pack("<HH", len(head), len(ring))
            crc = binascii.crc32(ring, binascii.crc32(head, binascii.crc32(start)))
            self._files.write(name, _MAGIC + struct.pack("<I", crc & 0xFFFFFFFF) + start + head)
            return True
        if self._written == 2:
            self._files.append(name, ring)  # type: ignore[arg-type]  # any buffer will do
            return True
        self._pending = None
        for _ in self._look_at(self._slot):
            pass
        if self.numbers[self._slot] != self._number:
            raise ValueError(f"{name} did not read back as written")
        self.trouble = ""
        return False

    def _room(self, stored: "Callable[[int], bool]") -> int:
        """The file to give up."""
        best = 0
        best_weight = -1
        for slot in range(self.most):
            number = self.numbers[slot]
            if not number:
                return slot
            row = self.rows[slot][0]
            weight = (1 << 26) - number
            if self.of(row) != slot:
                weight += 1 << 28
            elif not stored(row):
                weight += 1 << 27
            if weight > best_weight:
                best_weight = weight
                best = slot
        return best

    def _start(self) -> "Iterator[None]":
        """Look at every file, a piece at a time."""
        for slot in range(self.most):
            yield
            try:
                for _ in self._look_at(slot):
                    yield
            except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: CPython's parser, of nesting
                why = storage.explain(error) if isinstance(error, OSError) else str(error)
                self.lost.append(f"{_name(slot)} is not usable: {why}")

    def _look_at(self, slot: int) -> "Iterator[None]":
        """Check a file piece by piece and note whose it is; ValueError says what is wrong with it."""
        self.numbers[slot] = 0
        name = _name(slot)
        size = self._files.size(name)
        if size <= 0:  # no such file, or one that a cut left without a byte: nothing is lost with it
            return
        head, ring = self._lengths(slot)
        if size != _START_SIZE + head + ring or head > _HEAD_MOST:
            raise ValueError("it is cut short")
        crc = 0
        for at in range(_CRC_FROM, size, _PIECE):
            crc = binascii.crc32(self._files.read_at(name, at, _PIECE), crc)
            yield
        if crc & 0xFFFFFFFF != struct.unpack("<I", self._files.read_at(name, 4, 4))[0]:
            raise ValueError("its checksum is wrong")
        fields = self.head(slot)
        number = fields.get("n")
        codes = fields.get("codes")
        if not isinstance(number, int) or number < 1 or not isinstance(codes, list):
            raise ValueError("it names no code")
        self.rows[slot] = _rows(codes)
        if self.rows[slot]:
            self.numbers[slot] = number

    def _lengths(self, slot: int) -> "tuple[int, int]":
        start = self._files.read_at(_name(slot), 0, _START_SIZE)
        if len(start) < _START_SIZE:
            raise ValueError("it is cut short")
        if start[:4] != _MAGIC:
            raise ValueError("it is not a freeze frame of this version")
        _, _, head, ring = struct.unpack(_START, start)
        return head, ring


def _rows(codes: "list[object]") -> bytes:
    """Fault rows by their mnemonics, those that this firmware knows."""
    rows = []
    for i in range(len(f.ROWS)):
        if f.ROWS[i][f.MNEMONIC] in codes:
            rows.append(i)
    first = codes[0] if codes else None
    rows.sort(key=lambda i: f.ROWS[i][f.MNEMONIC] != first)
    return bytes(rows)


def _name(slot: int) -> str:
    return f"frame.{slot + 1}"
