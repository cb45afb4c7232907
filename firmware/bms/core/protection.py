"""Walks the fault table over a snapshot: which faults stand, and which directions they open.

The table (`faults.ROWS`) has its numbers in flat arrays, and levels are worked out once, so that a cycle is
one loop over ints that allocates nothing. A row's life: OK -> PENDING (condition seen, delay running) ->
TRIPPED -> OK again by its own rule, or LOCKED / PERMANENT, which only a reset or service ends.
"""

from array import array

from micropython import const

from bms.core import calm, ticks
from bms.core import faults as f
from bms.core.snapshot import BOTH, CHG, MEASURED

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.core.snapshot import Snapshot
    from bms.ports import Values

OK = const(0)
PENDING = const(1)
TRIPPED = const(2)
LOCKED = const(3)
PERMANENT = const(4)
STATE_NAMES = ("ok", "pending", "tripped", "locked out", "permanent")

_JOURNAL = const(16)  # transitions kept for the history between two slow passes
_MOST_RETRIES = const(255)
_CYCLE_MS = const(100)
_GAP_MS = const(300)  # two scans missed are none
_MOST_DOUBLINGS = const(6)

# What a journal entry tells of.
TRIP_EVENT = const(0)
LOCK_EVENT = const(1)
CLEAR_EVENT = const(2)


class Protection:
    """The state of every fault row, and what follows from all of them together."""

    def __init__(self, values: "Values | None" = None) -> None:
        count = len(f.ROWS)
        self.count = count
        self.state = bytearray(count)
        self.occurrences = array("i", [0] * count)
        self.blocks = 0  # what the standing faults take: snapshot.CHG | DSG | LIMP | RESCUE
        self.pending = 0  # what those would take whose delay is still running
        self.worst = OK
        self.warnings = 0
        self.load_watch = False  # some trip waits for the load to go
        self.unsaved = False  # something changed that must outlive a power cut (see `standing`)
        self.retries = bytearray(count)  # trips within the row's window
        self.journal = bytearray(_JOURNAL)  # transitions: row, what happened, and the value that did it
        self.journal_events = bytearray(_JOURNAL)
        self.journal_values = array("i", [0] * _JOURNAL)
        self.journal_used = 0
        self._last = self._unseen_ms = self._blind_ms = 0  # see `step`: no delay runs on an old picture,
        self._before = self._calm_from = 0  # and what passed before the first good look counts for a cycle
        self._since = array("i", [0] * count)
        self._window = array("i", [0] * count)
        numbers = f.ROWS.numbers
        self._source, self._low = numbers(f.SOURCE), numbers(f.LOW_SIDE)
        self._class, self._opens = numbers(f.CLASS), numbers(f.OPENS)
        self._release, self._hardware = numbers(f.RELEASE), numbers(f.HARDWARE)
        self._most, self._within_s = numbers(f.RETRIES), numbers(f.WINDOW_S)
        self._look = bytearray(calm.ROWS_AT) + bytes(a * 2 + b for a, b in zip(self._source, self._low))
        self._look[calm.COUNT] = count
        self._trip, self._clear = array("i", [0] * count), array("i", [0] * count)
        self._set_ms, self._clear_ms = array("i", [0] * count), array("i", [0] * count)
        self.configure(values or {})

    def configure(self, values: "Values") -> None:
        """Take thresholds and delays from checked parameters (name -> int); rows without theirs rest."""
        known = [values.get(name) for name in f.ROWS.names()]
        f.resolve(f.TRIP, known, self._low, self._trip)
        f.resolve(f.CLEAR, known, self._low, self._clear)
        f.resolve(f.SET_MS, known, b"", self._set_ms)
        f.resolve(f.CLEAR_MS, known, b"", self._clear_ms)

    def step(self, now: int, snap: "Snapshot") -> None:
        """One pass over all rows, nearly all of them calm: sets what they take. Allocates nothing."""
        values = snap.values
        valid = snap.valid
        self._before, self._last = self._last, now
        passed_ms = ticks.diff(now, self._before)
        self._calm_from = ticks.add(now, -min(_CYCLE_MS, passed_ms))
        self._unseen_ms = 0 if snap.fresh else min(_GAP_MS, self._unseen_ms + passed_ms)
        self._blind_ms = passed_ms if self._unseen_ms == _GAP_MS else 0
        hardware = snap.hardware
        states = self.state
        trips = self._trip
        opens = self._opens
        look = self._look
        look[calm.FIRST_UNMEASURED] = 0 if valid else MEASURED
        blocks = worst = warnings = load_watch = pending = i = 0
        while True:
            if not hardware:
                look[calm.START] = i
                i = calm.first(values, trips, states, look)
            if i >= self.count:
                break
            state = states[i]
            source = self._source[i]
            if source >= MEASURED or valid:
                value = -values[source] if self._low[i] else values[source]
                by_afe = self._hardware[i] & hardware
                over = value >= trips[i] or by_afe
                if over or state:
                    state = states[i] = self._advance(i, now, snap, value, over, by_afe)
                    if state == PENDING:
                        pending |= opens[i]
            if state >= TRIPPED:
                blocks |= opens[i]
                if self._class[i] == f.WARNING:
                    warnings += 1
                else:
                    if state > worst:
                        worst = state
                    if self._release[i] == f.LOAD_GONE:
                        load_watch = 1
            i += 1
        self.blocks = blocks
        self.pending = pending
        self.worst = worst
        self.warnings = warnings
        self.load_watch = load_watch == 1

    def _advance(self, i: int, now: int, snap: "Snapshot", value: int, over: int, by_afe: int) -> int:
        """The next state of a row that is not calm."""
        state = self.state[i]
        if state <= PENDING:
            if not over:
                return OK
            if state == OK:
                self._since[i] = now
            blind_ms = self._blind_ms if self._source[i] < MEASURED else 0
            self._since[i] = ticks.add(self._since[i], blind_ms)
            if not by_afe and (blind_ms or ticks.diff(now, self._since[i]) < self._set_ms[i]):
                return PENDING
            return self._trip_row(i, now, -value if self._low[i] else value)
        if state == TRIPPED:
            held = over or value > self._clear[i] or not self._released(self._release[i], snap)
            if held or (self._source[i] < MEASURED and not snap.fresh):
                self._since[i] = now
                return state
            if self._since[i] == self._before:
                self._since[i] = self._calm_from
            if ticks.diff(now, self._since[i]) >= self._clear_delay(i):
                self._note(i, CLEAR_EVENT, -value if self._low[i] else value)
                return OK
        return state

    def cause_present(self, snap: "Snapshot") -> int:
        """First row that blocks and whose condition still stands, or -1.

        What only a charge ends is no cause against a reset while a lockout forbids the charge.
        """
        waiting = -1
        locked = False
        for i in range(self.count):
            state = self.state[i]
            locked = locked or (state == LOCKED and self._opens[i] & BOTH == CHG)
            if state >= TRIPPED and self._class[i] != f.WARNING and self._stands(i, snap):
                if state != TRIPPED or self._release[i] != f.CHARGING:
                    return i
                if waiting < 0:
                    waiting = i
        return -1 if locked else waiting

    def restart(self, snap: "Snapshot") -> None:
        """Soft reset: rows whose condition is gone start anew, locked-out ones too; permanent ones stay."""
        for i in range(self.count):
            self.retries[i] = 0
            if self.state[i] != PERMANENT and not self._stands(i, snap):
                if self.state[i] >= TRIPPED:
                    self._note(i, CLEAR_EVENT, snap.values[self._source[i]])
                self.state[i] = OK

    def pardon(self, snap: "Snapshot") -> None:
        """Permanent faults whose condition is gone begin anew: the pack has been repaired."""
        for i in range(self.count):
            if self.state[i] == PERMANENT and not self._stands(i, snap):
                self.state[i] = OK
                self._note(i, CLEAR_EVENT, snap.values[self._source[i]])

    def resume(self, i: int, state: int, retries: int, now: int) -> None:
        """Take a row up where it stood before a restart; its delays and its window begin anew."""
        self.state[i] = state
        self.retries[i] = retries
        self._since[i] = now
        self._window[i] = now

    def _stands(self, i: int, snap: "Snapshot") -> bool:
        value = snap.values[self._source[i]]
        if self._low[i]:
            value = -value
        return value > self._clear[i] or value >= self._trip[i] or bool(self._hardware[i] & snap.hardware)

    def _trip_row(self, i: int, now: int, value: int) -> int:
        """Enter the state that the row's class and its retries call for."""
        self._since[i] = now
        self.occurrences[i] += 1
        kind = self._class[i]
        if kind == f.PERMANENT:
            state = PERMANENT
        elif kind == f.LOCKOUT or self._too_often(i, now):
            state = LOCKED
        else:
            state = TRIPPED
        self._note(i, LOCK_EVENT if state > TRIPPED else TRIP_EVENT, value)
        return state

    def _too_often(self, i: int, now: int) -> bool:
        """Count a trip within the row's window, and hold the count against the retries that it has."""
        age_ms = ticks.diff(now, self._window[i])
        if not self.retries[i] or age_ms < 0 or age_ms >= self._within_s[i] * 1000:
            self._window[i] = now
            self.retries[i] = 0
        if self.retries[i] < _MOST_RETRIES:
            self.retries[i] += 1
        limit = self._most[i]
        return limit >= 0 and self.retries[i] > limit

    def _clear_delay(self, i: int) -> int:
        """A trip that may come back for ever waits twice as long each time, so that nothing chatters."""
        again = self.retries[i] - 1
        if again <= 0 or self._most[i] >= 0:
            return self._clear_ms[i]
        return self._clear_ms[i] << min(again, _MOST_DOUBLINGS)

    def _released(self, release: int, snap: "Snapshot") -> bool:
        if release == f.ALWAYS:
            return True
        if release == f.CHARGER_GONE:
            return not snap.charger
        if release == f.LOAD_GONE:
            return snap.load_gone
        return snap.charger

    def _note(self, i: int, event: int, value: int) -> None:
        """Remember a transition for the history; a full journal keeps the oldest, which explain the rest."""
        if f.is_kept(i):
            self.unsaved = True
        if self.journal_used < _JOURNAL:
            self.journal[self.journal_used] = i
            self.journal_events[self.journal_used] = event
            self.journal_values[self.journal_used] = value
            self.journal_used += 1
