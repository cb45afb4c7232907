"""Everything a scenario may break, by name: each kind has a physical effect and a way back.

Cells, taps and sensors are numbered from 1, as people count them. A kind or an argument that is not known is
refused with a sentence naming the known ones, because a misspelt fault would make every test of it pass.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from packwarden.sim.world import World

REQUIRED = "required"

_POSITIVE = ("ohm", "capacity", "resistance")


class Faults:
    """What is broken now. The world asks for what acts on every step; the rest acts when injected."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.active: "dict[str, list[dict[str, Any]]]" = {}
        self.pins: "dict[str, str | None]" = {}  # pin -> None (open) or 'short'
        self.chg_stuck: "bool | None" = None
        self.dsg_stuck: "bool | None" = None
        self.nack_rate = 0.0
        self.hold_bus = False

    def inject(self, kind: str, args: "dict[str, Any]") -> None:
        full = self._complete(kind, args)
        self.active.setdefault(kind, []).append(full)
        KINDS[kind][1](self, full, True)

    def clear(self, kind: str) -> None:
        """Repair everything of one kind. A flipped bit or a brown-out is over already: nothing to repair."""
        if kind not in KINDS:
            raise ValueError(_unknown(kind))
        for args in self.active.pop(kind, []):
            KINDS[kind][1](self, args, False)

    def _complete(self, kind: str, args: "dict[str, Any]") -> "dict[str, Any]":
        """The arguments with their defaults, all of them sane."""
        if kind not in KINDS:
            raise ValueError(_unknown(kind))
        known = KINDS[kind][0]
        for name in args:
            if name not in known:
                names = ", ".join(sorted(known)) or "none"
                raise ValueError(f"fault {kind} has no argument '{name}'; known are: {names}")
        full: "dict[str, Any]" = dict(known)
        full.update(args)
        if kind == "swapped_taps" and full["other"] is None and isinstance(full["tap"], int):
            full["other"] = full["tap"] + 1
        if kind == "nack" and full["count"] is None and full["rate"] is None:
            full["count"] = 1
        for name in full:
            self._check(kind, name, full[name])
        return full

    def _check(self, kind: str, name: str, value: "Any") -> None:
        if value == REQUIRED:
            raise ValueError(f"fault {kind} needs '{name}'")
        if value is None:
            return
        if name in _POSITIVE and not (_is_number(value) and value > 0):
            raise ValueError(f"fault {kind}: {name} must be a number above zero")
        if name == "self_discharge" and not (_is_number(value) and value >= 0):
            raise ValueError(f"fault {kind}: {name} must be a number not below zero")
        if name == "rate" and not (_is_number(value) and 0 <= value <= 1):
            raise ValueError(f"fault {kind}: rate is a probability per cycle; use 0 to 1")
        span = self._span(kind, name)
        if span is not None and not (_is_integer(value) and span[0] <= value <= span[1]):
            raise ValueError(f"fault {kind}: {name} {value} is out of range; use {span[0]} to {span[1]}")

    def _span(self, kind: str, name: str) -> "tuple[int, int] | None":
        """Lowest and highest value of an argument that counts things."""
        cells = self.world.pack.cells
        if kind == "swapped_taps":
            return 0, cells
        return {
            "cell": (1, cells),
            "tap": (1, cells - 1),  # an open outer wire would be the supply of the chip itself
            "sensor": (1, len(self.world.thermistors)),
            "count": (1, 1_000_000),
            "address": (0x9180, 0x937F),  # data memory of the BQ76952
            "bit": (0, 7),
        }.get(name)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _unknown(kind: str) -> str:
    return f"fault kind '{kind}' is not known; use one of: {', '.join(sorted(KINDS))}"


# One function a kind: (faults, arguments, True to break or False to repair).


def _cell_short(faults: Faults, args: "dict[str, Any]", on: bool) -> None:
    faults.world.pack.set_short(args["cell"] - 1, args["ohm"] if on else 0.0)


def _cell_weak(faults: Faults, args: "dict[str, Any]", on: bool) -> None:
    factors = [args["capacity"], args["resistance"], args["self_discharge"]]
    if on:
        args["saved"] = faults.world.pack.self_discharge_per_month[args["cell"] - 1]
        faults.world.pack.scale_cell(args["cell"] - 1, *factors)
    else:
        faults.world.pack.scale_cell(args["cell"] - 1, 1.0 / factors[0], 1.0 / factors[1], 1.0)
        faults.world.pack.self_discharge_per_month[args["cell"] - 1] = args["saved"]


def _open_tap(faults: Faults, args: "dict[str, Any]", on: bool) -> None:
    if on:
        faults.world.sense.open_taps[args["tap"]] = 0.0
    else:
        faults.world.sense.open_taps.pop(args["tap"], None)


def _swapped_taps(faults: Faults, args: "dict[str, Any]", on: bool) -> None:
    pair = (args["tap"], args["other"])
    if on:
        faults.world.sense.swapped.append(pair)
    else:
        faults.world.sense.swapped.remove(pair)


def _thermistor(faults: Faults, args: "dict[str, Any]", on: bool, state: "str | None") -> None:
    pin = faults.world.thermistors[args["sensor"] - 1]
    if on:
        faults.pins[pin] = state
    else:
        faults.pins.pop(pin, None)


def _thermistor_open(faults: Faults, args: "dict[str, Any]", on: bool) -> None:
    _thermistor(faults, args, on, None)


def _thermistor_short(faults: Faults, args: "dict[str, Any]", on: bool) -> None:
    _thermistor(faults, args, on, "short")


def _frozen_reading(faults: Faults, args: "dict[str, Any]", on: bool) -> None:
    """One cell, or all results of the chip where no cell is named."""
    chip = faults.world.chip
    if args["cell"] is None:
        chip.freeze = on
        return
    bit = 1 << faults.world.sense.inputs[args["cell"] - 1]
    chip.frozen_cells = chip.frozen_cells | bit if on else chip.frozen_cells & ~bit


def _nack(faults: Faults, args: "dict[str, Any]", on: bool) -> None:
    """So many transactions from now, or in each cycle with some probability the first of it."""
    faults.world.bus.nack_next = args["count"] or 0 if on else 0
    faults.nack_rate = args["rate"] or 0.0 if on else 0.0


def _stuck_bus(faults: Faults, args: "dict[str, Any]", on: bool) -> None:
    """Until the bus is recovered, or for good with `hold`."""
    faults.world.bus.stuck = on
    faults.hold_bus = on and bool(args["hold"])


def _bit_flip_config(faults: Faults, args: "dict[str, Any]", on: bool) -> None:
    if on:
        faults.world.chip.flip_bit(args["address"], args["bit"])


def _afe_brownout(faults: Faults, _args: "dict[str, Any]", on: bool) -> None:
    if on:
        faults.world.chip.power_cycle()


def _afe_silent(faults: Faults, _args: "dict[str, Any]", on: bool) -> None:
    faults.world.chip.silent = on


def _chg_fet_stuck_on(faults: Faults, _args: "dict[str, Any]", on: bool) -> None:
    faults.chg_stuck = True if on else None


def _chg_fet_stuck_off(faults: Faults, _args: "dict[str, Any]", on: bool) -> None:
    faults.chg_stuck = False if on else None


def _dsg_fet_stuck_on(faults: Faults, _args: "dict[str, Any]", on: bool) -> None:
    faults.dsg_stuck = True if on else None


def _dsg_fet_stuck_off(faults: Faults, _args: "dict[str, Any]", on: bool) -> None:
    faults.dsg_stuck = False if on else None


def _contact_resistance(faults: Faults, args: "dict[str, Any]", on: bool) -> None:
    faults.world.pack.set_contact(args["cell"] - 1, args["ohm"] if on else 0.0)


def _external_short(faults: Faults, args: "dict[str, Any]", on: bool) -> None:
    faults.world.path.short_ohm = args["ohm"] if on else 0.0


def _impact(faults: Faults, _args: "dict[str, Any]", on: bool) -> None:
    faults.world.impact = on


def _hung_firmware(faults: Faults, _args: "dict[str, Any]", on: bool) -> None:
    faults.world.firmware_hung = on


# kind -> (its arguments with defaults, what it does)
KINDS: "dict[str, tuple[dict[str, Any], Any]]" = {
    "cell_short": ({"cell": REQUIRED, "ohm": 1.0}, _cell_short),
    "cell_weak": (
        {"cell": REQUIRED, "capacity": 0.8, "resistance": 1.5, "self_discharge": 1.0},
        _cell_weak,
    ),
    "open_tap": ({"tap": REQUIRED}, _open_tap),
    "swapped_taps": ({"tap": REQUIRED, "other": None}, _swapped_taps),
    "thermistor_open": ({"sensor": 1}, _thermistor_open),
    "thermistor_short": ({"sensor": 1}, _thermistor_short),
    "frozen_reading": ({"cell": None}, _frozen_reading),
    "nack": ({"count": None, "rate": None}, _nack),
    "stuck_bus": ({"hold": False}, _stuck_bus),
    "bit_flip_config": ({"address": REQUIRED, "bit": REQUIRED}, _bit_flip_config),
    "afe_brownout": ({}, _afe_brownout),
    "afe_silent": ({}, _afe_silent),
    "chg_fet_stuck_on": ({}, _chg_fet_stuck_on),
    "chg_fet_stuck_off": ({}, _chg_fet_stuck_off),
    "dsg_fet_stuck_on": ({}, _dsg_fet_stuck_on),
    "dsg_fet_stuck_off": ({}, _dsg_fet_stuck_off),
    "contact_resistance": ({"cell": REQUIRED, "ohm": 0.005}, _contact_resistance),
    "external_short": ({"ohm": 0.005}, _external_short),
    "impact": ({}, _impact),
    "hung_firmware": ({}, _hung_firmware),
}
