"""Which blocks littlefs erases for what is done to files: the part of it that wears flash out.

Modelled, for files in one folder: content up to the inline limit lies within the folder's log, and each
change of it appends a commit, padded to whole programs; a log that is full is compacted into the other block
of its pair, which is erased for that; the 101st compaction moves the pair on to a fresh block (block_cycles
100, as MicroPython sets it); a log of more than half a block of living data is split in two. Larger content
lies in blocks of its own: a rewrite erases as many as it needs, an addition one, because the last block is
copied. Blocks are handed out in turn, whoever gave them back; a mount starts anywhere.

Not modelled: subfolders, index pointers within large files, and blocks that fail.
"""

from array import array

from packwarden.sim.prng import Prng

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

BLOCK = 4096
CYCLES = 101  # compactions of a pair before it moves: (block_cycles + 1) | 1
_TAG = 4
_TIME_TAG = 12  # MicroPython keeps the time of change with each file
_COMMIT_TAGS = 20  # checksum, and the checksum of what follows
_STRUCT = 8  # where the blocks of a larger file are
_PAIR_TAGS = 40
_PROGRAM_AT_ONCE = 4  # times the program size: the cache
_NO_SPACE = 28
FIRMWARE = 100  # blocks that are never written: about a hundred modules


def _ignore(_kind: str) -> None:
    """Nobody is told of operations."""


class Pair:
    """Two blocks that take turns in holding one log."""

    def __init__(self, blocks: "list[int]") -> None:
        self.blocks = blocks
        self.used = BLOCK  # the first commit compacts
        self.revision = 0
        self.files: "dict[str, int]" = {}  # what each takes in a fresh log


class Blocks:
    """Block use of one file system; as it comes, of a Pico: 1.4 MB, programs of 256 bytes, firmware on it."""

    def __init__(
        self, count: int = 352, program: int = 256, inline: int = 512, occupied: int = FIRMWARE
    ) -> None:
        self.erases = array("L", [0] * count)
        self.operate: "Callable[[str], None]" = _ignore  # called for each erase, program and commit
        self._program = program
        self.inline = inline
        self._taken = bytearray(count)
        self._free = count
        self._next = 0
        self._content: "dict[str, list[int]]" = {}
        self._occupy(occupied)
        self._top = Pair([self._take(), self._take()])  # the superblock's
        self._pairs = [Pair([self._take(), self._take()])]

    @property
    def free(self) -> int:
        """Blocks that nothing refers to."""
        return self._free

    def mounted(self, seed: int) -> None:
        """After a mount, blocks are handed out from somewhere else."""
        self._next = int(Prng(seed).uniform() * len(self._taken))

    def create(self, name: str) -> None:
        """The entry of a new, empty file."""
        self._commit(name, 0, 2 * _TAG + len(name))

    def write(self, name: str, size: int) -> None:
        """Replace the content."""
        old = self._content.get(name, [])
        self._store(name, size, self._fill(size), old)

    def append(self, name: str, before: int, added: int) -> None:
        """Add to the end of a file of `before` bytes."""
        old = self._content.get(name, [])
        size = before + added
        if not old or size <= self.inline:
            self._store(name, size, self._fill(size), old)
            return
        kept = before // BLOCK
        fresh = self._fill(size - kept * BLOCK, least=1)
        self._store(name, size, old[:kept] + fresh, old[kept:], fresh)

    def remove(self, name: str) -> None:
        """Forget a file."""
        self._commit(name, -1, 0)
        self._give_back(self._content.pop(name, []))

    def _fill(self, size: int, least: int = 0) -> "list[int]":
        """Fresh blocks with that much in them; none if it is little enough for the log."""
        if size <= self.inline and not least:
            return []
        taken: "list[int]" = []
        try:
            for start in range(0, size, BLOCK):
                taken.append(self._take())
                for _ in range(start, min(size, start + BLOCK), _PROGRAM_AT_ONCE * self._program):
                    self.operate("program")
        except OSError:
            self._give_back(taken)
            raise
        return taken

    def _store(
        self, name: str, size: int, blocks: "list[int]", old: "list[int]", fresh: "list[int] | None" = None
    ) -> None:
        try:
            self._commit(name, _STRUCT if blocks else size)
        except OSError:
            self._give_back(blocks if fresh is None else fresh)
            raise
        self._content[name] = blocks
        self._give_back(old)

    def _commit(self, name: str, payload: int, extra: int = 0) -> None:
        """One change of the log; it holds from its last program on. A payload below 0 removes the entry."""
        pair = self._pair_of(name)
        length = self._padded(_TAG + max(payload, 0) + _TIME_TAG + extra + _COMMIT_TAGS)
        living = 3 * _TAG + len(name) + payload + _TIME_TAG
        if pair.used + length <= BLOCK:
            pair.used += length
        else:
            self._compact(pair, name, living if payload >= 0 else 0)
        if payload >= 0:
            pair.files[name] = living
        else:
            pair.files.pop(name, None)
        self.operate("commit")

    def _compact(self, pair: Pair, name: str, living: int) -> None:
        """Write what lives into the other block, and once in a while into a fresh one."""
        size = sum(pair.files.values()) + _PAIR_TAGS + living - pair.files.get(name, 0)
        if pair is not self._top and size > BLOCK // 2 and len(pair.files) > 1:
            self._split(pair)
            size = sum(pair.files.values()) + _PAIR_TAGS + living
        pair.revision += 1
        pair.blocks.reverse()
        if (pair.revision + 1) % CYCLES == 0 and pair is not self._top and self._free:
            old = pair.blocks[0]
            pair.blocks[0] = self._take()
            self._give_back([old])
            self._repoint()
        else:
            self._erase(pair.blocks[0])
        pair.used = min(self._padded(size + _COMMIT_TAGS), BLOCK)
        for _ in range(0, pair.used, _PROGRAM_AT_ONCE * self._program):
            self.operate("program")

    def _split(self, pair: Pair) -> None:
        """The later half by name gets a pair of its own."""
        names = sorted(pair.files)
        other = Pair([self._take(), self._take()])
        for name in names[len(names) // 2 :]:
            other.files[name] = pair.files.pop(name)
        other.used = self._padded(sum(other.files.values()) + _PAIR_TAGS + _COMMIT_TAGS)
        self.operate("program")
        self._pairs.insert(self._pairs.index(pair) + 1, other)

    def _repoint(self) -> None:
        """Whoever points to the moved pair says so in its own log."""
        top = self._top
        length = self._padded(3 * _TAG + _COMMIT_TAGS)
        if top.used + length > BLOCK:
            self._compact(top, "", 0)
        else:
            top.used += length
            self.operate("program")

    def _pair_of(self, name: str) -> Pair:
        """The pair that holds a name, or the one in whose range it falls."""
        found = self._pairs[0]
        for pair in self._pairs:
            if name in pair.files:
                return pair
        for pair in self._pairs:
            if pair.files and min(pair.files) < name:
                found = pair
        return found

    def _occupy(self, count: int) -> None:
        for i in range(count):
            self._taken[i * len(self._taken) // max(count, 1)] = 1
        self._free -= count

    def _take(self) -> int:
        if not self._free:
            raise OSError(_NO_SPACE)
        count = len(self._taken)
        block = self._next
        while self._taken[block]:
            block = (block + 1) % count
        self._next = (block + 1) % count
        self._taken[block] = 1
        self._free -= 1
        self._erase(block)
        return block

    def _erase(self, block: int) -> None:
        self.erases[block] += 1
        self.operate("erase")

    def _give_back(self, blocks: "list[int]") -> None:
        for block in blocks:
            self._taken[block] = 0
        self._free += len(blocks)

    def _padded(self, size: int) -> int:
        return (size + self._program - 1) // self._program * self._program
