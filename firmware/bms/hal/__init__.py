"""The only place that knows `machine`: one module per family of controllers."""

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.hal.board import Board
    from bms.hal.common import Common


def make(board: "Board") -> "Common":
    """The hardware of this board, ready to be given to `compose.build`."""
    if board.MCU == "rp2":
        from bms.hal.rp2 import Rp2 as Hardware  # noqa: PLC0415 - the other family's has names that this chip lacks
    elif board.MCU == "esp32":
        from bms.hal.esp32 import Esp32 as Hardware  # noqa: PLC0415
    else:
        raise ValueError(f"board.MCU is '{board.MCU}'; this firmware knows rp2 and esp32")
    if board.AFE != "ads1115":
        return Hardware(board)
    from bms.hal.monitor import MonitorPins  # noqa: PLC0415 - only where the front end leaves it to us

    pins = MonitorPins(board)  # type: ignore[arg-type]  # first of all: what the gates did ends here
    hardware = Hardware(board)
    hardware.lend(pins)
    return hardware
