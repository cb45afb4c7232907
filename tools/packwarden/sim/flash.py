"""A controller's flash with littlefs on it, at the level at which a power cut and wear matter.

Every erase, program and commit is an operation. Before each one `watch` is called, if there is one; it may
ask for `survivor`, the flash that a boot would find if the power failed in that operation, or raise PowerCut
to end what is going on.

littlefs (rp2 and esp32 as they come) changes a file by one commit, when it is closed; a removal or an entry
for a new file is another. Data goes to blocks that nothing refers to before the commit. A commit whose
program was torn fails its checksum and counts for nothing. So a boot finds the old content or the new, and
what had not been committed is gone, in whatever order it was written. flash_fat is not so kind.

Besides: bit rot, which littlefs does not notice within a file; a file that cannot be read; a file system that
is full, read-only, or was made anew, as the rp2 port does when a mount fails (a new SimulatedFlash).
"""

from packwarden.sim.flash_blocks import Blocks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

ERASE, PROGRAM, COMMIT, SYNC = "erase", "program", "commit", "sync"
KINDS = (ERASE, PROGRAM, COMMIT, SYNC)
_NOT_THERE, _UNREADABLE, _NO_SPACE, _READ_ONLY = 2, 5, 28, 30


class PowerCut(BaseException):
    """The power failed in the middle of an operation."""


class SimulatedFlash:
    """The files of one controller, as its firmware sees them through `open`, `os.remove` and `os.sync`."""

    def __init__(self, files: "dict[str, bytes] | None" = None, blocks: "Blocks | None" = None) -> None:
        self.files: "dict[str, bytes]" = dict(files or {})
        self._blocks = blocks
        self.operations: "dict[str, int]" = dict.fromkeys(KINDS, 0)
        self.watch: "Callable[[SimulatedFlash, str], None] | None" = None
        self.full = False
        self.read_only = False
        self.unreadable: "set[str]" = set()
        self._under_way = ""  # the kind of operation
        self._coming: "dict[str, bytes | None]" = {}  # what the next commit changes

    @property
    def blocks(self) -> Blocks:
        """Where the files lie and what that cost; by default on a Pico."""
        if self._blocks is None:
            self._blocks = Blocks()
        self._blocks.operate = self._operate
        return self._blocks

    def read(self, name: str) -> "bytes | None":
        """The content, None if there is no such file."""
        if name in self.unreadable:
            raise OSError(_UNREADABLE)
        return self.files.get(name)

    def read_at(self, name: str, offset: int, count: int) -> bytes:
        """At most so many bytes from there on."""
        content = self.read(name)
        if content is None:
            raise OSError(_NOT_THERE)
        return content[offset : offset + count]

    def size(self, name: str) -> int:
        """Bytes in a file, -1 if there is no such file."""
        content = self.files.get(name)
        return -1 if content is None else len(content)

    def names(self) -> "list[str]":
        """The files there are, in no order."""
        return list(self.files)

    def write(self, name: str, content: bytes) -> None:
        """Replace a file."""
        self._check(len(content))
        self.unreadable.discard(name)
        self._put(name, 0, bytes(content))

    def append(self, name: str, content: bytes) -> None:
        """Add to the end of a file, which is made if need be."""
        self._check(len(content))
        old = self.files.get(name, b"")
        self._put(name, len(old), old + content)

    def remove(self, name: str) -> None:
        """Delete a file if it is there and the flash lets it."""
        if name in self.files and not self.read_only:
            self._drop(name)

    def rot(self, name: str, bit: int) -> None:
        """Flip one bit of a file."""
        content = bytearray(self.files[name])
        content[bit // 8 % len(content)] ^= 1 << bit % 8
        self.files[name] = bytes(content)

    def ways(self) -> int:
        """In how many ways a cut in the operation under way is worth a try: a commit counts or not."""
        return 2 if self._under_way == COMMIT else 1

    def unsettled(self) -> "list[str]":
        """Files that a cut in the operation under way may damage."""
        return []

    def survivor(self, seed: int = 0) -> "SimulatedFlash":
        """What the next boot finds if the power fails in the operation under way; the seed picks a way."""
        found = SimulatedFlash(self.files)
        if self._under_way == COMMIT and seed & 1:
            found.settle(self._coming)
        return found

    def settle(self, changes: "dict[str, bytes | None]") -> None:
        """Let contents be what is given; None removes."""
        for name in changes:
            content = changes[name]
            if content is None:
                self.files.pop(name, None)
            else:
                self.files[name] = content

    def _check(self, size: int) -> None:
        if self.read_only:
            raise OSError(_READ_ONLY)
        if self.full and size:
            raise OSError(_NO_SPACE)

    def _put(self, name: str, start: int, whole: bytes) -> None:
        """The content of a file, which is new from a place on: the end of what it held, or its beginning."""
        if name not in self.files:
            self._coming = {name: b""}
            self.blocks.create(name)
            self.files[name] = b""
        self._coming = {name: whole}
        if start:
            self.blocks.append(name, start, len(whole) - start)
        else:
            self.blocks.write(name, len(whole))
        self.files[name] = whole

    def _drop(self, name: str) -> None:
        self._coming = {name: None}
        self.blocks.remove(name)
        del self.files[name]

    def _operate(self, kind: str) -> None:
        self.operations[kind] += 1
        self._under_way = kind
        if self.watch is not None:
            self.watch(self, kind)
