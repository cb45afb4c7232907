"""What a scenario may break, by name: each kind has a physical effect and a way back.

One function a kind, called with (faults, arguments, True to break or False to repair). Cells, taps and
sensors are numbered from 1, as people count them.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from packwarden.sim.contactors import Contactor
    from packwarden.sim.faults import Faults

REQUIRED = "required"
WHICH = ("chg", "dsg")  # contactors


def _cell_short(faults: "Faults", args: "dict[str, Any]", on: bool) -> None:
    pack = faults.world.pack
    pack.alter(pack.short_ohm, args["cell"] - 1, args["ohm"] if on else 0.0)


def _cell_weak(faults: "Faults", args: "dict[str, Any]", on: bool) -> None:
    factors = [args["capacity"], args["resistance"], args["self_discharge"]]
    if on:
        args["saved"] = faults.world.pack.self_discharge_per_month[args["cell"] - 1]
        faults.world.pack.scale_cell(args["cell"] - 1, *factors)
    else:
        faults.world.pack.scale_cell(args["cell"] - 1, 1.0 / factors[0], 1.0 / factors[1], 1.0)
        faults.world.pack.self_discharge_per_month[args["cell"] - 1] = args["saved"]


def _cell_hot(faults: "Faults", args: "dict[str, Any]", on: bool) -> None:
    pack = faults.world.pack
    pack.alter(pack.heater_w, args["cell"] - 1, args["watts"] if on else 0.0)


def _contact_resistance(faults: "Faults", args: "dict[str, Any]", on: bool) -> None:
    pack = faults.world.pack
    pack.alter(pack.contact_ohm, args["cell"] - 1, args["ohm"] if on else 0.0)


def _open_tap(faults: "Faults", args: "dict[str, Any]", on: bool) -> None:
    if on:
        faults.world.sense.open_taps[args["tap"]] = 0.0
    else:
        faults.world.sense.open_taps.pop(args["tap"], None)


def _swapped_taps(faults: "Faults", args: "dict[str, Any]", on: bool) -> None:
    pair = (args["tap"], args["other"])
    if on:
        faults.world.sense.swapped.append(pair)
    else:
        faults.world.sense.swapped.remove(pair)


def _tap_resistance(faults: "Faults", args: "dict[str, Any]", on: bool) -> None:
    """The wire lies in the balancing loops of both its cells."""
    pack, tap_ohm, tap = faults.world.pack, faults.world.sense.tap_ohm, args["tap"]
    for cell in (tap - 1, tap):
        was_ohm = pack.bleed_ohm[cell] - tap_ohm.get(tap, 0.0)
        pack.alter(pack.bleed_ohm, cell, was_ohm + args["ohm"] if on else was_ohm)
    tap_ohm.pop(tap, None)
    if on:
        tap_ohm[tap] = args["ohm"]


def _thermistor_open(faults: "Faults", args: "dict[str, Any]", on: bool) -> None:
    faults.break_thermistor(args["sensor"], on, None)


def _thermistor_short(faults: "Faults", args: "dict[str, Any]", on: bool) -> None:
    faults.break_thermistor(args["sensor"], on, "short")


def _frozen_reading(faults: "Faults", args: "dict[str, Any]", on: bool) -> None:
    """One cell, or all results of the chip where no cell is named."""
    chip = faults.world.chip
    if args["cell"] is None:
        chip.freeze = on
        return
    bit = 1 << faults.world.sense.inputs[args["cell"] - 1]
    chip.frozen_cells = chip.frozen_cells | bit if on else chip.frozen_cells & ~bit


def _current_sensor_offset(faults: "Faults", args: "dict[str, Any]", on: bool) -> None:
    """Of the converter only: the comparators have inputs of their own."""
    chip = faults.world.chip
    if on:
        args["saved"] = chip.current_offset_a
        chip.current_offset_a += args["amps"]
    else:
        chip.current_offset_a = args["saved"]


def _nack(faults: "Faults", args: "dict[str, Any]", on: bool) -> None:
    """So many transactions from now, or in each cycle with some probability the first of it."""
    faults.world.bus.nack_next = args["count"] or 0 if on else 0
    faults.nack_rate = args["rate"] or 0.0 if on else 0.0


def _stuck_bus(faults: "Faults", args: "dict[str, Any]", on: bool) -> None:
    """Until the bus is recovered, or for good with `hold`."""
    faults.world.bus.stuck = on
    faults.hold_bus = on and bool(args["hold"])


def _bit_flip_config(faults: "Faults", args: "dict[str, Any]", on: bool) -> None:
    if on:
        faults.world.chip.flip_bit(args["address"], args["bit"])


def _afe_brownout(faults: "Faults", _args: "dict[str, Any]", on: bool) -> None:
    if on:
        faults.world.chip.power_cycle()


def _afe_silent(faults: "Faults", _args: "dict[str, Any]", on: bool) -> None:
    faults.world.chip.silent = on


def _chg_fet_stuck_on(faults: "Faults", _args: "dict[str, Any]", on: bool) -> None:
    faults.chg_stuck = True if on else None


def _chg_fet_stuck_off(faults: "Faults", _args: "dict[str, Any]", on: bool) -> None:
    faults.chg_stuck = False if on else None


def _dsg_fet_stuck_on(faults: "Faults", _args: "dict[str, Any]", on: bool) -> None:
    faults.dsg_stuck = True if on else None


def _dsg_fet_stuck_off(faults: "Faults", _args: "dict[str, Any]", on: bool) -> None:
    faults.dsg_stuck = False if on else None


def _fet_hot(faults: "Faults", args: "dict[str, Any]", on: bool) -> None:
    faults.world.fet_heat.added_w = args["watts"] if on else 0.0


def _contactor(faults: "Faults", which: str) -> "Contactor":
    contactors = faults.world.contactors
    assert contactors is not None  # refused before
    return contactors.chg if which == "chg" else contactors.dsg


def _contactor_welded(faults: "Faults", args: "dict[str, Any]", on: bool) -> None:
    _contactor(faults, args["which"]).welded = on


def _contactor_stuck_open(faults: "Faults", args: "dict[str, Any]", on: bool) -> None:
    _contactor(faults, args["which"]).stuck_open = on


def _external_short(faults: "Faults", args: "dict[str, Any]", on: bool) -> None:
    faults.world.path.short_ohm = args["ohm"] if on else 0.0


def _fuse_open(faults: "Faults", _args: "dict[str, Any]", on: bool) -> None:
    faults.world.path.fuse_open = on


def _charger_fault(faults: "Faults", args: "dict[str, Any]", on: bool) -> None:
    faults.charger_v = args["volts"] if on else None


def _impact(faults: "Faults", _args: "dict[str, Any]", on: bool) -> None:
    faults.world.impact = on


def _hung_firmware(faults: "Faults", _args: "dict[str, Any]", on: bool) -> None:
    faults.world.firmware_hung = on


# kind -> (its arguments with defaults, what it does)
KINDS: "dict[str, tuple[dict[str, Any], Any]]" = {
    "cell_short": ({"cell": REQUIRED, "ohm": 1.0}, _cell_short),
    "cell_weak": (
        {"cell": REQUIRED, "capacity": 0.8, "resistance": 1.5, "self_discharge": 1.0},
        _cell_weak,
    ),
    "cell_hot": ({"cell": REQUIRED, "watts": REQUIRED}, _cell_hot),
    "contact_resistance": ({"cell": REQUIRED, "ohm": 0.005}, _contact_resistance),
    "open_tap": ({"tap": REQUIRED}, _open_tap),
    "swapped_taps": ({"tap": REQUIRED, "other": None}, _swapped_taps),
    "tap_resistance": ({"tap": REQUIRED, "ohm": 10_000.0}, _tap_resistance),
    "thermistor_open": ({"sensor": 1}, _thermistor_open),
    "thermistor_short": ({"sensor": 1}, _thermistor_short),
    "frozen_reading": ({"cell": None}, _frozen_reading),
    "current_sensor_offset": ({"amps": REQUIRED}, _current_sensor_offset),
    "nack": ({"count": None, "rate": None}, _nack),
    "stuck_bus": ({"hold": False}, _stuck_bus),
    "bit_flip_config": ({"address": REQUIRED, "bit": REQUIRED}, _bit_flip_config),
    "afe_brownout": ({}, _afe_brownout),
    "afe_silent": ({}, _afe_silent),
    "chg_fet_stuck_on": ({}, _chg_fet_stuck_on),
    "chg_fet_stuck_off": ({}, _chg_fet_stuck_off),
    "dsg_fet_stuck_on": ({}, _dsg_fet_stuck_on),
    "dsg_fet_stuck_off": ({}, _dsg_fet_stuck_off),
    "fet_hot": ({"watts": REQUIRED}, _fet_hot),
    "contactor_welded": ({"which": REQUIRED}, _contactor_welded),
    "contactor_stuck_open": ({"which": REQUIRED}, _contactor_stuck_open),
    "external_short": ({"ohm": 0.005}, _external_short),
    "fuse_open": ({}, _fuse_open),
    "charger_fault": ({"volts": REQUIRED}, _charger_fault),
    "impact": ({}, _impact),
    "hung_firmware": ({}, _hung_firmware),
}

# Kinds that only a pack with the one or the other kind of switches can have.
FETS_ONLY = ("chg_fet_stuck_on", "chg_fet_stuck_off", "dsg_fet_stuck_on", "dsg_fet_stuck_off", "fet_hot")
CONTACTORS_ONLY = ("contactor_welded", "contactor_stuck_open")
