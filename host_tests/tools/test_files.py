"""The flash as a folder: what the firmware asks of files, and what happens when the disk says no."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from bms.services.storage import Record
from packwarden.errors import InputError
from packwarden.files import DirectoryFiles
from tools.sim_command import sim


def test_records_survive(tmp_path: Path) -> None:
    Record(DirectoryFiles(tmp_path / "a" / "b"), "state").save({"soc": 5})
    assert Record(DirectoryFiles(tmp_path / "a" / "b"), "state").load() == {"soc": 5}
    assert [file.name for file in (tmp_path / "a" / "b").iterdir()] == ["state.b"]


def test_remove_and_read_of_nothing(tmp_path: Path) -> None:
    files = DirectoryFiles(tmp_path)
    assert files.read("x") is None
    files.remove("x")
    files.write("x", b"1")
    files.remove("x")
    assert files.read("x") is None


def test_a_journal_grows_and_is_read_in_pieces(tmp_path: Path) -> None:
    files = DirectoryFiles(tmp_path)
    assert files.size("log.1") == -1
    files.append("log.1", b"abc")
    files.append("log.1", b"def")
    assert files.size("log.1") == 6
    assert files.read_at("log.1", 2, 3) == b"cde"
    assert files.names() == ["log.1"]
    with pytest.raises(FileNotFoundError):
        files.read_at("log.2", 0, 1)


def test_a_write_that_fails_leaves_the_old_content(tmp_path: Path) -> None:
    files = DirectoryFiles(tmp_path)
    files.write("x", b"old")
    (tmp_path / "x.new").mkdir()
    with pytest.raises(OSError, match=r"x\.new"):
        files.write("x", b"new")
    assert files.read("x") == b"old"


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    with pytest.raises(InputError, match="--state"):
        DirectoryFiles(tmp_path / "x")


@pytest.mark.parametrize(
    ("make", "reason"), [(Path.mkdir, "Is a directory"), (os.mkfifo, "it is not an ordinary file")]
)
@pytest.mark.parametrize("name", ["state.a", "state.b", "params.a", "params.b.new", "log.1"])
def test_a_copy_that_is_no_file_is_refused_before_anything_runs(
    tmp_path: Path, name: str, make: Callable[[Path], None], reason: str
) -> None:
    make(tmp_path / name)
    result = sim("--state", tmp_path, "--console", "none", "--duration", 1)
    assert result.exit_code == 2
    assert f"--state: {tmp_path / name} cannot be read: {reason}." in result.stderr
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_a_disk_that_takes_nothing_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(DirectoryFiles, "write", full)
    result = sim("--state", tmp_path, "--console", "none", "--duration", 1)
    assert result.exit_code == 2
    assert f"--state {tmp_path} cannot be written: No space left on device." in result.stderr


def test_other_things_in_the_folder_do_not_matter(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    assert sim("--state", tmp_path, "--console", "none", "--duration", 1).exit_code == 0
