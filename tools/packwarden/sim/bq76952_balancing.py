"""Host-controlled balancing of the simulated BQ76952 (TRM chapter 10).

A command takes effect at the next one-second beat, lasts for Cell Balance Interval unless it is repeated,
and ends at once when anything looks wrong. Adjacent cells are allowed, as they are in silicon: the driver
has to know better.
"""

from packwarden.sim.bq76952_meter import celsius
from packwarden.sim.bq76952_settings import COV, NEVER_US

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packwarden.sim.bq76952 import Bq76952


class Balancing:
    """The requested and the conducting switches, and the time each has spent on."""

    def __init__(self, chip: "Bq76952") -> None:
        self.chip = chip
        self.active = 0
        self.end_us = NEVER_US
        self.active_s = 0
        self.seconds = [0] * 16
        self._requested = 0

    def request(self, mask: int, now_us: int) -> None:
        """CB_ACTIVE_CELLS: every command restarts the timer."""
        if self.chip.settings.balance_no_command:
            self.chip.complain("balancing command while CB_NO_CMD is set")
            return
        self._requested = mask & self.chip.settings.vcell_mode
        if self._requested:
            self.end_us = now_us + self.chip.settings.balance_us
        else:
            self.stop()

    def request_level(self, level_mv: int, now_us: int) -> None:
        """CB_SET_LVL: the highest cells above a level, never neighbours, at most Cell Balance Max Cells."""
        settings = self.chip.settings
        cells_mv = self.chip.meter.cells_mv()
        mask = count = 0
        for index in sorted(settings.cells_used, key=lambda i: -cells_mv[i]):
            if cells_mv[index] <= level_mv or count >= settings.balance_max_cells:
                break
            if not mask & (5 << index >> 1):
                mask |= 1 << index
                count += 1
        self.request(mask, now_us)

    def stop(self) -> None:
        self._requested = 0
        self.end_us = NEVER_US
        self.active_s = 0
        self._conduct(0)

    def clear_times(self) -> None:
        """CBSTATUS2 and 3 are lost by a reset and by CONFIG_UPDATE."""
        for i in range(16):
            self.seconds[i] = 0

    def tick(self) -> None:
        """The one-second beat: account, then start, go on or stop."""
        if self.active:
            self.active_s += 1
            for i in range(16):
                if self.active >> i & 1:
                    self.seconds[i] += 1
        if not self._requested:
            return
        if self._allowed():
            self._conduct(self._requested)
        else:
            self.stop()

    def protection_changed(self) -> None:
        """Any alert of group A, any fault of it but COV, or a permanent failure stops balancing at once."""
        protection = self.chip.protection
        if self._requested and (
            protection.alert_a or protection.status_a & ~COV or self.chip.permanent.failed
        ):
            self.stop()

    def _allowed(self) -> bool:
        chip = self.chip
        settings = chip.settings
        if chip.asleep and not settings.balance_asleep:
            return False
        raws = chip.meter.cell_raws
        if raws and (
            celsius(min(raws)) < settings.balance_min_c or celsius(max(raws)) > settings.balance_max_c
        ):
            return False
        return celsius(chip.meter.die_raw) <= settings.balance_max_die_c

    def _conduct(self, mask: int) -> None:
        self.active = mask & ~self.chip.dead_switches
        self.chip.balancing = self.active
