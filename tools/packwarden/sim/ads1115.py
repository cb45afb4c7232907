"""The simulated ADS1115: four inputs, one converter, one conversion at a time (SBAS444).

An independent oracle for the driver: everything here comes from the datasheet, nothing from the firmware. A
conversion takes the input as it is when it ends. What a driver must never do ends up in `complaints`.
"""

import math

from packwarden.sim.bq76952_noise import TABLE_SIZE, gaussian_table
from packwarden.sim.wordport import WordPort

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from packwarden.sim.clock import Clock

CONVERSION, CONFIG, LO_THRESH, HI_THRESH = 0, 1, 2, 3
_RESET = (0x0000, 0x8583, 0x8000, 0x7FFF)
FULL_V = (6.144, 4.096, 2.048, 1.024, 0.512, 0.256, 0.256, 0.256)  # by the three bits of PGA
RATES = (8, 16, 32, 64, 128, 250, 475, 860)
_PAIRS = ((0, 1), (0, 3), (1, 3), (2, 3))  # MUX 0 to 3; 4 to 7 are one input against ground
_WAKE_US = 25  # out of power-down
_IDLE = 0x8000
_SINGLE = 0x0100
_NEVER_US = 1 << 62
_CLAMP_V = 0.3  # of the protection diodes beyond the supply


class Ads1115(WordPort):
    """One chip. `inputs_v` are its pins; `slow` is how much longer than nominal its oscillator takes."""

    def __init__(self, clock: "Clock", address: int = 0x48, seed: int = 1) -> None:
        WordPort.__init__(self, address)
        self.clock = clock
        self.inputs_v = [0.0] * 4
        self.source: "Callable[[int], float]" = lambda pin: self.inputs_v[pin]  # what stands at a pin now
        self.supply_v = 3.3
        self.slow = (seed * 37 % 21 - 10) / 100.0  # +/- 10 % (7.5)
        self.noise_counts = 0.7  # one sigma at 860 SPS (table 8-1)
        self.freeze = False  # conversions end, results stay
        self.frozen_inputs = 0  # the same for single inputs, bit by bit
        self._noise = gaussian_table(seed)
        self._noise_at = seed
        self._held: "list[float | None]" = [None] * 4
        self.registers: "list[int]" = list(_RESET)
        self._done_us = _NEVER_US
        self._running = 0  # the settings that the conversion under way has latched

    def power_cycle(self) -> None:
        """A brown-out: all registers at their defaults, no conversion under way."""
        self.registers = list(_RESET)
        self._done_us = _NEVER_US

    def general_reset(self) -> None:
        """The general call 0x06 does the same (8.5.1.3)."""
        self.power_cycle()

    @property
    def converting(self) -> bool:
        self._settle()
        return self._done_us != _NEVER_US

    def word(self, register: int) -> bytes:
        self._settle()
        if register > HI_THRESH:
            self.complain("register 0x%02X does not exist" % register)
            return b"\xff\xff"
        value = self.registers[register]
        if register == CONFIG:  # OS reads 1 while nothing is converted
            value = value & 0x7FFF | (0 if self._done_us != _NEVER_US else _IDLE)
        return bytes((value >> 8, value & 0xFF))

    def take(self, register: int, value: int) -> None:
        self._settle()
        if register not in (CONFIG, LO_THRESH, HI_THRESH):
            self.complain("register 0x%02X takes no write" % register)
            return
        if register != CONFIG:
            self.registers[register] = value
            return
        if self._done_us != _NEVER_US and value & _SINGLE and value & _IDLE:
            self.complain("a conversion was started while another was under way")
        self.registers[CONFIG] = value & 0x7FFF
        if not value & _SINGLE:
            self.complain("continuous conversion is not simulated")
        elif value & _IDLE:
            self._running = value
            nominal_us = 1e6 / RATES[value >> 5 & 7]
            self._done_us = self.clock.now_us + round(nominal_us * (1.0 + self.slow)) + _WAKE_US

    def _settle(self) -> None:
        """End a conversion whose time is over."""
        if self.clock.now_us >= self._done_us:
            self._done_us = _NEVER_US
            if not self.freeze:
                self.registers[CONVERSION] = self._convert(self._running) & 0xFFFF

    def _convert(self, config: int) -> int:
        mux = config >> 12 & 7
        full_v = FULL_V[config >> 9 & 7]
        if mux >= 4:
            volts = self._pin_v(mux - 4)
        else:
            volts = self._pin_v(_PAIRS[mux][0]) - self._pin_v(_PAIRS[mux][1])
        self._noise_at = (self._noise_at * 1103515245 + 12345) & 0x7FFFFFFF
        noise = self.noise_counts * self._noise[(self._noise_at >> 12) % TABLE_SIZE]
        return max(-32768, min(32767, math.floor(volts / full_v * 32768.0 + noise + 0.5)))

    def _pin_v(self, pin: int) -> float:
        """What stands at a pin; beyond the supply its diodes conduct."""
        volts = self.source(pin)
        if volts > self.supply_v + _CLAMP_V or volts < -_CLAMP_V:
            self.complain("AIN%d at %.2f V: beyond the supply" % (pin, volts))
        volts = min(self.supply_v + _CLAMP_V, max(-_CLAMP_V, volts))
        if self.frozen_inputs >> pin & 1:
            held = self._held[pin]
            if held is None:
                held = self._held[pin] = volts
            return held
        self._held[pin] = None
        return volts
