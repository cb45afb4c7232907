"""MicroPython itself onto a bare controller, from a file that the user has downloaded.

An RP2040 shows a drive that takes a UF2 file; a file for another chip would be ignored in silence, so it is
looked at first. An ESP32 is esptool's business, which this says in full.
"""

import shutil
import struct
from collections.abc import Callable
from pathlib import Path

from packwarden.errors import InputError

_BLOCK = 512
_MAGIC = (0x0A324655, 0x9E5D5157)
# https://github.com/microsoft/uf2/blob/master/utils/uf2families.json
_FAMILIES = {0xE48BFF56: "RP2040", 0xE48BFF59: "RP2350", 0xE48BFF5B: "RP2350"}
_DRIVES = {"RPI-RP2": "RP2040", "RP2350": "RP2350"}  # Board-ID in INFO_UF2.TXT, and what it is
# esp_app_format.h of ESP-IDF: the header of the bootloader, with which such a file begins; where it belongs.
_ESP_MAGIC, _HEADER = 0xE9, 24
_ESP_CHIPS = {0: ("esp32", "0x1000"), 5: ("esp32c3", "0"), 9: ("esp32s3", "0")}
_NOTE = "INFO_UF2.TXT"
_HOW = (
    "Hold BOOTSEL on the board while you plug it in, see where the drive that appears is mounted, and "
    "name it: --drive FOLDER."
)


def put(image: Path, drive: Path | None, port: str | None, say: Callable[[str], None]) -> None:
    """Copy it, or say how; InputError with what is wrong."""
    content = _read(image)
    if image.suffix.lower() == ".bin":
        say(_esptool(content, image, port))
        return
    chip = family(content, image)
    if drive is None:
        raise InputError(_HOW)
    found = _drive(drive)
    if found != chip:
        raise InputError(f"{image.name} is for an {chip}, and the drive belongs to an {found}.")
    try:
        shutil.copyfile(image, drive / image.name)
    except OSError as error:
        # The board restarts, and takes the drive away, with the last block.
        if drive.joinpath(_NOTE).exists():
            raise InputError(f"{drive} cannot be written: {error.strerror or error}.") from None
    say(
        f"{image.name} is on the {chip}, which restarts with it. Next: `packwarden ports`, then "
        "`packwarden flash --board NAME`."
    )


def family(content: bytes, image: Path) -> str:
    """Which chip a UF2 file is for; InputError if it is none, or for none that we know."""
    if len(content) < _BLOCK or struct.unpack_from("<II", content) != _MAGIC or len(content) % _BLOCK:
        raise InputError(
            f"{image} is not a UF2 file: download one for your board from micropython.org/download."
        )
    flags, number = struct.unpack_from("<8xI16xI", content)
    chip = _FAMILIES.get(number) if flags & 0x2000 else None
    if chip is None:
        raise InputError(f"{image} is for a chip of family 0x{number:08x}, which is no RP2040 or RP2350.")
    return chip


def _read(image: Path) -> bytes:
    try:
        return image.read_bytes()
    except OSError as error:
        raise InputError(f"--image {image} cannot be read: {error.strerror or error}.") from None


def _drive(drive: Path) -> str:
    try:
        note = (drive / _NOTE).read_text(encoding="ascii", errors="replace")
    except OSError:
        raise InputError(f"{drive} is not the drive of a board in its bootloader. {_HOW}") from None
    for name, chip in _DRIVES.items():
        if name in note:
            return chip
    raise InputError(f"{drive} is the drive of a board that is no Pico: its {_NOTE} says {note[:80]!r}.")


def _esptool(content: bytes, image: Path, port: str | None) -> str:
    magic, number = struct.unpack_from("<B11xH", content.ljust(_HEADER, b"\0"))
    if len(content) < _HEADER or magic != _ESP_MAGIC or number not in _ESP_CHIPS:
        raise InputError(
            f"{image} is no MicroPython for an ESP32, ESP32-S3 or ESP32-C3: download the one that the "
            "board's README names from micropython.org/download."
        )
    chip, start = _ESP_CHIPS[number]
    where = f"--chip {chip} --port {port or 'PORT'}"
    return (
        f"{image.name} is for an {chip.upper()}, which is flashed with esptool (pip install esptool):\n"
        f"  esptool {where} erase-flash\n"
        f"  esptool {where} --baud 460800 write-flash {start} {image}\n"
        "erase-flash also erases parameters, learned values and the journal: leave it out for an update."
    )
