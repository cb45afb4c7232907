"""What is broken now, and who may break what.

A kind or an argument that is not known, or that does not fit the pack, is refused with a sentence naming what
would: a misspelt fault would make every test of it pass.
"""

from packwarden.sim.fault_kinds import CONTACTORS_ONLY, FETS_ONLY, KINDS, REQUIRED, WHICH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from packwarden.sim.world import World

__all__ = ("KINDS", "REQUIRED", "Faults")

_POSITIVE = ("ohm", "capacity", "resistance", "watts", "volts")


class Faults:
    """What is broken now. The world asks for what acts on every step; the rest acts when injected."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.active: "dict[str, list[dict[str, Any]]]" = {}
        self.chg_stuck: "bool | None" = None
        self.dsg_stuck: "bool | None" = None
        self.charger_v: "float | None" = None  # what a broken charger regulates to
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
        for args in reversed(self.active.pop(kind, [])):
            KINDS[kind][1](self, args, False)

    def break_thermistor(self, sensor: int, on: bool, state: "str | None") -> None:
        """A thermistor is open (None) or shorted, or whole again."""
        thermometry = self.world.thermometry
        pin = thermometry.pins[sensor - 1]
        if on:
            thermometry.broken[pin] = state
        else:
            thermometry.broken.pop(pin, None)

    def _complete(self, kind: str, args: "dict[str, Any]") -> "dict[str, Any]":
        """The arguments with their defaults, all of them sane."""
        if kind not in KINDS:
            raise ValueError(_unknown(kind))
        if kind in FETS_ONLY and self.world.contactors is not None:
            raise ValueError(f"fault {kind} needs FETs; this pack has contactors")
        if kind in CONTACTORS_ONLY and self.world.contactors is None:
            raise ValueError(f"fault {kind} needs contactors; this pack has FETs")
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
        if name == "amps" and not _is_number(value):
            raise ValueError(f"fault {kind}: {name} must be a number")
        if name == "rate" and not (_is_number(value) and 0 <= value <= 1):
            raise ValueError(f"fault {kind}: rate is a probability per cycle; use 0 to 1")
        if name == "which" and str(value) not in WHICH:
            raise ValueError(f"fault {kind}: which = '{value}' is not known; use: {', '.join(WHICH)}")
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
            "sensor": (1, len(self.world.thermometry.pins)),
            "count": (1, 1_000_000),
            "address": self.world.chip.configuration,
            "bit": (0, 7),
        }.get(name)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _unknown(kind: str) -> str:
    return f"fault kind '{kind}' is not known; use one of: {', '.join(sorted(KINDS))}"
