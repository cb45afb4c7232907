"""SLEEP of the simulated BQ76952: what lets it in, what ends it, and what it measures there (TRM 7.3).

The comparators go on and scans come every Voltage Time, with the current among them. The long measurement of
current that begins a second after a scan and takes four is what charge is counted from: with scans more often
than every five seconds it never ends, and charge and its clock stand still.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packwarden.sim.bq76952 import Bq76952

_CC1_US = 4_000_000
_CC1_AFTER_US = 1_000_000


class Sleep:
    """Of one chip: whether it may, since when it was awake, and its way back into the measurement loop."""

    def __init__(self, chip: "Bq76952") -> None:
        self.chip = chip
        self.enabled = False
        self.resting = False  # woken, and the measurement loop has not begun again
        self._may_us = 0
        self._cc1_us = 0

    def started(self, now_us: int) -> None:
        """Normal operation begins; Sleep Hysteresis Time does too."""
        self.resting = False
        self._may_us = now_us + self.chip.settings.sleep_hysteresis_us

    def woken(self, now_us: int) -> None:
        """FETs at once, measurements at the next one-second boundary; what was not finished is lost."""
        self.started(now_us)
        self.resting = True
        if not self._has_time_for_cc1():
            self.chip.meter.skip_cc1(now_us)

    def finish_cc1(self, at_us: int) -> None:
        """The 250 ms loop, or that of SLEEP."""
        chip = self.chip
        if chip.asleep:
            if not self._has_time_for_cc1() or at_us < self._cc1_us:
                return
        elif self.resting:
            return
        chip.meter.finish_cc1(at_us)
        self._cc1_us = at_us + _CC1_US

    def wanted(self, at_us: int) -> bool:
        """Sleep Current, and no charger by its two thresholds; into SLEEP only after the hysteresis."""
        chip = self.chip
        settings = chip.settings
        charger = chip.pack_v > chip.stack_v + settings.charger_delta_v
        charger = charger and chip.stack_v < settings.charger_max_stack_v
        quiet = abs(chip.meter.cc1_ma) < settings.sleep_ma and not charger
        return self.enabled and quiet and (chip.asleep or at_us >= self._may_us)

    def _has_time_for_cc1(self) -> bool:
        return self.chip.settings.sleep_scan_us >= _CC1_AFTER_US + _CC1_US
