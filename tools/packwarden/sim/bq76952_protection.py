"""Comparator protections of the simulated BQ76952: the group that acts in microseconds to seconds by itself.

A violation raises an alert at once and a fault after its delay (TRM 5.2.4 to 5.2.8). Delays are exact: each
running one has a deadline, and the chip asks to be run at the earliest. What happens once a second
(temperatures, slow over-current, watchdog, recovery) is in bq76952_slow.py and shares the flags kept here.
"""

from packwarden.sim.bq76952_settings import COV, CUV, NEVER_US, OCC, OCD1, OCD2, SCD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packwarden.sim.bq76952 import Bq76952

COMPARATORS = (CUV, COV, OCC, OCD1, OCD2, SCD)
_BAND_V = 0.05  # this close to a cell threshold, scans are run at their exact time


class Protection:
    """Alert and status flags of groups A, B and C, and the comparators of group A."""

    def __init__(self, chip: "Bq76952") -> None:
        self.chip = chip
        self.alert_a = self.alert_b = self.alert_c = 0
        self.status_a = self.status_b = self.status_c = 0
        self.deadline_us = NEVER_US
        self.snapshots = {CUV: [0] * 16, COV: [0] * 16}
        self._deadlines = dict.fromkeys(COMPARATORS, NEVER_US)

    def clear(self) -> None:
        """Monitoring stops or starts afresh."""
        self.alert_a = self.alert_b = self.alert_c = 0
        self.status_a = self.status_b = self.status_c = 0
        for bit in COMPARATORS:
            self._deadlines[bit] = NEVER_US
        self.deadline_us = NEVER_US

    def shunt_violations(self) -> int:
        """Group A bits whose current threshold is exceeded; comparators see the true shunt voltage."""
        chip = self.chip
        settings = chip.settings
        volts = chip.current_a * chip.shunt_ohm
        if volts > 0.0:
            return OCC if volts > settings.occ_v else 0
        volts = -volts
        found = 0
        if volts > settings.ocd1_v:
            found |= OCD1
        if volts > settings.ocd2_v:
            found |= OCD2
        if volts > settings.scd_v:
            found |= SCD
        return found

    def cell_violations(self) -> int:
        settings = self.chip.settings
        lowest_v, highest_v = self._extremes()
        found = 0
        if lowest_v <= settings.cuv_v:
            found |= CUV
        if highest_v >= settings.cov_v:
            found |= COV
        return found

    def near_cell_limit(self) -> bool:
        """Whether an enabled cell threshold is so close that late sampling would show."""
        enabled = self.chip.settings.enabled_a & ~self.status_a
        if not enabled & (CUV | COV):
            return False
        lowest_v, highest_v = self._extremes()
        settings = self.chip.settings
        if enabled & CUV and lowest_v < settings.cuv_v + _BAND_V:
            return True
        return bool(enabled & COV and highest_v > settings.cov_v - _BAND_V)

    def watch(self, now_us: int, check_cells: bool) -> None:
        """Look at the inputs once. While balancing, the cells are only looked at once a second (TRM 10.2)."""
        settings = self.chip.settings
        enabled = settings.enabled_a
        found = self.shunt_violations()
        if enabled & (CUV | COV):
            found |= self.cell_violations() if check_cells else self.alert_a & (CUV | COV)
        found &= enabled
        changed = (found ^ self.alert_a) & ~self.status_a
        if not changed:
            return
        for bit in COMPARATORS:
            if not changed & bit:
                continue
            if not found & bit:
                self.alert_a &= ~bit
                self._deadlines[bit] = NEVER_US
            elif settings.delays_us[bit] < NEVER_US:
                self.alert_a |= bit
                self._deadlines[bit] = now_us + settings.delays_us[bit]
        self._update_deadline()
        if self.deadline_us <= now_us:
            self.trip(now_us)

    def trip(self, now_us: int) -> None:
        """Turn the alerts whose delay is over into faults."""
        chip = self.chip
        tripped = 0
        for bit in COMPARATORS:
            if self._deadlines[bit] <= now_us:
                self._deadlines[bit] = NEVER_US
                tripped |= bit
                if bit in (CUV, COV):
                    self.snapshots[bit] = [int(volts * 1000.0 + 0.5) for volts in chip.cells_v]
        self._update_deadline()
        self.alert_a &= ~tripped
        self.status_a |= tripped
        chip.slow.count_trips(tripped, 0)
        chip.fault_happened(now_us)

    def _update_deadline(self) -> None:
        self.deadline_us = min(self._deadlines.values())

    def _extremes(self) -> "tuple[float, float]":
        chip = self.chip
        used = chip.settings.cells_used
        if len(used) == 16:
            return min(chip.cells_v), max(chip.cells_v)
        cells = [chip.cells_v[i] for i in used]
        return min(cells), max(cells)
