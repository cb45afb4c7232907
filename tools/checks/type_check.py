"""Type checks: mypy, and pyright for the host tool and for the firmware with each port's own stubs.

The ports' stubs disagree with each other and with CPython, so each gets a run of its own; the runs go side by
side.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.prefix) / "bin"
RUNS = {
    "mypy": ("mypy",),
    "pyright, host tool": ("pyright",),
    "pyright, firmware on rp2": ("pyright", "--project", "tools/checks/pyright-rp2.json"),
    "pyright, firmware on esp32": ("pyright", "--project", "tools/checks/pyright-esp32.json"),
}


def run(command: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    # pyright is a Node program: the Node that the set-up chose must be found before any other.
    node = (Path(sys.prefix) / "node").resolve()
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}"}
    words = [str(BIN / command[0]), *command[1:]]
    return subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def main() -> int:
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        done = dict(zip(RUNS, pool.map(run, RUNS.values()), strict=True))
    for name, result in done.items():
        lines = (result.stdout + result.stderr).strip().splitlines()
        print(f"{name}: {lines[-1] if lines else 'printed nothing'}")
        if result.returncode:
            print("\n".join(lines[:-1]))
    return int(any(result.returncode for result in done.values()))


if __name__ == "__main__":
    sys.exit(main())
