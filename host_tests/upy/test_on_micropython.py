"""Every portable test passes on MicroPython too, each file in a virtual machine of its own."""

from pathlib import Path
from typing import Any

import pytest
from upy.virtual_machine import (
    BINARY,
    HOST_TESTS,
    PORTABLE_FOLDERS,
    Report,
    VirtualMachines,
    portable_test_files,
    run_on_binary,
)

FILES = portable_test_files()
NO_BINARY = pytest.mark.skip(
    reason="no micropython binary on the PATH; the WebAssembly build ran the same files"
)
BINARY_FILES = FILES if BINARY else [pytest.param(HOST_TESTS, marks=NO_BINARY, id="none")]


def label(file: Path) -> str:
    return str(file.relative_to(HOST_TESTS))


def judge(report: Report, interpreter: str, record_property: Any) -> None:
    assert not report.problems, f"on {interpreter}:\n{report}"
    assert report.passed == report.expected
    record_property(f"on {interpreter}", len(report.passed))


def test_every_folder_is_looked_into() -> None:
    folders = {str(file.parent.relative_to(HOST_TESTS)) for file in FILES}
    assert folders >= set(PORTABLE_FOLDERS)


@pytest.mark.parametrize("file", FILES, ids=label)
def test_on_the_virtual_machine(file: Path, virtual_machines: VirtualMachines, record_property: Any) -> None:
    judge(virtual_machines.run(file), "MicroPython (WebAssembly)", record_property)


@pytest.mark.parametrize("file", BINARY_FILES, ids=label)
def test_on_the_binary(file: Path, record_property: Any) -> None:
    assert BINARY is not None
    judge(run_on_binary(BINARY, file), "MicroPython (binary)", record_property)
