"""Puts a pack and a chip together as a pack file describes them: what it leaves out has its default here."""

from packwarden.sim.bq769x0 import GROUP, Bq769x0, inputs_of
from packwarden.sim.bq76952 import Bq76952
from packwarden.sim.cells import CellModel
from packwarden.sim.clock import Clock
from packwarden.sim.contactor_path import ContactorPath
from packwarden.sim.i2c import I2cBus
from packwarden.sim.monitor_front import DividedWires, MonitorFrontEnd
from packwarden.sim.pack import Pack
from packwarden.sim.power_path import FET_OHM, PowerPath
from packwarden.sim.sense import SenseWires
from packwarden.sim.spread import Spread
from packwarden.sim.thermometry import FetHeat, Thermometry
from packwarden.sim.watchdog import ExternalWatchdog

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    Chip: TypeAlias = Bq76952 | Bq769x0 | MonitorFrontEnd

DEFAULT_SEED = 1
DEFAULT_AFE = "bq76952"
GROUPS = {"bq76920": 1, "bq76930": 2, "bq76940": 3}  # of the family that has its inputs in groups
MONITOR = "ads1115"  # and an INA226, or an INA228 by the key `meter`
DEFAULT_ADDRESS = 0x08
DEFAULT_SHUNT_OHM = 0.001
DEFAULT_AMBIENT_C = 25.0
DEFAULT_AUXILIARY_V = 12.8
# A reading in which not one bit moves while current flows comes from a converter that stands still: so the
# noise of a real one must be there.
DEFAULT_CURRENT_NOISE_UV = 5.0


def pack(spec: "dict[str, Any]", model: CellModel, seed: int) -> Pack:
    """The pack that a pack file describes."""
    cells = spec["cells"]
    spread = Spread(cells, seed, spec.get("spread", {}), spec.get("weak", []))
    ambient_c = float(spec.get("environment", {}).get("ambient_c", DEFAULT_AMBIENT_C))
    return Pack(model, cells, float(spec["capacity_ah"]), float(spec.get("soc", 0.5)), ambient_c, spread)


def front_end(spec: "dict[str, Any]") -> str:
    """Its name."""
    return str(spec.get("afe") or DEFAULT_AFE)


def bus_hz(spec: "dict[str, Any]") -> int:
    """As fast as the front end allows."""
    return 100_000 if front_end(spec) in GROUPS else 400_000


def sense_wires(spec: "dict[str, Any]") -> SenseWires:
    """From each cell to the input that the front end's datasheet gives it."""
    groups = GROUPS.get(front_end(spec), 0)
    if front_end(spec) == MONITOR:
        return DividedWires(spec["cells"], None, spec["cells"])
    if not groups:
        return SenseWires(spec["cells"])
    return SenseWires(spec["cells"], inputs_of(groups, spec["cells"]), GROUP * groups)


def attach(spec: "dict[str, Any]", bus: I2cBus, made: "Chip") -> None:
    """Put what has been made on the bus."""
    if isinstance(made, MonitorFrontEnd):
        for device in made.devices:
            bus.attach(device.address, device)
    else:
        bus.attach(spec.get("address", DEFAULT_ADDRESS), made)


def watchdog(spec: "dict[str, Any]") -> ExternalWatchdog:
    """One beside the controller, if it is fitted."""
    return ExternalWatchdog(spec.get("watchdog_ms"))


def chip(spec: "dict[str, Any]", clock: Clock, seed: int) -> "Chip":
    """The front end with its shunt and its errors."""
    sensors = spec.get("sensors", {})
    crc, address = bool(spec.get("crc", False)), spec.get("address", DEFAULT_ADDRESS)
    groups = GROUPS.get(front_end(spec), 0)
    made: "Chip"
    if front_end(spec) == MONITOR:
        chips = int(spec.get("chips", 2))
        made = MonitorFrontEnd(clock, spec["cells"], chips, str(spec.get("meter", "ina226")), seed)
    elif groups:  # each chip has a gain and an offset of its own
        made = Bq769x0(clock, groups, crc, address, 365 + seed * 11 % 32, seed * 29 % 81 - 30)
        made.boots_by_itself = True
    else:
        made = Bq76952(clock, crc=crc, address=address)
    made.shunt_ohm = float(spec.get("shunt_ohm", DEFAULT_SHUNT_OHM))
    made.current_gain_error = float(sensors.get("current_gain_error", 0.0))
    made.current_offset_a = float(sensors.get("current_offset_a", 0.0))
    made.current_noise_uv = float(sensors.get("current_noise_uv", DEFAULT_CURRENT_NOISE_UV))
    made.voltage_noise_mv = float(sensors.get("voltage_noise_mv", 0.0))
    made.seed = seed
    return made


def power_path(spec: "dict[str, Any]", shunt_ohm: float, full_v: float) -> PowerPath:
    """FETs or contactors, and the load that hangs on them."""
    farad = float(spec.get("load", {}).get("capacitance_f", 0.0))
    kind = ContactorPath if spec.get("contactors", False) else PowerPath
    return kind(shunt_ohm, full_v, farad)


def thermometry(spec: "dict[str, Any]") -> Thermometry:
    """The thermistors on cells, and the one on the FETs if there is one."""
    pins = list(spec.get("thermistors", ("TS1", "TS2", "TS3")))
    return Thermometry(pins, spec["cells"], bool(spec.get("fet_thermistor", False)))


def fet_heat(spec: "dict[str, Any]", ambient_c: float) -> FetHeat:
    """FETs as somebody would choose them for a pack of this capacity."""
    return FetHeat(ambient_c, 2.0 * FET_OHM * float(spec["capacity_ah"]) ** 2)
