"""Input that is no ordinary file, or too large to be meant, is refused before it is opened."""

import gzip
import os
from pathlib import Path

import pytest
from packwarden import inputfiles
from tools.sim_command import process, sim, write

OPTIONS = ("--pack", "--scenario", "--replay")
NOT_ORDINARY = "cannot be read: it is not an ordinary file."


@pytest.mark.parametrize("option", OPTIONS)
def test_a_device_or_a_pipe_is_refused(tmp_path: Path, option: str) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for file in (Path("/dev/zero"), pipe):
        done = process("sim", option, file, timeout_s=20.0)
        assert (done.returncode, done.stderr) == (2, f"packwarden: {file} {NOT_ORDINARY}\n")


def test_a_profile_that_is_a_device_is_refused(tmp_path: Path) -> None:
    story = '[[at]]\nt = 1\nprofile = {file = "/dev/zero"}\n'
    done = process("sim", "--scenario", write(tmp_path, "s.toml", story), timeout_s=20.0)
    assert (done.returncode, done.stderr) == (2, f"packwarden: /dev/zero {NOT_ORDINARY}\n")


@pytest.mark.parametrize("option", OPTIONS)
def test_an_absurdly_large_file_is_refused(tmp_path: Path, option: str) -> None:
    file = tmp_path / "large"
    with file.open("wb") as sparse:
        sparse.truncate(inputfiles.LARGEST + 1)
    result = sim(option, file)
    assert result.exit_code == 2
    assert f"{file} cannot be read: it is larger than 64 MiB." in result.stderr


def test_so_is_one_that_unpacks_to_as_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputfiles, "LARGEST", 1 << 20)
    file = tmp_path / "small.csv.gz"
    file.write_bytes(gzip.compress(bytes(inputfiles.LARGEST + 1)))
    result = sim("--replay", file)
    assert result.exit_code == 2
    assert f"{file} cannot be read: it is larger than 1 MiB." in result.stderr
