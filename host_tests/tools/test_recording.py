"""A recording is read back as it was written; what is wrong with one is said with its line."""

from pathlib import Path
from typing import Any

import pytest
from packwarden import recording
from packwarden.errors import InputError

HEAD = '{"recording":"packwarden","form":1,"source":"x","started":"2026-01-01T00:00:00+00:00"}\n'
SAID: list[tuple[float, str, Any]] = [
    (100.0, "version", {"firmware": "0.1.0"}),
    (100.0, "status", {"mode": "active"}),
    (101.5, "faults", []),
    (102.25, "event", {"t_s": 5, "event": "mode", "detail": "boot -> active"}),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "pack.jsonl"


def test_what_is_written_is_read_with_times_from_its_beginning(file: Path) -> None:
    writer = recording.Writer(file, "test")
    for said in SAID:
        writer.take(*said)
    assert writer.lines == len(SAID)
    writer.close()
    assert recording.is_recording(file.read_text())
    assert recording.read(file) == [(t_s - 100.0, kind, value) for t_s, kind, value in SAID]


def test_it_can_be_read_while_it_is_being_written(file: Path) -> None:
    writer = recording.Writer(file, "test")
    writer.take(*SAID[0])
    assert len(recording.read(file)) == 1
    writer.close()


def test_a_last_line_that_was_cut_off_counts_for_nothing(file: Path) -> None:
    file.write_text(HEAD + '{"t_s":0,"status":{}}\n{"t_s":1,"sta')
    assert [said.t_s for said in recording.read(file)] == [0.0]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("nonsense", "line 2: it is not JSON"),
        ("[]", "line 2: it is not an object with 't_s'"),
        ('{"t_s":-1,"status":{}}', "line 2: 't_s' must be seconds"),
        ('{"t_s":true,"status":{}}', "line 2: it is not an object"),
        ('{"t_s":0,"status":[]}', "line 2: 'status' must be an object"),
        ('{"t_s":0,"weather":{}}', "line 2: it has none of status, faults"),
        ("[" * 100_000, "line 2: "),
    ],
)
def test_a_line_that_is_wrong_is_named(file: Path, line: str, sentence: str) -> None:
    file.write_text(HEAD + line + '\n{"t_s":0,"status":{}}\n')
    with pytest.raises(InputError, match=sentence):
        recording.read(file)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"t_s,mode\n", "is not a recording"),
        (HEAD.replace('"form":1', '"form":2').encode(), "form 2"),
        (HEAD.encode(), "nothing in it"),
        (b"\xff\xfe\x00", "it is not text"),
    ],
)
def test_other_files_are_refused(file: Path, content: bytes, sentence: str) -> None:
    file.write_bytes(content)
    with pytest.raises(InputError, match=sentence):
        recording.read(file)


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        recording.Writer(tmp_path / "no" / "where.jsonl", "test")
