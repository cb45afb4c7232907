"""The real littlefs on a flash in memory, behind the same calls as the simulated one: the judge of the model.

Each erase and program of the flash itself can be cut off: half done, done, or with bits in any state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from littlefs import LittleFS, UserContext
from littlefs.errors import LittleFSError
from packwarden.sim.prng import Prng

BLOCK = 4096
# As MicroPython mounts it: cache 4 times the program size, block_cycles 100 (extmod/vfs_lfsx.c).
PICO = {"prog_size": 256, "cache_size": 1024}
ESP32 = {"prog_size": 32, "cache_size": 128}
_ALWAYS = {"block_size": BLOCK, "read_size": 32, "lookahead_size": 32, "block_cycles": 100}


class Chip(UserContext):
    """Flash memory. `before` is told of each operation: the kind, where it begins, what it leaves there."""

    def __init__(self, content: bytearray) -> None:
        super().__init__(buffer=content)
        self.before: Callable[[str, int, bytes], None] = lambda _kind, _start, _content: None

    def read(self, _config: Any, block: int, offset: int, size: int) -> bytearray:
        start = block * BLOCK + offset
        return self.buffer[start : start + size]

    def prog(self, _config: Any, block: int, offset: int, data: bytes) -> int:
        self._change("program", block * BLOCK + offset, bytes(data))
        return 0

    def erase(self, _config: Any, block: int) -> int:
        self._change("erase", block * BLOCK, b"\xff" * BLOCK)
        return 0

    def _change(self, kind: str, start: int, content: bytes) -> None:
        self.before(kind, start, content)
        self.buffer[start : start + len(content)] = content


class LittleFlash:
    """Files on littlefs."""

    def __init__(self, shape: dict[str, int], blocks: int, content: bytearray | None = None) -> None:
        self._shape = shape
        self._blocks = blocks
        self._chip = Chip(bytearray(b"\xff" * BLOCK * blocks) if content is None else content)
        self._system = LittleFS(self._chip, mount=False, block_count=blocks, **_ALWAYS, **shape)
        if content is None:
            self._system.format()
        self._system.mount()
        self._chip.before = self._operate
        self._under_way = ("", 0, b"")
        self.operations = {"program": 0, "erase": 0}
        self.watch: Callable[[LittleFlash, str], None] | None = None

    def read(self, name: str) -> bytes | None:
        try:
            with self._system.open(name, "rb") as file:
                return bytes(file.read())
        except FileNotFoundError:
            return None

    def read_at(self, name: str, offset: int, count: int) -> bytes:
        with self._system.open(name, "rb") as file:
            file.seek(offset)
            return bytes(file.read(count))

    def write(self, name: str, content: bytes) -> None:
        with self._system.open(name, "wb") as file:
            file.write(content)

    def append(self, name: str, content: bytes) -> None:
        with self._system.open(name, "ab" if self.size(name) >= 0 else "wb") as file:
            file.write(content)

    def remove(self, name: str) -> None:
        self._system.remove(name)

    def size(self, name: str) -> int:
        try:
            return int(self._system.stat(name).size)
        except LittleFSError:
            return -1

    def names(self) -> list[str]:
        return list(self._system.listdir("/"))

    def ways(self) -> int:
        return 3

    def unsettled(self) -> list[str]:
        return []

    def survivor(self, seed: int = 0) -> LittleFlash:
        """What the next boot mounts if the power fails in the operation under way."""
        draw = Prng(seed)
        left = bytearray(self._chip.buffer)
        _, start, content = self._under_way
        old = left[start : start + len(content)]
        if seed % 3 == 0:  # up to somewhere
            size = int(draw.uniform() * (len(content) + 1))
            new = content[:size] + old[size:]
        elif seed % 3 == 1:  # all of it
            new = content
        else:  # bits on their way: to 0 where they are programmed, to 1 where they are erased
            noise = int(draw.uniform() * 2**32).to_bytes(4, "big") * (len(content) // 4)
            new = bytes(a | b & c for a, b, c in zip(content, old, noise, strict=True))
        left[start : start + len(content)] = new
        return LittleFlash(self._shape, self._blocks, left)

    def _operate(self, kind: str, start: int, content: bytes) -> None:
        self._under_way = (kind, start, content)
        self.operations[kind] += 1
        if self.watch is not None:
            self.watch(self, kind)
