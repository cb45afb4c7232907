"""What a record of the journal looks like: a line of text, `<crc32> <sequence> <JSON object>`.

CR and LF are at its end, and either of them ends it.
"""

import binascii
import json

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Fields

LINE = const(1024)  # bytes, the longest


def encode(sequence: int, fields: "Fields") -> bytes:
    """One line, with its end."""
    body = json.dumps(fields, separators=(",", ":"))
    text = f"{sequence} {body}".encode()
    return b"%08x %s\r\n" % (binascii.crc32(text) & 0xFFFFFFFF, text)


def decode(line: bytes) -> "tuple[int, Fields]":
    """(sequence, fields) of one line without its end; ValueError if it is damaged."""
    if line[:9] != b"%08x " % (binascii.crc32(line[9:]) & 0xFFFFFFFF):
        raise ValueError("its checksum is wrong")
    sequence, _, text = line[9:].decode().partition(" ")
    fields = json.loads(text)
    if not isinstance(fields, dict):
        raise ValueError("it is not a set of values")  # noqa: TRY004 (as all that can be wrong with it)
    return int(sequence), fields
