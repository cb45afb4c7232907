"""What the firmware's estimator is compared with: a plain counter, and a textbook filter.

The filter is the one of every course: charge and two RC voltages, the curve taken for the truth (G. L. Plett,
Journal of Power Sources 134, 2004, parts 1 to 3). It is given what a course gives it: the fitted circuit and
the curve of the chemistry, at the capacity and temperature of the cell.
"""

import math

from packwarden.sim import cells

_PROCESS_SOC = 1e-5  # standard deviation a second
_PROCESS_MV = 0.1
_MEASURED_MV = 10.0


class Counter:
    """Charge in, charge out."""

    def __init__(self, soc: float, capacity_ah: float) -> None:
        self.soc = soc
        self.sigma = 0.0
        self._per_a = 1.0 / (3600.0 * capacity_ah)

    def second(self, current_a: float, _volts: float, _temp_c: float) -> None:
        """One second at a current."""
        self.soc += current_a * self._per_a


class TextbookFilter:
    """Extended Kalman filter over (charge, first RC voltage, second RC voltage)."""

    def __init__(self, soc: float, sigma: float, capacity_ah: float, chemistry: str) -> None:
        self.model = cells.load(cells.default_model(chemistry))
        self.soc: float = soc
        self._scale = self.model.capacity_ah / capacity_ah
        self._per_a = 1.0 / (3600.0 * capacity_ah)
        self._v1: float = 0.0
        self._v2: float = 0.0
        self._p: list[list[float]] = [[sigma * sigma, 0.0, 0.0], [0.0, 1e-6, 0.0], [0.0, 0.0, 1e-6]]
        self._again = 0
        self._ohms = (0.0, 0.0, 0.0)
        self._keep = (0.0, 0.0)

    @property
    def sigma(self) -> float:
        """Standard deviation of the charge, as it believes."""
        return math.sqrt(self._p[0][0])

    def second(self, current_a: float, volts: float, temp_c: float) -> None:
        """One second at a current, and the voltage at its end."""
        if not self._again:
            self._again = 20
            self._ohms = self.model.resistances(self.soc, temp_c)
            tau1, tau2 = self.model.taus(temp_c)
            self._keep = (math.exp(-1.0 / tau1), math.exp(-1.0 / tau2))
        self._again -= 1
        r0, r1, r2 = (self._scale * each for each in self._ohms)
        k1, k2 = self._keep
        self.soc += current_a * self._per_a
        self._v1 = k1 * self._v1 + r1 * (1.0 - k1) * current_a
        self._v2 = k2 * self._v2 + r2 * (1.0 - k2) * current_a
        p, f = self._p, (1.0, k1, k2)
        noise = (_PROCESS_SOC**2, (_PROCESS_MV / 1000) ** 2, (_PROCESS_MV / 1000) ** 2)
        p = [[p[i][j] * f[i] * f[j] + (noise[i] if i == j else 0.0) for j in range(3)] for i in range(3)]
        ocv = self.model.ocv(self.soc, temp_c)
        slope = (self.model.ocv(self.soc + 0.005, temp_c) - self.model.ocv(self.soc - 0.005, temp_c)) / 0.01
        h = (slope, 1.0, 1.0)
        ph = [sum(p[i][j] * h[j] for j in range(3)) for i in range(3)]
        total = sum(h[i] * ph[i] for i in range(3)) + (_MEASURED_MV / 1000) ** 2
        error = volts - ocv - self._v1 - self._v2 - r0 * current_a
        self.soc += ph[0] / total * error
        self._v1 += ph[1] / total * error
        self._v2 += ph[2] / total * error
        self._p = [[p[i][j] - ph[i] * ph[j] / total for j in range(3)] for i in range(3)]
        self.soc = min(1.0, max(0.0, self.soc))
