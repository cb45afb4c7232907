"""Puts a pack and a chip together as a pack file describes them: what it leaves out has its default here."""

from packwarden.sim.bq76952 import Bq76952
from packwarden.sim.cells import CellModel
from packwarden.sim.clock import Clock
from packwarden.sim.pack import Pack
from packwarden.sim.spread import Spread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

DEFAULT_SEED = 1
DEFAULT_ADDRESS = 0x08
DEFAULT_SHUNT_OHM = 0.001


def pack(spec: "dict[str, Any]", model: CellModel, seed: int) -> Pack:
    """The pack that a pack file describes."""
    cells = spec["cells"]
    spread = Spread(cells, seed, spec.get("spread", {}), spec.get("weak", []))
    ambient_c = float(spec.get("environment", {}).get("ambient_c", 25.0))
    return Pack(model, cells, float(spec["capacity_ah"]), float(spec.get("soc", 0.5)), ambient_c, spread)


def chip(spec: "dict[str, Any]", clock: Clock, seed: int) -> Bq76952:
    """The front end with its shunt and its errors."""
    sensors = spec.get("sensors", {})
    made = Bq76952(clock, crc=bool(spec.get("crc", False)), address=spec.get("address", DEFAULT_ADDRESS))
    made.shunt_ohm = float(spec.get("shunt_ohm", DEFAULT_SHUNT_OHM))
    made.current_gain_error = float(sensors.get("current_gain_error", 0.0))
    made.current_offset_a = float(sensors.get("current_offset_a", 0.0))
    made.voltage_noise_mv = float(sensors.get("voltage_noise_mv", 0.0))
    made.seed = seed
    return made
