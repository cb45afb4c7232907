"""A pack in a world, and the emulated board that guards it: the simulated front end on its I2C pins, button,
alert line and LED on others.

The chip's clock leads. The world follows it to every event of the bus, and in between in steps that end where
the front end or the button has something to say, so that the pins change when they should.
"""

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from packwarden.emulated import firmware, flash, image
from packwarden.emulated.emulator import HELD, Emulator
from packwarden.sim.world import World

if TYPE_CHECKING:
    from packwarden.sim.i2c import I2cDevice

_STEP_US = 10_000
_SHORTEST_US = 100
_BOUNCE_STEP_US = 350  # half of what the simulated contact's chatter takes


class Bus:
    """The simulated front end, of one chip or several, on the emulated wires."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._addressed: I2cDevice | None = None  # within a transaction
        self.transactions = 0
        self.log: list[tuple[float, float]] | None = None  # begin and end of each transaction, us, if wanted
        self._begun_us = 0.0

    def start(self, us: float, address: int, read: bool) -> int:
        world = self._world
        bus = world.bus
        if bus.stuck:
            return HELD
        if self._addressed is None:
            self.transactions += 1
            self._begun_us = us
            world.advance(max(0, int(us) - world.clock.now_us))
            if bus.nack_next > 0:
                bus.nack_next -= 1
                return 0
        device = bus.at(address)
        self._addressed = device if device is not None and device.start(read) else None
        return int(self._addressed is not None)

    def write(self, us: float, byte: int) -> bool:
        self._tell(us)
        return self._addressed is not None and self._addressed.write(byte)

    def read(self, us: float) -> int:
        self._tell(us)
        return 0xFF if self._addressed is None else self._addressed.read()

    def stop(self, us: float) -> None:
        self._tell(us)
        if self._addressed is not None:
            self._addressed.stop()
        self._addressed = None
        if self.log is not None:
            self.log.append((self._begun_us, us))

    def clocked(self, us: float) -> bool:
        self._tell(us)
        self._world.bus.recover()
        return not self._world.bus.stuck

    def _tell(self, us: float) -> None:
        clock = self._world.clock
        clock.elapse_us(max(0, int(us) - clock.now_us))


class Rig:
    """World and board under way.

    `files` is what the flash holds besides the firmware, `uf2` the image if not the usual one. `plugged`: a
    computer is at the USB socket.
    """

    def __init__(
        self,
        spec: dict[str, Any],
        files: dict[str, bytes],
        board: str = "rpi_pico",
        program: dict[str, bytes] | None = None,
        uf2: Path | None = None,
        plugged: bool = True,
    ) -> None:
        found = uf2 or image.find()
        if found is None:
            raise FileNotFoundError("there is no image of MicroPython")
        self.world = World(spec)
        self.pins = runpy.run_path(str(firmware.ROOT / "boards" / board / "board.py"))
        content = flash.with_files(
            flash.program(Path(found).read_bytes()), {**(program or firmware.files(board=board)), **files}
        )
        i2c = {"id": self.pins["I2C_ID"], "sda": self.pins["I2C_SDA"], "scl": self.pins["I2C_SCL"]}
        self.bus = Bus(self.world)
        self.plugged = plugged
        self.emulator = Emulator(content, image.boot_rom(), self.bus, i2c, plugged)
        self.printed = ""
        self.edges: list[tuple[float, int, int]] = []
        self.resets: list[tuple[float, int]] = []
        self.powered = False
        self.bus_us = self.asleep_us = self.dozed_us = 0.0
        self._bounces: list[tuple[int, int]] = []
        self._levels: dict[int, bool] = {}

    def __enter__(self) -> Self:
        self.power_on()
        return self

    def __exit__(self, *_: object) -> None:
        self.emulator.close()

    @property
    def now_us(self) -> int:
        return self.world.clock.now_us

    def power_on(self) -> None:
        self._levels.clear()
        self.emulator.power_on(self.now_us)
        self.powered = True

    def power_off(self) -> None:
        self.emulator.power_off()
        self.powered = False

    def plug(self) -> None:
        """A computer is connected from now on, to a board that ran without."""
        self.plugged = True
        self.emulator.plug()

    def press(self, seconds: float, bounce_ms: float = 0) -> None:
        """Press the button now; its contact bounces after both edges."""
        now, held, bounce = self.now_us, int(seconds * 1e6), int(bounce_ms * 1000)
        self.world.press(seconds, bounce_ms)
        for edge in (now, now + held):
            self._bounces.append((edge, edge + bounce + _BOUNCE_STEP_US))

    def run(self, seconds: float) -> None:
        """Let time pass."""
        world, clock = self.world, self.world.clock
        end = clock.now_us + int(seconds * 1e6)
        while clock.now_us < end:
            target = min(end, self._next(clock.now_us))
            if self.powered:
                self._connect()
                self._run(target)
            world.advance(max(0, target - clock.now_us))

    def until(self, done: Callable[[], Any], seconds: float, step_s: float = 0.01) -> float:
        """Seconds until `done()`, which must come within `seconds`."""
        start = self.now_us
        while not done():
            spent = (self.now_us - start) / 1e6
            assert spent <= seconds, f"not within {seconds} s; printed at last: {self.printed[-500:]!r}"
            self.run(step_s)
        return (self.now_us - start) / 1e6

    def _run(self, target: int) -> None:
        stretch = self.emulator.run(target)
        self.printed += stretch.printed
        self.edges += stretch.edges
        self.resets += stretch.resets
        self.bus_us, self.asleep_us, self.dozed_us = stretch.bus_us, stretch.asleep_us, stretch.dozed_us

    def _next(self, now: int) -> int:
        """When the wires must be looked at again."""
        if any(start <= now < end for start, end in self._bounces):
            return now + _BOUNCE_STEP_US
        edges = [start for start, _ in self._bounces if start > now]
        return min(now + _STEP_US, max(now + _SHORTEST_US, self.world.chip.next_us), *edges, now + _STEP_US)

    def _connect(self) -> None:
        """Bring the pins to what the world says."""
        world, pins = self.world, self.pins
        self._drive(pins["BUTTON"], not world.button)
        self._drive(pins["ALERT"], not world.chip.alert)
        if pins["USB_SENSE"] is not None:
            self._drive(pins["USB_SENSE"], self.plugged)
        if pins["IMPACT"] is not None:
            self._drive(pins["IMPACT"], not world.impact)

    def _drive(self, pin: int, level: bool) -> None:
        if self._levels.get(pin) != level:
            self._levels[pin] = level
            self.emulator.hold(pin, level)
