"""The BQ76952's SLEEP: it protects with less current. When is its next scan due, and when is it late?

Asleep, its comparators "operate the same as during NORMAL mode" (TRM 7.3), cells, currents and short circuits
alike; all else it judges, host watchdog included, once a second as ever, by scans that come every Voltage
Time: 1 s here, see `bq76952_registers`. CHG stays on by SLEEPCHG. The chip takes to SLEEP by itself, while it
is allowed to and CC1 stays below 20 mA, and leaves it at once for a fault or for 500 mA, and at the next scan
for more than 20 mA or for a charger outside.

A scan that is not due yet is not late. While the chip says that it sleeps one comes each second; when it
wakes, measuring begins again at its next full second. So that much passes before lateness begins to count,
and no more: one that sleeps on after it has been forbidden to, or changes its mind without a scan, gets two
seconds, and then its silence counts as any other.
"""

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.drivers.bq76952_link import Link

SLEEP = const(0x80)  # Battery Status, high byte
_SLEEP_ENABLE = const(0x0099)
_SLEEP_DISABLE = const(0x009A)

_SCAN_MS = const(1000)  # Voltage Time, and how long the measuring loop takes to begin again after a wake
_PATIENCE = const(2)  # seconds for a chip that is asleep without leave, or turns without a scan
_MOST_MS = const(1000)  # that one cycle counts for


class Nap:
    """Of one chip: whether it may sleep, whether it does, and how long until its next scan is due."""

    def __init__(self, link: "Link") -> None:
        self.allowed = False
        self.watching = False  # there is something to `note`
        self.unheard = False  # it has scanned once more asleep after it was forbidden to
        self.asleep = False  # it says so itself, in the status that came with the last read
        self.left_ms = 0  # until the next scan is due
        self._patience = 0
        self.owed_ms = 0  # for so long the current of a wake has flowed unseen
        self._link = link

    def forget(self) -> None:
        """The chip is being set up, which forbids it to sleep."""
        self.allowed = self.asleep = self.watching = False
        self.left_ms = self._patience = 0
        self.unheard = False

    def allow(self, on: bool) -> None:
        """Let it sleep or not; told on a change. Raises BusError, and then wants to be called again."""
        if on != self.allowed or self.unheard:
            self._link.command(_SLEEP_ENABLE if on else _SLEEP_DISABLE)
            self.unheard = False
        if on != self.allowed:
            self.allowed = on
            self.watching = True
            if not on:
                self._patience = min(_PATIENCE, self._patience + 1)

    def note(self, status: int, fresh: bool) -> None:
        """What a read has brought: Battery Status, its high byte, and whether there was a scan."""
        asleep = status & SLEEP != 0
        if fresh and self.allowed:
            self._patience = _PATIENCE
        self.unheard = asleep and not self.allowed and (fresh or self.unheard)
        self.watching = self.allowed
        if not (asleep or self.asleep or self.left_ms):
            return
        turned = asleep != self.asleep
        self.asleep = asleep
        if fresh:
            self.left_ms = 0
        if (turned or (asleep and fresh)) and self._patience:
            self._patience -= 1
            self.left_ms = _SCAN_MS
        self.watching = self.allowed or asleep or self.left_ms > 0

    def late_ms(self, elapsed_ms: int) -> int:
        """Of this time, how much of it the next scan is late by. Call it before each read."""
        if not self.left_ms:
            return elapsed_ms
        late_ms = elapsed_ms - self.left_ms
        self.left_ms = max(0, -late_ms)
        return max(0, late_ms)

    def flowed_ms(self, elapsed_ms: int, fresh: bool) -> int:
        """How long the current of now has flowed by now. Call it after each read.

        What has woken the chip shows with the first scan only, and is counted then, for as long as it took.
        """
        self.owed_ms = owed_ms = min(_MOST_MS, elapsed_ms) + min(_MOST_MS, self.owed_ms)
        if not (self.asleep or fresh):
            return 0
        self.owed_ms = 0
        return owed_ms
