"""What builders get wrong with a soldering iron: found when a pack is commissioned, and no fault in service.

Each is made and mended on a world. `number` is the cell, the sensor or the tap that it is about, from 1; it
says nothing where there is only one.
"""

from packwarden.sim.monitor_front import MonitorFrontEnd

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from packwarden.sim.world import World


def _shunt_reversed(world: "World", _number: int, on: bool) -> None:
    """Its two sense wires have changed places, for converter and comparators alike."""
    world.chip.shunt_ohm = -abs(world.chip.shunt_ohm) if on else abs(world.chip.shunt_ohm)


def _thermistor_loose(world: "World", number: int, on: bool) -> None:
    """It hangs in the air, away from what it should feel."""
    pin = world.thermometry.pins[number - 1]
    if on:
        world.thermometry.broken[pin] = world.ambient_c
    else:
        world.thermometry.broken.pop(pin, None)


def _thermistors_swapped(world: "World", _number: int, _on: bool) -> None:
    """The first two sit in each other's place."""
    pins = world.thermometry.pins
    pins[0], pins[1] = pins[1], pins[0]


def _bleed_missing(world: "World", number: int, on: bool) -> None:
    """The balancing switch of a cell does not close."""
    chip = world.chip
    if isinstance(chip, MonitorFrontEnd):
        raise ValueError("this front end bleeds no cell")  # noqa: TRY004 (as every mistake that does not fit)
    bit = 1 << world.sense.inputs[number - 1]
    chip.dead_switches = chip.dead_switches | bit if on else chip.dead_switches & ~bit


def _taps_swapped(world: "World", number: int, on: bool) -> None:
    if on:
        world.inject("swapped_taps", tap=number)
    else:
        world.clear("swapped_taps")


def _tap_open(world: "World", number: int, on: bool) -> None:
    if on:
        world.inject("open_tap", tap=number)
    else:
        world.clear("open_tap")


KINDS = {
    "shunt_reversed": _shunt_reversed,
    "thermistor_loose": _thermistor_loose,
    "thermistors_swapped": _thermistors_swapped,
    "bleed_missing": _bleed_missing,
    "taps_swapped": _taps_swapped,
    "tap_open": _tap_open,
}


def make(world: "World", kind: str, number: int = 1) -> None:
    """Get something wrong; ValueError names the known kinds."""
    _act(kind)(world, number, True)


def mend(world: "World", kind: str, number: int = 1) -> None:
    """Put it right."""
    _act(kind)(world, number, False)


def _act(kind: str) -> "Callable[[World, int, bool], None]":
    if kind not in KINDS:
        raise ValueError(f"mistake '{kind}' is not known; use one of: {', '.join(sorted(KINDS))}")
    return KINDS[kind]
