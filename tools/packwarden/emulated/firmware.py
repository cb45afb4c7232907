"""What lands on the emulated chip: the firmware, compiled, or the firmware run by a script."""

from pathlib import Path

from packwarden.compiler.chip import ROOT, compile_source, files

__all__ = ["ROOT", "files", "frozen_run_by", "run_by"]

_RUN = b"loop.run()"
# MicroPython runs a frozen main.py before any on the filesystem, but boot.py before both.
_BOOT = """\
from bms.app.loop import Loop

run = Loop.run


def instead(loop):
    Loop.run = run
    __import__("{script}").run(loop)


Loop.run = instead
"""


def frozen_run_by(script: Path) -> dict[str, bytes]:
    """What must be beside firmware that is frozen into the image, so that `run(loop)` of a script runs it."""
    compiled = compile_source(script.name, script.read_text())
    return {"boot.py": _BOOT.format(script=script.stem).encode(), f"{script.stem}.mpy": compiled}


def run_by(program: dict[str, bytes], script: Path) -> dict[str, bytes]:
    """The same, but once main.py has built everything, `run(loop)` of a script runs it."""
    main = program["main.py"]
    if _RUN not in main:
        raise ValueError(f"main.py has no {_RUN.decode()} to replace")
    call = f"__import__('{script.stem}').run(loop)".encode()
    compiled = compile_source(script.name, script.read_text())
    return {**program, "main.py": main.replace(_RUN, call), f"{script.stem}.mpy": compiled}
