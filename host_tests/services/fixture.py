"""Stand-ins for ports that hold a test's hand: a serial line and a small flash."""


class Wire:
    """A serial port: what was typed goes in by `type`, what was printed is in `printed`."""

    def __init__(self) -> None:
        self._typed = bytearray()
        self._printed = bytearray()
        self.room = 1 << 30  # bytes that the far end still takes

    def type(self, text: str) -> None:
        self._typed += text.encode()

    def readinto(self, buf: bytearray) -> int:
        count = min(len(buf), len(self._typed))
        for i in range(count):
            buf[i] = self._typed[i]
        self._typed = self._typed[count:]
        return count

    def write(self, buf: bytes) -> int:
        count = min(len(buf), self.room)
        self.room -= count
        self._printed += buf[:count]
        return count

    @property
    def printed(self) -> str:
        return bytes(self._printed).decode()


class Flash:
    """Files in memory; `fail` makes the next writes raise, `corrupt` changes what they store."""

    def __init__(self) -> None:
        self.files: dict = {}
        self.fail = False
        self.corrupt = False
        self.writes = 0

    def read(self, name: str) -> "bytes | None":
        return self.files.get(name)

    def write(self, name: str, content: bytes) -> None:
        if self.fail:
            raise OSError(28)
        self.writes += 1
        self.files[name] = content[:-1] + b"!" if self.corrupt else bytes(content)

    def remove(self, name: str) -> None:
        self.files.pop(name, None)

    def append(self, name: str, content: bytes) -> None:
        self.write(name, self.files.get(name, b"") + content)

    def size(self, name: str) -> int:
        return len(self.files[name]) if name in self.files else -1

    def read_at(self, name: str, offset: int, count: int) -> bytes:
        return self.files[name][offset : offset + count]

    def names(self) -> "list[str]":
        return list(self.files)
