"""A start in stages: what protects runs first, and nothing closes before the rest is here and known."""

from typing import Any

import pytest
from bms.app.compose import begin
from bms.app.loop import Loop
from bms.app.waking import Waking
from bms.core import faults, path, protection
from bms.core import snapshot as s
from system.rig import Rig

PATIENCE_S = 3.0


class Start:
    """The firmware of a rig, restarted by hand and watched while it wakes."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        rig.board.release()
        self.loop: Loop = begin(rig.board)
        self.waking = Waking(self.loop, rig.board.ticks_ms())
        self.modes: list[int] = []
        self.cycles = 0
        guard = self.loop.guard

        def counted(now: int, elapsed: int) -> None:
            self.cycles += 1
            guard(now, elapsed)
            self.modes.append(self.loop.mode)

        self.loop.guard = counted

    @property
    def silent(self) -> bool:
        """The front end hears nothing; what is closed stays so until its host watchdog opens."""
        return self.rig.world.bus.nack_next > 0

    @property
    def closed(self) -> bool:
        """Whether anything is."""
        return bool(self.rig.world.chip.chg_on or self.rig.world.chip.dsg_on)

    @property
    def parts(self) -> Any:
        return self.loop.p

    def step(self) -> None:
        """One step, and the time until the next one."""
        wait_ms = self.waking.step(self.rig.board.ticks_ms())
        self.rig.world.advance(max(1, wait_ms) * 1000)

    def until_awake(self) -> None:
        """Until all is here."""
        end_us = self.rig.world.clock.now_us + PATIENCE_S * 1e6
        while not self.loop.awake:
            assert self.rig.world.clock.now_us < end_us
            assert self.silent or not self.closed, "closed before all was known"
            self.step()

    def run(self, seconds: float) -> None:
        """As whole firmware."""
        end_us = self.rig.world.clock.now_us + int(seconds * 1e6)
        while self.rig.world.clock.now_us < end_us:
            self.rig.world.advance(self.loop.step(self.rig.board.ticks_ms()) * 1000)


@pytest.fixture
def rig() -> Rig:
    """A pack that runs."""
    return Rig()


def test_a_complete_cycle_comes_before_any_other_part(rig: Rig) -> None:
    start = Start(rig)
    while not start.parts.snap.fresh:
        assert not hasattr(start.parts, "journal")
        start.step()
    assert start.parts.keeper.ready
    start.until_awake()
    assert start.modes[-1] == path.BOOT, "ready, and still open"
    start.run(2.0)
    assert start.loop.mode == path.ACTIVE


def test_faults_that_latched_before_stand_from_the_first_cycle_on(rig: Rig) -> None:
    row = faults.index("IMPACT")
    rig.world.impact = True
    rig.run(1.0)
    assert rig.mode == "permanent"
    rig.world.impact = False
    start = Start(rig)
    assert start.parts.protect.state[row] == protection.PERMANENT
    start.until_awake()
    start.run(1.0)
    assert start.loop.mode == path.PERMANENT_FAULT
    assert not rig.world.chip.chg_on


def test_an_impact_while_it_wakes_is_not_forgotten(rig: Rig) -> None:
    start = Start(rig)
    start.step()
    rig.world.impact = True
    start.step()
    rig.world.impact = False
    start.until_awake()
    assert start.parts.protect.state[faults.index("IMPACT")] == protection.PERMANENT
    start.run(1.0)
    told = [detail for _, event, detail in start.parts.history.events if event == "lockout"]
    assert any("IMPACT" in detail for detail in told)


def test_an_afe_that_does_not_answer_holds_nothing_up(rig: Rig) -> None:
    rig.world.bus.nack_next = 1 << 30
    start = Start(rig)
    start.until_awake()
    assert not start.parts.keeper.ready
    start.run(0.5)
    assert start.loop.mode in (path.BOOT, path.FAULT)
    start.run(7.0)
    assert not start.closed, "the front end's own watchdog has opened it"
    rig.world.bus.nack_next = 0
    start.run(3.0)
    assert start.parts.keeper.ready


def test_an_error_in_the_first_cycles_opens_and_locks_out(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    start = Start(rig)
    keeper = start.parts.keeper

    def broken(_elapsed: int) -> None:
        monkeypatch.undo()
        raise ValueError("a bug")

    monkeypatch.setattr(keeper, "read", broken)
    start.until_awake()
    start.run(1.0)
    assert start.parts.protect.state[faults.index("EXCEPTION")] == protection.LOCKED
    assert start.loop.mode == path.FAULT


def test_no_watchdog_runs_before_the_firmware_is_whole(rig: Rig) -> None:
    start = Start(rig)
    fed_us = rig.board.fed_us
    start.until_awake()
    assert rig.board.fed_us == fed_us
    start.run(0.5)
    assert rig.board.fed_us > fed_us


def test_parameters_that_cannot_be_used_keep_it_open_and_it_wakes_all_the_same() -> None:
    rig = Rig()
    rig.files.write("params.a", b"{}")
    rig.files.remove("params.b")
    start = Start(rig)
    start.until_awake()
    assert start.parts.snap.values[s.PARAMS_INVALID] == 1
    start.run(1.0)
    assert start.loop.mode == path.FAULT
