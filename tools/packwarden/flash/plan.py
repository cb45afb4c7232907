"""What has to change on a chip: decided from what should be there and what is, before anything is touched.

Only what came with the firmware is ever removed. Whatever else is on the chip, parameters, learned values,
the journal and files of the owner's own, stays as it is.
"""

from dataclasses import dataclass
from hashlib import sha256

from packwarden.errors import InputError

MAIN = "main.py"  # starts the firmware: goes first when something changes, comes last when all is there
_FOLDER = "bms/"
_BOARD = ("board.py", "board.mpy")


@dataclass(frozen=True)
class Held:
    """A file on the chip."""

    size: int
    digest: str


@dataclass(frozen=True)
class Plan:
    """In this order: remove, write, then main.py."""

    remove: list[str]
    write: dict[str, bytes]
    same: int  # files that need nothing

    @property
    def size(self) -> int:
        """Bytes to be written."""
        return sum(len(content) for content in self.write.values())


def digest(content: bytes) -> str:
    """As the chip computes it."""
    return sha256(content).hexdigest()


def make(wanted: dict[str, bytes], held: dict[str, Held]) -> Plan:
    """What turns the chip into what is wanted."""
    changed = {
        path: content
        for path, content in wanted.items()
        if path not in held or held[path].digest != digest(content)
    }
    ours = [path for path in held if path.startswith(_FOLDER) or path in _BOARD]
    remove = sorted(path for path in ours if path not in wanted)
    if (changed or remove) and MAIN in held:
        remove.insert(0, MAIN)
        changed[MAIN] = wanted[MAIN]
    same = len(wanted) - len(changed)
    order = sorted(changed, key=lambda path: (path == MAIN, path))
    return Plan(remove, {path: changed[path] for path in order}, same)


def check_room(plan: Plan, held: dict[str, Held], block: int, free_blocks: int) -> None:
    """InputError if it cannot fit; what is replaced makes room first."""
    gone = [held[path] for path in {*plan.remove, *plan.write} if path in held]
    free = free_blocks + sum(_blocks(each.size, block) for each in gone)
    needed = sum(_blocks(len(content), block) for content in plan.write.values())
    if needed <= free:
        return
    others = {
        path: each.size
        for path, each in held.items()
        if not path.startswith(_FOLDER) and path not in (*_BOARD, MAIN)
    }
    largest = sorted(others, key=lambda path: -others[path])[:3]
    where = f" The largest other files there: {', '.join(f'{p} ({_kib(others[p])})' for p in largest)}."
    raise InputError(
        f"The chip's file system is full: {_kib(needed * block)} are needed and {_kib(free * block)} are "
        f"free.{where if largest else ''} Nothing was changed."
    )


def _blocks(size: int, block: int) -> int:
    return -(-size // block)


def _kib(size: int) -> str:
    return f"{-(-size // 1024)} KiB"
