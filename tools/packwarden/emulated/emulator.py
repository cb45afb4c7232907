"""Drives the emulated board, which runs in a Node process, and answers for the devices on its I2C bus.

The two take turns: while the chip runs, we wait, and while a device here is asked for a bit, the chip waits.
So one clock, the chip's, rules both, and every run is the same.
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

SERVER = Path(__file__).resolve().parents[2] / "emulator" / "server.mjs"
HELD = -1


class Devices(Protocol):
    """What hangs on the bus. Every call has the chip's time in microseconds first."""

    def start(self, us: float, address: int, read: bool) -> int:
        """A start condition: 1 acknowledged, 0 not, HELD if somebody holds the line down."""
        ...

    def write(self, us: float, byte: int) -> bool: ...

    def read(self, us: float) -> int: ...

    def stop(self, us: float) -> None: ...

    def clocked(self, us: float) -> bool:
        """Nine clocks on a line that is held: is it free now?"""
        ...


@dataclass
class Stretch:
    """What happened in a stretch of time."""

    us: float  # when it ended
    printed: str
    edges: list[tuple[float, int, int]]  # us, pin, level
    resets: list[tuple[float, int]]  # us, reason: 1 the watchdog ran out, 2 it was asked for
    bus_us: float  # since power-on, as is the next
    asleep_us: float
    dozed_us: float  # of that, in light sleep


class EmulatorError(Exception):
    """The Node process failed or has gone."""


class Emulator:
    """One board; a context manager, or `close` it."""

    def __init__(
        self, flash: bytes, rom: bytes, devices: Devices, i2c: dict[str, int], plugged: bool = True
    ) -> None:
        node = Path(sys.prefix) / "node"
        if not node.exists():
            raise EmulatorError("Node.js is not set up: run `make test`, which sets it up.")
        self._devices = devices
        self._folder = tempfile.TemporaryDirectory(prefix="packwarden-")
        folder = Path(self._folder.name)
        (folder / "flash").write_bytes(flash)
        (folder / "rom").write_bytes(rom)
        self._flash = folder / "flash"
        self._process = subprocess.Popen(
            [str(node), str(SERVER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        try:
            self._ask("open", flash=str(self._flash), rom=str(folder / "rom"), i2c=i2c, plugged=plugged)
        except EmulatorError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        with self._process as process:
            process.kill()
        self._folder.cleanup()

    def power_on(self, at_us: float) -> None:
        """Supply voltage arrives; the chip's time begins here."""
        self._ask("on", at_us=at_us)

    def power_off(self) -> None:
        """Supply voltage is gone, in the middle of whatever it was; flash stays."""
        self._ask("off")

    def run(self, until_us: float) -> Stretch:
        """Let the chip run up to this time."""
        answer = self._ask("run", until_us=until_us)
        answer["edges"] = [(us, pin, level) for us, pin, level in answer["edges"]]
        return Stretch(**answer)

    def hold(self, pin: int, level: bool) -> None:
        """Drive a pin from outside."""
        self._ask("hold", pin=pin, level=level)

    def adc(self, channel: int, value: int) -> None:
        """What an ADC channel converts to, 0 to 4095."""
        self._ask("adc", channel=channel, value=value)

    def plug(self) -> None:
        """A computer is connected to a board that was made without."""
        self._ask("plug")

    def type(self, text: str) -> None:
        """Send to the chip's USB serial port."""
        self._ask("type", text=text)

    def flash(self) -> bytes:
        """A copy of the flash as it is now."""
        self._ask("flash", file=str(self._flash))
        return self._flash.read_bytes()

    def paint_stack(self) -> None:
        """From now on `stack_used` tells how deep the stack has been."""
        self._ask("paint")

    def stack_used(self) -> int:
        """Bytes of the C stack that were ever used since it was painted."""
        used: int = self._ask("stack")
        return used

    def _ask(self, name: str, **arguments: Any) -> Any:
        self._send({"do": name, **arguments})
        while isinstance(message := self._receive(), list):
            self._serve(*message)
        if "error" in message:
            raise EmulatorError(message["error"])
        return message["ok"]

    def _serve(self, event: str, us: float, *details: int) -> None:
        devices = self._devices
        if event == "read":
            self._send(devices.read(us))
        elif event == "write":
            self._send(int(devices.write(us, details[0])))
        elif event == "start":
            self._send(devices.start(us, details[0], bool(details[1])))
        elif event == "clocked":
            self._send(int(devices.clocked(us)))
        else:
            devices.stop(us)

    def _send(self, message: Any) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise EmulatorError("the emulator has stopped") from error

    def _receive(self) -> dict[str, Any] | list[Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise EmulatorError("the emulator has stopped")
        message: dict[str, Any] | list[Any] = json.loads(line)
        return message
