"""Two hands beside a simulated pack whose console has the keyboard: control keys that no console needs."""

from packwarden.sim.world import World

_FULL_V = {"nmc": 4.2, "lfp": 3.65}  # of a cell
_CHARGER_C = 0.1
_LEAST_CHARGER_A = 2.0
_BUTTON, _FINGER, _CHARGER, _METER = 0x02, 0x06, 0x10, 0x16

KEYS = "Ctrl-B button, Ctrl-P charger, Ctrl-F finger, Ctrl-V meter."


def charger_for(chemistry: str, cells: int, capacity_ah: float) -> tuple[float, float]:
    """Volts and amps of a gentle charger that suits the pack."""
    return _FULL_V[chemistry] * cells, max(_LEAST_CHARGER_A, _CHARGER_C * capacity_ah)


class Hands:
    """What each key does to the world, and the sentence that says so."""

    def __init__(self, world: World, charger: tuple[float, float]) -> None:
        self._world = world
        self._charger = charger
        self._touched = 0
        self._pressed_us = 0

    def play(self, key: int) -> str:
        """Do what a key stands for; "" if it is none of these."""
        acts = {_BUTTON: self._button, _FINGER: self._finger, _CHARGER: self._plug, _METER: self._meter}
        return acts[key]() if key in acts else ""

    def _button(self) -> str:
        world = self._world
        world.button = not world.button
        if world.button:
            self._pressed_us = world.clock.now_us
            return "button down; Ctrl-B lets go"
        return f"button up, after {(world.clock.now_us - self._pressed_us) / 1e6:.1f} s"

    def _finger(self) -> str:
        self._touched = (self._touched + 1) % (len(self._world.thermometry.pins) + 1)
        self._world.touch(self._touched)
        return f"a finger on thermistor {self._touched}" if self._touched else "no finger on a thermistor"

    def _plug(self) -> str:
        self._world.charger = None if self._world.charger else self._charger
        volts, amps = self._charger
        return f"charger plugged: {volts:g} V, {amps:g} A" if self._world.charger else "charger unplugged"

    def _meter(self) -> str:
        return f"the meter shows {sum(self._world.pack.volts):.3f} V and {self._world.current_a:.2f} A"
