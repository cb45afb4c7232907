"""A pack for the screen without hardware: the production firmware in this process, at a speed of choice.

The screen talks to it through its serial port like to any other.
"""

from pathlib import Path

from packwarden import builder, packfile
from packwarden.demo import pack as demo_pack
from packwarden.demo.pace import SPEEDS, Pace
from packwarden.monitor.feeds import PackFeed
from packwarden.scenario import Story
from packwarden.session import Session
from packwarden.sim.board import MemoryFiles, VirtualBoard
from packwarden.sim.world import World
from packwarden.simulate import DEFAULT_SEED

_BUDGET_S = 0.06  # of each step, for the simulation
HOLD_S = 10.5
_BOUNCE_MS = 5


class PacedPort:
    """The serial port of a session that somebody else moves on."""

    name = "the simulated pack"

    def __init__(self, session: Session) -> None:
        self._session = session

    def write(self, data: bytes) -> None:
        """Type it."""
        self._session.board.serial.feed(data)

    def read(self, _wait_s: float) -> bytes:
        """What has been printed."""
        return self._session.board.serial.take()

    def now_s(self) -> float:
        """Simulated time, which the firmware's patience is measured by."""
        return self._session.world.clock.now_us / 1e6

    def close(self) -> None:
        """Nothing to give back."""


class SimulatedFeed(PackFeed):
    """A simulated pack under way."""

    speeds = SPEEDS

    def __init__(
        self,
        pack: Path | None = None,
        scenario: Path | None = None,
        seed: int = DEFAULT_SEED,
        running: bool = True,
        session: Session | None = None,
    ) -> None:
        self.session = session or _make(pack, scenario, seed)
        self._running = running
        self._pace = Pace(self.session)
        super().__init__(
            f"simulated pack{' ' + pack.name if pack else ''}",
            lambda: PacedPort(self.session),
            lambda: self.session.world.clock.now_us / 1e6,
        )

    def step(self) -> None:
        self._pace.speed = self.speed
        if self._running and not self.paused:
            self._pace.step(_BUDGET_S)
        super().step()

    def hold_button(self) -> str:
        """Hold the button as for a reset, or let go of it."""
        world = self.session.world
        if world.button:
            return "The button is down already."
        world.press(HOLD_S, bounce_ms=_BOUNCE_MS)
        self.speed = self.speeds[0]
        return f"The button is held for {HOLD_S} s."


class Storied(Session):
    """A session in which a scenario happens, at its times."""

    story: Story | None = None

    def advance(self, us: int) -> None:
        if self.story is not None:
            self.story.step(self)
        super().advance(us)


def _make(pack: Path | None, scenario: Path | None, seed: int) -> Session:
    """The demo's pack, which is driven; or the one of a file, as `packwarden sim` would run it."""
    if pack is None and scenario is None:
        return demo_pack.build(seed=seed).session
    given_pack = packfile.load(pack)
    given = builder.parameters(given_pack, pack.name if pack else "the default pack")
    spec = packfile.world_spec(given_pack, given, seed)
    files = MemoryFiles()
    builder.prepare_flash(files, given_pack, given)
    world = World(spec)
    session = Storied(world, VirtualBoard(world, files))
    session.story = Story(scenario, spec) if scenario else None
    return session
