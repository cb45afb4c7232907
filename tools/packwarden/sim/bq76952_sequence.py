"""Time and modes of the simulated BQ76952: what runs when, and in which mode at all (TRM chapters 6.9, 7).

Scans are run at the next call after they fall due, with the inputs of that moment; they ask to be run
exactly only while a cell is near an enabled threshold. Comparator delays, the 250 ms loop and mode changes
are always exact.
"""

from packwarden.sim.bq76952_meter import celsius
from packwarden.sim.bq76952_settings import NEVER_US
from packwarden.sim.bq76952_sleep import Sleep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packwarden.sim.bq76952 import Bq76952

NORMAL, SLEEP, CONFIG_UPDATE, DEEPSLEEP, SHUTDOWN, BOOT, RESET = range(7)

_SECOND_US = 1_000_000
_LOOP_US = 250_000
_FIRST_SCAN_US = 88_000  # after start-up; FULLSCAN follows two scans later
_LD_WAKE_V = 1.45  # datasheet: VWAKEONLD


class Sequence:
    """Deadlines and mode of one chip; drives the other parts."""

    def __init__(self, chip: "Bq76952") -> None:
        self.chip = chip
        self.mode = BOOT
        self.mode_change_us = NEVER_US
        self.loop_us = self.scan_us = NEVER_US
        self.sleep = Sleep(chip)
        self._target = BOOT
        self._rounds = 0
        self._scan_exactly = False
        self._low_since_us = self._hot_since_us = NEVER_US
        self._ld_was_low = False

    def next_us(self) -> int:
        due = self._hard_us()
        return min(due, self.scan_us) if self._scan_exactly else due

    def _hard_us(self) -> int:
        """The next deadline of those that are always exact."""
        chip = self.chip
        return min(
            self.loop_us,
            self.mode_change_us,
            chip.protection.deadline_us,
            chip.balancer.end_us,
            chip.fets.predischarge_end_us,
        )

    def run(self, now_us: int) -> None:
        protection = self.chip.protection
        balancer = self.chip.balancer
        fets = self.chip.fets
        while True:
            hard_us = self._hard_us()
            due_us = min(hard_us, self.scan_us)
            if due_us > now_us:
                break
            if due_us == self.mode_change_us:
                self.mode_change_us = NEVER_US
                self._change_mode(due_us)
            elif due_us == protection.deadline_us:
                protection.trip(due_us)
            elif due_us == self.scan_us:
                self._scan(min(now_us, hard_us))
            elif due_us == balancer.end_us:
                balancer.stop()
            elif due_us == fets.predischarge_end_us:
                fets.end_predischarge()
            else:
                self._loop(due_us)
        self.look(now_us)

    def look(self, now_us: int) -> None:
        """What reacts to the inputs without waiting for a scan."""
        chip = self.chip
        meter = chip.meter
        meter.integrate(now_us)
        meter.adopt_current()
        mode = self.mode
        if mode == NORMAL or mode == SLEEP:
            chip.protection.watch(now_us, not chip.balancing)
            if chip.protection.alert_a:
                chip.balancer.protection_changed()
            if mode == SLEEP and abs(chip.current_a) * 1000.0 >= chip.settings.wake_ma:
                self.wake(now_us)
                chip.fets.evaluate(now_us)
            chip.fets.react()
        elif mode == SHUTDOWN and chip.settings.ts2_wakes and chip.pulled_down("TS2"):
            chip.power_cycle()
        elif chip.ld_v > _LD_WAKE_V and self._ld_was_low:
            if mode == SHUTDOWN:
                chip.power_cycle()
            elif mode == DEEPSLEEP:
                self.start(now_us)
        self._ld_was_low = chip.ld_v <= _LD_WAKE_V

    def _scan(self, until_us: int) -> None:
        """The scans up to then; of several that nobody looked at, only the last round shows."""
        chip = self.chip
        asleep = self.mode == SLEEP
        if asleep:
            period_us = chip.settings.sleep_scan_us
        else:
            period_us = chip.settings.balancing_scan_us if chip.balancing else chip.settings.scan_us
        missed = (until_us - self.scan_us) // period_us
        for _ in range(3 if asleep else min(missed, 2) + 1):  # three scans make a full round
            chip.meter.scan()
        if asleep:
            chip.meter.measure_temperatures()
            chip.meter.glance_cc1()
        self.sleep.resting = False
        self.scan_us += (missed + 1) * period_us
        chip.alarms.scan_done(chip.meter.scans)
        self._scan_exactly = chip.protection.near_cell_limit()

    def _loop(self, at_us: int) -> None:
        """Every 250 ms (1 s in SLEEP), with the one-second work on every fourth round."""
        chip = self.chip
        asleep = self.mode == SLEEP
        self._rounds += 4 if asleep else 1
        self.loop_us = at_us + (_SECOND_US if asleep else _LOOP_US)
        self.sleep.finish_cc1(at_us)
        if not asleep:
            chip.meter.measure_temperatures()
        if self._rounds >= 4:
            self._rounds = 0
            chip.balancer.tick()
            if chip.balancing:
                chip.protection.watch(at_us, True)
                chip.balancer.protection_changed()
            chip.slow.tick(at_us)
            chip.permanent.tick(at_us)
            self._consider_shutdown(at_us)
            self._consider_sleep(at_us)
        chip.fets.evaluate(at_us)
        chip.alarms.look()

    def start(self, now_us: int) -> None:
        """Normal operation with the present settings, as if nothing had been before."""
        chip = self.chip
        self.mode = NORMAL
        self.loop_us = now_us + _LOOP_US
        self.scan_us = now_us + _FIRST_SCAN_US
        self.mode_change_us = NEVER_US
        self._scan_exactly = False
        self._rounds = 0
        self.sleep.started(now_us)
        self._low_since_us = self._hot_since_us = NEVER_US
        chip.protection.clear()
        chip.slow.clear()
        chip.fets.initialise()
        chip.meter.restart(now_us)

    def stop(self, mode: int) -> None:
        """Nothing measures, protects or conducts any more; readings stay as they are."""
        chip = self.chip
        if self.mode == NORMAL:
            chip.meter.publish(chip.image, True)
        self.mode = mode
        self.loop_us = self.scan_us = NEVER_US
        self._scan_exactly = False
        chip.protection.deadline_us = NEVER_US
        chip.balancer.stop()
        chip.fets.evaluate(chip.clock.now_us)

    def change_mode_at(self, at_us: int, target: int) -> None:
        self.mode_change_us = at_us
        self._target = target

    @property
    def shutting_down(self) -> bool:
        """A shutdown is pending."""
        return self.mode_change_us < NEVER_US and self._target == SHUTDOWN

    def _change_mode(self, at_us: int) -> None:
        chip = self.chip
        target = self._target
        if target == CONFIG_UPDATE:
            chip.fets.load_manufacturing_status()
            chip.balancer.clear_times()
            self.stop(CONFIG_UPDATE)
        elif target == NORMAL:
            chip.adopt_settings(at_us)
            self.start(at_us)
        elif target == BOOT:
            chip.boot(at_us)
        elif target == RESET:
            chip.power_cycle()
        else:
            self.stop(target)

    def wake(self, now_us: int) -> None:
        """Out of SLEEP: FETs at once, the measurement loop at the next one-second boundary (TRM 7.3)."""
        chip = self.chip
        if chip.oversleeps:
            return
        self.mode = NORMAL
        self.scan_us = self.loop_us + chip.settings.scan_us
        self.sleep.woken(now_us)
        chip.alarms.woken()

    def _consider_sleep(self, at_us: int) -> None:
        wanted = self.sleep.wanted(at_us)
        if self.mode == SLEEP and not wanted:
            self.wake(at_us)
        elif self.mode != SLEEP and wanted:
            self.mode = SLEEP
            self.scan_us = at_us + self.chip.settings.sleep_scan_us
            self.loop_us = at_us + _SECOND_US

    def _consider_shutdown(self, at_us: int) -> None:
        """The part saves an empty or overheated pack by switching itself off (TRM 7.5)."""
        chip = self.chip
        settings = chip.settings
        meter = chip.meter
        if meter.scans < 3:
            return
        low = meter.stack_v < settings.shutdown_stack_v
        low = low or min([meter.cells_v[i] for i in settings.cells_used]) < settings.shutdown_cell_v
        hot = celsius(meter.die_raw) > settings.shutdown_die_c
        self._low_since_us = min(self._low_since_us, at_us) if low else NEVER_US
        self._hot_since_us = min(self._hot_since_us, at_us) if hot else NEVER_US
        empty = at_us - self._low_since_us >= settings.shutdown_delay_us
        overheated = at_us - self._hot_since_us >= settings.shutdown_die_us
        if (empty or overheated) and self.mode_change_us == NEVER_US:
            self.change_mode_at(at_us + settings.shutdown_sequence_us, SHUTDOWN)
