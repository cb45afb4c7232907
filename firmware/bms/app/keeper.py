"""Looks after the AFE: sets it up, reads it every cycle, notices when it is gone or no longer itself.

Setting up takes a fraction of a second of waiting, so it is a generator that this keeper advances between
button polls, some steps at a time. Whatever goes wrong ends in one place: not `ready`, path open, try again.
"""

from micropython import const

from bms.app import overlay
from bms.app.readings import grow, take
from bms.core import snapshot as s
from bms.core import ticks
from bms.drivers import afe as chip

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bms.core.snapshot import Snapshot
    from bms.ports import Afe, Hal

RETRY_MS = const(1000)
_AT_ONCE_MS = const(20)  # so much of the set-up in one poll: nearly all its waits are of 2 ms, a poll is 10
_ERRORS_BEFORE_RECOVERY = const(3)
_PATIENCE_MS = const(3000)
_PER_DISTURBANCE = const(10)  # of `snapshot.BUS_ERRORS`, which loses 1 a second
_MOST_DISTURBED = const(150)


class Keeper:
    """Owns the AFE's life cycle; `snap` gets its readings; `ready`: it may be trusted with the path."""

    def __init__(self, hal: "Hal", afe: "Afe", snap: "Snapshot") -> None:
        self.afe = afe
        self.snap = snap
        self.ready = False
        self.error = ""
        self.errors = 0  # bus errors since boot
        self.recoveries = 0
        self._hal = hal
        self._limits: dict[str, int] = {}
        self.task: "Iterator[int] | None" = None  # a set-up under way, good so far
        self._wake = self._open_again = self._waited_ms = 0
        self._row = 0  # consecutive errors
        self._opening = False  # an opening that the AFE has not taken yet
        self._met = False  # it has answered since power-up
        self._load_detect = False
        self.asleep = False  # ship mode: told to shut down, and not to be spoken to

    def configure(self, limits: dict[str, int]) -> None:
        """Set the AFE up with these limits, from the next poll on."""
        self._limits = limits
        self.start_over("")

    def start_over(self, reason: str) -> None:
        """Not ready: open what can be opened, then identify, configure and verify from the beginning."""
        self.ready = False
        self._load_detect = False
        self.error = reason
        self.open_path()
        self.task = None
        self._wake = self._hal.ticks_ms()

    def poll(self, now: int) -> None:
        """Advance the set-up when its wait is over; after a failure it begins again."""
        if self._opening and ticks.diff(now, self._open_again) >= 0:
            self.open_path()
        if self._opening or self.ready or not self._limits or ticks.diff(now, self._wake) < 0:
            return
        enough = ticks.add(now, _AT_ONCE_MS)
        while True:
            wait_ms = self._advance()
            self._wake = ticks.add(self._hal.ticks_ms(), wait_ms)
            if wait_ms > _AT_ONCE_MS:
                return
            self._hal.sleep_ms(wait_ms)  # by the tick, a millisecond might be none at all
            if ticks.diff(self._wake, enough) > 0:
                return

    def _advance(self) -> int:
        """One step of the set-up; how long to wait before the next."""
        task = self.task or self.afe.commission(self._limits)
        self.task = None  # until this step has gone well
        try:
            wait_ms = next(task)
        except StopIteration:
            self._finished()
        except chip.BusError as error:
            self._failed(str(error))
        except chip.AfeError as error:  # it answers, but it is not, or does not hold, what it should
            self._heard()
            self.error = str(error)
            self.snap.values[s.CONFIG_LOST] = 1
        else:
            self.task = task
            return wait_ms
        return RETRY_MS

    def _finished(self) -> None:
        """The set-up has come to its end: believe it if the driver does."""
        self.ready = self.afe.configured
        self._heard()
        if self.ready:
            overlay.forget(overlay.SET_UP)
            self.error = ""
            self.snap.values[s.AGE_MS] = 0
            self.snap.values[s.CONFIG_LOST] = 0

    def read(self, elapsed_ms: int) -> None:
        """One cycle's readings into the snapshot; a failure leaves it stale. Allocates only on a failure."""
        snap = self.snap
        snap.fresh = False
        if self._met and self.task is None:  # while the steps of a set-up succeed, the AFE is there
            grow(snap.values, s.SILENT_MS, elapsed_ms)
        elif self._limits:
            self._wait(elapsed_ms)
        if not self.ready:
            return
        nap = self.afe.nap
        late_ms = elapsed_ms if nap is None or not nap.left_ms else nap.late_ms(elapsed_ms)
        grow(snap.values, s.AGE_MS, late_ms)
        try:
            self.afe.read()
        except chip.AfeError as error:
            self._failed(str(error))
            return
        self._heard()
        if not self.afe.configured:
            snap.values[s.CONFIG_LOST] = 1
            self.start_over("the AFE was reset and lost its configuration")
        elif self.afe.fresh:
            take(self.afe, snap)

    def alarmed(self) -> bool:
        """The alert line is asserted: for a trip of the AFE's own (True), or only for a finished scan?"""
        if not self.ready:
            return False
        try:
            return self.afe.check_alert()
        except chip.AfeError as error:
            self._failed(str(error))
            return False

    def verify(self, idle: bool = False) -> None:
        """Re-read a slice of the configuration; a difference starts the set-up over. `idle`: it may sleep."""
        if not self.ready:
            return
        try:
            nap = self.afe.nap
            if nap is not None and (nap.allowed != idle or nap.unheard):
                nap.allow(idle)
            self.afe.verify_step()
        except chip.ReadbackError as error:
            self.snap.values[s.CONFIG_LOST] = 1
            self.start_over(str(error))
        except chip.AfeError as error:
            self._failed(str(error))

    def command(self, fets: int) -> bool:
        """Close exactly these FETs; True once the AFE has taken it, which the read-back must confirm.

        While the AFE is being set up they are open already and stay so: each attempt begins by opening them.
        """
        if not self.ready:
            return True
        try:
            self.afe.set_fets(fets)
        except chip.AfeError as error:
            self._failed(str(error))
            return False
        return True

    def open_path(self) -> None:
        """Open everything, whatever state the AFE is in, and at every poll again until it has taken it.

        An AFE whose host watchdog has opened closes again at the first word that it hears (TRM 5.2.9), unless
        that word is to stay open.
        """
        start = self._hal.ticks_ms()
        try:
            self.afe.open_path()
        except chip.AfeError as error:
            self._failed(str(error))
            now = self._hal.ticks_ms()
            # A bus that hangs costs its time-outs: leave the loop as much time as each try has taken.
            self._open_again = ticks.add(now, ticks.diff(now, start))
            self._opening = True
        else:
            self._opening = False
            self.snap.fets = 0

    def sleep(self) -> None:
        """Ship mode: the AFE shuts down, path open, and is left alone until a restart."""
        self.asleep = True
        self.ready = self._met = self._opening = False
        self._limits = {}
        self.snap.values[s.AGE_MS] = self.snap.values[s.SILENT_MS] = 0
        try:
            self.afe.shutdown()
        except chip.AfeError as error:
            self._failed(str(error))

    def balance(self, mask: int) -> None:
        """Bleed these cells until told otherwise or the AFE's timer ends it."""
        if not self.ready:
            return
        try:
            self.afe.set_balance(mask)
        except chip.AfeError as error:
            self._failed(str(error))

    def watch_load(self, on: bool) -> None:
        """Let the AFE pull the load pin up, to see whether the load has gone."""
        if on == self._load_detect or not self.ready:
            return
        try:
            self.afe.load_detect(on)
            self._load_detect = on
        except chip.AfeError as error:
            self._failed(str(error))

    def give_up(self) -> None:
        """Comms are lost: stop believing, and begin again at the slow pace of the set-up."""
        if self.ready:
            self.start_over(self.error)

    def _wait(self, elapsed_ms: int) -> None:
        """An AFE that has never answered may only be powered later than we are: stale, but no lockout."""
        self._waited_ms += elapsed_ms
        if self._waited_ms >= _PATIENCE_MS:
            self._waited_ms = _PATIENCE_MS
            grow(self.snap.values, s.AGE_MS, elapsed_ms)

    def _heard(self) -> None:
        self._row = 0
        self._met = True
        self.snap.values[s.SILENT_MS] = 0

    def _failed(self, sentence: str) -> None:
        """Count an error; several in a row may be a device holding the bus: free it."""
        self.error = sentence
        self.errors += 1
        self._row += 1
        if self._row == 1:  # silence is another matter: a row of errors is one disturbance
            values = self.snap.values
            values[s.BUS_ERRORS] = min(_MOST_DISTURBED, values[s.BUS_ERRORS] + _PER_DISTURBANCE)
        if self._row % _ERRORS_BEFORE_RECOVERY == 0:
            self.recoveries += 1
            self._hal.recover_bus()
