"""Runs the `packwarden` command for the tests: in this process, or as a process where that matters."""

import subprocess
import sys
from pathlib import Path

from packwarden.commands import app
from typer.testing import CliRunner, Result

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-c", "from packwarden.cli import main; main()"]


def sim(*options: object, typed: str = "") -> Result:
    """`packwarden sim`; an exception that no sentence was made of is the test's failure."""
    result = CliRunner().invoke(app, ["sim", *(str(each) for each in options)], input=typed)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def process(
    *options: object, typed: str | None = "", timeout_s: float = 60.0
) -> subprocess.CompletedProcess[str]:
    """`packwarden` as a process of its own."""
    words = [*COMMAND, *(str(each) for each in options)]
    return subprocess.run(
        words, input=typed, capture_output=True, text=True, timeout=timeout_s, check=False, cwd=ROOT
    )


def write(folder: Path, name: str, text: str) -> Path:
    """A file for the command to read."""
    path = folder / name
    path.write_text(text)
    return path


PACK = """
chemistry = "lfp"
cells = 4
capacity_ah = 20.0
soc = 0.6
"""
