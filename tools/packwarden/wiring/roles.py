"""What a board file may ask of a pin: the roles, and what each needs of it. `Board` reads one such file."""

import runpy
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packwarden.boards import FOLDER
from packwarden.errors import InputError, nearest
from packwarden.wiring.modules import MODULES, Module

BUS = ("I2C_SDA", "I2C_SCL")
SENSES = ("SENSE_CHG", "SENSE_DSG")
INPUTS = ("ALERT", "BUTTON", "IMPACT", "ENABLE", *SENSES)  # pulled up by the controller
COILS = ("COIL_CHG", "COIL_DSG", "COIL_PRECHARGE")  # PWM
SIGNS = ("LED_RED", "BUZZER")  # what tells the same as the LED
OUTPUTS = ("ALIVE", "LED", *SIGNS, *COILS)
ANALOG = ("AUX_SENSE",)
ROLES = (*BUS, *INPUTS, *OUTPUTS, *ANALOG)
USB_SENSE = "USB_SENSE"  # a pin of the module itself, to which nothing is wired
OTHERS = (
    "NAME", "MCU", "AFE", "AFE_ADDRESS", "AFE_CRC", "I2C_ID", "I2C_HZ", "I2C_TIMEOUT_US", "AUX_FULL_MV",
    USB_SENSE,
)  # fmt: skip
OPTIONAL = frozenset({"ALIVE", "IMPACT", "ENABLE", *SIGNS, *ANALOG, *COILS, *SENSES})  # may be None
# What a front end of the monitor class needs besides: pins, and figures.
MONITOR = "ads1115"
GATES = ("GATE_CHG", "GATE_DSG")
MONITOR_ANALOG = ("STACK_SENSE", "THERMISTOR_1", "THERMISTOR_2")
MONITOR_ROLES = (*GATES, *MONITOR_ANALOG)
MONITOR_OTHERS = ("METER_ADDRESS", "TAP_CHIPS", "TAP_KOHM", "STACK_FULL_MV")
MONITOR_OPTIONAL = frozenset({*GATES, "THERMISTOR_2"})


@dataclass(frozen=True)
class Board:
    """A board file: its constants, and the module that it is for."""

    folder: Path
    constants: Mapping[str, Any]
    module: Module

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def pins(self) -> dict[str, int]:
        """Role to GPIO, of what is fitted."""
        roles = (*ROLES, *MONITOR_ROLES)
        return {role: self.constants[role] for role in roles if self.constants.get(role) is not None}

    @property
    def contactors(self) -> bool:
        return self.constants.get("COIL_DSG") is not None


def of_folder(folder: Path) -> Board:
    """The board in a folder; InputError if there is none, or it names no module that is known."""
    file = folder / "board.py"
    try:
        constants = {name: value for name, value in runpy.run_path(str(file)).items() if name.isupper()}
    except (OSError, SyntaxError, ImportError, NameError) as error:
        raise InputError(f"{file} cannot be used: {error}.") from None
    module = MODULES.get(constants.get("MODULE", ""))
    if module is None:
        asked = constants.get("MODULE")
        known = ", ".join(MODULES)
        raise InputError(
            f"{file}: MODULE is {asked!r}; known are: {known}{nearest(asked, MODULES)}. "
            "A new one is a table in tools/packwarden/wiring/modules.py."
        )
    besides = (*MONITOR_OTHERS, *MONITOR_ROLES) if constants.get("AFE") == MONITOR else ()
    missing = [name for name in (*OTHERS, *ROLES, *besides) if name not in constants]
    if missing:
        raise InputError(f"{file} does not say {', '.join(missing)}; a part that is not fitted is None.")
    return Board(folder, constants, module)


def every(folder: Path = FOLDER) -> list[Board]:
    """All boards, by name."""
    return [of_folder(file.parent) for file in sorted(folder.glob("*/board.py"))]
