"""Skips these tests, visibly, where there is no MicroPython for the emulated RP2040, and says what ran.

The slow ones run where PACKWARDEN_EMULATED is `all`.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from emulated.story import Story
from packwarden.emulated import firmware, image

IMAGE = image.find()
EVERYTHING = os.environ.get("PACKWARDEN_EMULATED") == "all"


def on_the_chip(item: pytest.Item) -> bool:
    here = Path(__file__).parent in item.path.parents
    return here and not {"emulator", "run"}.isdisjoint(getattr(item, "fixturenames", ()))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in filter(on_the_chip, items):
        if IMAGE is None:
            reason = f"no MicroPython image for the emulated RP2040: {image.HOW_TO}"
            item.add_marker(pytest.mark.skip(reason=reason))
        elif "slow" in item.path.stem and not EVERYTHING:
            item.add_marker(pytest.mark.skip(reason="slow: PACKWARDEN_EMULATED=all runs it"))


def pytest_runtest_call(item: pytest.Item) -> None:
    if IMAGE is not None and on_the_chip(item):
        item.user_properties.append((f"on the emulated RP2040 with {IMAGE.name}", 1))


@pytest.fixture(scope="session")
def program() -> dict[str, bytes]:
    """The firmware as it lands on the chip, compiled once."""
    return firmware.files()


@pytest.fixture
def emulator(program: dict[str, bytes]) -> Iterator[Callable[..., Story]]:
    """Makes a story on the emulated chip, with the path closed: `emulator(**what Story takes)`."""
    made: list[Story] = []

    def make(**arguments: Any) -> Story:
        made.append(Story(**{"program": program, **arguments}))
        made[-1].begin()
        return made[-1]

    yield make
    for story in made:
        story.emulator.close()
