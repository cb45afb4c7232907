"""Whether the chip at the prompt is the board's, and its MicroPython takes what is compiled here."""

from dataclasses import dataclass

from packwarden.compiler.chip import BUNDLE, unbundled
from packwarden.errors import InputError

_OLDEST = (1, 28)


@dataclass(frozen=True)
class What:
    """What a chip says of itself."""

    name: str
    version: tuple[int, ...]
    mpy: int  # version of .mpy files that it loads, in the lowest byte
    platform: str
    block: int
    free_blocks: int
    machine: str = ""  # such as "Raspberry Pi Pico with RP2040"; the last word is the controller

    @property
    def release(self) -> str:
        """1.28.0"""
        return ".".join(str(part) for part in self.version)


def check(what: What, board: str, mcu: str, wanted: dict[str, bytes], controller: str = "") -> None:
    """InputError if this chip is not the board's, or its MicroPython does not load what is compiled here.

    `controller`: the board's, if that is known, such as "ESP32-S3". Chips of one family take each other's
    firmware, and then their pins are others.
    """
    if what.name != "micropython":
        raise InputError(
            f"There is {what.name} on the board, not MicroPython: see `packwarden flash --image`."
        )
    if what.platform != mcu:
        raise InputError(
            f"The chip at this port is an {what.platform}, and board {board} has an {mcu}: "
            "is it the right port, the right board?"
        )
    _, found, said = what.machine.rpartition(" with ")
    if controller and found and said.split("-RISCV")[0] != controller.replace("-", ""):
        raise InputError(
            f"The controller at this port calls itself '{what.machine}', and board {board} has an "
            f"{controller}: is it the right port, the right board?"
        )
    if what.version < _OLDEST:
        oldest = ".".join(str(part) for part in _OLDEST)
        raise InputError(
            f"The board runs MicroPython {what.release}, and the firmware needs {oldest} or newer: "
            "see `packwarden flash --image`."
        )
    compiled = [content for path, content in wanted.items() if path.endswith(".mpy")]
    for content in compiled + unbundled(wanted.get(BUNDLE, bytes(4))):
        if not _loads(what.mpy, content):
            raise InputError(
                f"MicroPython {what.release} loads .mpy files of version {_version(what.mpy)}, and mpy-cross "
                f"here makes version {_version(content[1] | content[2] << 8)}: use the MicroPython release "
                "that the board's README names."
            )


def _loads(mpy: int, content: bytes) -> bool:
    """As MicroPython decides it (py/persistentcode.c): native code has a version and an architecture too."""
    version, features = content[1], content[2]
    if version != mpy & 0xFF:
        return False
    native = features >> 2
    return not native or (features & 3 == mpy >> 8 & 3 and native <= mpy >> 10)


def _version(mpy: int) -> str:
    native = mpy >> 10
    return f"{mpy & 0xFF}.{mpy >> 8 & 3}" + (f" for architecture {native}" if native else "")
