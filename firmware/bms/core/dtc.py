"""Diagnostic trouble codes: what each fault row has been up to, in the bits of ISO 14229-1, annex D.2.

A fault stands or it does not; a trouble code remembers. Each row of the fault table has a status byte:

    1 test failed                 16 test not completed since the last clear
    2 failed in this cycle        32 failed since the last clear
    4 pending                     64 test not completed in this cycle
    8 confirmed                  128 warning indicator requested

An operation cycle begins with each start of the controller, and after a day if it is never switched off. A
code is pending with its first failure. It is confirmed when it fails in a second cycle or three times in one,
and at once if the fault locks out. A cycle counts as clean if the row was tested in it, which takes a minute
of good readings, and did not fail. The first clean one ends pending, the third the warning, the fortieth the
code itself (three and forty, as in OBD II), unless it is permanent.
"""

from array import array

from micropython import const

from bms.core import faults as f
from bms.core import protection
from bms.core.snapshot import MEASURED

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Fields

FAILED = const(1)
FAILED_NOW = const(2)  # in this operation cycle
PENDING = const(4)
CONFIRMED = const(8)
UNTESTED = const(16)
FAILED_SINCE = const(32)
UNTESTED_NOW = const(64)
WARN = const(128)
CLEARED = const(80)  # UNTESTED | UNTESTED_NOW
STORED = const(12)  # PENDING | CONFIRMED

CYCLE_S = const(86400)  # the longest operation cycle
AGED_OUT = const(40)  # clean cycles
WARNING_ENDS = const(3)  # clean cycles
_OFTEN = const(3)  # failures in one cycle that confirm
_TESTED_S = const(60)
_SLICE = const(6)  # rows a look
MOST = const(65535)


class Codes:
    """A status byte, counters and times for each row of the fault table."""

    def __init__(self) -> None:
        count = len(f.ROWS)
        self.status = bytearray([CLEARED] * count)
        self.count = array("H", [0] * count)  # failures since the last clear, ...
        self.ever = array("H", [0] * count)  # ... and in the life of the pack
        self.first_s = array("i", [0] * count)
        self.last_s = array("i", [0] * count)
        self.clean = bytearray(count)  # cycles in a row
        self._fails = bytearray(count)  # in this cycle
        self.cycle = 0
        self.changed = False  # since the last `to_keep`
        self.pressing = False  # a code was confirmed: no power cut may undo that
        self._began_s = 0
        self._good_s = 0  # of readings in this cycle
        self._own_s = 0  # of this cycle
        self._at = 0

    def start_cycle(self, now_s: int) -> None:
        """A new operation cycle: judge the one that is over."""
        for i in range(len(self.status)):
            status = self.status[i]
            if status & STORED:
                self.changed = True
                if not status & (FAILED_NOW | UNTESTED_NOW):
                    status = self._after_clean(i, status)
            self.status[i] = status & ~(FAILED | FAILED_NOW) | UNTESTED_NOW
            self._fails[i] = 0
        self.cycle += 1
        self._began_s = now_s
        self._good_s = self._own_s = 0

    def second(self, now_s: int, good: bool) -> None:
        """A second has passed, in which the readings were good or not."""
        self._own_s += 1
        self._good_s += good
        if now_s - self._began_s >= CYCLE_S:
            self.start_cycle(now_s)

    def look(self, protect: "protection.Protection", now_s: int) -> None:
        """Compare a few rows a cycle: which tests are through, and what fails without having been told."""
        for _ in range(_SLICE):
            i = self._at
            self._at = i + 1 if i + 1 < len(self.status) else 0
            state = protect.state[i]
            status = self.status[i]
            if state >= protection.TRIPPED:
                if not status & FAILED_NOW or not status & FAILED:
                    self.failed(i, now_s, state > protection.TRIPPED, self.count[i] == 0)
            elif status & FAILED:
                self.passed(i)
            elif status & UNTESTED_NOW and state == protection.OK and self._own_s >= _TESTED_S:
                self._tested(i)

    def _tested(self, i: int) -> None:
        """The row was looked at for long enough; what is measured must have been good for as long."""
        if self._good_s >= _TESTED_S or f.ROWS[i][f.SOURCE] >= MEASURED:
            self.passed(i)

    def failed(self, i: int, now_s: int, grave: bool, again: bool = True) -> None:
        """The row has tripped; `grave`: it locks out. Not `again`: that failure has been counted."""
        before = self.status[i]
        status = before & ~CLEARED | FAILED | FAILED_SINCE
        if again:
            if not self.count[i]:
                self.first_s[i] = now_s
            self.count[i] = min(MOST, self.count[i] + 1)
            self.ever[i] = min(MOST, self.ever[i] + 1)
            self.last_s[i] = now_s
            self._fails[i] = min(255, self._fails[i] + 1)
            self.changed = True
        second_cycle = before & PENDING and not before & FAILED_NOW
        status |= PENDING | FAILED_NOW
        if grave or second_cycle or self._fails[i] >= _OFTEN:
            status |= CONFIRMED
        if status & CONFIRMED and f.ROWS[i][f.CLASS] != f.WARNING:
            status |= WARN
        self.clean[i] = 0
        self._set(i, status)
        if status & ~before & CONFIRMED:
            self.pressing = True

    def passed(self, i: int) -> None:
        """The row has been tested and does not fail."""
        self._set(i, self.status[i] & ~(FAILED | CLEARED))

    def clear(self, protect: "protection.Protection", pending_only: bool) -> None:
        """Forget codes whose fault is over: pending ones (a soft reset), or all (a hard one)."""
        for i in range(len(self.status)):
            kept = pending_only and (self.status[i] & CONFIRMED or not self.status[i] & PENDING)
            if not kept and protect.state[i] < protection.TRIPPED:
                self._forget(i)
                self.status[i] = CLEARED
        self.changed = True

    def any_pending(self) -> bool:
        """Whether there is anything that a soft reset would clear."""
        return any(status & STORED == PENDING for status in self.status)

    def to_keep(self) -> "Fields":
        """What must outlive a power cut, by mnemonic; `recall` puts it back."""
        codes = {}
        for i in range(len(self.status)):
            if self.status[i] & STORED or self.ever[i]:
                codes[f.ROWS[i][f.MNEMONIC]] = [
                    self.status[i], self.count[i], self.ever[i], self.first_s[i], self.last_s[i],
                    self.clean[i],
                ]  # fmt: skip
        self.changed = self.pressing = False
        return {"cycle": self.cycle, "codes": codes, "untested": self._untested()}

    def _untested(self) -> "list[str]":
        return [f.ROWS[i][f.MNEMONIC] for i in range(len(self.status)) if self.status[i] & UNTESTED]

    def _after_clean(self, i: int, status: int) -> int:
        """The status after a clean cycle."""
        self.clean[i] = min(255, self.clean[i] + 1)
        status &= ~PENDING
        if self.clean[i] >= WARNING_ENDS:
            status &= ~WARN
        if status & CONFIRMED and (self.clean[i] < AGED_OUT or f.ROWS[i][f.CLASS] == f.PERMANENT):
            return status
        self._forget(i)
        return status & ~(CONFIRMED | FAILED_SINCE | WARN)

    def _forget(self, i: int) -> None:
        self.count[i] = self.first_s[i] = self.last_s[i] = 0
        self.clean[i] = self._fails[i] = 0

    def _set(self, i: int, status: int) -> None:
        """The new status; only a change of a stored code, or the end of a test, is worth a write."""
        changed = self.status[i] ^ status
        self.status[i] = status
        if changed & UNTESTED or (changed and status & STORED and changed != FAILED):
            self.changed = True
