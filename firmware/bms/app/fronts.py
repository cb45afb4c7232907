"""Which front ends there are: by the name in a board file, the driver that goes with it.

A driver is loaded only where its chip is fitted: a controller has no memory for two.
"""

from micropython import const

from bms.drivers.afe import ConfigError

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Afe, Hal

BQ76952 = "bq76952"
_GROUPS = {"bq76920": 1, "bq76930": 2, "bq76940": 3}  # of five inputs
NAMES = (BQ76952, "bq76920", "bq76930", "bq76940")


def make(hal: "Hal", cell_count: int, thermistors: int) -> "Afe":
    """The driver of the front end that this board has."""
    if hal.afe in _GROUPS:
        from bms.drivers.bq769x0 import Bq769x0  # noqa: PLC0415 - only where it is fitted

        return Bq769x0(
            hal.bus, _GROUPS[hal.afe], hal.afe_address, hal.afe_crc, cell_count, (1 << thermistors) - 1
        )
    if hal.afe != BQ76952:
        raise ValueError(f"AFE = '{hal.afe}' in the board file is not known; use one of: {', '.join(NAMES)}")
    from bms.drivers.bq76952 import Bq76952  # noqa: PLC0415

    return Bq76952(hal.bus, hal.afe_address, hal.afe_crc, cell_count, (1 << thermistors) - 1)


def unreachable(asked: dict[str, int], name: str) -> list[str]:
    """Sentences about limits that this AFE cannot enforce; empty when it can do all that it is for."""
    if name not in _GROUPS:
        from bms.app import enforce  # noqa: PLC0415

        return enforce.unreachable(asked)
    from bms.drivers.bq769x0_limits import check  # noqa: PLC0415

    try:
        applied = check(asked, _GROUPS[name])
    except ConfigError as error:
        return [str(error)]
    ours_ma = asked["ocd1_ma"] - asked["ocd1_ma"] // 5  # `silicon` asks for five quarters of the firmware's
    acts_ma = min(applied["ocd1_ma"], applied["scd_ma"])
    if acts_ma < ours_ma:
        shunt = f"with {asked['shunt_uohm']} microohm the AFE would act at {acts_ma} mA"
        return [f"ocd2_ma = {ours_ma}: {shunt}, before the firmware: fit another shunt"]
    return []


def missing(name: str) -> str:
    """What everybody should know that this AFE does not do by itself; empty where it does it all."""
    if name in _GROUPS:
        return "it does not notice a dead controller, charge over-current or heat: FETs that are on stay on"
    return ""
