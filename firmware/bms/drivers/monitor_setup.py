"""What a front end without silicon protection may guard, and by which figures it measures.

At most eight cells and no balancing: **the firmware alone protects**, and what it guards must be small enough
for that to be argued (boards/README.md). The dividers are known from the board file to a per cent or two,
which is a quarter of a volt in a cell on top of seven others; so nothing is closed before somebody has
measured each tap with a meter, at two voltages. Used while commissioning only.
"""

from micropython import const

from bms.drivers.ads1115 import INPUTS
from bms.drivers.afe import ConfigError

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.drivers.monitor import Monitor
    from bms.ports import MonitorPins

FEWEST_CELLS = const(3)
MOST_CELLS = const(8)
FULL_UV = const(80_000)  # across the shunt, of 81.92 mV that an INA226 reads
_OUTSIDE_MV = const(36_000)  # what an INA226 stands at its bus pin
# How far a calibration may be from the resistors in the board file: of a tap, and of the stack's own input,
# where a step of the RP2040's ADC between the two points tilts the line.
_NOMINAL_PERMILLE = (40, 100)
_ZERO_MV = (60, 1500)
_COUNTS_A_VOLT = const(8000)
_LEVELS = const(32760)  # eight times what a sample is at full scale


def check(limits: dict[str, int], pins: "MonitorPins | None" = None) -> None:
    """Refuse what this class may not or cannot guard; without `pins`, what no board of it can."""
    cells = _get(limits, "cell_count")
    if not FEWEST_CELLS <= cells <= MOST_CELLS:
        reason = f"a front end without silicon protection guards {FEWEST_CELLS} to {MOST_CELLS} cells"
        raise ConfigError("cell_count", cells, reason)
    if cells * _get(limits, "cell_ov_mv") > _OUTSIDE_MV:
        raise ConfigError("cell_ov_mv", limits["cell_ov_mv"], f"the pack would exceed {_OUTSIDE_MV} mV")
    _get(limits, "scd_ma")
    shunt = _get(limits, "shunt_uohm")
    for name in ("occ_ma", "ocd1_ma"):
        if shunt <= 0 or _get(limits, name) > FULL_UV * 1000 // shunt:
            reason = f"{name} exceeds the {FULL_UV // 1000} mV that are measured: the shunt is too large"
            raise ConfigError("shunt_uohm", shunt, reason)
    for name in ("fet_thermistor", "precharge_delta_mv", "pchg_start_mv"):
        if _get(limits, name):
            raise ConfigError(name, limits[name], "this front end has nothing for it; it must be 0")
    if pins is None:
        return
    if cells > INPUTS * pins.chips or cells > len(pins.dividers):
        reason = f"this board has {min(INPUTS * pins.chips, len(pins.dividers))} taps"
        raise ConfigError("cell_count", cells, reason)
    if _get(limits, "thermistors") >> pins.thermistors:
        reason = f"this board has {pins.thermistors} thermistor input(s)"
        raise ConfigError("thermistors", limits["thermistors"], reason)


def alert_uv(limits: dict[str, int]) -> int:
    """Where the meter's alert line falls: what counts as a short circuit, as far as it can be measured."""
    shunt = limits["shunt_uohm"]
    most_ma = FULL_UV * 1000 // shunt
    return min(limits["scd_ma"], most_ma) * shunt // 1000


def calibrate(monitor: "Monitor", limits: dict[str, int], points: "list[list[list[int]]] | None") -> None:
    """Measure by these two points; ConfigError where one is missing, or where they cannot be true."""
    if limits.get("cell_count") != len(monitor.cells_mv):
        reason = f"the driver was set up for {len(monitor.cells_mv)}"
        raise ConfigError("cell_count", limits.get("cell_count"), reason)
    for index in range(len(monitor.gains)):
        nominal = nominal_gain(monitor.pins, index if index < len(monitor.cells_mv) else -1)
        gain, zero = line(points, index, len(monitor.gains))
        name = tap_name(index, len(monitor.cells_mv))
        own = index == len(monitor.cells_mv)
        if abs(gain - nominal) * 1000 > _NOMINAL_PERMILLE[own] * nominal or abs(zero) > _ZERO_MV[own]:
            raise ConfigError(
                "calibration",
                gain,
                f"{name}: not what the board's resistors make; 'taps forget', and measure anew",
            )
        monitor.gains[index] = gain
        monitor.zeros[index] = zero


def line(points: "list[list[list[int]]] | None", index: int, count: int) -> "tuple[int, int]":
    """(gain times 16384, zero in mV) of a tap through two points, each (counts times 16, mV) a tap."""
    if not points or len(points) < 2 or len(points[0][0]) != count or len(points[1][0]) != count:
        reason = "the taps are not calibrated: measure each with a meter, and tell 'taps', at two voltages"
        raise ConfigError("calibration", None, reason)
    low_counts, high_counts = points[0][0][index], points[1][0][index]
    low_mv, high_mv = points[0][1][index], points[1][1][index]
    if high_counts == low_counts:
        raise ConfigError("calibration", None, f"{tap_name(index, count - 1)}: both points are the same")
    gain = (high_mv - low_mv) * 16384.0 * 16.0 / (high_counts - low_counts)
    return round(gain), round(low_mv - gain * low_counts / 262144.0)


def nominal_gain(pins: "MonitorPins", tap: int) -> int:
    """mV a count, times 16384, by the board file; `tap` -1: the controller's own look at the stack."""
    if tap < 0:
        return pins.stack_full_mv * 16384 // _LEVELS
    upper, lower = pins.dividers[tap]
    return (upper + lower) * 16384 * 1000 // (_COUNTS_A_VOLT * lower)


def tap_name(index: int, cells: int) -> str:
    """What people call it."""
    return f"tap {index + 1}" if index < cells else "the stack's own divider"


def _get(limits: dict[str, int], name: str) -> int:
    asked = limits.get(name)
    if asked is None:
        raise ConfigError(name, None, "this limit is missing")
    return asked
