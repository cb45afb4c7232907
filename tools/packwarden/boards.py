"""Which boards there are: a folder each under `boards/`, and one that exists only in the simulator."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from packwarden.errors import InputError, nearest
from packwarden.packfile import AFES
from packwarden.sim.assembly import DEFAULT_AFE

FOLDER = Path(__file__).resolve().parents[2] / "boards"
BUILT_IN = "sim"
_AFE_ADDRESS = 0x08
_ADDRESSES = range(0x08, 0x78)


@dataclass(frozen=True)
class Board:
    """What the simulator needs to know of a board: its name, how its front end is reached, what is fitted."""

    name: str = BUILT_IN
    afe_address: int = _AFE_ADDRESS
    afe_crc: bool | None = None
    contactors: bool = False  # instead of FETs
    senses_aux: bool = True
    afe: str = DEFAULT_AFE
    two_colours: bool = True  # of the LED
    buzzer: bool = True
    watched: bool = False  # by an external watchdog on ALIVE
    tap_chips: int = 2  # where taps are read by ADS1115


def names(folder: Path = FOLDER) -> list[str]:
    """All boards that may be named, the built-in one first."""
    found = sorted(file.parent.name for file in folder.glob("*/board.py"))
    return [BUILT_IN, *(name for name in found if name != BUILT_IN)]


def load(name: str, folder: Path = FOLDER) -> Board:
    """The board of that name; InputError lists the known ones."""
    known = names(folder)
    if name not in known:
        raise InputError(f"Board '{name}' is not known; known are: {', '.join(known)}{nearest(name, known)}")
    file = folder / name / "board.py"
    if not file.exists():
        return Board()
    module = _run(file)
    try:
        board_name, address, crc = module.NAME, module.AFE_ADDRESS, module.AFE_CRC
        afe = getattr(module, "AFE", DEFAULT_AFE)
        contactors, senses_aux = module.COIL_DSG is not None, module.AUX_SENSE is not None
        two_colours, buzzer = module.LED_RED is not None, module.BUZZER is not None
    except AttributeError as error:
        raise InputError(f"{file} does not say {error.name}.") from None
    if not isinstance(board_name, str) or not isinstance(address, int) or address not in _ADDRESSES:
        raise InputError(f"{file}: NAME must be a text and AFE_ADDRESS a bus address from 0x08 to 0x77.")
    if afe not in AFES:
        raise InputError(f"{file}: AFE = '{afe}' is not known; known are: {', '.join(AFES)}.")
    checks = None if crc is None else bool(crc)
    watched, chips = getattr(module, "ALIVE", None) is not None, getattr(module, "TAP_CHIPS", Board.tap_chips)
    return Board(
        board_name, address, checks, contactors, senses_aux, afe, two_colours, buzzer, watched, chips
    )


def _run(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"packwarden_board_{file.parent.name}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (SyntaxError, ImportError, NameError, OSError) as error:
        raise InputError(f"{file} cannot be used: {error}.") from None
    return module
