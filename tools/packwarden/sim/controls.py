"""What a player or a scenario turns, and sees: load, charger, supply, finger on the button, lamp."""

from packwarden.sim.button import Button

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packwarden.sim.clock import Clock
    from packwarden.sim.pack import Pack
    from packwarden.sim.profile import LoadProfile
    from packwarden.sim.thermometry import Thermometry


class Controls:
    """The part of a world that somebody outside may set at any time."""

    thermometry: "Thermometry"

    def __init__(self, clock: "Clock", pack: "Pack", aux_v: float) -> None:
        self.clock = clock
        self.pack = pack
        self.load_a = 0.0  # drawn; below zero a motor feeds back
        self.charger: "tuple[float, float] | None" = None  # constant voltage, and current up to it
        self.powered = True  # the controller's own supply
        self.impact = False
        self.lamp = 0  # as the firmware drives it: green 1, red 2, buzzer 4
        self.watched: "list[tuple[int, int]] | None" = None  # its changes, (us, lamp), while somebody looks
        self._button = Button()
        self._load_profile: "LoadProfile | None" = None
        self._load_profile_start_us = 0
        self._aux_from_v = self._aux_to_v = aux_v
        self._aux_start_us = self._aux_ramp_us = 0
        self._warmed = False  # the sensors have not been told of another temperature of the room
        self._dirty = False  # something has changed that only the next look at the power path shows

    @property
    def ambient_c(self) -> float:
        return self.pack.ambient_c

    @ambient_c.setter
    def ambient_c(self, temp_c: float) -> None:
        self.pack.ambient_c = temp_c
        self._warmed = True

    @property
    def aux_v(self) -> float:
        """The auxiliary supply now."""
        since_us = self.clock.now_us - self._aux_start_us
        if since_us >= self._aux_ramp_us:
            return self._aux_to_v
        return self._aux_from_v + (self._aux_to_v - self._aux_from_v) * since_us / self._aux_ramp_us

    @aux_v.setter
    def aux_v(self, volts: float) -> None:
        self.ramp_aux(volts, 0.0)

    def ramp_aux(self, volts: float, over_s: float) -> None:
        """Let the auxiliary supply sag or rise to a voltage, evenly over a time."""
        self._aux_from_v = self.aux_v
        self._aux_to_v = volts
        self._aux_start_us = self.clock.now_us
        self._aux_ramp_us = int(over_s * 1e6)

    @property
    def led_on(self) -> bool:
        """Whether any light is seen."""
        return self.lamp & 3 != 0

    def show(self, lamp: int) -> None:
        """The firmware drives LED and buzzer."""
        if lamp != self.lamp:
            self.lamp = lamp
            if self.watched is not None:
                self.watched.append((self.clock.now_us, lamp))

    @property
    def load_profile(self) -> "LoadProfile | None":
        """A current over time that adds to `load_a`; its time starts when it is set."""
        return self._load_profile

    @load_profile.setter
    def load_profile(self, profile: "LoadProfile | None") -> None:
        self._load_profile = profile
        self._load_profile_start_us = self.clock.now_us
        self._dirty = True

    @property
    def button(self) -> bool:
        """Whether the button's contact is closed now."""
        return self._button.level(self.clock.now_us)

    @button.setter
    def button(self, held: bool) -> None:
        self._button.held = held

    def touch(self, sensor: int) -> None:
        """Hold a finger on a thermistor, counted from 1; 0: on none. ValueError if there is no such one."""
        pins = self.thermometry.pins
        if not 0 <= sensor <= len(pins):
            raise ValueError(f"there is no thermistor {sensor}; use 1 to {len(pins)}, or 0 for none")
        self.thermometry.touched = {pins[sensor - 1]} if sensor else set()
        self._dirty = True

    def press(self, seconds: float, bounce_ms: float = 0) -> None:
        """Press the button now, for a time."""
        self._button.press(self.clock.now_us, seconds, bounce_ms)

    def _drawn_a(self, at_us: int) -> float:
        """What the load draws at a time."""
        if self._load_profile is None:
            return self.load_a
        return self.load_a - self._load_profile.current((at_us - self._load_profile_start_us) * 1e-6)
