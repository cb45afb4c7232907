"""Drawings, tables, packages and manifests of the boards: made from the board files, complete, current."""

import json
import re
import shutil
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from mpremote import mip  # type: ignore[import-untyped]
from packwarden.compiler.chip import BUNDLE
from packwarden.errors import InputError
from packwarden.wiring import __main__ as writer
from packwarden.wiring import drawing, package, page, parts, roles
from packwarden.wiring.drawing import Drawing
from packwarden.wiring.roles import Board

BOARDS = {board.name: board for board in roles.every()}
ALL = pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
FIRMWARE = package.FIRMWARE
SVG = "{http://www.w3.org/2000/svg}"
MOST = {"IMPACT": 21, "ENABLE": 22, "AUX_SENSE": 28, "AUX_FULL_MV": 18_810}


@ALL
def test_what_is_made_from_board_files_is_current(board: Board) -> None:
    for file, content in writer.made(board).items():
        assert file.read_text() == content, f"{file.name}: run `make wiring`"


@ALL
def test_readme_has_the_table_and_shows_the_drawing(board: Board) -> None:
    text = (board.folder / "README.md").read_text()
    assert text.count(page.BEGIN) == text.count(page.END) == 1
    assert "](wiring.svg)" in text


@ALL
def test_drawing_names_every_pin_of_the_header_and_every_role(board: Board) -> None:
    tree = ET.fromstring(drawing.svg(board))
    words = [element.text or "" for element in tree.iter(f"{SVG}text")]
    module = board.module
    for pin in (*module.left, *module.right):
        assert pin.name in words
    for role in board.pins:
        assert role.removeprefix("I2C_").replace("PRECHARGE", "PRE") in words
    assert {"USB", "VSS", "SDA", "SCL", "ALERT", "LED", "button", "5 V in"} <= set(words)
    assert board.constants["AFE"].upper() in words


@ALL
def test_drawing_stays_on_its_sheet_and_fetches_nothing(board: Board) -> None:
    text = drawing.svg(board)
    tree = ET.fromstring(text)
    _, _, width, height = (float(word) for word in tree.attrib["viewBox"].split())
    for line in tree.iter(f"{SVG}polyline"):
        for x, y in points(line):
            assert 0 < x < width
            assert 0 < y < height
    assert re.findall(r"(?:href|url|src|@import|<script)", text) == []


def points(line: ET.Element) -> list[tuple[float, float]]:
    return [tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split()]  # type: ignore[misc]


def wires(board: Board) -> list[list[tuple[float, float]]]:
    """The wires between header and parts: the lines of four points."""
    lines = (points(line) for line in ET.fromstring(drawing.svg(board)).iter(f"{SVG}polyline"))
    return [line for line in lines if len(line) == 4]


def crosses(one: list[tuple[float, float]], other: list[tuple[float, float]]) -> bool:
    """Whether any stretch of one wire meets one of another; all stretches are level or upright."""
    for (ax, ay), (bx, by) in pairwise(one):
        for (cx, cy), (dx, dy) in pairwise(other):
            across = max(min(ax, bx), min(cx, dx)) <= min(max(ax, bx), max(cx, dx))
            along = max(min(ay, by), min(cy, dy)) <= min(max(ay, by), max(cy, dy))
            if across and along:
                return True
    return False


def crossings(board: Board) -> int:
    all_wires = wires(board)
    pairs = [(one, other) for place, one in enumerate(all_wires) for other in all_wires[:place]]
    return sum(crosses(one, other) for one, other in pairs)


@ALL
def test_no_two_wires_cross(board: Board) -> None:
    assert len(wires(board)) >= len(board.pins) + 1  # and the supply
    assert crossings(board) == 0


def fitted(name: str, **constants: Any) -> Board:
    board = BOARDS[name]
    return replace(board, constants={**board.constants, **constants})


@pytest.mark.parametrize(
    "board",
    [
        fitted("rpi_pico_contactors", **MOST),
        fitted("rpi_pico", **MOST),
        fitted("rpi_pico", ALERT=27, LED=0, BUTTON=28),  # both sides, the bus in between
        fitted("rpi_pico", I2C_SCL=17, ALERT=3),
        fitted("esp32_devkitc", BUTTON=18, LED=19),
        fitted("esp32_s3_devkitc", I2C_SDA=13, I2C_SCL=14, ALERT=1, BUTTON=2),
    ],
)
def test_other_boards_are_drawn_as_well(board: Board) -> None:
    assert crossings(board) == 0


@pytest.mark.parametrize("seed", range(60))
def test_any_board_at_all_is_drawn_without_a_crossing(seed: int) -> None:
    """Legal or not: pins by lot, parts fitted by lot."""
    draw = Random(seed)
    board = draw.choice(list(BOARDS.values()))
    fit = ["I2C_SDA", "I2C_SCL", "ALERT", "BUTTON", "LED"]
    fit += draw.sample(["IMPACT", "ENABLE", "AUX_SENSE", "ALIVE"], draw.randint(0, 4))
    if board.constants["AFE"] == roles.MONITOR:
        fit += draw.sample(roles.MONITOR_ROLES, draw.randint(0, len(roles.MONITOR_ROLES)))
    if draw.random() < 0.5:
        fit += ["COIL_CHG", "COIL_DSG"]
        fit += draw.sample(["COIL_PRECHARGE", "SENSE_CHG", "SENSE_DSG"], draw.randint(0, 3))
    pins = dict(zip(fit, draw.sample(sorted(board.module.header), len(fit)), strict=True))
    nothing = dict.fromkeys((*roles.OPTIONAL, *roles.MONITOR_ROLES))
    assert crossings(fitted(board.name, **{**nothing, **pins, "AUX_FULL_MV": 18_810})) == 0


def test_crossing_wires_would_be_seen() -> None:
    level = [(0.0, 5.0), (10.0, 5.0)]
    assert crosses(level, [(5.0, 0.0), (5.0, 10.0)])
    assert not crosses(level, [(5.0, 6.0), (5.0, 10.0)])
    assert not crosses(level, [(0.0, 6.0), (10.0, 6.0)])


def test_a_strip_is_drawn_only_where_something_hangs() -> None:
    def width(name: str) -> float:
        return float(ET.fromstring(Drawing(BOARDS[name]).svg()).attrib["viewBox"].split()[2])

    assert width("esp32_s3_devkitc") == width("rpi_pico") - parts.WIDTH - drawing.LANES


@ALL
def test_package_lists_the_modules_and_every_text_and_nothing_that_is_not_made(board: Board) -> None:
    content = json.loads((board.folder / "package.json").read_text())
    assert set(content) == {"urls", "deps", "version"}
    names = [name for name, _ in content["urls"]]
    texts = {str(file.relative_to(FIRMWARE)) for file in (FIRMWARE / "bms").rglob("*.txt")}
    assert set(names) == texts | {"bms/__init__.mpy", BUNDLE, "board.mpy", "main.py"}
    assert len(names) == len(set(names))
    assert names[-1] == "main.py", "half a firmware must not start"
    built = package.ROOT / "build" / board.constants["MCU"]
    for name, url in content["urls"]:
        file = (board.folder / url).resolve()
        if name == "main.py":
            assert file == FIRMWARE / "main.py"
            continue
        source = package.ROOT / file.relative_to(built)
        assert name == BUNDLE or source.exists() or source.with_suffix(".py").exists(), url
        assert name == "board.mpy" or file.as_posix().endswith(f"/firmware/{name}")


@ALL
def test_package_has_the_version_of_the_firmware(board: Board) -> None:
    from bms import __version__  # noqa: PLC0415

    assert json.loads((board.folder / "package.json").read_text())["version"] == __version__


class Chip:
    """A controller's file system, as mpremote writes to it."""

    def __init__(self) -> None:
        self.folders: set[str] = {"/"}
        self.files: dict[str, bytes] = {}

    def fs_exists(self, path: str) -> bool:
        return path in self.folders

    def fs_mkdir(self, path: str) -> None:
        self.folders.add(path)

    def fs_writefile(self, path: str, data: bytes, **_: Any) -> None:
        assert path.rpartition("/")[0] in {*self.folders, "", "/"}
        self.files[path.lstrip("/")] = data


@ALL
def test_mpremote_installs_the_package(board: Board, tmp_path: Path) -> None:
    """What `mpremote mip install --target=/ package.json` does, on files that say who they are."""
    folder = tmp_path / "boards" / board.name
    folder.mkdir(parents=True)
    urls = json.loads(Path(shutil.copy(board.folder / "package.json", folder)).read_text())["urls"]
    for name, url in urls:
        file = (folder / url).resolve()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    chip = Chip()
    mip._install_json(chip, str(folder / "package.json"), "", "/", None, True)
    assert chip.files == {name: name.encode() for name, _ in urls}
    assert list(chip.files)[-1] == "main.py"


@ALL
def test_manifest_freezes_the_firmware_and_this_board(board: Board) -> None:
    """The calls that MicroPython's tools/manifestfile.py offers, as its documentation has them."""
    calls: list[tuple[Any, ...]] = []

    def include(path: str) -> None:
        calls.append(("include", path))

    def frozen_package(name: str, files: tuple[str, ...] = (), *, base_path: str = ".") -> None:
        calls.append(("package", name, files, (board.folder / base_path).resolve()))

    def module(name: str, *, base_path: str = ".") -> None:
        calls.append(("module", name, (board.folder / base_path).resolve()))

    code = (board.folder / "manifest.py").read_text()
    exec(code, {"include": include, "package": frozen_package, "module": module})
    assert calls == [
        ("include", "$(PORT_DIR)/boards/manifest.py"),
        ("package", "bms", (), package.ROOT / "build" / "frozen"),
        ("module", "main.py", FIRMWARE),
        ("module", "board.py", board.folder),
    ]


def copied(tmp_path: Path, name: str = "rpi_pico") -> Path:
    folder = tmp_path / name
    shutil.copytree(BOARDS[name].folder, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_what_is_not_current_is_told_then_written(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    file = folder / "board.py"
    file.write_text(file.read_text().replace("LED = 11", "LED = 12"))
    found = writer.findings(tmp_path, write=False)
    assert "rpi_pico: wiring.svg is not current: `make wiring` writes it." in found
    assert "rpi_pico: README.md is not current: `make wiring` writes it." in found
    assert writer.findings(tmp_path, write=True) == []
    assert writer.findings(tmp_path, write=False) == []
    assert "| LED | GPIO 12 | 16 |" in (folder / "README.md").read_text()


def test_a_board_that_is_wrong_is_told_and_left_alone(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    before = (folder / "wiring.svg").read_text()
    file = folder / "board.py"
    file.write_text(file.read_text().replace("LED = 11", "LED = 25"))
    sentence = "rpi_pico: LED = 25: GPIO 25 is the LED's on the Raspberry Pi Pico."
    assert writer.findings(tmp_path, write=True) == [sentence]
    assert (folder / "wiring.svg").read_text() == before


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("def", "cannot be used"),
        ("import machine", "cannot be used"),
        ("MODULE = 'pico_2'", "MODULE is 'pico_2'; known are: .*did you mean 'pico"),
        ("MODULE = 'pico'", "does not say NAME, MCU, AFE"),
    ],
)
def test_a_board_file_that_cannot_be_used_is_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    folder = copied(tmp_path)
    (folder / "board.py").write_text(text)
    with pytest.raises(InputError, match=sentence):
        roles.of_folder(folder)
    assert re.search(sentence, writer.findings(tmp_path, write=True)[0])


def test_the_command_says_that_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert writer.main(["--check"]) == 0
    assert capsys.readouterr().out == "boards: pins are legal, drawings and packages current\n"
