"""Shares one Node process among the tests on MicroPython, and says at the end how much ran there.

The files chosen for the virtual machine start there at once, beside the tests on CPython: they need another
core.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from upy.virtual_machine import Report, VirtualMachines

RAN: dict[str, list[int]] = {}
STARTED: dict[Path, Future[Report]] = {}
MACHINES = VirtualMachines()
WORKER = ThreadPoolExecutor(max_workers=1)


def pytest_collection_finish(session: pytest.Session) -> None:
    if session.config.option.collectonly:
        return
    for item in session.items:
        if isinstance(item, pytest.Function) and item.originalname == "test_on_the_virtual_machine":
            file = item.callspec.params["file"]
            STARTED[file] = WORKER.submit(MACHINES.run, file)


def pytest_unconfigure() -> None:
    WORKER.shutdown(cancel_futures=True)
    MACHINES.close()


@pytest.fixture(scope="session")
def started() -> dict[Path, Future[Report]]:
    """What the virtual machine will have said of each test file."""
    return STARTED


@pytest.fixture(scope="session")
def virtual_machines() -> Iterator[VirtualMachines]:
    """Another Node process, for the tests of the harness itself."""
    machines = VirtualMachines()
    yield machines
    machines.close()


@pytest.fixture
def ran() -> dict[str, list[int]]:
    """Tests passed on each interpreter, a number for each file."""
    return RAN


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for interpreter, counts in RAN.items():
        terminalreporter.write_line(
            f"{interpreter}: {sum(counts)} tests of {len(counts)} files passed there too"
        )
