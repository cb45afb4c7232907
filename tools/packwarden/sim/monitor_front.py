"""The simulated front end of the monitor class: converters, dividers, and gates that a controller drives.

What stands between the world and the chips is wires and resistors; what opens by itself is nothing.
"""

from packwarden.sim.ads1115 import Ads1115
from packwarden.sim.bq769x0_meter import thermistor_ohm
from packwarden.sim.ina226 import Ina226
from packwarden.sim.ina228 import Ina228
from packwarden.sim.rp2040_adc import Rp2040Adc
from packwarden.sim.sense import SenseWires

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from packwarden.sim.clock import Clock
    from packwarden.sim.wordport import WordPort

TAPS_AT, METER_AT = 0x48, 0x40
INPUTS = 4
# Upper and lower resistor of each tap, in kohm, as on the board that this project describes.
KOHM = ((47, 100), (180, 100), (330, 100), (470, 100), (620, 100), (750, 100), (910, 100), (1000, 100))
STACK_KOHM = (100, 10)
_PULL_UP_OHM = 10_000.0
CHG, DSG = 1, 2


class DividedWires(SenseWires):
    """A wire that hangs loose is pulled to the bottom of the stack by its own divider, and at once."""

    def sink(
        self,
        volts: "list[float]",
        balancing_cells: int,  # noqa: ARG002 - no switch pulls at them
        dt_s: float,  # noqa: ARG002
    ) -> None:
        for tap in self.open_taps:
            self.open_taps[tap] = sum(volts[:tap])


class MonitorFrontEnd:
    """All chips of one board. Inputs and outputs are plain attributes, as those of the other front ends."""

    configuration = (TAPS_AT << 8, (TAPS_AT + INPUTS) << 8)  # device and register, where a bit can flip
    balancing = 0
    pchg_on = pdsg_on = False
    load_detect = True  # a resistor across the switches

    def __init__(
        self, clock: "Clock", cells: int, chips: int = 2, meter: str = "ina226", seed: int = 1
    ) -> None:
        self.clock = clock
        self.chips = chips
        self.taps = [Ads1115(clock, TAPS_AT + chip, seed + chip) for chip in range(chips)]
        for chip in range(chips):
            self.taps[chip].source = self._source(chip)
        self.meter = (Ina228 if meter == "ina228" else Ina226)(clock, METER_AT, seed)
        self.adc = Rp2040Adc(seed)
        # Resistors of 1 %, and what else a divider has wrong with it.
        self.ratio = [
            (upper + lower) / lower * (1.0 + (seed * 29 + tap * 17) % 21 * 0.001 - 0.01)
            for tap, (upper, lower) in enumerate(KOHM[:cells])
        ]
        self.stack_ratio = sum(STACK_KOHM) / STACK_KOHM[1] * (1.0 + (seed * 41 % 21 - 10) * 0.001)
        # inputs
        self.cells_v = [3.3] * cells
        self.stack_v = self.pack_v = self.ld_v = 3.3 * cells
        self.current_a = 0.0  # through the shunt, positive = charge
        self.shunt_ohm = 0.001
        self.pins_c: "dict[str, float | str | None]" = {}  # degC, None (open) or 'short'
        self.die_c = 25.0  # of the controller
        # errors of the real thing
        self.current_gain_error = 0.0
        self.current_offset_a = 0.0
        self.voltage_noise_mv = 0.0
        self.seed = seed
        self.dead_switches = 0  # of balancing, of which there are none
        # gates, as the controller drives them
        self.gates = 0

    # -- faults

    @property
    def devices(self) -> "list[WordPort]":
        found: "list[WordPort]" = []
        found.extend(self.taps)
        found.append(self.meter)
        return found

    @property
    def silent(self) -> bool:
        return self.meter.silent

    @silent.setter
    def silent(self, on: bool) -> None:
        for device in self.devices:
            device.silent = on

    @property
    def freeze(self) -> bool:
        return self.meter.freeze

    @freeze.setter
    def freeze(self, on: bool) -> None:
        self.meter.freeze = on
        for chip in self.taps:
            chip.freeze = on

    @property
    def frozen_cells(self) -> int:
        found = 0
        for cell in range(len(self.cells_v)):
            chip, pin = self._place(cell)
            found |= (chip.frozen_inputs >> pin & 1) << cell
        return found

    @frozen_cells.setter
    def frozen_cells(self, cells: int) -> None:
        """The tap at the top of each of these cells."""
        for cell in range(len(self.cells_v)):
            chip, pin = self._place(cell)
            chip.frozen_inputs = chip.frozen_inputs & ~(1 << pin) | (cells >> cell & 1) << pin

    @property
    def current_noise_uv(self) -> float:
        return self.meter.noise_uv

    @current_noise_uv.setter
    def current_noise_uv(self, microvolts: float) -> None:
        self.meter.noise_uv = microvolts

    @property
    def complaints(self) -> "list[str]":
        return [f"0x{device.address:02X}: {each}" for device in self.devices for each in device.complaints]

    def power_cycle(self) -> None:
        """The converters lose their supply for a moment; the gates hang on the controller and stay."""
        for chip in self.taps:
            chip.power_cycle()
        self.meter.power_cycle()

    def flip_bit(self, address: int, bit: int) -> None:
        """A bit of a converter's register turns over: its address, then the register."""
        chip, register = (address >> 8) - TAPS_AT, address & 0xFF
        if chip >= self.chips or register > 3:
            raise ValueError(f"no ADS1115 has a register at 0x{address:04X}: use 0x4800 to 0x4803, and so on")
        self.taps[chip].registers[register] ^= 1 << bit

    # -- pins

    @property
    def chg_on(self) -> bool:
        return self.gates & CHG != 0

    @property
    def dsg_on(self) -> bool:
        return self.gates & DSG != 0

    @property
    def alert(self) -> bool:
        return self.meter.alert

    def sample(self, which: int) -> int:
        """One conversion of the controller's ADC: 0 the stack, from 1 on the thermistors."""
        if which == 0:
            return self.adc.sample(self.stack_v / self.stack_ratio)
        reading = self.pins_c.get("TS%d" % which)
        if reading is None or reading == "open":
            return self.adc.ratio(1.0)
        if reading == "short":
            return self.adc.ratio(0.0)
        ohm = thermistor_ohm(float(reading))
        return self.adc.ratio(ohm / (ohm + _PULL_UP_OHM))

    # -- time

    @property
    def next_us(self) -> int:
        """When the chips want to be run next."""
        return self.meter.next_us

    def run(self, now_us: int) -> None:
        """Everything that is due up to now."""
        self.meter.bus_v = self.ld_v
        self.meter.run(now_us)

    def analog_changed(self, now_us: int) -> None:
        """Current or outside have changed."""
        volts = (self.current_a * (1.0 + self.current_gain_error) + self.current_offset_a) * self.shunt_ohm
        self.meter.bus_v = self.ld_v
        self.meter.analog_changed(now_us, volts)

    def tap_v(self, tap: int) -> float:
        """What a divider makes of the lowest cells up to that one."""
        return sum(self.cells_v[: tap + 1]) / self.ratio[tap]

    def _source(self, chip: int) -> "Callable[[int], float]":
        """Taps go round the chips; a pin that is left over is grounded."""

        def pin_v(pin: int) -> float:
            tap = pin * self.chips + chip
            return self.tap_v(tap) if tap < len(self.cells_v) else 0.0

        return pin_v

    def _place(self, tap: int) -> "tuple[Ads1115, int]":
        return self.taps[tap % self.chips], tap // self.chips
