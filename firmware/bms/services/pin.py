"""The owner's PIN as it lies on flash: a salted hash that takes time, and how many tries have been begun.

Who can read the flash can also try PINs until one fits; the hash only makes that take longer, and keeps the
PIN itself, which may serve elsewhere too, from being read. The hash is the iterated and salted S2K of OpenPGP
(RFC 4880, 3.7.1.3) with SHA-256: salt and PIN, again and again, as one text of so many bytes. That needs no
memory, and a controller some hundredths of a second. Loaded for the moment.
"""

import binascii
import hashlib

from micropython import const

from bms.services.storage import LOST, NEWER, Record

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Files

SHORTEST = const(4)
LONGEST = const(16)
SALT_BYTES = const(8)
_HASHED_BYTES = const(32768)
_AT_ONCE = const(16)  # times salt and PIN, for each call of the hash


class PinRecord:
    """The record `pin`, in two copies. What is lost is not taken for "none is set"."""

    def __init__(self, files: "Files") -> None:
        self._record = Record(files, "pin")
        data = self._record.load() or {}
        salt, digest, begun = data.get("salt"), data.get("hash"), data.get("begun")
        self._salt = salt if isinstance(salt, str) else ""
        self._hash = digest if isinstance(digest, str) else ""
        self.begun = (
            begun if isinstance(begun, int) and begun >= 0 else 0
        )  # tries since a right one, at least
        self.lost = self._record.found in (LOST, NEWER)

    @property
    def is_set(self) -> bool:
        """Whether only a PIN unlocks. If it is lost, none does."""
        return self._hash != "" or self.lost

    def begin(self, tries: int) -> None:
        """Count a try before it is judged, so that no power cut takes it back; OSError if refused."""
        self._save(self._salt, self._hash, tries)

    def matches(self, pin: str) -> bool:
        """Whether this is the PIN, found out in the same time for every wrong one."""
        if not self._hash:
            return False
        return same(stretched(pin, self._salt), self._hash)

    def replace(self, pin: str, salt: bytes) -> None:
        """Make this the PIN; OSError if the flash refuses. Both copies: the old one must not come back."""
        text = binascii.hexlify(salt).decode()
        digest = stretched(pin, text)
        self._save(text, digest, 0)
        self._save(text, digest, 0)

    def remove(self) -> None:
        """No PIN any more; OSError if the flash refuses."""
        self._save("", "", 0)
        self._save("", "", 0)

    def _save(self, salt: str, digest: str, begun: int) -> None:
        self._record.save({"salt": salt, "hash": digest, "begun": begun})
        self._salt, self._hash, self.begun, self.lost = salt, digest, begun, False


def is_sound(pin: str) -> bool:
    """Whether this may be a PIN: so many letters and digits of ASCII, and not the same one throughout."""
    for letter in pin:
        if not ("0" <= letter <= "9" or "a" <= letter <= "z" or "A" <= letter <= "Z"):
            return False
    return SHORTEST <= len(pin) <= LONGEST and pin != pin[0] * len(pin)


def stretched(pin: str, salt: str) -> str:
    """The hash of a PIN, as text."""
    piece = (salt + pin).encode() * _AT_ONCE
    digest = hashlib.sha256()
    for _ in range(_HASHED_BYTES // len(piece)):
        digest.update(piece)
    return binascii.hexlify(digest.digest()).decode()


def same(left: str, right: str) -> bool:
    """Equal, looked at to the end wherever they differ."""
    difference = len(left) ^ len(right)
    for i in range(min(len(left), len(right))):
        difference |= ord(left[i]) ^ ord(right[i])
    return difference == 0
