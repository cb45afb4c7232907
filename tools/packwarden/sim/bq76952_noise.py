"""Noise of the simulated BQ76952's converters: cheap, and the same for a seed on every interpreter."""

import math

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packwarden.sim.bq76952 import Bq76952

TABLE_SIZE = 251  # a prime, so that cells and scans stay out of step


def gaussian_table(seed: int) -> "list[float]":
    """Near-normal numbers of mean 0 and deviation 1."""
    state = (seed * 2654435761 + 12345) & 0x7FFFFFFF
    table = []
    for _ in range(TABLE_SIZE):
        total = 0
        for _ in range(12):  # twelve uniform numbers have a variance of one
            state = (state * 1103515245 + 12345) & 0x7FFFFFFF
            total += state >> 11
        table.append(total / 2**20 - 6.0)
    mean = sum(table) / TABLE_SIZE
    deviation = math.sqrt(sum((value - mean) ** 2 for value in table) / TABLE_SIZE)
    return [(value - mean) / deviation for value in table]


class CurrentNoise:
    """What a reading of the shunt is off by."""

    def __init__(self, chip: "Bq76952") -> None:
        self._chip = chip
        self._table: "list[float]" = []
        self._at = 1

    def next_v(self) -> float:
        """Volts across the shunt for the next reading."""
        if not self._table:
            self._table = gaussian_table(self._chip.seed)
        self._at = (self._at * 1103515245 + 12345) & 0x7FFFFFFF  # comes round after 2**31 readings only
        return self._chip.current_noise_uv * 1e-6 * self._table[(self._at >> 12) % TABLE_SIZE]
