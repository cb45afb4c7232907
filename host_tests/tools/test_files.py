"""The flash as a folder: what the firmware asks of files, and what happens when the disk says no."""

from pathlib import Path

import pytest
from bms.services.storage import Record
from packwarden.errors import InputError
from packwarden.files import DirectoryFiles


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
