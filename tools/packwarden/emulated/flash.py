"""The flash of a Pico as MicroPython lays it out: the image at the bottom, a littlefs at the top."""

import struct
from typing import IO, cast

from littlefs import LittleFS, UserContext

SIZE = 2 << 20
_XIP_BASE = 0x10000000
_BLOCK = 4096
_BLOCKS = 352  # MICROPY_HW_FLASH_STORAGE_BYTES of the RPI_PICO board: 1408 KiB
FILES_AT = SIZE - _BLOCK * _BLOCKS
_UF2_BLOCK = 512


def program(uf2: bytes) -> bytes:
    """A blank flash with a UF2 image in it."""
    flash = bytearray(b"\xff" * SIZE)
    for start in range(0, len(uf2), _UF2_BLOCK):
        address, size = struct.unpack_from("<II", uf2, start + 12)
        at = address - _XIP_BASE
        flash[at : at + size] = uf2[start + 32 : start + 32 + size]
    return bytes(flash)


def image_bytes(uf2: bytes) -> int:
    """What a UF2 image takes of the flash, from its bottom."""
    ends = (struct.unpack_from("<II", uf2, start + 12) for start in range(0, len(uf2), _UF2_BLOCK))
    end: int = max(address + size for address, size in ends)
    return end - _XIP_BASE


def _filesystem(content: bytes | None) -> tuple[LittleFS, UserContext]:
    context = UserContext(buffsize=_BLOCK * _BLOCKS)
    if content is not None:
        context.buffer[:] = content
    made = LittleFS(
        context=context,
        block_size=_BLOCK,
        block_count=_BLOCKS,
        prog_size=256,
        read_size=32,
        mount=content is None,
    )
    if content is not None:
        made.mount()
    return made, context


def _open(system: LittleFS, path: str, mode: str) -> IO[bytes]:
    return cast("IO[bytes]", system.open(path, mode))  # pyright: ignore[reportUnknownMemberType]


def with_files(flash: bytes, files: dict[str, bytes]) -> bytes:
    """The same flash with a new filesystem that holds these files, by their paths."""
    system, context = _filesystem(None)
    for path, content in files.items():
        parent = path.rpartition("/")[0]
        if parent:
            system.makedirs(parent, exist_ok=True)
        with _open(system, path, "wb") as file:
            file.write(content)
    system.unmount()
    return flash[:FILES_AT] + bytes(context.buffer)


def files_on(flash: bytes) -> dict[str, bytes]:
    """All files of a flash, by their paths."""
    system, _ = _filesystem(flash[FILES_AT:])
    found: dict[str, bytes] = {}
    for folder, _, names in system.walk("/"):
        for name in names:
            path = f"{folder.strip('/')}/{name}".lstrip("/")
            with _open(system, path, "rb") as file:
                found[path] = file.read()
    return found


def used_bytes(flash: bytes) -> int:
    """What the files occupy, in whole blocks."""
    system, _ = _filesystem(flash[FILES_AT:])
    return system.used_block_count * _BLOCK
