"""The simulated INA228: 20 bits, a register map of its own, several alerts at once (SLYS021).

Only what a current and a voltage need: charge, energy and power registers are not there.
"""

import math

from packwarden.sim.ina226 import AVERAGES, IDENTITIES, Ina226

_CONFIG, _ADC_CONFIG, _SHUNT_CAL, _VSHUNT, _VBUS, _DIAG, _SOVL, _SUVL = 0, 1, 2, 4, 5, 0x0B, 0x0C, 0x0D
_LONG = (_VSHUNT, _VBUS)
_TIMES_US = (50, 84, 150, 280, 540, 1052, 2074, 4120)
_RESET_BIT = 0x8000
_ALATCH = 0x8000
_SHNTOL, _SHNTUL, _CNVRF, _MEMSTAT = 0x40, 0x20, 0x02, 0x01
_DIAG_KEPT = 0xF000
_FLAGS = _SHNTOL | _SHNTUL


class Ina228(Ina226):
    """As an INA226, but for what follows."""

    name = "INA228"

    def power_cycle(self) -> None:
        """Table 7-2."""
        self.registers = {
            _CONFIG: 0, _ADC_CONFIG: 0xFB68, _SHUNT_CAL: 0x1000, 3: 0, _VSHUNT: 0, _VBUS: 0, _DIAG: _MEMSTAT,
            _SOVL: 0x7FFF, _SUVL: 0x8000, 0x0E: 0x7FFF, 0x0F: 0, 0x3E: 0x5449, 0x3F: 0x2281,
        }  # fmt: skip
        self._begin()

    @property
    def alert(self) -> bool:
        return self.registers[_DIAG] & _FLAGS != 0

    def word(self, register: int) -> bytes:
        self.run(self.clock.now_us)
        if register not in self.registers:
            if register not in IDENTITIES:
                self.complain("register 0x%02X does not exist" % register)
            return b"\x00\x00"
        value = self.registers[register]
        if register == _DIAG and value & _ALATCH:
            self.registers[_DIAG] &= ~(_FLAGS | _CNVRF)
        return self._bytes(register, value)

    def take(self, register: int, value: int) -> None:
        self.run(self.clock.now_us)
        if register == _CONFIG and value & _RESET_BIT:
            self.power_cycle()
        elif register == _CONFIG:
            self.registers[_CONFIG] = value & 0x7FFF
            if value & 0x10:
                self.complain("ADCRANGE = 1 is not simulated")
        elif register == _ADC_CONFIG:
            self.registers[_ADC_CONFIG] = value
            self.registers[_DIAG] &= ~_CNVRF
            self._begin()
        elif register == _SHUNT_CAL:
            self.registers[_SHUNT_CAL] = value & 0x7FFF
        elif register == _DIAG:
            self.registers[_DIAG] = self.registers[_DIAG] & ~_DIAG_KEPT | value & _DIAG_KEPT
        elif register in (_SOVL, _SUVL):
            self.registers[register] = value
        else:
            self.complain("register 0x%02X takes no write" % register)

    def result_us(self) -> int:
        """Bus, shunt and temperature in turn, as the mode asks (7.3.4.2)."""
        config = self.registers[_ADC_CONFIG]
        mode = config >> 12
        if mode < 8:
            if mode:
                self.complain("triggered conversions are not simulated")
            return 0
        once = sum(_TIMES_US[config >> shift & 7] for bit, shift in ((1, 9), (2, 6), (4, 3)) if mode & bit)
        return once * AVERAGES[config & 7]

    def _store(self, shunt_v: float, bus_v: float) -> None:
        """312.5 nV and 195.3125 uV a count, in the upper 20 of 24 bits."""
        counts = max(-(1 << 19), min((1 << 19) - 1, math.floor(shunt_v / 312.5e-9 + 0.5)))
        self.registers[_VSHUNT] = (counts & 0xFFFFF) << 4
        self.registers[_VBUS] = max(0, min((1 << 19) - 1, math.floor(bus_v / 195.3125e-6 + 0.5))) << 4

    def _ready(self) -> None:
        diag = self.registers[_DIAG]
        diag |= _CNVRF if diag & _ALATCH else 0  # else it lasts for a moment only
        shunt_nv = (((self.registers[_VSHUNT] >> 4) ^ 0x80000) - 0x80000) * 312.5
        over = shunt_nv > ((self.registers[_SOVL] ^ 0x8000) - 0x8000) * 5000.0
        under = shunt_nv < ((self.registers[_SUVL] ^ 0x8000) - 0x8000) * 5000.0
        found = (_SHNTOL if over else 0) | (_SHNTUL if under else 0)
        kept = diag & _FLAGS if diag & _ALATCH else 0
        self.registers[_DIAG] = diag & ~_FLAGS | kept | found

    def _bytes(self, register: int, value: int) -> bytes:
        if register in _LONG:
            return bytes((value >> 16, value >> 8 & 0xFF, value & 0xFF))
        return bytes((value >> 8, value & 0xFF))
