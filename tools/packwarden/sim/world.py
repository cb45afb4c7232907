"""The simulated world around one controller: time, pack, front end, bus, power path, finger and faults.

The world owns the order of events. `advance` goes from event to event of the chip, lets the pack live through
the time between, gives the chip its analog inputs and then its turn, and carries what its FET drivers do back
to the current in the same microsecond. What firmware does on the bus meanwhile costs time on the clock; the
world catches up at the next `advance`.
"""

from packwarden.sim import assembly, cells
from packwarden.sim.clock import Clock
from packwarden.sim.contactors import CHG, DSG, PRECHARGE, Contactors
from packwarden.sim.controls import Controls
from packwarden.sim.faults import Faults
from packwarden.sim.i2c import I2cBus
from packwarden.sim.prng import Prng
from packwarden.sim.thermometry import DIE_RISE_C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from packwarden.sim.replay import ReplayTrace

# The pack moves at most this far in one step, and not again before the other has passed: between them a
# constant current changes no reading by a millivolt. A capacitor that charges asks for shorter steps.
LONGEST_STEP_US = 250_000
SHORTEST_STEP_US = 60_000
_TEMPERATURES_US = 1_000_000
_PIN_JUMP_V = 1.0  # pin LD wakes the front end at 1.45 V
_RELEASED = {CHG: 0, DSG: 0, PRECHARGE: 0}


class World(Controls):
    """Everything outside the firmware. `spec` is the pack file; what it leaves out has a default."""

    def __init__(self, spec: "dict[str, Any]") -> None:
        self.spec = spec
        seed = int(spec.get("seed", assembly.DEFAULT_SEED))
        model = cells.load(spec.get("cell_model") or cells.default_model(spec.get("chemistry", "nmc")))
        aux_v = float(spec.get("environment", {}).get("auxiliary_v", assembly.DEFAULT_AUXILIARY_V))
        Controls.__init__(self, Clock(), assembly.pack(spec, model, seed), aux_v)
        self.front_end = assembly.front_end(spec)
        self.bus = I2cBus(self.clock, assembly.bus_hz(spec))
        self.chip = assembly.chip(spec, self.clock, seed)
        assembly.attach(spec, self.bus, self.chip)
        self.sense = assembly.sense_wires(spec)
        self.path = assembly.power_path(spec, self.chip.shunt_ohm, model.v_max * spec["cells"])
        self.contactors = Contactors() if spec.get("contactors", False) else None
        self.coil_permille = dict(_RELEASED)  # as the controller drives them, while it has power
        self.thermometry = assembly.thermometry(spec)
        self.fet_heat = assembly.fet_heat(spec, self.pack.ambient_c)
        self.watchdog = assembly.watchdog(spec)
        self.faults = Faults(self)
        self.die_rise_c = DIE_RISE_C  # of the front end above the room, before any balancing
        self.firmware_hung = False
        self.current_a = 0.0
        self.stack_v = 0.0
        self._noise = Prng(seed + 1)
        self._replay: "ReplayTrace | None" = None
        self._replay_start_us = 0
        self._replay_soc: "float | None" = None
        self._us = self._pack_us = self._sense_us = 0
        self._temperatures_us = -_TEMPERATURES_US
        self._conducts = -1
        self._mask = 0
        self._met: "tuple[float, tuple[float, float] | None]" = (0.0, None)
        self._react(0)

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

    def contacts(self) -> int:
        """The sense contacts of contactors: 1 charge, 2 discharge is closed; -1 where there are FETs."""
        return -1 if self.contactors is None else self.contactors.contacts()

    @property
    def thermistors(self) -> "list[str]":
        """Pins of the thermistors on cells."""
        return self.thermometry.cell_pins

    # -- time

    def advance(self, duration_us: int) -> None:
        """Let time pass, exactly through every event of the chip on the way."""
        clock = self.clock
        chip = self.chip
        node = self.path.node
        contactors = self.contactors
        watchdog = self.watchdog
        end_us = clock.now_us + duration_us
        if self.faults.nack_rate and self._noise.uniform() < self.faults.nack_rate:
            self.bus.nack_next = max(1, self.bus.nack_next)
        if self.faults.hold_bus:
            self.bus.stuck = True
        self._follow(self._us)
        while self._us < end_us:
            at_us = min(
                end_us, self._pack_us + LONGEST_STEP_US, max(self._us, min(chip.next_us, watchdog.next_us))
            )
            if contactors is not None:
                at_us = min(at_us, max(self._us, contactors.next_us))
            hurries = 0 < node.step_us < SHORTEST_STEP_US
            if hurries:
                at_us = min(at_us, self._pack_us + node.step_us)
            if hurries or at_us - self._pack_us >= SHORTEST_STEP_US:
                self._live(at_us)
                self._push(at_us)
            self._us = at_us
            if clock.now_us < at_us:
                clock.now_us = at_us
            if watchdog.next_us <= at_us:
                watchdog.run(at_us)
                self._follow(at_us)
            if chip.next_us <= at_us:
                chip.run(at_us)
                self._follow(at_us)
            elif hurries or contactors is not None:
                self._follow(at_us)
        if max(end_us - self._pack_us, duration_us) >= SHORTEST_STEP_US:
            self._live(end_us)
            self._push(end_us)

    def _follow(self, at_us: int) -> None:
        """React if a switch, a balancing switch, the load or the charger has changed."""
        if (
            self._switches(at_us) != self._conducts
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
            self._conducts = self._switches(at_us)
            self._temperatures_us = at_us - _TEMPERATURES_US
            self._push(at_us)
            if self._switches(at_us) == self._conducts:
                break

    def _switches(self, at_us: int) -> int:
        """What conducts, as one number: 1 CHG, 2 DSG, 4 PCHG, 8 PDSG or the precharge relay, 16 the pull-up
        of the load detection."""
        chip = self.chip
        cut = self.watchdog.cut
        if self.contactors is not None:
            coils = self.coil_permille if self.powered and not cut else _RELEASED
            return self.contactors.update(at_us, coils, chip) | chip.load_detect << 4
        faults = self.faults
        chg = chip.chg_on if faults.chg_stuck is None else faults.chg_stuck
        dsg = chip.dsg_on if faults.dsg_stuck is None else faults.dsg_stuck
        if cut:
            chg = faults.chg_stuck is True
            dsg = faults.dsg_stuck is True
        return chg | dsg << 1 | chip.pchg_on << 2 | chip.pdsg_on << 3 | chip.load_detect << 4

    def _live(self, at_us: int) -> None:
        """Let what flows now go on until then."""
        elapsed_us = at_us - self._pack_us
        if elapsed_us > 0:
            self._pack_us = at_us
            if self._replay is None:
                elapsed_s = elapsed_us * 1e-6
                path = self.path
                self.fet_heat.warm(path.loss_w, elapsed_s)
                self.pack.step(elapsed_s, path.flow(elapsed_s) if path.node.step_us else self.current_a)

    def _push(self, at_us: int) -> None:
        """Solve the power path and put everything on the pins of the chip."""
        chip = self.chip
        was_a, was_v = self.current_a, chip.ld_v
        if self._replay is None:
            self._solve(at_us)
        else:
            self._follow_trace(at_us)
        sense = self.sense
        volts = self.pack.volts
        bleeding = sense.cells_of(chip.balancing)
        if sense.open_taps:
            sense.sink(volts, bleeding, (at_us - self._sense_us) * 1e-6)
        self._sense_us = at_us
        chip.cells_v = sense.to_inputs(volts, bleeding)
        chip.stack_v = self.stack_v
        chip.current_a = self.current_a
        if self._warmed or at_us - self._temperatures_us >= _TEMPERATURES_US:
            self._warmed = False
            self._temperatures_us = at_us
            self.fet_heat.settle(self.pack.ambient_c)
            self.thermometry.push(chip, self.pack, self.fet_heat.temp_c, self.die_rise_c)
        if self.current_a != was_a or abs(chip.ld_v - was_v) > _PIN_JUMP_V or self.path.node.step_us:
            chip.analog_changed(at_us)

    def _solve(self, at_us: int) -> None:
        """What flows now, through what conducts now."""
        chip = self.chip
        path = self.path
        path.draw_a = self._drawn_a(at_us)
        path.charger = self.charger
        if self.faults.charger_v is not None and self.charger is not None:
            path.charger = (self.faults.charger_v, self.charger[1])
        bits = self._conducts
        path.load_detect = bits & 16 != 0
        path.solve(self.pack.emf(), self.pack.ohm, bits & 1 != 0, bits & 2 != 0, bits & 4 != 0, bits & 8 != 0)
        self.current_a = path.current_a
        self.stack_v = self.pack.apply(self.current_a)
        chip.pack_v = path.pack_v
        chip.ld_v = path.ld_v

    def _follow_trace(self, at_us: int) -> None:
        trace = self._replay
        if trace is None:
            return
        self.current_a, volts, temp_c, soc = trace.at((at_us - self._replay_start_us) * 1e-6)
        self.pack.impose(volts, temp_c, soc)
        self._replay_soc = soc
        self.stack_v = self.chip.pack_v = self.chip.ld_v = volts * self.pack.cells
