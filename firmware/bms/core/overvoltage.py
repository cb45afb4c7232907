"""What a current adds to a cell's open-circuit voltage: the ohmic drop, and two relaxations that follow it.

The figures are those of the chemistry, for a cell of any size: a current is a C-rate here, so resistance is
mV per C. How much more or less a particular cell has is learned elsewhere (`follow`, `resistance`).
"""

from micropython import const

from bms.core import chemistry

_COLDEST_C = const(-25)
_HOTTEST_C = const(55)
_LATELY_S = 400.0
_FIRST_RATE = 1.0  # C: who starts does not know what has flowed lately, nor what of it still lags
_AGAIN_S = const(19)  # resistances follow charge and temperature slowly: looked up this often


class Overvoltage:
    """Two first-order lags behind the current, and their resistances at this charge and temperature."""

    def __init__(self) -> None:
        self.ohmic_mv = 0.0  # per C
        self.colder = 1.0  # resistance against that at 25 degC
        self.ten_s_mv = 0.0  # per C, what has built up after ten seconds
        self._fast_mv = 0.0
        self._slow_mv = 0.0
        self._fast_rate = 0.0  # C, lagging
        self._slow_rate = 0.0
        self._lately_rate = _FIRST_RATE  # without its sign
        self._kind = 0
        self._again_s = 0

    def configure(self, kind: int) -> None:
        """Choose the chemistry."""
        self._kind = kind
        self._again_s = 0

    def second(self, rate: float, permille: float, temp_ddegc: int, leisure: bool = True) -> None:
        """One second at this mean C-rate; `leisure`: resistances may be looked up, which takes 2 ms."""
        kind = self._kind
        self._fast_rate += (rate - self._fast_rate) / chemistry.FAST_S[kind]
        self._slow_rate += (rate - self._slow_rate) / chemistry.SLOW_S[kind]
        self._lately_rate += (abs(rate) - self._lately_rate) / _LATELY_S
        self._again_s -= 1
        if self._again_s < 0 and (leisure or not self.ohmic_mv):
            self._again_s = _AGAIN_S
            temp_c = max(_COLDEST_C, min(_HOTTEST_C, temp_ddegc * 0.1))
            self.colder = colder = 2.0 ** ((25.0 - temp_c) / chemistry.HALVING_K[kind])
            self.ohmic_mv = colder * chemistry.at_knot(chemistry.OHMIC_MV[kind], permille)
            self._fast_mv = colder * chemistry.at_knot(chemistry.FAST_MV[kind], permille)
            self._slow_mv = colder * chemistry.at_knot(chemistry.SLOW_MV[kind], permille)
            self.ten_s_mv = colder * chemistry.ten_s_mv(kind, permille)

    def lately(self) -> float:
        """C-rate of the last minutes; positive charges."""
        return self._slow_rate

    def lagging_mv(self) -> float:
        """What currents of the past still add."""
        return self._fast_mv * self._fast_rate + self._slow_mv * self._slow_rate

    def tired_mv(self) -> float:
        """What the currents of the last minutes would add, all in one direction: a measure of doubt."""
        return self._lately_rate * (self.ohmic_mv + self._fast_mv)
