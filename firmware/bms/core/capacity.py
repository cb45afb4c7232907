"""What the pack really holds: total least squares over swings of charge between moments that were certain.

An anchor is a moment at which the charge is known without counting: full, or rested where the curve is
steep. Between two of them the counter has passed so many ampere-hours, and the anchors say that this was
such a share of the whole. Both have errors, so the line through all pairs is fitted with both in mind,
which ordinary least squares does not do and which biases a capacity (G. L. Plett, Journal of Power Sources
196, 2011: the approximate weighted total least squares, whose minimum is the root of a quartic; here it is
found by a few Newton steps, each in four seconds: on the chip it takes most of a millisecond). Old swings
fade, because capacity does. A curve that is not quite this cell's is wrong by the same at every
anchor: however many swings there are, their result is not surer than the best of them.
"""

from micropython import const

_FADE = 0.93  # of the evidence, for each new swing
_SHORTEST = 0.15  # of the whole: a shorter swing says little
_WEAK = 4.0  # times the variance of the anchor before
_COUNTED = 0.011  # relative error of counting a swing: gain of the sensor
_STEPS = const(8)
_STEP = 0.01  # wide enough for 32-bit floats
_NEAR = 0.0001  # a step as small as this is the last one: the next would be its square
_FIRST_SIGMA = 0.12  # of a capacity that the owner states


class Capacity:
    """`share`: capacity now over the one stated; `sigma`: its standard deviation."""

    def __init__(self) -> None:
        self.share = 1.0
        self.sigma = _FIRST_SIGMA
        self.swings = 0
        self.fitting = 0  # steps still to do since the last swing
        self._sums = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
        self._costs: list[float] = []  # below the share, at it, and above it
        self._anchor = -1.0  # charge at the last anchor, 0..1
        self._anchor_var = 0.0
        self._passed = 0.0  # since then, as a share of the stated capacity
        self._travelled = 0.0  # the same without its sign
        self._taught = 0.0  # how much of that, when this anchor was last used
        self._shared = _FIRST_SIGMA  # what all swings between such anchors may be wrong by alike

    def take(self, share: float, sigma: float, swings: int) -> None:
        """What was learned before the power went; it counts as one swing of that certainty."""
        if swings:
            self._shared = min(_FIRST_SIGMA, sigma)
            self._add(1.0, share, 0.0001, max(0.000001, sigma * sigma - 0.0001))
            self.fit_all()
        self.swings = swings

    def moved(self, share: float) -> None:
        """This much has been counted, as a share of the stated capacity."""
        self._passed += share
        self._travelled += abs(share)

    def anchor(self, charge: float, sigma: float) -> bool:
        """The charge is certain now (0..1); True if that teaches something, as soon as `fit` is through."""
        swing = charge - self._anchor
        known = self._anchor >= 0.0
        var = sigma * sigma
        variance = self._anchor_var + var
        passed = self._passed
        travelled = self._travelled
        counted = _COUNTED * max(abs(passed), 0.3 * travelled)
        short = abs(swing) < _SHORTEST
        if known and short and travelled < 0.5:
            if var < self._anchor_var:
                self._settle(charge, sigma)
            return False
        again = travelled - self._taught < _SHORTEST
        # A weak anchor between two strong ones ends no swing: it would make two weak ones of a strong one.
        if not known or var <= _WEAK * self._anchor_var or counted > sigma:
            self._settle(charge, sigma)
        if not known or short or again or passed * swing <= 0.0:
            return False
        if self._travelled:
            self._taught = travelled
        self.fit_all()
        self._shared = min(self._shared, variance**0.5 / abs(swing))
        self._add(swing, passed, variance, counted * counted)
        return True

    def fit_all(self) -> None:
        """Do at once what `fit` does step by step."""
        while self.fitting:
            self.fit()

    def _settle(self, charge: float, sigma: float) -> None:
        self._anchor = charge
        self._anchor_var = sigma * sigma
        self._passed = self._travelled = self._taught = 0.0

    def _add(self, x: float, y: float, x_var: float, y_var: float) -> None:
        """Recursive sums of Plett's eq. 14: x, the change of charge, and y, what was counted."""
        sums = self._sums
        for k in range(6):
            sums[k] *= _FADE
        sums[0] += x * x / y_var
        sums[1] += x * y / y_var
        sums[2] += y * y / y_var
        sums[3] += x * x / x_var
        sums[4] += x * y / x_var
        sums[5] += y * y / x_var
        self.fitting = _STEPS

    def fit(self) -> bool:
        """A quarter of a step towards the capacity that fits all swings best; True if it was the last one.

        The weighted distances of all swings from its line are least. What the owner stated takes part as one
        more reading of its own uncertainty. Cost of a capacity q:
        (q^4 c4 - 2 q^3 c5 + (c1 + c6) q^2 - 2 c2 q + c3) / (q^2 + 1)^2 + ((q - 1) / sigma)^2.
        """
        costs = self._costs
        if len(costs) < 3:
            costs.append(self._cost(self.share + (len(costs) - 1) * _STEP))
            return False
        down, here, up = costs
        costs.clear()
        bend = (up - 2.0 * here + down) / (_STEP * _STEP)
        self.fitting -= 1
        if bend > 0.0:
            change = max(-0.1, min(0.1, (down - up) / (2.0 * _STEP) / bend))
            self.share = max(0.2, min(1.6, self.share + change))
            self.sigma = max(self._shared, min(_FIRST_SIGMA, (2.0 / bend) ** 0.5))
            if abs(change) > _NEAR and self.fitting:
                return False
        self.fitting = 0
        self.swings += 1
        return True

    def _cost(self, q: float) -> float:
        c1, c2, c3, c4, c5, c6 = self._sums
        q2 = q * q
        prior = (q - 1.0) / _FIRST_SIGMA
        return (c4 * q2 * q2 - 2.0 * c5 * q2 * q + (c1 + c6) * q2 - 2.0 * c2 * q + c3) / (
            (q2 + 1.0) * (q2 + 1.0)
        ) + prior * prior
