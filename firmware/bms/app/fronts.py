"""Which front ends there are: by the name in a board file, the driver that goes with it.

A driver is loaded only where its chip is fitted: a controller has no memory for two.
"""

from micropython import const

from bms.app import overlay
from bms.drivers.afe import AfeError, ConfigError
from bms.services.storage import Record

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Afe, Hal

BQ76952 = "bq76952"
_GROUPS = {"bq76920": 1, "bq76930": 2, "bq76940": 3}  # of five inputs
_MONITOR = "ads1115"  # with an INA226 or INA228: measures, and protects nothing
NAMES = (BQ76952, "bq76920", "bq76930", "bq76940", _MONITOR)
TAPS = "taps"  # the record that holds the calibration of a monitor's taps


def make(hal: "Hal", cell_count: int, thermistors: int) -> "Afe":
    """The driver of the front end that this board has."""
    if hal.afe in _GROUPS:
        from bms.drivers.bq769x0 import Bq769x0  # noqa: PLC0415 - only where it is fitted

        return Bq769x0(
            hal.bus, _GROUPS[hal.afe], hal.afe_address, hal.afe_crc, cell_count, (1 << thermistors) - 1
        )
    if hal.afe == _MONITOR and hal.monitor is not None:
        from bms.drivers.monitor import Monitor  # noqa: PLC0415

        points = (Record(hal.files, TAPS).load() or {}).get("points")
        return Monitor(hal.bus, hal.monitor, cell_count, thermistors, points, hal.contactors)
    if hal.afe != BQ76952:
        raise ValueError(f"AFE = '{hal.afe}' in the board file is not known; use one of: {', '.join(NAMES)}")
    from bms.drivers.bq76952 import Bq76952  # noqa: PLC0415

    return Bq76952(hal.bus, hal.afe_address, hal.afe_crc, cell_count, (1 << thermistors) - 1)


def unreachable(asked: dict[str, int], name: str) -> list[str]:
    """Sentences about limits that this AFE cannot enforce; empty when it can do all that it is for."""
    if name == _MONITOR:
        from bms.drivers import monitor_setup  # noqa: PLC0415

        try:
            monitor_setup.check(asked)
        except ConfigError as error:
            return [str(error)]
        return []
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
    if name == _MONITOR:
        return "NO SILICON PROTECTION: this firmware alone guards the pack, and a short circuit is the fuse's"
    return ""


def away_s(afe: "Afe", hal: "Hal") -> int:
    """Seconds for which the front end has been without us, by its own clock; 0 where it does not say."""
    if hal.afe != BQ76952:
        return 0
    from bms.drivers import bq76952_away  # noqa: PLC0415 - once, at a start

    asking = bq76952_away.seconds(afe)  # type: ignore[arg-type]
    try:
        while True:
            hal.sleep_ms(next(asking))
    except StopIteration as done:
        return done.value or 0
    except AfeError:
        return 0
    finally:
        overlay.forget("bms.drivers.bq76952_away")


def is_alone(name: str) -> bool:
    """Whether nothing but the firmware protects."""
    return name == _MONITOR


def bled(afe: "Afe", hal: "Hal") -> int:
    """The cells (bit 0: the lowest) that the front end bleeds, as it says itself. AfeError if it does not."""
    if hal.afe in _GROUPS:
        from bms.drivers import bq769x0_bled  # noqa: PLC0415 - rarely asked

        asking = bq769x0_bled.bled(afe, _GROUPS[hal.afe])  # type: ignore[arg-type]
    elif hal.afe == _MONITOR:
        return 0
    else:
        from bms.drivers import bq76952_bled  # noqa: PLC0415

        asking = bq76952_bled.bled(afe)  # type: ignore[arg-type]
    try:
        while True:
            hal.sleep_ms(next(asking))
    except StopIteration as done:
        return done.value or 0
