"""What lands on the emulated chip: the firmware, compiled, or the firmware run by a script."""

from pathlib import Path

from packwarden.compiler.chip import ROOT, compile_source, files

__all__ = ["ROOT", "files", "frozen_run_by", "run_by"]

_WAKE, _RUN = b"start.run()", b"loop.run()"
# MicroPython runs a frozen main.py before any on the filesystem, but boot.py before both.
_BOOT = """\
import {script}
from bms.app.loop import Loop
from bms.app.waking import Waking

run, wake = Loop.run, Waking.run


def instead(loop):
    Loop.run = run
    {script}.run(loop)


def first(start):
    Waking.run = wake
    {script}.wake(start)


Loop.run, Waking.run = instead, first
"""


def frozen_run_by(script: Path) -> dict[str, bytes]:
    """What must be beside firmware that is frozen into the image, so that a script runs it like `run_by`."""
    compiled = compile_source(script.name, script.read_text())
    return {"boot.py": _BOOT.format(script=script.stem).encode(), f"{script.stem}.mpy": compiled}


def run_by(program: dict[str, bytes], script: Path) -> dict[str, bytes]:
    """The same, but once main.py has built everything, `run(loop)` of a script runs it.

    If the script has a `wake(start)`, that runs the start before it.
    """
    main = program["main.py"]
    source = script.read_text()
    calls = {_RUN: "run(loop)"} | ({_WAKE: "wake(start)"} if "def wake(" in source else {})
    for call, instead in calls.items():
        if call not in main:
            raise ValueError(f"main.py has no {call.decode()} to replace")
        found = f"sys.path.append(''); script = __import__('{script.stem}'); sys.path.pop(); script.{instead}"
        main = main.replace(call, found.encode())
    compiled = compile_source(script.name, source)
    return {**program, "main.py": main, f"{script.stem}.mpy": compiled}
