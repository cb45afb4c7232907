"""Standard output that is full, closed or left by its reader ends the command in order."""

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from packwarden import output
from packwarden.errors import InputError
from tools.sim_command import COMMAND, ROOT

FULL = "packwarden: Standard output cannot be written: No space left on device.\n"
CLOSED = "packwarden: Standard output is closed; there is nowhere to print to.\n"
PIPE = ["sim", "--speed", "max"]
PTY = ["sim", "--console", "pty", "--duration", "1", "--speed", "max"]
TCP = ["sim", "--console", "tcp:0", "--duration", "1", "--speed", "max"]


def printing_to(redirection: str, options: list[str]) -> tuple[int, str]:
    """Exit status and standard error of the command with its standard output redirected by a shell."""
    shell = ["sh", "-c", f'exec "$@" {redirection}', "sh"]
    done = subprocess.run(
        [*shell, *COMMAND, *options],
        input="status\n",
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("options", [PIPE, PTY, TCP, ["demo"], ["bench"]], ids=" ".join)
def test_a_full_disk_is_a_sentence(options: list[str]) -> None:
    assert printing_to(">/dev/full", options) == (2, FULL)


@pytest.mark.parametrize("options", [PIPE, PTY, ["demo"], ["bench"]], ids=" ".join)
def test_a_closed_output_is_a_sentence(options: list[str]) -> None:
    assert printing_to(">&-", options) == (2, CLOSED)


def test_a_port_needs_no_output() -> None:
    assert printing_to(">&-", TCP) == (0, "")


@pytest.mark.parametrize("redirection", [">/dev/full 2>/dev/full", ">&- 2>&-"])
def test_where_nothing_can_be_said_the_status_still_tells(redirection: str) -> None:
    assert printing_to(redirection, PIPE) == (2, "")


def test_the_reader_of_a_record_alone_does_not_need_it(tmp_path: Path) -> None:
    record = tmp_path / "out.csv"
    options = ["sim", "--console", "none", "--duration", "3", "--record", str(record)]
    assert printing_to(">&-", options) == (0, "")
    assert len(record.read_text().splitlines()) == 5


def test_a_tour_that_is_no_longer_listened_to_ends_quietly() -> None:
    run = subprocess.Popen(
        [*COMMAND, "demo"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    assert run.stdout is not None
    assert run.stderr is not None
    with run.stderr:
        with run.stdout:
            assert b"Packwarden" in run.stdout.readline()
        assert run.stderr.read() == b""
    assert run.wait(30) == 0


@contextmanager
def stdout_on(fd: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Standard output on a descriptor."""
    with os.fdopen(fd, "w") as stream, monkeypatch.context() as patch:
        patch.setattr("sys.stdout", stream)
        yield


def failing() -> None:
    raise OSError(errno.EIO, "Input/output error")


def test_a_terminal_that_went_away_is_a_reader_that_left_but_a_broken_disk_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    master, slave = os.openpty()
    with stdout_on(slave, monkeypatch):
        assert output.attempt(failing) is None
    os.close(master)
    with (
        stdout_on(os.open(tmp_path / "x", os.O_CREAT | os.O_WRONLY), monkeypatch),
        pytest.raises(InputError, match="Input/output error"),
    ):
        output.attempt(failing)
