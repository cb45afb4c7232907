"""Which charge the voltage speaks for: a Kalman filter over three things that it cannot tell apart at once.

They are how far the count of charge is off (permille), how far this cell lies from the curve of its chemistry
(mV), and how much more resistance it has than usual (a share). The second is what a textbook filter leaves
out: a curve that is wrong is wrong for hours, so a thousand readings of it are one piece of evidence, not a
thousand. Here it is a state that forgets only as charge moves along the curve. Gain and capacity errors of
the count, which also last, are carried as a correlation (a Schmidt-Kalman or consider filter: S. F. Schmidt,
Advances in Control Systems 3, 1966; Gauss-Markov bias: Y. Bar-Shalom, Estimation with Applications, 8.2).
"""

from bms.core import chemistry

_FAR_PERMILLE = 180.0  # the curve forgets its error as this much charge moves along it
_NOISE_MV = 5.0  # of a mean over one step, and ...
_LOW_SHARE = 1.0
_NOISE_SHARE = 0.1  # ... of the overvoltage: what the two lags do not follow
_NOISE_PERMILLE = 6.0  # where the curve is steep: how far along it a real one may lie
_LOW_PERMILLE = 250.0  # from here down to empty a cell is ever more tired by what it gave
_BEST = 0.5  # of what a curve may be wrong by
_ABSURD = 8.0  # times that: no cell of this kind lies so far from its curve at rest
_ALONE = 3.24  # times its square: nine tenths of what a curve may be wrong by, so much may be claimed
_FLOOR = 9.0  # variance below which nobody is that sure
_TOGETHER = 120.0  # readings in a row that share their error
_OHM_SIGMA = 0.4
_OHM_WALK = 3e-7  # variance a second, and ...
_OHM_DRIFT = 0.0001  # ... for each permille that has moved
_NARROW_PERMILLE = 4.0
_WIDE_PERMILLE = 150.0
_OUTSIDE = 30.0  # permille beyond empty and full, where the curve goes on as steep as there
_LEAST_MV = 0.005  # per permille: flatter than that no curve is


class Follower:
    """The three states, their covariances, and the correlation with the errors of counting."""

    def __init__(self, rate_sigma: float, drift_sigma: float) -> None:
        self.off = 0.0  # permille to be added to the count
        self.off_var = 90000.0
        self.sure_var = 90000.0  # of the best that it was told, or that any place of the curve has shown
        self.curve_mv = 0.0
        self.ohm = 0.0
        self.absurd = 0  # looks in a row at a voltage that this charge cannot have
        self._rate_var = rate_sigma * rate_sigma
        self._drift_var = drift_sigma * drift_sigma  # (permille a second)^2
        self._kind = 0
        self.restart(0.0, 300.0)
        self.forget()

    def configure(self, kind: int) -> None:
        """Choose the chemistry."""
        self._kind = kind

    def restart(self, off: float, sigma: float) -> None:
        """The charge is this far from the count, give or take `sigma`; curve and resistance stay known."""
        self.off = off
        self.off_var = self.sure_var = sigma * sigma
        self.off_curve = self.off_ohm = self._off_rate = self._off_drift = 0.0
        self.absurd = 0

    def forget(self) -> None:
        """Another cell: neither its curve nor its resistance is known."""
        self.ohm = 0.0
        self.ohm_var = _OHM_SIGMA * _OHM_SIGMA
        self._forget_curve()

    def _forget_curve(self) -> None:
        self.curve_mv = self.off_curve = self.curve_ohm = 0.0
        self.curve_var = 1600.0

    def _scale_off(self, by: float) -> None:
        """So much more or less standard deviation of the charge; its correlations stay."""
        self.off_var *= by * by
        self.off_curve *= by
        self.off_ohm *= by
        self._off_rate *= by
        self._off_drift *= by

    def begin(self, cell_mv: float, over_mv: float, permille: float) -> None:
        """What a first voltage says of another pack's charge; `over_mv`: what the current adds to it."""
        kind = self._kind
        curve = chemistry.OCV_MV[kind]
        ocv_mv = max(curve[0], min(curve[-1], int(cell_mv - over_mv)))  # beyond it nobody would be unsure
        charge = chemistry.soc_from_ocv(kind, ocv_mv)
        sigma_mv = int(chemistry.at_knot(chemistry.CURVE_SIGMA_MV[kind], charge) + 0.3 * abs(over_mv)) + 5
        low = chemistry.soc_from_ocv(kind, ocv_mv - sigma_mv)
        high = chemistry.soc_from_ocv(kind, ocv_mv + sigma_mv)
        self.forget()
        self.restart(charge - permille, max(10.0, (high - low) * 0.5))

    def told(self, off: float, sigma: float) -> None:
        """Something else than a voltage shows how far the count is off: weighed by what both may be wrong by.

        Where they lie further apart than both allow for, what was believed was surer than it had a right to
        be: it is taken to be as unsure as the distance shows. Beyond three standard deviations it is given
        up, and with it the curve that was blamed at that wrong charge.
        """
        error = off - self.off
        var = sigma * sigma
        square = error * error
        if square > 9.0 * (self.off_var + var):
            self.restart(off, sigma)
            self._forget_curve()
            return
        if square > self.off_var + var:
            self._scale_off(((square - var) / self.off_var) ** 0.5)
        total = self.off_var + var
        self.off += self.off_var / total * error
        self.curve_mv += self.off_curve / total * error
        self.ohm += self.off_ohm / total * error
        self.curve_var -= self.off_curve / total * self.off_curve
        self.ohm_var -= self.off_ohm / total * self.off_ohm
        self.curve_ohm -= self.off_curve / total * self.off_ohm
        self._scale_off(var / total)
        self.off_var = max(_FLOOR, self.off_var * total / var)
        self.sure_var = min(self.sure_var, var)

    def claimed(self, part: float = 1.0) -> float:
        """Variance that may be claimed: a family of cells lies on one side of its curve for long stretches.

        The filter takes a curve for wrong here and there by chance, and grows surer from place to place. Its
        estimate is the better for that; but whoever began in mid-drive knows his charge no better than the
        one place allows at which the curve, and in the cold the resistance, could deceive him least.
        """
        return self.off_var + part * max(0.0, self.sure_var - self.off_var)

    def impossible(self, permille: float) -> bool:
        """At this count, is it sure of a charge that no cell can have?"""
        charge = permille + self.off
        beyond = max(-charge, charge - 1000.0)
        return beyond > 0.0 and beyond * beyond > 9.0 * self.off_var

    def take_over(self, other: "Follower") -> None:
        """Believe what another one does."""
        self.off = other.off
        self.off_var = other.off_var
        self.sure_var = other.sure_var
        self.curve_mv = other.curve_mv
        self.ohm = other.ohm
        self.curve_var = other.curve_var
        self.ohm_var = other.ohm_var
        self.off_curve = other.off_curve
        self.off_ohm = other.off_ohm
        self.curve_ohm = other.curve_ohm
        self._off_rate = self._off_drift = 0.0

    def passed(self, moved: float, elapsed_s: float, permille: float) -> None:
        """Charge has moved (permille, signed) in a time: what is known grows older."""
        grown = moved * (2.0 * self._off_rate + moved * self._rate_var)
        grown += elapsed_s * (2.0 * self._off_drift + elapsed_s * self._drift_var)
        self.off_var += grown
        self.sure_var += grown
        self._off_rate += moved * self._rate_var
        self._off_drift += elapsed_s * self._drift_var
        kept = max(0.0, 1.0 - abs(moved) / _FAR_PERMILLE)
        sigma_mv = chemistry.at_knot(chemistry.CURVE_SIGMA_MV[self._kind], permille + self.off)
        lost = 1.0 - kept * kept
        self.curve_mv *= kept
        self.off_curve *= kept
        self.curve_ohm *= kept
        self.curve_var += (sigma_mv * sigma_mv - self.curve_var) * lost
        self.ohm_var += _OHM_WALK * elapsed_s + _OHM_DRIFT * abs(moved)

    def see(self, cell_mv: float, over_mv: float, tired_mv: float, permille: float) -> None:
        """A mean cell voltage at a count; `over_mv`: what the current adds, `tired_mv`: has added lately."""
        kind = self._kind
        charge = max(-_OUTSIDE, min(1000.0 + _OUTSIDE, permille + self.off))
        ocv = chemistry.ocv_mv(kind, charge)
        error = cell_mv - ocv - self.curve_mv - over_mv * (1.0 + self.ohm)
        tired = _NOISE_SHARE + _LOW_SHARE * max(0.0, 1.0 - charge / _LOW_PERMILLE)
        noise = _NOISE_MV + tired * tired_mv
        slope = self._slope(charge, ocv, error, noise)
        noise += _NOISE_PERMILLE * slope
        # Covariance of each state with the voltage, then the gains.
        with_off = slope * self.off_var + self.off_curve + over_mv * self.off_ohm
        with_curve = slope * self.off_curve + self.curve_var + over_mv * self.curve_ohm
        with_ohm = slope * self.off_ohm + self.curve_ohm + over_mv * self.ohm_var
        total = slope * with_off + with_curve + over_mv * with_ohm + _TOGETHER * noise * noise
        gain = with_off / total
        # A curve that is wrong here is wrong again next time: no number of readings says more than this, nor
        # more than all the charges that could show this voltage, on the flat side of a knee too.
        wrong_mv = _BEST * chemistry.at_knot(chemistry.CURVE_SIGMA_MV[kind], charge)
        bare_mv = cell_mv - over_mv * (1.0 + self.ohm) - self.curve_mv
        high = chemistry.soc_from_ocv(kind, int(bare_mv + wrong_mv))
        low = chemistry.soc_from_ocv(kind, int(bare_mv - wrong_mv))
        best = max(wrong_mv / slope, (high - low) * 0.5)
        per_mv = best / wrong_mv
        wrong_over_mv = (tired + _OHM_SIGMA) * tired_mv
        var = wrong_mv * wrong_mv * _ALONE + wrong_over_mv * wrong_over_mv
        self.sure_var = min(self.sure_var, per_mv * per_mv * var)
        bare_mv += self.curve_mv + over_mv * self.ohm - ocv
        far = abs(bare_mv) > _ABSURD * wrong_mv + 2.0 * tired_mv + abs(over_mv)
        self.absurd = self.absurd + 1 if far else 0
        worth = max(0.0, min(1.0, (self.off_var - best * best) / (gain * with_off)))
        self.off += worth * gain * error
        self.off_var -= worth * (2.0 - worth) * gain * with_off
        self.off_curve -= gain * with_curve
        self.off_ohm -= gain * with_ohm
        keep = 1.0 - worth * gain * slope
        self._off_rate *= keep
        self._off_drift *= keep
        gain = with_curve / total
        self.curve_mv += gain * error
        self.curve_var -= gain * with_curve
        self.curve_ohm -= gain * with_ohm
        gain = with_ohm / total
        self.ohm += gain * error
        self.ohm_var -= gain * with_ohm
        if self.off_var < _FLOOR:
            self.off_var = _FLOOR
        if self.ohm < -0.8:
            self.ohm = -0.8

    def _slope(self, charge: float, ocv: float, error: float, noise: float) -> float:
        """mV per permille over the charges in question: of the flatter side, or of that of the error.

        A knee on one side must not make a voltage on the flat side look like evidence.
        """
        kind = self._kind
        reach: float = max(_NARROW_PERMILLE, min(_WIDE_PERMILLE, self.off_var**0.5))
        left = (ocv - chemistry.ocv_mv(kind, charge - reach)) / reach
        right = (chemistry.ocv_mv(kind, charge + reach) - ocv) / reach
        sure = error * error > 9.0 * (noise * noise + self.curve_var)
        slope = (right if error > 0.0 else left) if sure else min(left, right)
        return max(_LEAST_MV, slope)
