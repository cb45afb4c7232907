"""Small records that survive a power cut: two copies, and the newest whole one counts.

A record is written beside the one in force, in the other of two files, with a sequence number, its length and
a CRC-32; a cut in the middle of a write leaves the old copy untouched. The reader takes the newest copy that
checks; what does not check is reported, never guessed at.

File: b"PWR" version(1) sequence(4) length(2) crc32(4) payload (JSON), little-endian; the CRC covers all but
itself.
"""

import binascii
import json
import struct

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Fields, Files

_MAGIC = b"PWR"
_VERSION = const(1)
_HEADER = "<3sBIH"
_HEADER_SIZE = const(10)
_LIMIT = const(4096)
_SLOTS = ("a", "b")


def encode(sequence: int, payload: "Fields") -> bytes:
    """The bytes of one copy."""
    body = json.dumps(payload).encode()
    if len(body) > _LIMIT:
        raise ValueError(f"a record of {len(body)} bytes is over the limit of {_LIMIT}")
    head = struct.pack(_HEADER, _MAGIC, _VERSION, sequence & 0xFFFFFFFF, len(body))
    return head + struct.pack("<I", binascii.crc32(head + body) & 0xFFFFFFFF) + body


def decode(data: bytes) -> "tuple[int, Fields]":
    """(sequence, payload) of one copy; ValueError says what is wrong with it."""
    if len(data) < _HEADER_SIZE + 4:
        raise ValueError("it is cut short")
    magic, version, sequence, length = struct.unpack(_HEADER, data[:_HEADER_SIZE])
    if magic != _MAGIC:
        raise ValueError("it is not a Packwarden record")
    if version != _VERSION:
        raise ValueError(f"its format {version} is not one that this firmware reads")
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
    return sequence, payload


class Record:
    """One named record in two files, `<name>.a` and `<name>.b`."""

    def __init__(self, files: "Files", name: str) -> None:
        self._files = files
        self._name = name
        self._sequence = 0
        self._slot = 0
        self.damage: list[str] = []  # sentences about copies that did not check

    def load(self) -> "Fields | None":
        """The newest whole copy, or None when there is none; `damage` says what was wrong with the others."""
        newest = None
        self.damage = []
        for slot in range(2):
            data = self._files.read(self._file(slot))
            if data is None:
                continue
            try:
                sequence, payload = decode(data)
            except ValueError as error:
                self.damage.append(f"{self._file(slot)} is not usable: {error}")
                continue
            if newest is None or sequence > self._sequence:
                newest = payload
                self._sequence = sequence
                self._slot = slot
        return newest

    def save(self, payload: "Fields") -> None:
        """Write beside the copy in force, read it back, and let it be the newest from then on.

        Raises OSError when the write fails or does not read back; the copy in force is untouched then.
        """
        slot = 1 - self._slot
        data = encode(self._sequence + 1, payload)
        self._files.write(self._file(slot), data)
        if self._files.read(self._file(slot)) != data:
            raise OSError(f"{self._file(slot)} did not read back as written")
        self._sequence += 1
        self._slot = slot

    def _file(self, slot: int) -> str:
        return f"{self._name}.{_SLOTS[slot]}"
