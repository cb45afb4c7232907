"""`packwarden sim`, put together: world, board, firmware, story, console and record, stepped to the end."""

import time
from dataclasses import dataclass
from pathlib import Path

from bms.core import path

from packwarden import boards, builder, consoles, packfile
from packwarden.errors import InputError
from packwarden.files import DirectoryFiles
from packwarden.hands import Hands, charger_for
from packwarden.lamp import Watcher
from packwarden.recorder import Recorder
from packwarden.scenario import CYCLE_US, Story
from packwarden.serialwire import Interruptible
from packwarden.session import Session
from packwarden.sim.board import MemoryFiles, VirtualBoard
from packwarden.sim.replay import ReplayTrace
from packwarden.sim.watchdog import WATCHDOG_MS
from packwarden.sim.world import World
from packwarden.tracefiles import replay_of

DEFAULT_SEED = 1
_ROW_US = 1_000_000
_FRAME_S = 0.02  # wall time between looks at the console when there is a pace
_LATEST_S = 0.5  # a run that fell behind by more than this does not hurry to catch up
_PATIENCE_US = 10_000_000  # a replay starts after this even if the path stays open
_STARTED_US = 3_000_000  # a pipe's first line waits no longer than this for the path to close
_POLL_US = 10_000  # the firmware's own
_BYTE_US = 200  # the firmware takes 64 bytes of input every 10 ms
_DISTANT_US = 1 << 62


@dataclass(frozen=True)
class Options:
    """The command line, checked as far as one option alone can be."""

    board: str = boards.BUILT_IN
    pack: Path | None = None
    scenario: Path | None = None
    replay: Path | None = None
    speed: float | None = None  # None: as fast as it goes
    duration_s: float | None = None
    console: str = "none"
    record: Path | None = None
    seed: int = DEFAULT_SEED
    state: Path | None = None
    bare: bool = False  # nothing on its flash: nobody has described or commissioned the pack


class Pace:
    """Simulated against wall time."""

    def __init__(self, speed: float | None) -> None:
        self.speed = speed
        self._start_s = time.monotonic()

    def wait_s(self, simulated_s: float) -> float:
        """Wall seconds to wait before simulated time may go on."""
        if self.speed is None:
            return 0.0
        ahead_s = self._start_s + simulated_s / self.speed - time.monotonic()
        if ahead_s < -_LATEST_S:
            self._start_s -= ahead_s
        return max(0.0, ahead_s)


class Simulation:
    """One run."""

    def __init__(self, options: Options) -> None:
        if options.scenario and options.replay:
            raise InputError("--scenario and --replay exclude each other: a replay is a story of its own.")
        self.notes: list[str] = []
        self._options = options
        board = boards.load(options.board)
        pack = packfile.load(options.pack)
        if pack.afe is None:
            pack = pack.model_copy(update={"afe": board.afe})
        where = options.pack.name if options.pack else "the default pack"
        given = builder.parameters(pack, where, recorded=options.replay is not None)
        spec = packfile.world_spec(pack, given, options.seed)
        spec |= {"address": board.afe_address, "crc": bool(board.afe_crc)}
        spec["contactors"] = spec["contactors"] or board.contactors
        spec |= {"watchdog_ms": WATCHDOG_MS if board.watched else None, "chips": board.tap_chips}
        self._story = Story(options.scenario, spec) if options.scenario else None
        self._trace = replay_of(options.replay) if options.replay else None
        self._console = consoles.make(options.console)
        files = DirectoryFiles(options.state) if options.state else MemoryFiles()
        try:
            self.notes += builder.prepare_flash(files, pack, given, options.bare)
        except OSError as error:
            raise InputError(
                f"--state {options.state} cannot be written: {error.strerror or error}."
            ) from None
        world = World(spec)
        builder.calibrate(files, world)
        self.session = Session(
            world,
            VirtualBoard(
                world,
                files,
                board.name,
                board.afe_address,
                board.afe_crc,
                board.senses_aux,
                board.two_colours,
                board.buzzer,
            ),
        )
        self._console.hands = Hands(world, charger_for(pack.chemistry, pack.cells, pack.capacity_ah))
        self._lamp = Watcher(world, self.session.board)
        if self._story:
            self._story.pressed = self._lamp.pressed
        if self._trace:
            world.replay = _first_moment(self._trace)
        self._record: Recorder | None = None
        self._pace = Pace(options.speed)
        self._next_row_us = 0
        self._idle_from_us = 0
        self._end_us = _DISTANT_US
        if options.duration_s is not None:
            self._end_us = round(options.duration_s * 1e6)
        elif self._story:
            self._end_us = round(self._story.end_s * 1e6)

    def run(self) -> list[str]:
        """To the end of duration, scenario, replay or input, or to Ctrl-C; returns what failed."""
        try:
            with Interruptible():
                self._console.open()
                if self._options.record:
                    self._record = Recorder(self._options.record, live=self._options.speed is not None)
                self._pace = Pace(self._options.speed)
                while self._step():
                    pass
        except KeyboardInterrupt:
            self.notes.append(f"Stopped at {self.session.world.clock.now_us / 1e6:.1f} s.")
        finally:
            self._lamp.finish()
            self.notes += self._lamp.told
            self._console.close()
            if self._record:
                self._record.close()
        return self._story.failures() if self._story else []

    @property
    def expectations(self) -> int:
        """How many the scenario has."""
        return self._story.expectations if self._story else 0

    def _step(self) -> bool:
        """Do what is due now, then go on to the next moment at which anything is; False at the end."""
        session, console = self.session, self._console
        clock = session.world.clock
        self._lamp.step()
        if self._story:
            self._story.step(session)
        if self._record and clock.now_us >= self._next_row_us:
            self._record.add(session)
            self._next_row_us += _ROW_US * (1 + (clock.now_us - self._next_row_us) // _ROW_US)
        if clock.now_us >= self._end_us or (
            console.ended and (console.interactive or self._end_us == _DISTANT_US)
        ):
            return False
        session.advance(max(1, self._next_us() - clock.now_us))
        if self._trace:
            self._start(self._trace)
        console.idle = self._idle()
        fed = console.exchange(session.board.serial, self._pace.wait_s(clock.now_us / 1e6))
        if fed:
            self._idle_from_us = clock.now_us + CYCLE_US + fed * _BYTE_US
        return True

    def _next_us(self) -> int:
        now_us = self.session.world.clock.now_us
        next_us = min(self._end_us, self._next_row_us if self._record else now_us + _ROW_US)
        if self._story:
            next_us = min(next_us, self._story.next_us(now_us))
        if self._trace or not (self._console.ended or self._options.console == "none"):
            next_us = min(next_us, now_us + CYCLE_US)
        if self._pace.speed is not None:
            next_us = min(next_us, now_us + max(_POLL_US, round(self._pace.speed * _FRAME_S * 1e6)))
        return next_us

    def _start(self, trace: ReplayTrace) -> None:
        """The recording begins when the path closes; until then its first moment stands still."""
        world = self.session.world
        now_us = world.clock.now_us
        closed = world.chip.chg_on or world.chip.dsg_on
        if not closed and now_us < _PATIENCE_US:
            return
        if not closed:
            self.notes.append(
                f"The path was still open after {_PATIENCE_US // 1_000_000} s; the replay began anyway."
            )
        world.replay = trace
        self._trace = None
        if self._options.duration_s is None:
            self._end_us = now_us + round(trace.duration_s * 1e6)

    def _idle(self) -> bool:
        """Whether the firmware waits for a command: started, the last answer out."""
        loop = self.session.loop
        now_us = self.session.world.clock.now_us
        if loop is None or now_us < self._idle_from_us:
            return False
        starting = loop.mode in (path.BOOT, path.SELFTEST) and now_us < _STARTED_US
        return not (starting or loop.p.console.busy or loop.p.console.out.used)


def _first_moment(trace: ReplayTrace) -> ReplayTrace:
    """The first sample, standing still and without current."""
    _, voltage_v, temperature_c, soc = trace.at(0.0)
    return ReplayTrace(
        [0.0, 1.0], [0.0] * 2, [voltage_v] * 2, [temperature_c] * 2, None if soc is None else [soc] * 2
    )
