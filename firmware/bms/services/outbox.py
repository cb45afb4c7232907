"""Console output that can never hold up the pack: a bounded buffer, emptied a little at a time.

Writing here costs a copy and nothing else. `pump` hands the serial port what it takes without waiting; a
reader that stalls fills the buffer, and what does not fit is dropped whole and counted, never waited for.
"""

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Serial

SIZE = const(2048)
_CHUNK = const(128)


class Outbox:
    """A ring of bytes between the commands and the serial port."""

    def __init__(self, serial: "Serial") -> None:
        self._serial = serial
        self._ring = bytearray(SIZE)
        self._first = 0
        self.used = 0
        self.dropped = 0
        self.moving = False  # something is under way, and the reader takes it

    @property
    def room(self) -> int:
        """Bytes that still fit."""
        return SIZE - self.used

    def put(self, text: str) -> bool:
        """Queue a text whole, or drop it whole and return False."""
        data = text.encode()
        if len(data) > self.room:
            self.dropped += len(data)
            return False
        at = (self._first + self.used) % SIZE
        head = min(len(data), SIZE - at)
        self._ring[at : at + head] = data[:head]
        self._ring[: len(data) - head] = data[head:]
        self.used += len(data)
        return True

    def pump(self) -> None:
        """Give the port one chunk at most."""
        if not self.used:
            self.moving = False
            return
        end = min(self._first + min(self.used, _CHUNK), SIZE)
        taken = self._serial.write(self._ring[self._first : end]) or 0
        self._first = (self._first + taken) % SIZE
        self.used -= taken
        self.moving = taken > 0
