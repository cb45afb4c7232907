"""Ctrl-C before the command has begun, while it is still being loaded."""

import signal
import subprocess
import sys

import pytest
from packwarden.cli import INTERRUPTED
from tools.sim_command import ROOT

# Presses Ctrl-C when a certain module is about to be loaded.
PRESS = """
import os, signal, sys
class Press:
    def find_spec(name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
signal.signal(signal.SIGINT, signal.{handler})
sys.meta_path.insert(0, Press)
sys.argv = ["packwarden", "sim", "--console", "none", "--duration", "1"]
from packwarden.cli import main
main()
"""


def pressed(module: str, handler: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", PRESS.format(module=module, handler=handler)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("module", ["packwarden.commands", "typer", "pydantic", "packwarden.simulate"])
def test_it_ends_at_once_and_without_a_word(module: str) -> None:
    assert pressed(module, handler=signal.default_int_handler.__name__) == (INTERRUPTED, "")


def test_a_job_that_ignores_it_goes_on_ignoring_it() -> None:
    assert pressed("packwarden.simulate", handler="SIG_IGN") == (0, "")
