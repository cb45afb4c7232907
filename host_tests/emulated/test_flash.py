"""What is put on the emulated chip's flash, and where its image is looked for: no emulator needed."""

import struct
from pathlib import Path

import pytest
from packwarden.compiler import chip
from packwarden.compiler.chip import BUNDLE, unbundled
from packwarden.emulated import firmware, flash, image
from packwarden.errors import InputError

FILES = {"main.py": b"print(1)\n", "bms/app/loop.mpy": bytes(range(256)) * 40, "bms/empty.mpy": b""}


def uf2(blocks: list[tuple[int, bytes]]) -> bytes:
    magic = (0x0A324655, 0x9E5D5157, 0x2000)
    return b"".join(
        struct.pack("<8I", *magic, address, len(data), i, len(blocks), 0xE48BFF56)
        + data.ljust(476, b"\0")
        + struct.pack("<I", 0x0AB16F30)
        for i, (address, data) in enumerate(blocks)
    )


def test_image_goes_where_it_says() -> None:
    blank = flash.program(uf2([(0x10000000, b"first"), (0x10000300, b"second")]))
    assert len(blank) == flash.SIZE
    assert blank[:5] == b"first"
    assert blank[0x300:0x306] == b"second"
    assert blank[5:0x300] == b"\xff" * 0x2FB
    assert flash.image_bytes(uf2([(0x10000000, b"first"), (0x10000300, b"second")])) == 0x306


def test_files_are_found_again_with_their_folders() -> None:
    blank = flash.program(uf2([(0x10000000, b"image")]))
    filled = flash.with_files(blank, FILES)
    assert flash.files_on(filled) == FILES
    assert filled[:0xA0000] == blank[:0xA0000]
    assert sum(map(len, FILES.values())) < flash.used_bytes(filled) < 1 << 17


def test_every_module_lands_on_the_chip(program: dict[str, bytes]) -> None:
    sources = list((firmware.ROOT / "firmware" / "bms").rglob("*.py"))
    texts = {
        str(file.relative_to(firmware.ROOT / "firmware"))
        for file in (firmware.ROOT / "firmware" / "bms" / "texts").glob("*.txt")
    }
    assert set(program) == texts | {"bms/__init__.mpy", BUNDLE, "main.py", "board.mpy"}
    modules = unbundled(program[BUNDLE])
    joined = sum(len(members) - 1 for members in chip.together(chip.sources()).values())
    assert len(modules) == len(sources) - 1 - joined, "all but bms/__init__.py, some of them as one"
    assert all(content[:2] == b"M\x06" for content in (*modules, program["board.mpy"]))


def test_where_the_image_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(image.VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert image.find() is None
    cache = tmp_path / "packwarden"
    cache.mkdir()
    own, official, named = cache / "RPI_PICO-own.uf2", cache / image.OFFICIAL, tmp_path / "named.uf2"
    own.touch()
    assert image.find() == own
    official.touch()
    assert image.find() == official
    monkeypatch.setenv(image.VARIABLE, str(named))
    with pytest.raises(InputError, match=r"named\.uf2"):
        image.find()
    named.touch()
    assert image.find() == named


def test_boot_rom_is_whole() -> None:
    assert len(image.boot_rom()) == 16 << 10


def test_a_frozen_image_is_what_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(image.FROZEN, raising=False)
    assert image.frozen() is None
    named = tmp_path / "frozen.uf2"
    monkeypatch.setenv(image.FROZEN, str(named))
    with pytest.raises(InputError, match=r"frozen\.uf2"):
        image.frozen()
    named.touch()
    assert image.frozen() == named
    assert set(firmware.frozen_run_by(Path(__file__))) == {"boot.py", "test_flash.mpy"}
