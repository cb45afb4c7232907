"""The simulated INA226: shunt and bus voltage in turn, averaged, with an alert (SBOS547B).

An independent oracle for the driver: everything here comes from the datasheet, nothing from the firmware.
The part converts by itself; the world calls `run` when `next_us` has come. `analog_changed` integrates the
current in between, so that an average is one.
"""

import math

from packwarden.sim.bq76952_noise import TABLE_SIZE, gaussian_table
from packwarden.sim.wordport import WordPort

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packwarden.sim.clock import Clock

AVERAGES = (1, 4, 16, 64, 128, 256, 512, 1024)
TIMES_US = (140, 204, 332, 588, 1100, 2116, 4156, 8244)
IDENTITIES = (0x3E, 0x3F, 0xFE, 0xFF)
CONFIG, SHUNT, BUS, POWER, CURRENT, CALIBRATION, MASK, LIMIT = range(8)
_NEVER_US = 1 << 62
_RESET_BIT = 0x8000
_SOL, _SUL, _BOL, _BUL = 0x8000, 0x4000, 0x2000, 0x1000
_AFF, _CVRF, _LEN = 0x10, 0x08, 0x01
_MASK_KEPT = 0xFC03  # what a write of Mask/Enable changes


class Ina226(WordPort):
    """One chip. `shunt_v` and `bus_v` are its pins."""

    name = "INA226"

    def __init__(self, clock: "Clock", address: int = 0x40, seed: int = 1) -> None:
        WordPort.__init__(self, address)
        self.clock = clock
        self.shunt_v = 0.0  # IN+ against IN-
        self.bus_v = 0.0
        self.noise_uv = 0.0  # of a result
        self.freeze = False  # conversions go on, results stay
        self.next_us = _NEVER_US
        self.registers: "dict[int, int]" = {}
        self._noise = gaussian_table(seed)
        self._noise_at = seed
        self._integral = 0.0
        self._since_us = self._began_us = 0
        self.power_cycle()

    def power_cycle(self) -> None:
        """A brown-out, or the reset bit: all registers at their defaults (table 7-1)."""
        self.registers = {
            CONFIG: 0x4127, SHUNT: 0, BUS: 0, POWER: 0, CURRENT: 0, CALIBRATION: 0, MASK: 0, LIMIT: 0,
            0xFE: 0x5449, 0xFF: 0x2260,
        }  # fmt: skip
        self._begin()

    @property
    def alert(self) -> bool:
        """The open-drain output pulls (APOL stays 0 with us)."""
        return self.registers[MASK] & _AFF != 0

    def analog_changed(self, now_us: int, shunt_v: float) -> None:
        """From now on the shunt carries this."""
        self._integrate(now_us)
        self.shunt_v = shunt_v

    def run(self, now_us: int) -> None:
        """End the conversions that are due."""
        while now_us >= self.next_us:
            at_us = self.next_us
            self._integrate(at_us)
            elapsed_us = max(1, at_us - self._began_us)
            mean_v = self._integral / elapsed_us
            self._begin(at_us)
            if not self.freeze:
                self._noise_at = (self._noise_at * 1103515245 + 12345) & 0x7FFFFFFF
                mean_v += 1e-6 * self.noise_uv * self._noise[(self._noise_at >> 12) % TABLE_SIZE]
                self._store(mean_v, self.bus_v)
            self._ready()

    def word(self, register: int) -> bytes:
        self.run(self.clock.now_us)
        if register not in self.registers:
            if register not in IDENTITIES:  # where the other one keeps its own
                self.complain("register 0x%02X does not exist" % register)
            return b"\x00\x00"
        value = self.registers[register]
        if register == MASK:
            self._read_flags()
        return self._bytes(register, value)

    def take(self, register: int, value: int) -> None:
        self.run(self.clock.now_us)
        if register == CONFIG:
            if value & _RESET_BIT:
                self.power_cycle()
                return
            self.registers[CONFIG] = value
            if value & 0x7:  # not on the way to power-down (7.1.7)
                self.registers[MASK] &= ~_CVRF
            self._begin()
        elif register == CALIBRATION:
            self.registers[CALIBRATION] = value & 0x7FFF
        elif register == MASK:
            self.registers[MASK] = self.registers[MASK] & ~_MASK_KEPT | value & _MASK_KEPT
        elif register == LIMIT:
            self.registers[LIMIT] = value
        else:
            self.complain("register 0x%02X takes no write" % register)

    def result_us(self) -> int:
        """How long one result takes, 0 in power-down; averages of shunt and bus in turn (6.4.1)."""
        config = self.registers[CONFIG]
        mode = config & 7
        if not mode & 4:
            if mode & 3:
                self.complain("triggered conversions are not simulated")
            return 0
        once = (TIMES_US[config >> 3 & 7] if mode & 1 else 0) + (TIMES_US[config >> 6 & 7] if mode & 2 else 0)
        return once * AVERAGES[config >> 9 & 7]

    def _begin(self, at_us: int = -1) -> None:
        at_us = self.clock.now_us if at_us < 0 else at_us
        self._integral = 0.0
        self._since_us = self._began_us = at_us
        lasts_us = self.result_us()
        self.next_us = at_us + lasts_us if lasts_us else _NEVER_US

    def _integrate(self, now_us: int) -> None:
        if now_us > self._since_us:
            self._integral += self.shunt_v * (now_us - self._since_us)
            self._since_us = now_us

    def _store(self, shunt_v: float, bus_v: float) -> None:
        """Shunt 2.5 uV, bus 1.25 mV a count; current by the calibration register (6.5.1)."""
        counts = max(-32768, min(32767, math.floor(shunt_v / 2.5e-6 + 0.5)))
        self.registers[SHUNT] = counts & 0xFFFF
        self.registers[BUS] = max(0, min(0x7FFF, math.floor(bus_v / 1.25e-3 + 0.5)))
        self.registers[CURRENT] = counts * self.registers[CALIBRATION] // 2048 & 0xFFFF

    def _ready(self) -> None:
        """A conversion has ended: flags, and the comparison with the alert limit."""
        mask = self.registers[MASK] | _CVRF
        shunt, limit = _signed(self.registers[SHUNT]), _signed(self.registers[LIMIT])
        bus = self.registers[BUS]
        if mask & _SOL:
            beyond = shunt > limit
        elif mask & _SUL:
            beyond = shunt < limit
        elif mask & _BOL:
            beyond = bus > limit
        else:
            beyond = bool(mask & _BUL) and bus < limit
        if beyond:
            mask |= _AFF
        elif not mask & _LEN:
            mask &= ~_AFF
        self.registers[MASK] = mask

    def _read_flags(self) -> None:
        """Reading Mask/Enable clears the ready flag, and an alert that is latched (7.1.7)."""
        self.registers[MASK] &= ~_CVRF
        if self.registers[MASK] & _LEN:
            self.registers[MASK] &= ~_AFF

    def _bytes(self, _register: int, value: int) -> bytes:
        return bytes((value >> 8, value & 0xFF))


def _signed(word: int) -> int:
    return (word ^ 0x8000) - 0x8000
