"""What the temperature inputs of the front end see: thermistors on cells and on the FETs, and its own die.

Sensors sit evenly along the stack, each on one cell: a hot cell between two of them goes unseen, as in life.
"""

import math

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packwarden.sim.bq769x0 import Bq769x0
    from packwarden.sim.bq76952 import Bq76952
    from packwarden.sim.monitor_front import MonitorFrontEnd
    from packwarden.sim.pack import Pack

FET_PIN = "TS3"  # where a thermistor on the FETs is wired

# The die is warmer than the room, and every balancing switch that conducts adds to it.
DIE_RISE_C = 3.0
_DIE_RISE_PER_BLEED_C = 4.0

# Somebody has chosen FETs and heat sink for the pack: at 1 C they get this much warmer than the room, but
# even the smallest pair gets rid of its heat through the second figure. Both take a minute to get there.
_FET_RISE_AT_1C_K = 10.0
_FET_K_PER_W = 5.0
_FET_TIME_S = 60.0

# A finger, and how far a sensor that also sits on a cell gets towards it.
_FINGER_C = 34.0
_FINGER_SHARE = 0.6


class FetHeat:
    """The temperature of the FETs: one thermal mass, warmed by what they lose and cooled by the room."""

    def __init__(self, ambient_c: float, loss_at_1c_w: float) -> None:
        self.temp_c = ambient_c
        self.added_w = 0.0  # by a fault
        self._k_per_w = min(_FET_K_PER_W, _FET_RISE_AT_1C_K / loss_at_1c_w)
        self._lost_j = self._elapsed_s = 0.0

    def warm(self, loss_w: float, duration_s: float) -> None:
        """The FETs have lost this much for a time."""
        self._lost_j += loss_w * duration_s
        self._elapsed_s += duration_s

    def settle(self, ambient_c: float) -> None:
        """Turn what was lost since the last time into a temperature."""
        elapsed_s = self._elapsed_s
        if elapsed_s > 0.0:
            goal_c = ambient_c + self._k_per_w * (self.added_w + self._lost_j / elapsed_s)
            self.temp_c = goal_c + (self.temp_c - goal_c) * math.exp(-elapsed_s / _FET_TIME_S)
            self._lost_j = self._elapsed_s = 0.0


def sensed_cells(sensors: int, cells: int) -> "list[int]":
    """Index of the cell that each thermistor sits on."""
    return [(2 * k + 1) * cells // (2 * sensors) for k in range(sensors)]


class Thermometry:
    """The thermistors that are fitted, in the order in which people count them: cells first, then FETs."""

    def __init__(self, pins: "list[str]", cells: int, fet: bool) -> None:
        self.cell_pins = [pin for pin in pins if not (fet and pin == FET_PIN)]
        self.pins = self.cell_pins + [FET_PIN] if fet else self.cell_pins
        self.broken: "dict[str, float | str | None]" = {}  # pin -> None (open), 'short', or where it hangs
        self.touched: "set[str]" = set()  # pins of sensors that somebody holds a finger on
        self._fet = fet
        self._cells = sensed_cells(len(self.cell_pins), cells)

    def push(
        self, chip: "Bq76952 | Bq769x0 | MonitorFrontEnd", pack: "Pack", fet_c: float, die_rise_c: float
    ) -> None:
        """Put the temperatures of now on the pins."""
        pins_c = chip.pins_c
        for pin, cell in zip(self.cell_pins, self._cells):
            pins_c[pin] = pack.temp_c[cell]
        if self._fet:
            pins_c[FET_PIN] = fet_c
        for pin in self.touched:
            bare_c = pins_c[pin]
            if isinstance(bare_c, float):
                pins_c[pin] = bare_c + _FINGER_SHARE * (_FINGER_C - bare_c)
        for pin, state in self.broken.items():
            pins_c[pin] = state
        bleeds = 0
        for k in range(16):
            bleeds += chip.balancing >> k & 1
        chip.die_c = pack.ambient_c + die_rise_c + _DIE_RISE_PER_BLEED_C * bleeds
