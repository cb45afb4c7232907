"""The superloop: read, decide, act, verify, report, feed the watchdog. Ten times a second, in this order.

The first half of a cycle (`_protect`) is all that safety needs; it allocates nothing and runs before anything
that may be slow. The second half (`_rest`) counts, looks after the AFE and has one turn of what is due once a
second (`rota`), so that no cycle is a long one. What may take long, words, files, collecting memory, waits
until the cycle is over (`_between`). `step` is called as often as it asks for, every 10 ms, so that the
button and the console are never far away; time is an argument, and the caller does the sleeping.
"""

from micropython import const

from bms.app import idling, readings
from bms.core import path, protection, ticks
from bms.core import snapshot as s

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.app.parts import Parts

CYCLE_MS = const(100)
POLL_MS = const(10)
_SENDING_MS = const(2)  # while an answer goes out, a little at a time
GOOD_SCANS = const(3)
_FAREWELL_CYCLES = const(5)
_WRITING_CYCLES = const(20)  # more, at most, for what the journal has not written yet
_RESEND_MS = const(500)  # a command that the FETs do not follow is repeated this often, ...
_URGENT_MS = const(1500)  # ... an opening every cycle, until it counts as a fault: the AFE has more to tell
_COLLECT_MS = const(50)  # a collection takes half of that (21 ms, RP2040): only with so much time left, ...
_PATIENT = const(2)  # ... and first what is to be told, for so many cycles, ...
_OVERDUE = const(10)  # ... but a second later at once: with less memory free, a cycle takes longer and longer


class Loop:
    """Runs the parts that `compose` wired together."""

    def __init__(self, parts: "Parts", now: int) -> None:
        self.p = parts
        self.mode = path.BOOT
        self.closed_once = False
        self.cycles = 0
        self.uptime_ms = 0
        self.uptime_s = 0
        self._due = now
        self._last = now
        self._scans = 0
        self._resend_ms = 0
        self._unsent = False  # the last command did not reach the AFE
        self._unseen_ms = 0  # since the last fresh picture
        self._untold = False  # a cycle is over, and the reporter has not looked at it yet
        self._garbage = 0  # for how many cycles a collection has been due: once a second, between two cycles
        self.restart_asked = False
        self.prompt_asked = False  # with it: not to come back by itself
        self.standby_asked = False
        self.ship_asked = False
        self._restart_in = _FAREWELL_CYCLES
        self.awake = False  # every part is here, and knows what it remembers; until then see `waking`, ...
        self.guard = self._protect  # ... which runs this half of a cycle

    def step(self, now: int) -> int:
        """Do what is due at tick `now`; returns the ms until the next call is wanted."""
        try:
            self.p.panel.poll(now, self.mode)
            if self.p.hal.impact():
                self.p.snap.values[s.IMPACT] = 1
            if ticks.diff(now, self._due) >= 0 or (self.p.hal.alert() and self.p.keeper.alarmed()):
                self._cycle(now)
            else:
                self._between(now)
            self.p.console.poll()
        except Exception as error:  # anything unexpected: the path opens first, the explanation follows
            self._panic(error)
        return _SENDING_MS if self.p.console.out.moving else POLL_MS

    def run(self) -> None:
        """For ever, on the chip."""
        hal = self.p.hal
        self._due = self._last = hal.ticks_ms()  # what came before, imports above all, was no cycle
        while True:
            idling.rest(self.p, self.step(hal.ticks_ms()), self._due)

    def _between(self, now: int) -> None:
        """No cycle is due: time for what may take some."""
        p = self.p
        if self._unsent:
            self._unsent = not p.switch.command(p.snap.commanded)
        p.switch.poll(now)
        p.keeper.poll(now)
        p.desk.poll()
        if self._may_collect(now):
            self._garbage = 0
            p.hal.collect()
        elif self._untold:
            self._tell()

    def _may_collect(self, now: int) -> bool:
        if self._garbage > _OVERDUE:
            return True
        has_time = ticks.diff(self._due, now) >= _COLLECT_MS
        return has_time and self._garbage > (_PATIENT if self._untold else 0)

    def _tell(self) -> None:
        """What the last cycle has found becomes words and records: once after each."""
        self._untold = False
        self.p.reporter.step(self.uptime_s, self.mode)

    def _cycle(self, now: int) -> None:
        elapsed = ticks.diff(now, self._last)
        self._last = now
        late = ticks.diff(now, self._due)
        self.p.findings.late(late)
        # Else called early by the alert line, or so late that catching up is pointless.
        on_time = 0 <= late < CYCLE_MS
        self._due = ticks.add(self._due if on_time else now, CYCLE_MS)
        self._protect(now, elapsed)
        self._secure()
        new_second = self._rest(elapsed)
        if self._untold:  # there was no time since the last cycle
            self._tell()
        in_time = self.p.snap.fresh or readings.none_due(self.p.keeper)
        if in_time or not self.closed_once or self.mode == path.SHIP:
            # Only here, after a whole cycle on fresh data. Where there is nothing to guard, before the path
            # has ever closed and in ship mode, an AFE that does not answer must not reboot the console.
            self.p.hal.feed()
        self._untold = True
        if self._garbage or new_second:
            self._garbage += 1

    def _protect(self, now: int, elapsed: int) -> None:
        """The fast half: allocates nothing."""
        p = self.p
        snap = p.snap
        p.keeper.read(elapsed)
        self._unseen_ms += elapsed
        if snap.fresh:
            snap.fets = p.switch.reads(snap.fets)
            snap.derive()
            p.plausible.step(snap, self._unseen_ms)
            self._unseen_ms = 0
        p.findings.compare(elapsed)
        p.protect.step(now, snap)
        snap.rescue = p.protect.blocks & s.RESCUE != 0
        wanted = p.path.step(self._facts(), p.protect.blocks)
        if p.path.mode == path.STANDBY and p.arming.closing:  # a step of commissioning
            wanted = p.arming.closing & ~p.protect.blocks
        if self.restart_asked:
            wanted = 0
        self.mode = p.path.mode
        self._resend_ms = min(_RESEND_MS, self._resend_ms + elapsed)
        mismatch_ms = snap.values[s.FET_MISMATCH_MS]
        late = mismatch_ms and self._resend_ms >= _RESEND_MS
        urgent = p.findings.extra and mismatch_ms < _URGENT_MS
        if wanted != snap.commanded or self._unsent or late or urgent:
            p.idle.wake()
            snap.commanded = wanted
            self._resend_ms = 0
            self._unsent = not p.switch.command(wanted)
            self.closed_once = self.closed_once or wanted != 0

    def _facts(self) -> int:
        """What the power path goes by, besides the faults."""
        p = self.p
        if not self.awake:  # what may forbid it is not known yet
            return 0
        snap = p.snap
        calm = snap.fresh and not snap.fets & s.BOTH and not p.protect.pending & s.BOTH
        self._scans = self._scans + 1 if calm and p.path.mode == path.SELFTEST else 0
        facts = path.READY if p.keeper.ready else 0
        if self._scans >= GOOD_SCANS:
            facts |= path.PROVEN
        if p.protect.worst == protection.PERMANENT:
            facts |= path.DEAD
        asked_not = self.standby_asked or p.resetter.zeroing or p.arming.missing
        if p.hal.enabled() and not asked_not:
            facts |= path.WANTED
        if self.ship_asked:
            facts |= path.SHIPPED
        if p.precharge and not snap.fets & s.DSG:
            facts |= path.PRECHARGING
        return facts

    def _secure(self) -> None:
        """Write down at once what no power cut may undo, before anything that might fail."""
        p = self.p
        if p.protect.unsaved:
            p.protect.unsaved = False
            p.remembered.urgent = True
        if p.remembered.pressing(p.reporter.operating_s):
            p.reporter.remember()

    def _rest(self, elapsed: int) -> bool:
        """The slow half: counting, the AFE's configuration, one turn of the rota. True once a second."""
        p = self.p
        snap = p.snap
        p.archive.ring.sample(elapsed, snap, self.mode)
        self.cycles += 1
        self.uptime_ms += elapsed
        new_second = self.uptime_ms >= 1000
        if new_second:
            self.uptime_ms -= 1000
            self.uptime_s += 1
        if snap.valid:
            p.limits.step(snap, self._conducting(), p.protect.blocks, p.rota.permille)
            if snap.values[s.AGE_MS] < 1000:
                flowed_ms = readings.flowed_ms(p.keeper.afe, elapsed)
                p.soc.count(snap.current_ma, flowed_ms)
                p.archive.life.count(snap.current_ma, flowed_ms)
        p.rota.step(new_second)
        if p.resetter.zeroing and snap.fresh:
            p.resetter.scan(snap)
        if p.arming.running is not None:
            p.arming.step()
        p.keeper.watch_load(p.protect.load_watch)
        p.keeper.verify(p.idle.is_idle and idling.afe_may_sleep(p))
        if snap.values[s.SILENT_MS] >= p.silent_ms:
            p.keeper.give_up()
        if self.mode == path.SHIP and not p.keeper.asleep:
            p.reporter.remember()
            p.keeper.sleep()
            p.journal.hurry()
            p.archive.hurry()
        snap.values[s.EXCEPTIONS] = 0
        if self.restart_asked:
            self._restart()
        return new_second

    def _conducting(self) -> int:
        """The directions for which a current may be promised: not the load that is still being precharged."""
        closed = self.p.snap.commanded
        return closed & ~s.DSG if self.mode == path.PRECHARGE else closed

    def _restart(self) -> None:
        """The path is open by now; let the console finish its sentence, write down what is known, restart."""
        p = self.p
        p.journal.hurry()
        if self._restart_in == _FAREWELL_CYCLES:
            p.archive.hurry()
        self._restart_in -= 1
        written = p.journal.idle and p.archive.idle
        if self._restart_in <= 0 and (written or self._restart_in <= -_WRITING_CYCLES):
            p.reporter.remember()
            isolated = not p.snap.fets & s.BOTH and abs(p.snap.current_ma) < s.IDLE_MA
            p.hal.reboot(self.prompt_asked and isolated)

    def _panic(self, error: Exception) -> None:
        """Open first, explain later; the next cycle finds the fault and locks out."""
        p = self.p
        p.snap.commanded = 0
        p.switch.open_path()
        p.snap.values[s.EXCEPTIONS] = 1
        p.reporter.note("exception", f"{type(error).__name__}: {error}"[:80])
