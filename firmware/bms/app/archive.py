"""What the pack keeps of its past: trouble codes, freeze frames, lifetime figures, each in its own files.

The rest of the firmware only says what happened. This decides what that means for each memory and when it is
worth a write, by the budget in bms/services/wear: counters every minute, extremes and codes when they
change, a newly confirmed code at once. One write a cycle at most, in the slow half; what the flash refuses is
told and tried again in a while.
"""

from micropython import const

import bms
from bms.app import overlay
from bms.app.report import evidence
from bms.core import dtc, lifetime, path, protection
from bms.core import faults as f
from bms.core import snapshot as s
from bms.services import storage
from bms.services.frames import Frames
from bms.services.storage import LOST, NEWER, ONE_COPY, Record
from bms.services.wear import Allowance

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.app.parts import Parts
    from bms.core.ring import Ring
    from bms.ports import Fields

_MINUTE_S = const(60)
_RETRY_S = const(60)  # after the flash refused
_HOLD_S = const(10)  # changed codes wait for company
_NAMES = ("charge", "codes", "history")
CHARGE, CODES, HISTORY = range(3)
_ALL = const(7)


class Archive:
    """Codes, ring, frames and lifetime of the running pack, and their files."""

    def __init__(self, parts: "Parts", cells: int, ring: "Ring") -> None:
        files = parts.hal.files
        self.p = parts
        self.codes = dtc.Codes()
        self.life = lifetime.Lifetime(cells)
        self.ring = ring
        self.frames = Frames(files)
        self.cause = ""  # why the controller started
        self._records = [Record(files, name) for name in _NAMES]
        self._budgets = [Allowance(name) for name in _NAMES]
        self._frame_budget = Allowance("frames")
        kept: "list[Fields]" = [record.load() or {} for record in self._records]
        self._recall(kept)
        self.counted = kept[CHARGE]  # the rest of it: operating time and charge
        self.news: list[str] = []  # sentences that somebody should hear
        self._must = 0  # records that are written whatever the budget says
        for which in range(len(_NAMES)):
            found = self._records[which].found
            if found in (ONE_COPY, LOST, NEWER):
                self.news.append(self._records[which].reason)
                self._must |= 1 << which  # make both copies whole again
        self._written_s = -_MINUTE_S
        self._changed_s = 0  # since when codes wait to be written
        self._not_before_s = 0
        self._second = -1
        self._looked = False
        self._trouble = ""
        self._head: "Fields | None" = None  # of the frame that is being recorded
        self._rows = b""
        self._writing = False  # the ring is on its way to flash

    def _recall(self, kept: "list[Fields]") -> None:
        from bms.core import recall  # noqa: PLC0415 - needed once, and memory is short

        recall.codes(self.codes, kept[CODES])
        recall.life(self.life, kept[CHARGE])
        recall.extremes(self.life, kept[HISTORY])
        overlay.forget("bms.core.recall")

    def begin(self, cause: str, now_s: int) -> None:
        """The controller has started: an operation cycle begins."""
        self.cause = cause
        boots = {"watchdog": lifetime.BOOT_WATCHDOG, "request": lifetime.BOOT_REQUEST}
        self.life.counts[boots.get(cause, lifetime.BOOT_POWER)] += 1
        self.codes.start_cycle(now_s)

    def fault(self, row: int, event: int, value: int, now_s: int) -> None:
        """A transition of the fault table."""
        if event == protection.CLEAR_EVENT:
            self.codes.passed(row)
            return
        grave = event == protection.LOCK_EVENT
        self.codes.failed(row, now_s, grave)
        kind = f.ROWS[row][f.CLASS]
        counts = self.life.counts
        if f.ROWS[row][f.MNEMONIC] == "CELL_DEEP":
            counts[lifetime.EMPTIED] += 1
        elif f.ROWS[row][f.MNEMONIC] == "AUX_LOW":
            self.hurry()
        if kind == f.WARNING:
            counts[lifetime.WARNINGS] += 1
            return
        counts[lifetime.TRIPS] += 1
        if kind == f.PERMANENT:
            counts[lifetime.PERMANENTS] += 1
        elif grave:
            counts[lifetime.LOCKOUTS] += 1
        if self.p.snap.valid:
            self.life.look(self.p.snap, now_s)
            self._record(row, value, now_s, grave)

    def reset_asked(self, reason: int) -> None:
        """A soft reset was done (reason 0) or refused (the others of `core.reset`)."""
        self.life.counts[lifetime.RESETS + reason] += 1

    def hurry(self) -> None:
        """The supply fails, or the controller restarts: write down everything, whatever the budget says."""
        self._must = _ALL
        self.ring.stop()

    @property
    def idle(self) -> bool:
        """Nothing waits that cannot wait."""
        return not self._must and self._head is None and not self.frames.busy

    def step(self, now_s: int, may_write: bool) -> bool:
        """One slice, every cycle; True if it changed the flash."""
        p = self.p
        self.codes.look(p.protect, now_s)
        if now_s != self._second:
            self._second = now_s
            good = p.snap.valid and p.snap.values[s.AGE_MS] < 1000
            self.codes.second(now_s, good)
            if good:
                permille = p.soc.permille if p.soc.known else -1
                self.life.second(p.snap, now_s, permille, p.balancer.mask)
        if self.frames.ready and not self._looked:
            self._looked = True
            self.news += [f"a freeze frame is lost: {each}" for each in self.frames.lost]
        if not may_write:
            return False
        try:
            return self._write(now_s)
        except (OSError, ValueError, MemoryError) as error:
            self._not_before_s = now_s + _RETRY_S
            why = storage.explain(error) if isinstance(error, OSError) else repr(error)
            self._tell(f"the history could not be written: {why}")
            return True

    def _write(self, now_s: int) -> bool:
        """Do at most one thing to the flash, the most pressing first."""
        if now_s >= self._not_before_s:
            for which in (CODES, CHARGE, HISTORY):
                must = bool(self._must & 1 << which) or (which == CODES and self.codes.pressing)
                if (must or self._due(which, now_s)) and self._budgets[which].take(now_s, must):
                    self._save(which, now_s)
                    return True
        frames = self.frames
        if self._head is not None and not self.ring.left and frames.ready and not frames.busy:
            self._head["ring"] = self.ring.layout()
            frames.put(self._head, self._rows, self.ring.data, self._is_stored)
            self._head = None
            self._writing = True
        if frames.ready and not frames.busy:
            return False
        wrote = frames.step()
        if self._writing and not frames.busy:
            self._writing = False
            self.ring.release()
            if frames.trouble:
                self._tell(frames.trouble)
        return wrote

    def _due(self, which: int, now_s: int) -> bool:
        """Whether a record has changed enough to be worth a save."""
        if which == CHARGE:
            return now_s - self._written_s >= _MINUTE_S
        if which == HISTORY:
            return self.life.moved
        if not self.codes.changed:
            self._changed_s = now_s
        return now_s - self._changed_s >= _HOLD_S

    def _save(self, which: int, now_s: int) -> None:
        """Write one record; it stays pressing until that has gone well."""
        self._must |= 1 << which
        if which == CODES:
            fields = self.codes.to_keep()
        elif which == HISTORY:
            fields = self.life.extremes_to_keep()
        else:
            self._written_s = now_s
            fields = self.life.to_keep()
            fields["t"] = now_s
            soc = self.p.soc
            fields["soc"] = soc.kept() if soc.known else None
        self._records[which].save(fields)
        self._must &= ~(1 << which)
        self._trouble = ""

    def _tell(self, sentence: str) -> None:
        if sentence != self._trouble:
            self._trouble = sentence
            self.news.append(sentence)

    def _is_stored(self, row: int) -> bool:
        return bool(self.codes.status[row] & dtc.STORED)

    def _record(self, row: int, value: int, now_s: int, grave: bool) -> None:
        """Freeze the picture of this cycle, and let the ring run on for three seconds."""
        if self._head is not None:  # another trip came first: both are in one frame
            if row not in self._rows:
                self._rows += bytes([row])
            return
        if self.frames.busy or self.ring.left >= 0 or not self._frame_budget.take(now_s, grave):
            return
        self.ring.trip()
        self._rows = bytes([row])
        p = self.p
        snap = p.snap
        self._head = {
            "t": now_s,
            "seen": evidence(snap, f.ROWS[row], value).strip(" ()"),
            "mode": path.NAMES[p.loop.mode],
            "cells_mv": list(snap.cells_mv),
            "pack_mv": snap.sum_mv,
            "stack_mv": snap.stack_mv,
            "current_ma": snap.current_ma,
            "temps_ddegc": list(snap.temps_ddegc),
            "die_ddegc": snap.die_ddegc,
            "soc": [p.soc.permille, p.soc.sigma_permille],
            "fets": snap.fets,
            "uptime_s": p.loop.uptime_s,
            "cause": self.cause,
            "params": p.settings.version,
            "firmware": bms.__version__,
        }
