"""Random numbers that are the same on every interpreter: a seed must name one pack, on CPython and on
MicroPython.
"""

import math


class Prng:
    """xorshift32 (Marsaglia 2003), with a Gaussian on top."""

    def __init__(self, seed: int) -> None:
        # Spread small seeds over all bits; the state must never be zero.
        self._state = ((seed + 1) * 0x9E3779B1) & 0xFFFFFFFF or 0x6D2B79F5
        for _ in range(4):
            self.uniform()

    def uniform(self) -> float:
        """0 <= x < 1."""
        x = self._state
        x ^= (x << 13) & 0xFFFFFFFF
        x ^= x >> 17
        x ^= (x << 5) & 0xFFFFFFFF
        self._state = x
        return x / 4294967296.0

    def gauss(self) -> float:
        """Normal, mean 0, sigma 1, clipped at three sigma."""
        radius = math.sqrt(-2.0 * math.log(1.0 - self.uniform()))
        x = radius * math.cos(2.0 * math.pi * self.uniform())
        return min(3.0, max(-3.0, x))
