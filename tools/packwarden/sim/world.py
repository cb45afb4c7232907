"""The simulated world around one controller: time, pack, front end, bus, power path, finger and faults.

The world owns the order of events. `advance` goes from event to event of the chip, lets the pack live through
the time between, gives the chip its analog inputs and then its turn, and carries what its FET drivers do back
to the current in the same microsecond. What firmware does on the bus meanwhile costs time on the clock; the
world catches up at the next `advance`.
"""

from packwarden.sim import assembly, cells
from packwarden.sim.button import Button
from packwarden.sim.clock import Clock
from packwarden.sim.faults import Faults
from packwarden.sim.i2c import I2cBus
from packwarden.sim.power_path import PowerPath
from packwarden.sim.prng import Prng
from packwarden.sim.sense import SenseWires
from packwarden.sim.thermometry import DIE_RISE_C, push_temperatures

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from packwarden.sim.profile import LoadProfile
    from packwarden.sim.replay import ReplayTrace

# The pack moves at most this far in one step, and not again before the other has passed: between them a
# constant current changes no reading by a millivolt.
LONGEST_STEP_US = 250_000
SHORTEST_STEP_US = 60_000
_TEMPERATURES_US = 1_000_000


class World:
    """Everything outside the firmware. `spec` is the pack file; what it leaves out has a default."""

    def __init__(self, spec: "dict[str, Any]") -> None:
        self.spec = spec
        seed = int(spec.get("seed", assembly.DEFAULT_SEED))
        model = cells.load(spec.get("cell_model") or cells.default_model(spec.get("chemistry", "nmc")))
        environment = spec.get("environment", {})
        self.clock = Clock()
        self.bus = I2cBus(self.clock)
        self.chip = assembly.chip(spec, self.clock, seed)
        self.bus.attach(spec.get("address", assembly.DEFAULT_ADDRESS), self.chip)
        self.sense = SenseWires(spec["cells"])
        self.pack = assembly.pack(spec, model, seed)
        self.path = PowerPath(self.chip.shunt_ohm, model.v_max * spec["cells"])
        self.thermistors: "list[str]" = list(spec.get("thermistors", ("TS1", "TS2", "TS3")))
        self.faults = Faults(self)
        self.powered = True  # the controller's own supply
        self.aux_v = float(environment.get("auxiliary_v", 12.8))
        self.impact = False
        self.die_rise_c = DIE_RISE_C  # of the front end above the room, before any balancing
        self.led_on = False  # as the firmware drives it
        self.firmware_hung = False
        self.load_a = 0.0
        self.charger: "tuple[float, float] | None" = None
        self.current_a = 0.0
        self.stack_v = 0.0
        self._button = Button()
        self._noise = Prng(seed + 1)
        self._load_profile: "LoadProfile | None" = None
        self._load_profile_start_us = 0
        self._replay: "ReplayTrace | None" = None
        self._replay_start_us = 0
        self._replay_soc: "float | None" = None
        self._us = self._pack_us = self._sense_us = 0
        self._temperatures_us = -_TEMPERATURES_US
        self._drives = -1
        self._mask = 0
        self._met: "tuple[float, tuple[float, float] | None]" = (0.0, None)
        self._dirty = False
        self._react(0)

    # -- what a player or a scenario turns

    @property
    def ambient_c(self) -> float:
        return self.pack.ambient_c

    @ambient_c.setter
    def ambient_c(self, temp_c: float) -> None:
        self.pack.ambient_c = temp_c

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
    def replay(self) -> "ReplayTrace | None":
        """A recorded cell that every cell follows; its time starts when it is set."""
        return self._replay

    @replay.setter
    def replay(self, trace: "ReplayTrace | None") -> None:
        self._replay = trace
        self._replay_start_us = self.clock.now_us
        self._replay_soc = None
        self._react(self._us)

    @property
    def button(self) -> bool:
        """Whether the button's contact is closed now."""
        return self._button.level(self.clock.now_us)

    @button.setter
    def button(self, held: bool) -> None:
        self._button.held = held

    def press(self, seconds: float, bounce_ms: float = 0) -> None:
        """Press the button now, for a time."""
        self._button.press(self.clock.now_us, seconds, bounce_ms)

    def inject(self, kind: str, **args: "Any") -> None:
        """Break something; ValueError names the known kinds and arguments."""
        self.faults.inject(kind, args)
        self._react(self._us)

    def clear(self, kind: str) -> None:
        """Repair what `inject` broke."""
        self.faults.clear(kind)
        self._react(self._us)

    # -- the truth

    def true_soc(self) -> "float | None":
        """0..1 of what the pack can give; None in a replay that does not know."""
        return self.pack.usable() if self._replay is None else self._replay_soc

    # -- time

    def advance(self, duration_us: int) -> None:
        """Let time pass, exactly through every event of the chip on the way."""
        clock = self.clock
        chip = self.chip
        end_us = clock.now_us + duration_us
        if self.faults.nack_rate and self._noise.uniform() < self.faults.nack_rate:
            self.bus.nack_next = max(1, self.bus.nack_next)
        if self.faults.hold_bus:
            self.bus.stuck = True
        self._follow(self._us)
        while self._us < end_us:
            at_us = min(end_us, self._pack_us + LONGEST_STEP_US, max(self._us, chip.next_us))
            if at_us - self._pack_us >= SHORTEST_STEP_US:
                self._live(at_us)
                self._push(at_us)
            self._us = at_us
            if clock.now_us < at_us:
                clock.now_us = at_us
            if chip.next_us <= at_us:
                chip.run(at_us)
                self._follow(at_us)
        if max(end_us - self._pack_us, duration_us) >= SHORTEST_STEP_US:
            self._live(end_us)
            self._push(end_us)

    def _follow(self, at_us: int) -> None:
        """React if a FET driver, a balancing switch, the load or the charger has changed."""
        if (
            self._gates() != self._drives
            or self.chip.balancing != self._mask
            or self._dirty
            or self._met != (self.load_a, self.charger)
        ):
            self._react(at_us)

    def _react(self, at_us: int) -> None:
        """Something has changed: book the past, then find the new current, which may move the FETs again."""
        self._live(at_us)
        chip = self.chip
        # The body-diode override of the chip answers a current, and a stuck FET may answer back: bounded.
        for _ in range(3):
            if chip.balancing != self._mask:
                self._mask = chip.balancing
                self.pack.bleed(self.sense.cells_of(self._mask))
            self._dirty = False
            self._met = (self.load_a, self.charger)
            self._drives = self._gates()
            self._temperatures_us = at_us - _TEMPERATURES_US
            self._push(at_us)
            if self._gates() == self._drives:
                break

    def _gates(self) -> int:
        """What the chip drives, as one number to compare."""
        chip = self.chip
        return chip.chg_on | chip.dsg_on << 1 | chip.pchg_on << 2 | chip.pdsg_on << 3 | chip.load_detect << 4

    def _live(self, at_us: int) -> None:
        """Let the current of now flow until then."""
        elapsed_us = at_us - self._pack_us
        if elapsed_us > 0:
            self._pack_us = at_us
            if self._replay is None:
                self.pack.step(elapsed_us * 1e-6, self.current_a)

    def _push(self, at_us: int) -> None:
        """Solve the power path and put everything on the pins of the chip."""
        chip = self.chip
        path = self.path
        faults = self.faults
        was_a = self.current_a
        if self._replay is None:
            draw_a = self.load_a
            if self._load_profile is not None:
                draw_a -= self._load_profile.current((at_us - self._load_profile_start_us) * 1e-6)
            path.draw_a = draw_a
            path.charger = self.charger
            chg = chip.chg_on if faults.chg_stuck is None else faults.chg_stuck
            dsg = chip.dsg_on if faults.dsg_stuck is None else faults.dsg_stuck
            path.solve(self.pack.emf(), self.pack.ohm, chg, dsg, chip.pchg_on, chip.pdsg_on)
            self.current_a = path.current_a
            self.stack_v = self.pack.apply(self.current_a)
            terminal_v = path.terminal_v
        else:
            dsg = True
            self._follow_trace(at_us)
            terminal_v = self.stack_v
        volts = self.pack.volts
        if self.sense.open_taps:
            self.sense.sink(volts, self.sense.cells_of(chip.balancing), (at_us - self._sense_us) * 1e-6)
        self._sense_us = at_us
        chip.cells_v = self.sense.to_inputs(volts)
        chip.stack_v = self.stack_v
        chip.pack_v = terminal_v
        pulled_up = chip.load_detect and not dsg and self.charger is None and not path.load_attached
        chip.ld_v = self.stack_v if pulled_up else terminal_v
        chip.current_a = self.current_a
        if at_us - self._temperatures_us >= _TEMPERATURES_US:
            self._temperatures_us = at_us
            push_temperatures(chip, self.pack, self.thermistors, faults.pins, self.die_rise_c)
        if self.current_a != was_a or chip.ld_v > terminal_v:
            chip.analog_changed(at_us)

    def _follow_trace(self, at_us: int) -> None:
        trace = self._replay
        if trace is None:
            return
        self.current_a, volts, temp_c, soc = trace.at((at_us - self._replay_start_us) * 1e-6)
        self.pack.impose(volts, temp_c, soc)
        self.stack_v = volts * self.pack.cells
        self._replay_soc = soc
