"""What each fault code means for the owner of a pack: its class, what it opens and how it ends.

Written down a second time on purpose, from the safety concept and not from the firmware's table: a row there
that changes its class by accident is a difference here.
"""

from packwarden.campaign.causes import Ends
from packwarden.campaign.limits import BOTH, CHG, DSG

_TRIP, _LOAD, _CHARGER, _EMPTY = Ends.BY_ITSELF, Ends.LOAD_GONE, Ends.CHARGER_GONE, Ends.CHARGING
_LOCKOUT, _PERMANENT = Ends.PRESS, Ends.NEVER

# A warning opens nothing; anything else ends as `Ends` says.
FAULTS: dict[str, tuple[int, Ends]] = {
    "CELL_OV_WARN": (0, _TRIP),
    "CELL_OV": (CHG, _TRIP),
    "CELL_OV_PERM": (BOTH, _PERMANENT),
    "CELL_UV_WARN": (0, _TRIP),
    "CELL_UV": (DSG, _EMPTY),
    "CELL_DEEP": (DSG, _EMPTY),
    "CELL_DEAD": (BOTH, _PERMANENT),
    "RESCUE_OCC": (CHG, _CHARGER),
    "RESCUE_LONG": (BOTH, _LOCKOUT),
    "PACK_OV": (CHG, _TRIP),
    "PACK_UV": (DSG, _EMPTY),
    "IMBALANCE_WARN": (0, _TRIP),
    "IMBALANCE": (BOTH, _TRIP),
    "OCC_WARN": (0, _TRIP),
    "OCC": (CHG, _CHARGER),
    "OCD_WARN": (0, _TRIP),
    "OCD1": (DSG, _LOAD),
    "OCD2": (DSG, _LOAD),
    "SCD": (BOTH, _LOAD),
    "OTC_WARN": (0, _TRIP),
    "OTC": (CHG, _TRIP),
    "UTC": (CHG, _TRIP),
    "OTD_WARN": (0, _TRIP),
    "OTD": (BOTH, _TRIP),
    "UTD": (BOTH, _TRIP),
    "OT_PERM": (BOTH, _PERMANENT),
    "FET_OT": (BOTH, _TRIP),
    "BOARD_OT": (BOTH, _TRIP),
    "TEMP_RISE": (BOTH, _TRIP),
    "TEMP_SPREAD": (0, _TRIP),
    "THERMISTOR_OPEN": (BOTH, _TRIP),
    "THERMISTOR_SHORT": (BOTH, _TRIP),
    "STACK_SUM": (BOTH, _TRIP),
    "OPEN_TAP": (BOTH, _TRIP),
    "TAPS_SWAPPED": (BOTH, _TRIP),
    "CELL_JUMP": (BOTH, _TRIP),
    "FROZEN_CELL": (BOTH, _TRIP),
    "FROZEN_AFE": (BOTH, _TRIP),
    "STALE": (BOTH, _TRIP),
    "AFE_COMMS": (BOTH, _LOCKOUT),
    "BUS_NOISY": (0, _TRIP),
    "AFE_CONFIG": (BOTH, _TRIP),
    "AFE_FAULT": (BOTH, _LOCKOUT),
    "HOST_SILENT": (BOTH, _TRIP),
    "FET_MISMATCH": (BOTH, _LOCKOUT),
    "FET_STUCK_OPEN": (BOTH, _LOCKOUT),
    "CHG_WELDED": (BOTH, _PERMANENT),
    "DSG_WELDED": (BOTH, _PERMANENT),
    "OPEN_CURRENT": (BOTH, _LOCKOUT),
    "WRONG_PORT": (BOTH, _TRIP),
    "PRECHARGE": (DSG, _LOAD),
    "CHARGER_OV": (CHG, _TRIP),
    "AUX_LOW": (0, _TRIP),
    "PARAMS_INVALID": (BOTH, _TRIP),
    "STATE_LOST": (BOTH, _LOCKOUT),
    "EXCEPTION": (BOTH, _LOCKOUT),
    "IMPACT": (BOTH, _PERMANENT),
    "CYCLE_OVERRUN": (0, _TRIP),
    "WATCHDOG_RESET": (0, _TRIP),
    "BUTTON_STUCK": (0, _TRIP),
}

# How often these may come within the hour before they lock out.
RETRIES = dict.fromkeys(
    ("RESCUE_OCC", "OCC", "OCD2", "TEMP_RISE", "CELL_JUMP", "FROZEN_CELL", "FROZEN_AFE", "AFE_CONFIG",
     "HOST_SILENT", "WRONG_PORT", "PRECHARGE"), 3) | {"OCD1": 5, "SCD": 2}  # fmt: skip


def class_of(mnemonic: str) -> str:
    """As the firmware names its classes."""
    opens, ends = FAULTS[mnemonic]
    if not opens:
        return "warning"
    return {_LOCKOUT: "lockout", _PERMANENT: "permanent"}.get(ends, "trip")
