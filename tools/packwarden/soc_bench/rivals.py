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

    def second(self, mean_a: float, _current_a: float, _volts: float, _temp_c: float) -> None:
        """One second at a mean current."""
        self.soc += mean_a * self._per_a


class TextbookFilter:
    """Extended Kalman filter over (charge, first RC voltage, second RC voltage)."""

    def __init__(self, soc: float, sigma: float, capacity_ah: float, chemistry: str) -> None:
        self.model = cells.load(cells.default_model(chemistry))
        self.soc: float = soc
        self._scale = self.model.capacity_ah / capacity_ah
        self._per_a = 1.0 / (3600.0 * capacity_ah)
        self._v1: float = 0.0
        self._v2: float = 0.0
        # Covariance of charge (0) and the two voltages (1, 2), which is symmetric.
        self._p00: float = sigma * sigma
        self._p11: float = 1e-6
        self._p22: float = 1e-6
        self._p01: float = 0.0
        self._p02: float = 0.0
        self._p12: float = 0.0
        self._again = 0
        self._ohms = (0.0, 0.0, 0.0)
        self._keep = (0.0, 0.0)

    @property
    def sigma(self) -> float:
        """Standard deviation of the charge, as it believes."""
        return math.sqrt(self._p00)

    def second(self, mean_a: float, current_a: float, volts: float, temp_c: float) -> None:
        """One second at a mean current, and current and voltage at its end."""
        if not self._again:
            self._again = 20
            r0, r1, r2 = self.model.resistances(self.soc, temp_c)
            self._ohms = (self._scale * r0, self._scale * r1, self._scale * r2)
            tau1, tau2 = self.model.taus(temp_c)
            self._keep = (math.exp(-1.0 / tau1), math.exp(-1.0 / tau2))
        self._again -= 1
        r0, r1, r2 = self._ohms
        k1, k2 = self._keep
        # What a second does: x = f(x), and P = F P F' + Q with F diagonal.
        soc = self.soc + mean_a * self._per_a
        v1 = k1 * self._v1 + r1 * (1.0 - k1) * current_a
        v2 = k2 * self._v2 + r2 * (1.0 - k2) * current_a
        p00 = self._p00 + _PROCESS_SOC**2
        p01, p02, p12 = self._p01 * k1, self._p02 * k2, self._p12 * k1 * k2
        p11 = self._p11 * k1 * k1 + (_PROCESS_MV / 1000) ** 2
        p22 = self._p22 * k2 * k2 + (_PROCESS_MV / 1000) ** 2
        # What the voltage says: H = (slope, 1, 1), and (a, b, c) = P H'.
        ocv = self.model.ocv
        slope = (ocv(soc + 0.005, temp_c) - ocv(soc - 0.005, temp_c)) / 0.01
        a = slope * p00 + p01 + p02
        b = slope * p01 + p11 + p12
        c = slope * p02 + p12 + p22
        total = slope * a + b + c + (_MEASURED_MV / 1000) ** 2
        gain = (volts - ocv(soc, temp_c) - v1 - v2 - r0 * current_a) / total
        self.soc = min(1.0, max(0.0, soc + a * gain))
        self._v1 = v1 + b * gain
        self._v2 = v2 + c * gain
        self._p00, self._p11, self._p22 = p00 - a * a / total, p11 - b * b / total, p22 - c * c / total
        self._p01, self._p02, self._p12 = p01 - a * b / total, p02 - a * c / total, p12 - b * c / total
