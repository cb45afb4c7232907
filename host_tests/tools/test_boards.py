"""Boards by name: the built-in one, those in the folder, and those that are not usable."""

from pathlib import Path

import pytest
from packwarden import boards
from packwarden.boards import Board
from packwarden.errors import InputError


def add(folder: Path, name: str, text: str) -> None:
    (folder / name).mkdir()
    (folder / name / "board.py").write_text(text)


GOOD = """
NAME = "bench"
AFE_ADDRESS = 0x10
AFE_CRC = True
COIL_DSG = 17
AUX_SENSE = None
LED_RED = None
BUZZER = None
PINS = object()
"""


def test_the_built_in_board_needs_no_folder(tmp_path: Path) -> None:
    assert boards.load("sim", tmp_path / "none") == Board("sim", 0x08, None, False, True)


def test_a_board_is_what_its_file_says(tmp_path: Path) -> None:
    add(tmp_path, "one", GOOD)
    assert boards.names(tmp_path) == ["sim", "one"]
    assert boards.load("one", tmp_path) == Board(
        "bench", 0x10, True, True, False, two_colours=False, buzzer=False
    )


def test_a_board_names_its_front_end(tmp_path: Path) -> None:
    add(tmp_path, "one", GOOD + 'AFE = "bq76940"\n')
    assert boards.load("one", tmp_path).afe == "bq76940"
    add(tmp_path, "two", GOOD + 'AFE = "bq7694"\n')
    with pytest.raises(InputError, match="known are: bq76952, bq76920, bq76930, bq76940"):
        boards.load("two", tmp_path)


def test_every_board_of_the_project_can_be_simulated() -> None:
    for name in boards.names():
        assert boards.load(name).afe_address


@pytest.mark.parametrize(
    ("name", "contactors", "senses_aux"),
    [("rpi_pico", False, False), ("rpi_pico_contactors", True, True), ("esp32_devkitc", False, False)],
)
def test_what_is_fitted_is_told(name: str, contactors: bool, senses_aux: bool) -> None:
    board = boards.load(name)
    assert (board.contactors, board.senses_aux) == (contactors, senses_aux)


@pytest.mark.parametrize("name", ["nosuch", "", ".", "..", "/tmp", "one/"])
def test_other_names_are_refused(tmp_path: Path, name: str) -> None:
    add(tmp_path, "one", GOOD)
    with pytest.raises(InputError, match="known are: sim, one"):
        boards.load(name, tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "NAME = 'x'\n",
        GOOD.replace("COIL_DSG", "COIL"),
        GOOD.replace("0x10", "'a'"),
        GOOD.replace("0x10", "200"),
        "def",
        "import machine",
    ],
)
def test_a_board_that_cannot_be_used_is_a_sentence(tmp_path: Path, text: str) -> None:
    add(tmp_path, "one", text)
    with pytest.raises(InputError, match=r"board\.py"):
        boards.load("one", tmp_path)
