"""The ADC of a simulated RP2040: 12 bits, of which four codes are far too wide (erratum RP2040-E11).

The data sheet names 512, 1536, 2560 and 3584; people who have measured theirs find steps of 9 to 11 counts
there. Somewhere in the middle of the range the error is zero, at both ends about 16 counts.
"""

import math

from packwarden.sim.bq76952_noise import TABLE_SIZE, gaussian_table

WIDE = (512, 1536, 2560, 3584)
EXTRA = 8  # counts of input that each swallows besides its own
_SPAN = 4096


def code_of(volts: float, reference_v: float = 3.3) -> int:
    """What a conversion without noise gives."""
    counts = volts / reference_v * _SPAN + EXTRA * len(WIDE) / 2
    for wide in WIDE:
        if counts < wide:
            break
        if counts < wide + 1 + EXTRA:
            return wide
        counts -= EXTRA
    return max(0, min(_SPAN - 1, math.floor(counts)))


class Rp2040Adc:
    """One converter. `reference_v` is the 3.3 V supply as it really is."""

    def __init__(self, seed: int = 1) -> None:
        self.reference_v = 3.3 * (1.0 + (seed * 53 % 21 - 10) / 1000.0)
        self.noise_counts = 1.2  # one sigma, of the regulator's ripple above all
        self._noise = gaussian_table(seed + 7)
        self._noise_at = seed

    def sample(self, volts: float) -> int:
        """One conversion."""
        self._noise_at = (self._noise_at * 1103515245 + 12345) & 0x7FFFFFFF
        noise = self.noise_counts * self._noise[(self._noise_at >> 12) % TABLE_SIZE]
        return code_of(volts + noise * self.reference_v / _SPAN, self.reference_v)

    def ratio(self, share: float) -> int:
        """One conversion of a share of the supply itself, as of a thermistor that hangs on it."""
        return self.sample(share * self.reference_v)
