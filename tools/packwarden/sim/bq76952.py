"""The simulated BQ76952: the chip as a whole, its pins and its registers.

An independent oracle for the driver: everything here comes from the technical reference manual (SLUUBY2B)
and the datasheet (SLUSE13B), nothing from the firmware. The world pushes analog inputs and calls `run` when
`next_us` has come; the driver talks over I2C; what a driver must never do ends up in `complaints`.
"""

from packwarden.sim.bq76952_alarms import Alarms
from packwarden.sim.bq76952_balancing import Balancing
from packwarden.sim.bq76952_bus import RegisterPort
from packwarden.sim.bq76952_commands import Commands
from packwarden.sim.bq76952_fets import Fets
from packwarden.sim.bq76952_memory import DataMemory
from packwarden.sim.bq76952_meter import Meter
from packwarden.sim.bq76952_permanent import PermanentFailures
from packwarden.sim.bq76952_protection import Protection
from packwarden.sim.bq76952_registers import publish_registers
from packwarden.sim.bq76952_sequence import BOOT, CONFIG_UPDATE, SHUTDOWN, SLEEP, Sequence
from packwarden.sim.bq76952_settings import PINS, Settings
from packwarden.sim.bq76952_slow import SlowProtection
from packwarden.sim.bq76952_transfer import Transfer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packwarden.sim.clock import Clock

_BOOT_US = 23_000  # from power to INITSTART, when the part begins to answer
_OSCILLATOR_US = 5_000  # idle for so long, it has been switched off
_NOT_SIMULATED = (
    (0x9335, 0x03, "autonomous balancing"),
    (0x9263, 0x04, "the precharge time-out PTO"),
    (0x92B4, 0xFF, "periodic load detection"),
)


class Bq76952(RegisterPort):
    """One chip. Inputs and outputs are plain attributes; see the comments below."""

    configuration = (0x9180, 0x937F)  # where a bit can flip: data memory

    def __init__(self, clock: "Clock", crc: bool = False, address: int = 0x08) -> None:
        RegisterPort.__init__(self, crc, address)
        self.clock = clock
        # inputs: what the wires carry
        self.cells_v = [3.3] * 16
        self.stack_v = self.pack_v = self.ld_v = 52.8
        self.current_a = 0.0  # through the shunt, positive = charge
        self.shunt_ohm = 0.001
        self.pins_c: "dict[str, float | str | None]" = {}  # degC, None (open) or 'short'
        self.pins_asserted: "set[str]" = set()  # CFETOFF and DFETOFF, polarity already considered
        self.die_c = 25.0
        # errors of the real thing
        self.current_gain_error = 0.0
        self.current_offset_a = 0.0
        self.current_noise_uv = 0.0  # one sigma of a CC2 reading, at the shunt
        self.voltage_noise_mv = 0.0
        self.seed = 1
        # faults
        self.silent = False  # does not acknowledge its address
        self.freeze = False  # conversions go on, results stay
        self.frozen_cells = 0  # the same for single cell inputs
        self.slow_to_answer = False  # asleep, its oscillator is off, and costs the first transaction
        self.oversleeps = False  # nothing wakes it
        # outputs
        self.chg_on = self.dsg_on = self.pchg_on = self.pdsg_on = False
        self.balancing = 0
        self.dead_switches = 0  # of balancing, that do not close
        self.alert = False
        self.load_detect = False
        self.regulators = 0

        self.memory = DataMemory()
        self.settings = Settings(self.memory)
        self.meter = Meter(self)
        self.protection = Protection(self)
        self.slow = SlowProtection(self)
        self.permanent = PermanentFailures(self)
        self.fets = Fets(self)
        self.balancer = Balancing(self)
        self.alarms = Alarms(self)
        self.commands = Commands(self)
        self.transfer = Transfer(self)
        self.sequence = Sequence(self)
        self.security = 1  # 1 FULLACCESS, 2 UNSEALED, 3 SEALED
        self.power_on_reset = True
        self.host_seen_us = self._called_us = 0
        self.watchdog_reset = False
        self._legacy_write = False
        self._stale = True
        self.boot(clock.now_us)

    # -- what the parts ask each other

    @property
    def working(self) -> bool:
        """Whether FETs and protections operate at all."""
        return self.sequence.mode <= SLEEP

    @property
    def asleep(self) -> bool:
        return self.sequence.mode == SLEEP

    @property
    def configuring(self) -> bool:
        return self.sequence.mode == CONFIG_UPDATE

    @property
    def sealed(self) -> bool:
        return self.security == 3

    def pin_asserted(self, pin: str) -> bool:
        return pin in self.pins_asserted and self.settings.pin_config[PINS.index(pin)] & 3 == 2

    def pulled_down(self, pin: str) -> bool:
        """A thermistor to ground does it as well as a switch (TRM 7.5)."""
        return self.pins_c.get(pin, "open") not in (None, "open")

    def fault_happened(self, now_us: int) -> None:
        """A protection has tripped: out of SLEEP, fast turn-off, alarm, no more balancing."""
        if self.asleep:
            self.sequence.wake(now_us)
        self.fets.react()
        self.alarms.fault()
        self.balancer.protection_changed()
        self._stale = True

    def boot(self, now_us: int) -> None:
        """Normal operation begins with whatever is in data memory."""
        self.settings.load()
        self.security = 3 if self.memory.u1(0x9256) & 1 else 1
        self.power_on_reset = True
        self.sequence.sleep.enabled = self.settings.sleep_enabled
        self.host_seen_us = now_us
        self.permanent.clear()
        self.permanent.enabled = bool(self.settings.mfg_status_init & 0x40)
        self.fets.host_off = 0
        self.fets.load_manufacturing_status()
        self.alarms.reset()
        self.sequence.start(now_us)
        self._stale = True

    def adopt_settings(self, now_us: int) -> None:
        """The end of CONFIG_UPDATE: POR and WD are cleared, new settings count (TRM 7.6, 12.4)."""
        self.power_on_reset = self.watchdog_reset = False
        self.settings.load()
        self.sequence.sleep.enabled = self.settings.sleep_enabled
        self.host_seen_us = now_us
        self.alarms.reset()
        memory = self.memory
        for address, mask, name in _NOT_SIMULATED:
            if memory.u1(address) & mask:
                self.complain(name + " is not simulated")

    # -- time

    @property
    def next_us(self) -> int:
        """When the chip wants to be run next."""
        return self.sequence.next_us()

    def run(self, now_us: int) -> None:
        """Everything that is due up to now, then one look at the inputs."""
        self._stale = True
        self.sequence.run(now_us)

    def analog_changed(self, now_us: int) -> None:
        """The comparators see new inputs at once."""
        self._stale = True
        self.sequence.look(now_us)

    # -- faults that a test can inject

    def power_cycle(self) -> None:
        """A brown-out: all settings back to their defaults, deaf until booted."""
        self.sequence.stop(BOOT)
        self.memory.reset()
        self.settings.load()
        self.balancer.clear_times()
        self.meter.reset_charge()
        self.transfer.clear()
        self.load_detect = False
        self.watchdog_reset = False
        self.sequence.change_mode_at(self.clock.now_us + _BOOT_US, BOOT)
        self._stale = True

    def internal_watchdog(self) -> None:
        """The chip's own watchdog bites: like a brown-out, and Battery Status says so."""
        self.power_cycle()
        self.watchdog_reset = True

    def flip_bit(self, address: int, bit: int) -> None:
        """A bit of configuration RAM turns over; the chip works with the new value from here on.

        The real one checks its RAM every second and restarts if it finds an error (TRM 11.7); what it covers
        the manual does not say, so here it finds nothing and the host has to.
        """
        self.memory.ram[address - 0x9180] ^= 1 << bit
        if not self.configuring:
            self.settings.load()
            self._stale = True

    # -- the register side

    def answers(self) -> bool:
        if self.clock.now_us >= self.sequence.mode_change_us:
            self.run(self.clock.now_us)
        if self.slow_to_answer and self.asleep and self.clock.now_us - self._called_us > _OSCILLATOR_US:
            self._called_us = self.clock.now_us
            return False
        self._called_us = self.clock.now_us
        return not self.silent and self.sequence.mode not in (SHUTDOWN, BOOT)

    def before_read(self) -> None:
        now_us = self.clock.now_us
        if now_us >= self.sequence.scan_us or now_us >= self.sequence.next_us():
            self.run(now_us)
        self.transfer.publish(now_us)
        if self._stale:
            self._stale = False
            publish_registers(self)

    def before_write(self) -> None:
        self.transfer.begin_transaction()

    def on_read(self, register: int, count: int) -> None:
        end = register + count
        if register <= 0x61 and end > 0x3E:
            self.transfer.on_read(register, count)
        if self._legacy_write and register <= 1:
            self._legacy_write = False
            self.image[0:2] = b"\xa5\xff"
            self._stale = True

    def write_register(self, register: int, byte: int) -> None:
        if 0x3E <= register <= 0x61:
            self.transfer.write(register, byte)
        elif 0x62 <= register <= 0x63 or 0x66 <= register <= 0x67:
            self.alarms.write(register, byte)
        elif register <= 1:
            self._legacy_write = True
            self.complain("write to Control Status, which only legacy hosts do")
        else:
            self.complain("write to the read-only register 0x%02X" % register)
        self._stale = True

    def after_transaction(self) -> None:
        self.host_seen_us = self.clock.now_us
