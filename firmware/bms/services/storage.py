"""Small records that survive a power cut: two copies, and the newest whole one counts.

A record is written beside the one in force, in the other of two files, with a sequence number, its length
and a CRC-32, and read back; only then does it count. A cut in the middle of a write leaves the old copy
untouched. The reader takes the newest copy that checks; what does not check is reported, never guessed at.
Whoever loads a record gets an answer: no content of a file makes it raise.

File: b"PWR" version(1) sequence(4) length(2) crc32(4) payload (JSON), little-endian; the CRC covers all but
itself. The version is that of the record's kind, from 1; one step per version brings an old payload up to
date. Up to 498 bytes of payload cost an RP2040 no block of their own (see wear).
"""

import binascii
import json
import struct

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable

    from bms.ports import Fields, Files

    Migration = Callable[[Fields], Fields]

_MAGIC = b"PWR"
_HEADER = "<3sBIH"
_HEADER_SIZE = const(10)
_LIMIT = const(4096)
_SLOTS = ("a", "b")

# What a load found.
NOTHING = const(0)  # never saved on this file system
WHOLE = const(1)
ONE_COPY = const(2)  # the other copy is damaged: what is in force may be the value before the last one
LOST = const(3)  # something was saved, and no copy of it is usable
NEWER = const(4)  # saved by a newer firmware, in a form that this one does not know

_TROUBLE = {
    2: "the file is not there",
    5: "the flash cannot be read or written",
    12: "there is not enough memory",
    28: "the file system is full",
    30: "the file system is read-only",
    84: "the file system is damaged",  # littlefs
}


def number(error: OSError) -> int:
    """The error's number, 0 if it has none."""
    code = error.args[0] if error.args else 0
    return code if isinstance(code, int) else 0


def explain(error: OSError) -> str:
    """What a refusal of the flash means, in words."""
    known = _TROUBLE.get(number(error))
    return f"{known} (error {number(error)})" if known else str(error)


def encode(sequence: int, payload: "Fields", version: int = 1) -> bytes:
    """The bytes of one copy; ValueError if they would be too many."""
    body = json.dumps(payload, separators=(",", ":")).encode()
    if len(body) > _LIMIT:
        raise ValueError(f"a record of {len(body)} bytes is over the limit of {_LIMIT}")
    head = struct.pack(_HEADER, _MAGIC, version, sequence & 0xFFFFFFFF, len(body))
    return head + struct.pack("<I", binascii.crc32(head + body) & 0xFFFFFFFF) + body


def decode(data: bytes) -> "tuple[int, Fields, int]":
    """(sequence, payload, version) of one copy; ValueError says what is wrong with it."""
    if not data:
        raise ValueError("it is empty")
    if len(data) < _HEADER_SIZE + 4:
        raise ValueError("it is cut short")
    magic, version, sequence, length = struct.unpack(_HEADER, data[:_HEADER_SIZE])
    if magic != _MAGIC or not version:
        raise ValueError("it is not a Packwarden record")
    body = data[_HEADER_SIZE + 4 :]
    if len(body) != length:
        raise ValueError(f"it holds {len(body)} bytes instead of {length}")
    (crc,) = struct.unpack("<I", data[_HEADER_SIZE : _HEADER_SIZE + 4])
    if crc != binascii.crc32(data[:_HEADER_SIZE] + body) & 0xFFFFFFFF:
        raise ValueError("its checksum is wrong")
    try:
        payload = json.loads(body)
    except RuntimeError:  # CPython's parser gives up on deep nesting with this
        raise ValueError("it is nested too deeply") from None
    if not isinstance(payload, dict):
        raise ValueError("it does not hold a set of values")  # noqa: TRY004 (as all that can be wrong with it)
    return sequence, payload, version


class Record:
    """One named record in two files, `<name>.a` and `<name>.b`.

    `migrations[n - 1]` makes a payload of version n into one of version n + 1 and depends on nothing else;
    the version that is written is the one after the last.
    """

    def __init__(self, files: "Files", name: str, migrations: "tuple[Migration, ...]" = ()) -> None:
        self._files = files
        self._name = name
        self._migrations = migrations
        self._sequence = 0
        self._slot = 0
        self.found = NOTHING
        self.damage: list[str] = []  # sentences about copies that are not usable

    def load(self) -> "Fields | None":
        """What the newest whole copy holds, or None; `found` says which case it is, and `reason` why.

        A whole copy by a newer firmware is not used, but counts: no older one is passed off as the last word.
        """
        self.damage = []
        sizes: list[int] = []
        first, second = self._copy(0, sizes), self._copy(1, sizes)
        newest = first if second is None or (first is not None and first[0] >= second[0]) else second
        # The first save of a copy, cut off, may leave its name without a byte: nothing is lost with it.
        if 0 in sizes and (len(sizes) == 1 if newest is None else newest[0] == 1):
            self.damage = []
        if newest is None:
            self.found = LOST if self.damage else NOTHING
            self._sequence = self._slot = 0
            return None
        self._sequence, self._slot, payload = newest
        if payload is None:
            self.found = NEWER
        else:
            self.found = ONE_COPY if self.damage else WHOLE
        return payload

    @property
    def reason(self) -> str:
        """What a person must know of what was found; empty if all is well."""
        what = "; ".join(self.damage)
        if self.found == NOTHING:
            return f"nothing is stored as '{self._name}': the board is new, or its file system was made anew"
        if self.found == LOST:
            return f"what was stored as '{self._name}' is lost: {what}"
        if self.found == NEWER:
            return f"what is stored as '{self._name}' is not used: {what}"
        if self.found == ONE_COPY:
            return f"'{self._name}' is taken from its other copy, which may be one save older: {what}"
        return ""

    @property
    def sequence(self) -> int:
        """The number of the save that is in force, from 1; 0: there is none."""
        return self._sequence

    def save(self, payload: "Fields") -> None:
        """Write beside the copy in force, read it back, and let it be the newest from then on.

        After damage both copies are written: one that could not be read might be readable again one day, and
        newer. Raises OSError when a write fails or does not read back; the copy in force is untouched then.
        """
        self._save(payload)
        if self.found in (ONE_COPY, LOST):
            self._save(payload)
        self.found = WHOLE

    def _save(self, payload: "Fields") -> None:
        slot = 1 - self._slot
        data = encode(self._sequence + 1, payload, len(self._migrations) + 1)
        self._files.write(self._file(slot), data)
        if self._files.read(self._file(slot)) != data:
            raise OSError(f"{self._file(slot)} did not read back as written")
        self._sequence += 1
        self._slot = slot

    def _copy(self, slot: int, sizes: list[int]) -> "tuple[int, int, Fields | None] | None":
        """(sequence, slot, payload, which is None if a newer firmware wrote it), or None and a sentence.

        The size of a copy that is there goes to `sizes`.
        """
        name = self._file(slot)
        try:
            data = self._files.read(name)
            if data is None:
                return None
            sizes.append(len(data))
            sequence, payload, version = decode(data)
        except OSError as error:
            sizes.append(-1)
            self.damage.append(f"{name} cannot be read: {explain(error)}")
        except MemoryError:
            self.damage.append(f"{name} is too large to be a record")
        except ValueError as error:
            self.damage.append(f"{name} is not usable: {error}")
        else:
            return self._up_to_date(sequence, slot, payload, version)
        return None

    def _up_to_date(
        self, sequence: int, slot: int, payload: "Fields", version: int
    ) -> "tuple[int, int, Fields | None] | None":
        """A whole copy in today's form."""
        name = self._file(slot)
        known = len(self._migrations) + 1
        if version > known:
            self.damage.append(f"{name} is of version {version}, and this firmware knows up to {known}")
            return sequence, slot, None
        try:
            for migrate in self._migrations[version - 1 :]:
                payload = migrate(payload)
        except Exception as error:  # noqa: BLE001 - whatever a value that should not be there trips
            self.damage.append(f"{name} of version {version} could not be brought up to date: {error!r}")
            return None
        return sequence, slot, payload

    def _file(self, slot: int) -> str:
        return f"{self._name}.{_SLOTS[slot]}"
