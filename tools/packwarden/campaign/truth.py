"""What is really the case in the simulated world, whoever measures it how: all that the oracle may look at.

Taken at every event of the simulation (a FET that switches, a short that closes, a scan), so a reaction is
timed to the microsecond.
"""

from collections.abc import Callable

from packwarden.campaign.limits import CHG, DSG
from packwarden.sim.bq76952 import Bq76952
from packwarden.sim.bq76952_sequence import BOOT, SHUTDOWN
from packwarden.sim.contactors import HOLD_PERMILLE, PRECHARGE
from packwarden.sim.world import World

_RISE_S = 60.0
_SETTLED_S = 2.5


class WatchedWorld(World):
    """A world that tells somebody each time it has put new voltages and currents in place."""

    watcher: Callable[[int], None] | None = None

    def _push(self, at_us: int) -> None:
        super()._push(at_us)
        if self.watcher is not None:
            self.watcher(at_us)


class Truth:
    """The state of one world, refreshed by `look`; volts, amperes, degC, seconds."""

    def __init__(self, world: World, sensed: list[int]) -> None:
        assert isinstance(world.chip, Bq76952)  # the campaign knows no other
        self.world = world
        self.chip: Bq76952 = world.chip
        self.sensed = sensed  # cells that carry a thermistor, counted from 0
        self.now_s = 0.0
        self.high_v = self.low_v = 0.0  # between the sense wires
        self.cell_high_v = self.cell_low_v = 0.0  # of the cells themselves, without their joints
        self.stack_v = self.outside_v = 0.0
        self.current_a = 0.0  # positive charges
        self.hot_c = self.cold_c = self.rise_c = self.fet_c = 0.0
        self.gates = 0  # CHG | DSG, as they are driven
        # Told by the run:
        self.broken = False  # what was injected is there now
        self.running = False  # firmware runs: not booting, not hung
        self.started_s = 0.0  # since then
        self.bitten = False  # the watchdog has restarted it
        self.met = False  # it has set the AFE up
        self.wanted = True  # the enable input says so
        self.dead_s: float | None = None  # since when it is stopped for good
        self.pressed_s = -1e9  # when a ten-second press ended
        self.before_a = 0.0  # the current just before the fault
        self._struck_s = 0.0
        self._settled = False  # the fault has been there for a while before the load changed
        self._before_gates = 0
        self._before_v: list[float] = []
        self._before_ram = b""
        self._had_settings = False
        self._struck: int | None = None
        self._warmth: list[tuple[float, float]] = []

    def look(self, at_us: int) -> None:
        """Take everything from the world as it is now."""
        world = self.world
        pack = world.pack
        volts = pack.volts
        self.now_s = at_us * 1e-6
        self.high_v = max(volts)
        self.low_v = min(volts)
        self.current_a = current_a = world.current_a
        self.cell_high_v = self.high_v
        self.cell_low_v = self.low_v
        if any(pack.contact_ohm):
            cells = [v - current_a * ohm for v, ohm in zip(volts, pack.contact_ohm, strict=True)]
            self.cell_high_v = max(cells)
            self.cell_low_v = min(cells)
        self.stack_v = world.stack_v
        self.outside_v = self.chip.pack_v
        temps = [pack.temp_c[k] for k in self.sensed]
        self.hot_c = max(temps)
        self.cold_c = min(temps)
        self._follow_warmth()
        self.met = self.met or not self.chip.power_on_reset
        self.fet_c = world.fet_heat.temp_c
        self.gates = self._driven()

    def _driven(self) -> int:
        """The directions that are told to conduct. A contactor needs its coil, too, unless it is closed."""
        world = self.world
        gates = self.chip.chg_on * CHG | self.chip.dsg_on * DSG
        if world.contactors is not None:
            contacts = world.contacts()
            for direction in (CHG, DSG):
                if world.coil_permille[direction] < HOLD_PERMILLE and not contacts & direction:
                    gates &= ~direction
        return gates

    def __str__(self) -> str:
        gates = f"{'C' if self.gates & CHG else '-'}{'D' if self.gates & DSG else '-'}"
        return (
            f"{self.now_s:10.4f} s {'!' if self.broken else ' '} {gates} {self.current_a:8.2f} A"
            f" {self.low_v:.3f}..{self.high_v:.3f} V, outside {self.outside_v:6.2f} V"
            f" {self.cold_c:.0f}..{self.hot_c:.0f} degC"
        )

    def _follow_warmth(self) -> None:
        """How much the hottest sensor has warmed within the last minute."""
        warmth = self._warmth
        if not warmth or self.now_s - warmth[-1][0] >= 1.0:
            warmth.append((self.now_s, self.hot_c))
            if self.now_s - warmth[0][0] > _RISE_S:
                del warmth[0]
        self.rise_c = self.hot_c - min(c for _, c in warmth)

    @property
    def mute(self) -> bool:
        """No firmware is there to explain anything."""
        return self.world.firmware_hung or not self.running

    @property
    def load_attached(self) -> bool:
        """Something outside draws current, or would; behind an open fuse it cannot be seen."""
        return self.world.path.load_attached and not self.world.path.fuse_open

    @property
    def charger_v(self) -> float:
        """The charger's voltage, 0 without one."""
        world = self.world
        if world.charger is None:
            return 0.0
        return world.charger[0] if world.faults.charger_v is None else world.faults.charger_v

    # -- what some faults are judged by

    def remember(self, cell: int | None) -> None:
        """Just before the fault strikes; `cell` is the one it strikes, counted from 1."""
        self.before_a = self.current_a
        self._struck_s = self.now_s
        self._settled = False
        self._before_gates = self.gates
        self._before_v = list(self.world.pack.volts)
        self._before_ram = bytes(self.chip.memory.ram)
        self._had_settings = not self.chip.power_on_reset
        self._struck = cell

    def there(self) -> float:
        """1 while what was injected is there."""
        return float(self.broken)

    def spread_c(self) -> float:
        """Between the warmest and the coldest sensor."""
        return self.hot_c - self.cold_c

    def sunk_v(self) -> float:
        """How far a sense wire that floats has sunk."""
        return max(self.world.sense.open_taps.values(), default=0.0)

    def spread_v(self) -> float:
        """How far the cells lie apart, in which a tap that has sunk by less hides."""
        return max(self.world.pack.volts) - min(self.world.pack.volts)

    def drift_v(self) -> float:
        """How far the other cells have moved since one reading stood still."""
        if not self.broken or self._struck is None:
            return 0.0
        same_load = abs(self.current_a - self.before_a) < max(abs(self.current_a), abs(self.before_a)) / 4
        self._settled = self._settled or (same_load and self.now_s - self._struck_s > _SETTLED_S)
        if same_load or not self._settled:
            return 0.0  # near an end of their curve cells part by themselves, and what came before blurs it
        return abs(self._middle(self.world.pack.volts) - self._middle(self._before_v))

    def still_a(self) -> float:
        """The current that a chip goes on reporting after all its readings stood still."""
        return abs(self.before_a) if self.broken and self._struck is None else 0.0

    def altered(self) -> float:
        """1 while the AFE's configuration is not what it was, if it had one."""
        return float(self.broken and self._had_settings and bytes(self.chip.memory.ram) != self._before_ram)

    def unreachable(self) -> float:
        """1 while the AFE cannot be read: off, deaf, or behind a bus that something holds."""
        chip = self.chip
        return float(chip.silent or self.world.bus.stuck or chip.sequence.mode in (BOOT, SHUTDOWN))

    def booting(self) -> float:
        """1 while no firmware runs."""
        return float(not self.running)

    def hung(self) -> float:
        """1 while the firmware hangs."""
        return float(self.world.firmware_hung)

    def precharging(self) -> float:
        """1 while the load is brought up through a resistor."""
        world = self.world
        if world.contactors is not None:
            return float(world.coil_permille[PRECHARGE] > 0)
        return float(self.chip.pdsg_on)

    def stray(self) -> float:
        """1 while the contact of a contactor is closed that nobody asks for."""
        contacts = self.world.contacts()
        return float(contacts > 0 and bool(contacts & ~self.gates))

    def apart(self) -> float:
        """1 while a contactor stays open that was closed before, and the AFE still asks for it."""
        chip = self.chip
        asked = self._before_gates & (chip.chg_on * CHG | chip.dsg_on * DSG)
        return float(self.broken and bool(asked & ~self.world.contacts()))

    def lost(self) -> float:
        """1 while the AFE cannot be read though the firmware had set it up."""
        return self.unreachable() if self.met else 0.0

    def unconfigured(self) -> float:
        """1 while the AFE runs on its defaults, as after a power-up."""
        return float(self.chip.power_on_reset)

    def _middle(self, volts: list[float]) -> float:
        """The mean without the struck cell."""
        assert self._struck is not None
        return (sum(volts) - volts[self._struck - 1]) / (len(volts) - 1)
