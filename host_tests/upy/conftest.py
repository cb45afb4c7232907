"""Shares one Node process among the tests on MicroPython."""

from collections.abc import Iterator

import pytest
from upy.virtual_machine import VirtualMachines


@pytest.fixture(scope="session")
def virtual_machines() -> Iterator[VirtualMachines]:
    """The WebAssembly build; each file gets a machine of its own in it."""
    machines = VirtualMachines()
    yield machines
    machines.close()
