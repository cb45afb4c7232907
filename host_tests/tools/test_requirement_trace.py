"""The requirement trace itself: an orphan on either side is found, and a mere mention does not count."""

from pathlib import Path

import pytest
from checks.requirement_trace import orphans

ROW = 'ROWS = (("OV", "PW-001"), ("UV", "PW-002"))\n'


def traced(folder: Path, test: str, row: str = ROW) -> list[str]:
    for name, text in (("firmware/faults.py", row), ("host_tests/core/test_faults.py", test)):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return orphans(folder)


def test_docstring_name_and_marker_claim_an_id(tmp_path: Path) -> None:
    assert traced(tmp_path, 'def test_a():\n    """PW-001."""\n@mark("PW-002")\ndef test_b(): pass\n') == []
    assert traced(tmp_path, "def test_pw_001(): pass\ndef test_over_pw_002_b(): pass\n") == []


@pytest.mark.parametrize("mention", ["# PW-002\n", '"""PW-002"""\n', 'def helper():\n    """PW-002"""\n'])
def test_id_without_a_test_is_found(tmp_path: Path, mention: str) -> None:
    found = traced(tmp_path, mention + 'def test_a():\n    """PW-001."""\n')
    assert found == ["firmware/faults.py:1: PW-002 has no test"]


def test_id_in_no_table_is_found(tmp_path: Path) -> None:
    found = traced(tmp_path, 'def test_a():\n    """PW-001, PW-002 and PW-003."""\n')
    assert found == ["host_tests/core/test_faults.py:1: PW-003 is in no table"]


def test_firmware_without_any_id_is_found(tmp_path: Path) -> None:
    assert len(traced(tmp_path, "def test_a(): pass\n", row="ROWS = ()\n")) == 1
