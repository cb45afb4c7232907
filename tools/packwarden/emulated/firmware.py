"""What lands on the emulated chip: the firmware, compiled, or the firmware run by a script."""

from pathlib import Path

from packwarden.compiler.chip import ROOT, compile_source, files

__all__ = ["ROOT", "files", "run_by"]

_RUN = b"loop.run()"


def run_by(program: dict[str, bytes], script: Path) -> dict[str, bytes]:
    """The same, but once main.py has built everything, `run(loop)` of a script runs it."""
    main = program["main.py"]
    if _RUN not in main:
        raise ValueError(f"main.py has no {_RUN.decode()} to replace")
    call = f"__import__('{script.stem}').run(loop)".encode()
    compiled = compile_source(script.name, script.read_text())
    return {**program, "main.py": main.replace(_RUN, call), f"{script.stem}.mpy": compiled}
