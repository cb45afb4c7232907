"""The production firmware running in a simulated world: boots, steps and restarts it as a controller would.

This is the only place where firmware and simulator meet. Everything that runs a pack without hardware (`sim`,
the demo, the bench, the tests) runs it through here.
"""

from typing import Any

from bms.app.compose import build
from bms.app.loop import Loop

from packwarden.sim.board import Restart, VirtualBoard
from packwarden.sim.world import World

_IDLE_US = 10_000  # step of the world while no firmware runs
BOOT_US = 400_000  # MicroPython on an RP2040 from reset to main.py


class Session:
    """A world, a board in it, and the firmware on that board while it has power."""

    def __init__(self, world: World, board: VirtualBoard) -> None:
        self.world = world
        self.board = board
        self.boots = 0
        self.loop: Loop | None = None
        self._ready_us = 0
        self._wake_us = 0  # when the firmware wants its next step
        self._powered: bool = False

    @property
    def parts(self) -> Any:
        """The running firmware's parts; RuntimeError while none runs."""
        if self.loop is None:
            raise RuntimeError("the controller has no power, or is still starting")
        return self.loop.p

    def advance(self, us: int) -> None:
        """Let world and firmware go on for `us` microseconds of simulated time."""
        world = self.world
        clock = world.clock
        end = clock.now_us + us
        while clock.now_us < end:
            if world.powered != self._powered:
                self._powered = world.powered
                self._off("power")
            if self.loop is None or world.firmware_hung:
                world.advance(min(_IDLE_US, end - clock.now_us))
                if self.board.prompt and self.board.back():
                    self._off("request")
                if self._ready(clock.now_us):
                    self._boot()
            else:
                self._run(end)
            if self.loop is not None and self.board.bitten():
                world.firmware_hung = False
                self._off("watchdog")

    def _run(self, end: int) -> None:
        """Step the firmware until `end` or until something other than running is called for."""
        world, clock, board = self.world, self.world.clock, self.board
        loop = self.loop
        assert loop is not None
        step, ticks, advance, idle = loop.step, clock.ticks_ms, world.advance, loop.p.idle
        wake = self._wake_us
        try:
            while clock.now_us < end and world.powered and not world.firmware_hung and not board.bitten():
                if clock.now_us >= wake:
                    wait_ms = step(ticks())
                    wake = clock.now_us + wait_ms * 1000
                    if idle.is_idle and not board.usb:
                        board.dozed_ms += wait_ms
                advance(max(0, min(wake, end) - clock.now_us))
        except Restart:
            prompt = self.board.prompt
            self._off("request")
            self.board.prompt = prompt
        self._wake_us = wake

    def _off(self, cause: str) -> None:
        """The controller stops; if it has power it starts again after its boot time."""
        self.loop = None
        self.board.prompt = False
        self.board.release()
        self.board.cause = cause
        self._ready_us = self.world.clock.now_us + BOOT_US

    def _ready(self, now_us: int) -> bool:
        """Whether the controller has started, and into the firmware."""
        return self._powered and self.loop is None and now_us >= self._ready_us and not self.board.prompt

    def _boot(self) -> None:
        self.boots += 1
        self.board.fed_us = self.world.clock.now_us
        self.loop = build(self.board)
        self._wake_us = self.world.clock.now_us
