"""A start: cycles that protect from the first moment on, and between them all other parts, one by one.

`compose` has made what reads, decides and opens. What else there is would keep that waiting, so it is loaded
when the front end is set up, a part at a time. The path stays open until all of it is here (`Loop.awake`):
what may forbid to close it, and what asks for it, is known by then. No watchdog runs meanwhile.
"""

from micropython import const

import bms
from bms.app import fronts, overlay
from bms.app.loop import CYCLE_MS, POLL_MS
from bms.core import snapshot as s
from bms.core import ticks

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bms.app.loop import Loop
    from bms.app.parts import Parts
    from bms.ports import Values

_SOON_MS = const(2)


class Waking:
    """Steps a loop until it is whole; from then on `Loop.step` does."""

    def __init__(self, loop: "Loop", now: int) -> None:
        self.loop = loop
        self._parts = _others(loop.p)
        self._last = self._due = now
        self._seen = False  # there was a cycle on fresh data

    def run(self) -> None:
        """Until all is here, on the chip."""
        hal = self.loop.p.hal
        while not self.loop.awake:
            hal.sleep_ms(self.step(hal.ticks_ms()))

    def step(self, now: int) -> int:
        """Do what is due at tick `now`; returns the ms until the next call is wanted."""
        p = self.loop.p
        keeper = p.keeper
        if p.hal.impact():
            p.snap.values[s.IMPACT] = 1
        waits = keeper.ready and not self._seen  # for the first scan of a front end that has just been set up
        if ticks.diff(now, self._due) >= 0 or (waits and p.hal.alert()):
            self._cycle(now)
        elif waits:
            return _SOON_MS
        else:
            p.switch.poll(now)
            keeper.poll(now)
            if keeper.task is None and not (keeper.ready and not self._seen):
                self.bring()
        return 0 if not self.loop.awake else POLL_MS

    def bring(self) -> None:
        """Load the next part, into memory in which nothing lies about that is not needed."""
        if overlay.is_small():
            overlay.forget(overlay.SET_UP)  # left by a front end that does not answer
            self.loop.p.hal.collect()
        try:
            next(self._parts)
        except StopIteration:
            self.loop.awake = True

    def _cycle(self, now: int) -> None:
        elapsed = ticks.diff(now, self._last)
        self._last = now
        self._due = ticks.add(now, CYCLE_MS)
        p = self.loop.p
        try:
            self.loop.guard(now, elapsed)
        except Exception:  # as in `Loop`: it opens, and the next cycle locks out
            p.snap.values[s.EXCEPTIONS] = 1
            p.snap.commanded = 0
            p.switch.open_path()
        self._seen = self._seen or p.snap.fresh


def _others(p: "Parts") -> "Iterator[None]":  # noqa: PLR0915 - a list, as it were
    """All parts that `compose` has left out. Yields where a cycle may run."""
    # ruff: noqa: PLC0415 - each when its turn comes
    hal = p.hal
    cells = len(p.snap.cells_mv)
    from bms.core.ring import Ring
    from bms.services.outbox import Outbox

    ring, out = Ring(), Outbox(hal.serial)  # the largest pieces, while memory is whole
    yield
    from bms.services.journal import Journal

    p.journal = Journal(hal.files)
    yield
    from bms.services.history import History

    p.history = History()
    from bms.app.reporter import Reporter

    p.reporter = Reporter(p)
    yield
    from bms.core.soc import ChargeCounter

    p.soc = ChargeCounter()
    yield
    from bms.core.health import Health

    p.health = p.remembered.health = Health(p.soc, cells)
    yield
    from bms.app.rota import Rota
    from bms.core.balance import Balancer
    from bms.core.limits import Limits
    from bms.core.shown import Shown

    p.limits = Limits()
    p.shown = Shown(p.soc)
    p.balancer = Balancer()
    p.rota = Rota(p)
    yield
    from bms.app.archive import Archive

    p.archive = Archive(p, cells, ring)
    yield
    from bms.app.doctor import Doctor

    p.doctor = Doctor(p, cells)
    yield
    from bms.app.resetter import Resetter

    p.resetter = Resetter(p)
    yield
    if p.settings.values:
        _apply(p, p.settings.values)
    p.remembered.catch_up(p.archive.counted)
    p.remembered.restore(p.soc)
    p.reporter.operating_s = p.remembered.base_s
    yield
    from bms.app.arming import Arming

    p.arming = Arming(p)
    yield
    from bms.app.access import Access
    from bms.app.panel import Panel

    p.panel = Panel(p, hal.ticks_ms())
    p.access = Access(p)
    yield
    from bms.services.console import Console

    yield
    from bms.app.desk import Desk

    p.desk = Desk(p)
    p.console = Console(hal.serial, p.desk, out)
    yield
    p.settings.settle()
    _begin(p)


def _apply(p: "Parts", values: "Values") -> None:
    """Tell these parts what the owner has set."""
    for part in (p.limits, p.soc, p.health, p.balancer, p.doctor, p.idle):
        part.configure(values)
    if fronts.is_alone(p.hal.afe):
        p.balancer.forbid()
    p.archive.ring.configure(values["shunt_uohm"])
    p.reporter.watch_s = values["watch_s"]
    p.reporter.watch_json = values["watch_json"] == 1


def _begin(p: "Parts") -> None:
    """Say hello, and put into the history how this start came about and what was found damaged."""
    bitten = p.cause == "watchdog"
    p.resetter.was_away(p.away_s)
    p.archive.begin(p.cause, p.reporter.operating_s)
    p.reporter.note("start", f"firmware {bms.__version__}, after {p.cause}", bitten)
    if bitten:
        p.snap.values[s.WATCHDOG_RESET] = 1
    missing = fronts.missing(p.hal.afe)
    if missing:
        p.reporter.note("front end", f"{p.hal.afe}: {missing}")
    for sentence in (p.settings.reason, p.remembered.reason, p.doctor.reason, p.arming.reason):
        if sentence:
            p.reporter.note("storage", sentence)
    p.console.greet(
        f"Packwarden {bms.__version__} on {p.hal.board}: 'status' shows the pack, 'help' lists the rest."
    )
