"""Charge counting: how full the pack is, and how sure that is.

Charge is whole coulombs plus a remainder in mA*ms, so nothing is lost to rounding and the counting itself
stays inside MicroPython's 31-bit small ints. The standard deviation grows with what a current sensor gets
wrong and shrinks at anchors: full (voltage reached, current tapered off) and the open-circuit voltage of a
rested pack.
"""

from micropython import const

from bms.core import chemistry
from bms.core import snapshot as s

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Values

REST_S = const(1800)  # near zero current for this long: the voltage may be believed
UNKNOWN_SIGMA = const(300)  # permille: nothing remembered, nothing measured
_TAPER_S = const(60)
_FULL_SIGMA = const(10)
_FIRST_SIGMA = const(60)  # a voltage just read at power-up is not a rested one
_RESET_SIGMA = const(150)
_MA_MS_PER_C = const(1000000)
_DRIFT_S = const(5400)  # one permille of sigma in this time, whatever flows: offset 0.0004 C, self-discharge


class ChargeCounter:
    """State of charge in permille with its standard deviation, from current and anchors."""

    def __init__(self) -> None:
        self.sigma_permille = UNKNOWN_SIGMA
        self.known = False  # there has been evidence, measured or remembered
        self.settling = False  # reset while not rested: shown as unsure until the next anchor
        self.rested_s = 0
        self._capacity_c = 3600
        self._charge_c = 1800
        self._rest_ma_ms = 0
        self._taper_s = 0
        self._moved_c = 0
        self._drift_s = 0
        self._anchored = False
        self._kind = 0
        self._full_mv = 0
        self._full_ma = 0
        self._rest_ma = 0

    @property
    def permille(self) -> int:
        """Believed charge, 0..1000."""
        return self._charge_c * 1000 // self._capacity_c

    def configure(self, values: "Values") -> None:
        """Take capacity, chemistry and the full rule; the believed share of the capacity stays."""
        permille = self.permille
        self._kind = chemistry.index(values["chemistry"])
        self._capacity_c = values["capacity_mah"] * 18 // 5
        self._full_mv = values["full_mv"]
        self._full_ma = values["full_ma"]
        self._rest_ma = min(s.IDLE_MA, max(20, values["capacity_mah"] // 100))
        self._charge_c = self._capacity_c * permille // 1000

    def set(self, permille: int, sigma_permille: int) -> None:
        """Believe this charge (0..1000) with this standard deviation, from now on."""
        self._charge_c = self._capacity_c * max(0, min(1000, permille)) // 1000
        self._rest_ma_ms = 0
        self.sigma_permille = max(1, min(UNKNOWN_SIGMA, sigma_permille))
        self.known = True

    def count(self, current_ma: int, elapsed_ms: int) -> None:
        """Integrate one reading over the time it stands for (at most 1 s)."""
        total = self._rest_ma_ms + current_ma * elapsed_ms
        whole_c = total // _MA_MS_PER_C
        self._rest_ma_ms = total - whole_c * _MA_MS_PER_C
        if whole_c:
            self._charge_c = max(0, min(self._capacity_c, self._charge_c + whole_c))
            self._moved_c += abs(whole_c)
            if self._moved_c * 10 >= self._capacity_c:  # a gain error of 1 % is one permille per tenth moved
                self._moved_c = 0
                self._widen(1)

    def second(self, snap: s.Snapshot) -> None:
        """Look for anchors; call once a second with a valid snapshot."""
        self._drift_s += 1
        if self._drift_s >= _DRIFT_S:
            self._drift_s = 0
            self._widen(1)
        current = snap.current_ma
        if abs(current) < self._rest_ma:
            self.rested_s += 1
        else:
            self.rested_s = 0
            self._anchored = False
        if not self.known:
            self._first(snap)
        elif self.rested_s >= REST_S and not self._anchored:
            self._fuse(snap)
        self._look_for_full(snap, current)

    def reset(self, snap: s.Snapshot) -> None:
        """Soft reset: believe the voltage of a rested pack, else keep the count and say that it is unsure."""
        if self.rested_s >= REST_S:
            self.known = False
            self.sigma_permille = UNKNOWN_SIGMA
            self._first(snap)
            self._fuse(snap)
        else:
            self.settling = True
            self._widen(max(0, _RESET_SIGMA - self.sigma_permille))

    def _first(self, snap: s.Snapshot) -> None:
        """No evidence yet: take the voltage for what it is worth."""
        sigma = self._voltage_sigma(snap)
        if abs(snap.current_ma) >= self._rest_ma:
            sigma += _FIRST_SIGMA
        self.set(self._from_voltage(snap), max(_FIRST_SIGMA, sigma))

    def _fuse(self, snap: s.Snapshot) -> None:
        """Weigh the rested voltage against the count by their variances."""
        self._anchored = True
        ours = self.sigma_permille * self.sigma_permille
        voltage = self._voltage_sigma(snap)
        theirs = voltage * voltage
        step = (self._from_voltage(snap) - self.permille) * ours // (ours + theirs)
        self.set(self.permille + step, min(self.sigma_permille, voltage))
        if voltage < _FIRST_SIGMA:
            self.settling = False

    def _look_for_full(self, snap: s.Snapshot, current: int) -> None:
        tapered = self._rest_ma <= current < self._full_ma  # at rest, a high voltage is only a high charge
        if tapered and snap.values[s.CELL_MIN_MV] >= self._full_mv:
            self._taper_s += 1
            if self._taper_s == _TAPER_S:
                self.set(1000, _FULL_SIGMA)
                self.settling = False
        else:
            self._taper_s = 0

    def _from_voltage(self, snap: s.Snapshot) -> int:
        """Usable charge: what the emptiest cell still holds, over that plus the room in the fullest."""
        low = chemistry.soc_from_ocv(self._kind, snap.values[s.CELL_MIN_MV])
        high = chemistry.soc_from_ocv(self._kind, snap.values[s.CELL_MAX_MV])
        return low * 1000 // max(1, low + 1000 - high)

    def _voltage_sigma(self, snap: s.Snapshot) -> int:
        return chemistry.soc_uncertainty(self._kind, snap.values[s.CELL_MIN_MV])

    def _widen(self, permille: int) -> None:
        self.sigma_permille = min(UNKNOWN_SIGMA, self.sigma_permille + permille)
