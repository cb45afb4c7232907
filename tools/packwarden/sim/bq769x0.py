"""The simulated BQ76920, BQ76930 and BQ76940: the chip as a whole, its pins and its registers.

An independent oracle for the driver: everything here comes from the datasheet (SLUSBK2, revision I), nothing
from the firmware. The three parts differ in how many groups of five inputs they have. The world pushes analog
inputs and calls `run` when `next_us` has come; the driver talks over I2C; what a driver must never do ends up
in `complaints`.

What this family does not do, the simulation does not do either: it never turns a FET on by itself, it clears
no latch by itself, and it does not care whether its host lives.
"""

from packwarden.sim.bq769x0_meter import Meter
from packwarden.sim.bq769x0_protection import Protection
from packwarden.sim.bq769x0_registers import (
    CHG_ON,
    DSG_ON,
    OVRD_ALERT,
    SYS_CTRL2,
    SYS_STAT,
    Registers,
    happen,
    reset,
)
from packwarden.sim.bq76952_bus import RegisterPort, crc8

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packwarden.sim.clock import Clock

GROUP = 5  # inputs
TICK_US = 250_000  # cells and coulomb counter; the real groups drift against each other (9.1.1)
BOOT_US = 10_000  # t_BOOTREADY
_NEVER_US = 1 << 62


def inputs_of(groups: int, cells: int) -> "list[int]":
    """The input of each cell: groups as even as can be, in each the top cell on top (tables 9-2 to 9-4)."""
    inputs = []
    for group in range(groups):
        count = cells // groups + (1 if group < cells % groups else 0)
        first = GROUP * group
        inputs += list(range(first, first + count - 1)) + [first + GROUP - 1]
    return inputs


class Bq769x0(RegisterPort):
    """One chip of `groups` (1: BQ76920, 2: BQ76930, 3: BQ76940). Inputs and outputs are plain attributes."""

    configuration = (0x04, 0x0B)  # where a bit can flip

    def __init__(
        self,
        clock: "Clock",
        groups: int = 3,
        crc: bool = False,
        address: int = 0x08,
        gain_uv: int = 381,
        offset_mv: int = 37,
    ) -> None:
        RegisterPort.__init__(self, crc, address)
        self.clock = clock
        self.groups = groups
        self.gain_uv = gain_uv  # per LSB; 365 to 396, written by the factory
        self.offset_mv = offset_mv
        # inputs: what the wires carry
        self.cells_v = [3.3] * (GROUP * groups)
        self.stack_v = self.pack_v = self.ld_v = 3.3 * GROUP * groups
        self.current_a = 0.0  # through the shunt, positive = charge
        self.shunt_ohm = 0.001
        self.pins_c: "dict[str, float | str | None]" = {}  # degC, None (open) or 'short'
        self.die_c = 25.0
        # errors of the real thing
        self.current_gain_error = 0.0
        self.current_offset_a = 0.0
        self.current_noise_uv = 0.0
        self.voltage_noise_mv = 0.0
        self.seed = 1
        # faults
        self.silent = False  # does not acknowledge its address
        self.freeze = False  # conversions go on, results stay
        self.frozen_cells = 0  # the same for single inputs
        self.dead_switches = 0  # of balancing, that do not close
        # what is built around it
        self.boots_by_itself = False  # a circuit lifts TS1 whenever the supply comes up
        self.pchg_on = self.pdsg_on = False  # there are no such outputs
        self.awake = False  # NORMAL; else SHIP
        self.meter = Meter(self)
        self.protection = Protection(self)
        self.registers = Registers(self)
        self._alert_forced = False
        self._boot_us = self._tick_us = _NEVER_US
        self.start_up()

    # -- pins

    @property
    def chg_on(self) -> bool:
        return self.image[SYS_CTRL2] & CHG_ON != 0

    @property
    def dsg_on(self) -> bool:
        return self.image[SYS_CTRL2] & DSG_ON != 0

    @property
    def balancing(self) -> int:
        """Inputs whose switch is closed, apart from the pauses in which they are measured."""
        image = self.image
        return (image[1] | image[2] << 5 | image[3] << 10) & ~self.dead_switches

    @property
    def driven(self) -> bool:
        """The chip itself holds ALERT high: an OR of all that stands in SYS_STAT (8.3.1.3.4)."""
        return self.image[SYS_STAT] != 0

    @property
    def alert(self) -> bool:
        return self.driven or self._alert_forced

    @property
    def load_detect(self) -> bool:
        """1 Mohm hold pin CHG down while it is off, and with it whatever pulls at PACK- (8.3.1.3.2)."""
        return self.awake and not self.chg_on

    def force_alert(self, high: bool) -> None:
        """Somebody else drives ALERT; the chip has eyes for that only while it does not drive it itself."""
        self._alert_forced = high
        self._override()

    # -- life

    def start_up(self) -> None:
        """A rising edge on TS1 long ago: NORMAL mode, with defaults in all registers."""
        reset(self.image, self.gain_uv, self.offset_mv)
        self.awake = True
        self.registers.shut = 0
        now_us = self.clock.now_us
        self.meter.restart(now_us)
        self.protection.restart()
        self._tick_us = now_us + TICK_US
        self._boot_us = _NEVER_US

    def boot(self) -> None:
        """A rising edge on TS1: the way out of SHIP."""
        if not self.awake and self._boot_us == _NEVER_US:
            self._boot_us = self.clock.now_us + BOOT_US

    def ship(self) -> None:
        """SHIP mode: FETs off, registers gone, deaf."""
        for register in range(0x0C):
            self.image[register] = 0
        self.awake = False
        self._boot_us = self._tick_us = _NEVER_US

    def power_cycle(self) -> None:
        """A brown-out: whatever comes after it begins in SHIP (8.4.2)."""
        self.ship()
        if self.boots_by_itself:
            self.boot()

    def flip_bit(self, address: int, bit: int) -> None:
        """A bit of a register turns over; the chip works with the new value from here on."""
        self.image[address] ^= 1 << bit

    @property
    def next_us(self) -> int:
        """When the chip wants to be run next."""
        return min(self._boot_us, self._tick_us, self.protection.next_us)

    def run(self, now_us: int) -> None:
        """Everything that is due up to now."""
        if now_us >= self._boot_us:
            self.start_up()
        while now_us >= self._tick_us:
            self.meter.tick(self._tick_us)
            self.protection.scanned(self._tick_us)
            self._tick_us += TICK_US
        self.protection.look(now_us)

    def analog_changed(self, now_us: int) -> None:
        """The comparators see new inputs at once."""
        self.meter.integrate(now_us)
        self.meter.adopt_current()
        self.protection.look(now_us)

    def raise_status(self, bit: int) -> None:
        """An event: it is latched, and opens what it opens."""
        happen(self.image, bit)

    def _override(self) -> None:
        if self.awake and self._alert_forced and not self.driven:
            self.raise_status(OVRD_ALERT)

    # -- the register side

    def start(self, read: bool) -> bool:
        """On reading, the CRC begins at the second start and covers that address and the byte (8.3.1.4)."""
        acknowledged = RegisterPort.start(self, read)
        if acknowledged and read:
            self._running_crc = crc8(bytes([self.address << 1 | 1]))
        return acknowledged

    def answers(self) -> bool:
        if self.clock.now_us >= self.next_us:
            self.run(self.clock.now_us)
        return self.awake and not self.silent

    def before_read(self) -> None:
        self.registers.show_load()

    def before_write(self) -> None:
        """Nothing to prepare."""

    def on_read(self, register: int, count: int) -> None:
        """Reading changes nothing."""

    def after_transaction(self) -> None:
        """Nobody counts how long the host has been silent."""

    def write_register(self, register: int, byte: int) -> None:
        if register == SYS_STAT:  # a 1 clears
            self.image[SYS_STAT] &= ~byte & 0xFF
            self._override()
        else:
            self.registers.write(register, byte)
            self.protection.look(self.clock.now_us)
