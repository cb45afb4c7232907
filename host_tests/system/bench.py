"""The superloop on stand-ins: a front end and a board that do exactly what a test tells them."""

from array import array
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from bms.app.findings import Findings
from bms.app.keeper import Keeper
from bms.app.loop import Loop
from bms.app.parts import Parts
from bms.app.rota import Rota
from bms.app.switch import Switch
from bms.core import button, params, path, ticks
from bms.core.balance import Balancer
from bms.core.dtc import Codes
from bms.core.health import Health
from bms.core.idle import Idle
from bms.core.lifetime import Lifetime
from bms.core.limits import Limits
from bms.core.path import PowerPath
from bms.core.plausible import Plausibility
from bms.core.protection import Protection
from bms.core.ring import Ring
from bms.core.shown import Shown
from bms.core.snapshot import Snapshot
from bms.core.soc import ChargeCounter
from bms.services.history import History

START = (1 << 30) - 1500  # the tick wraps during every test


class Front:
    """An AFE that obeys at once; `trouble[method]` is raised instead, `deaf` ignores FET commands."""

    def __init__(self) -> None:
        self.cells_mv = array("i", [3300] * 4)
        self.temps_ddegc = array("i", [250])
        self.temps_ok = 1
        self.stack_mv = self.pack_mv = 13200
        self.ld_mv = 0
        self.current_ma = 0
        self.die_ddegc = 300
        self.fet_ddegc = 0
        self.fet_ok = True
        self.safety = 0
        self.still = 0
        self.nap = None
        self.fets = 0
        self.configured = True
        self.fresh = True
        self.applied: dict[str, int] = {}
        self.alert = False
        self.deaf = False
        self.alive = False  # readings flicker by a bit, as real ones do
        self.waits = [20]  # what setting up yields
        self.trouble: dict[str, Exception] = {}
        self.calls: list[tuple[Any, ...]] = []

    def _called(self, *call: Any) -> None:
        self.calls.append(call)
        if call[0] in self.trouble:
            raise self.trouble[call[0]]

    def count(self, method: str) -> int:
        return sum(1 for call in self.calls if call[0] == method)

    def read(self) -> None:
        self._called("read")
        if self.alive:
            self.stack_mv ^= 1

    def commission(self, limits: dict[str, int]) -> Iterator[int]:
        self._called("commission", limits)
        for wait_ms in self.waits:
            yield wait_ms
            self._called("commission step")

    def set_fets(self, mask: int) -> None:
        self._called("set_fets", mask)
        if not self.deaf:
            self.fets = mask

    def open_path(self) -> None:
        self._called("open_path")
        self.fets = 0

    def set_balance(self, mask: int) -> None:
        self._called("set_balance", mask)

    def check_alert(self) -> bool:
        self._called("check_alert")
        return self.alert

    def verify_step(self) -> None:
        self._called("verify_step")

    def load_detect(self, on: bool) -> None:
        self._called("load_detect", on)

    def shutdown(self) -> None:
        self._called("shutdown")


class Board:
    """Pins and clock; counts what is asked of it."""

    def __init__(self) -> None:
        self.now = START
        self.alerted = False
        self.hit = False
        self.contactors = False
        self.wanted = True
        self.supply_mv = -1
        self.fed = self.collected = self.recovered = self.reboots = 0
        self.slept: list[int] = []
        self.dozed: list[int] = []

    def ticks_ms(self) -> int:
        return self.now

    def sleep_ms(self, ms: int) -> None:
        self.slept.append(ms)
        self.now = ticks.add(self.now, ms)

    def doze_ms(self, ms: int) -> None:
        self.dozed.append(ms)
        self.now = ticks.add(self.now, ms)

    def alert(self) -> bool:
        return self.alerted

    def impact(self) -> bool:
        return self.hit

    def enabled(self) -> bool:
        return self.wanted

    def aux_mv(self) -> int:
        return self.supply_mv

    def feed(self) -> None:
        self.fed += 1

    def collect(self) -> None:
        self.collected += 1

    def recover_bus(self) -> None:
        self.recovered += 1

    def reboot(self, _prompt: bool = False) -> None:
        self.reboots += 1


def keeper() -> Keeper:
    """A keeper of a `Front` on a `Board`, configured, and not yet polled."""
    front = Front()
    made = Keeper(Board(), front, Snapshot(front.cells_mv, front.temps_ddegc))
    made.configure({"cell_count": 4})
    return made


class Bench:
    """The loop with everything real that decides, and stand-ins for what surrounds it."""

    def __init__(self, closed: bool = True, **changes: int) -> None:
        self.values = params.resolve(
            {"chemistry": "lfp", "cell_count": 4, "capacity_mah": 20000, "shunt_uohm": 1000} | changes
        )
        self.front = Front()
        self.board = Board()
        self.remembered = 0
        self.polls: list[str] = []
        self.reports: list[tuple[int, int]] = []
        p = Parts()
        p.hal = self.board
        p.snap = Snapshot(self.front.cells_mv, self.front.temps_ddegc)
        p.plausible = Plausibility(4)
        p.keeper = Keeper(self.board, self.front, p.snap)
        p.switch = Switch(self.board, p.keeper)
        p.findings = Findings(p)
        p.precharge = False
        p.protect = Protection()
        p.path = PowerPath()
        p.limits = Limits()
        p.soc = ChargeCounter()
        p.shown = Shown(p.soc)
        p.health = Health(p.soc, 4)
        p.balancer = Balancer()
        p.idle = Idle()
        p.rota = Rota(p)
        p.history = History()
        p.archive = SimpleNamespace(
            ring=Ring(),
            life=Lifetime(4),
            codes=Codes(),
            idle=True,
            hurry=lambda: None,
            reset_asked=lambda _reason: None,
        )
        p.silent_ms = self.values["silent_ms"]
        finger = SimpleNamespace(stage=button.IDLE, stuck=False)
        p.panel = SimpleNamespace(poll=lambda _now, _mode: self.polls.append("panel"), button=finger)
        p.settings = SimpleNamespace(on_trial=False)
        p.remembered = SimpleNamespace(urgent=False, pressing=lambda _now_s: False)
        p.journal = SimpleNamespace(idle=True, hurry=lambda: None)
        out = SimpleNamespace(moving=False)
        p.console = SimpleNamespace(
            poll=lambda: self.polls.append("console"), out=out, busy=False, heard=False
        )
        p.desk = SimpleNamespace(poll=lambda: self.polls.append("desk"))
        p.reporter = SimpleNamespace(
            operating_s=7,
            watch_s=0,
            note=lambda event, detail: p.history.add(7, event, detail),
            step=lambda uptime_s, mode: self.reports.append((uptime_s, mode)),
            remember=self._remember,
        )
        p.doctor = SimpleNamespace(second=lambda _now_s: None, soft_reset=lambda _cleared: None)
        p.resetter = SimpleNamespace(zeroing=0, away_s=0)
        p.arming = SimpleNamespace(missing=0, closing=0, running=None)
        for part in (p.protect, p.limits, p.soc, p.health, p.balancer, p.idle):
            part.configure(self.values)
        p.keeper.configure({"cell_count": 4})
        self.p = p
        self.loop = p.loop = Loop(p, self.board.now)
        self.loop.awake = True
        if closed:
            self.go(1000)
            assert self.mode == "active"
            assert self.front.fets == 3

    def _remember(self) -> None:
        self.remembered += 1

    @property
    def mode(self) -> str:
        return path.NAMES[self.loop.mode]

    def go(self, ms: int) -> None:
        """Let time pass as the firmware asks for it."""
        end = ticks.add(self.board.now, ms)
        while ticks.diff(end, self.board.now) > 0:
            wait_ms = self.loop.step(self.board.now)
            assert 0 < wait_ms <= 10, "the button wants to be looked at"
            self.board.now = ticks.add(self.board.now, wait_ms)

    def cycle(self) -> None:
        """Up to the end of the next cycle."""
        before = self.loop.cycles
        for _ in range(100):
            if self.loop.cycles != before:
                return
            self.go(10)
        raise AssertionError("no cycle within a second")
