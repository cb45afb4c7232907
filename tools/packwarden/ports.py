"""The lines that a client may talk through: a serial port of this machine, or a pack simulated right here."""

import errno
import os
import re
import time
from contextlib import suppress
from pathlib import Path

import serial

from packwarden import builder, packfile
from packwarden.client import LinkError
from packwarden.files import DirectoryFiles
from packwarden.session import Session
from packwarden.sim.board import MemoryFiles, VirtualBoard
from packwarden.sim.world import World

BAUD = 115200  # counts for a UART only; USB has a speed of its own
_LOCAL = "socket://127.0.0.1:"
_NO_PORT = 25  # ENOTTY
_BUSY = (errno.EAGAIN, errno.EBUSY)
_PIECE = 4096
_CHUNK = 32  # what the smallest UART buffer of a controller holds while the firmware is busy for a cycle
_GAP_S = 0.01  # the firmware's own pace: 64 bytes every 10 ms
_POLL_US = 10_000
_START_US = 3_000_000  # from power-on until the path has closed


class SerialPort:
    """A port by its name, or by a URL that pyserial knows, such as socket://127.0.0.1:5000."""

    def __init__(self, name: str, baud: int = BAUD) -> None:
        self.name = name.replace(_LOCAL, "tcp:")  # as on the command line; both are understood
        name = re.sub("^tcp:", _LOCAL, name)
        try:
            self._port = serial.serial_for_url(name, baud, timeout=0, write_timeout=2, do_not_open=True)
            with suppress(ValueError, NotImplementedError):  # a URL has nobody to share with
                self._port.exclusive = True
            self._port.open()
        except (serial.SerialException, OSError, ValueError) as error:
            raise LinkError(f"{self.name} cannot be opened: {_reason(error)}.") from None

    def write(self, data: bytes) -> None:
        """Send no faster than the firmware reads."""
        try:
            for start in range(0, len(data), _CHUNK):
                if start:
                    time.sleep(_GAP_S)
                self._port.write(data[start : start + _CHUNK])
        except (serial.SerialException, OSError) as error:
            raise LinkError(f"{self.name} takes nothing any more: {self._reason(error)}.") from None

    def read(self, wait_s: float) -> bytes:
        """Wait for the first byte, then take what is there."""
        try:
            self._port.timeout = wait_s
            first = self._port.read(1)
            self._port.timeout = 0
            return bytes(first + self._port.read(_PIECE)) if first else b""
        except (serial.SerialException, OSError, TypeError) as error:  # TypeError: closed under a read
            raise LinkError(f"{self.name} is gone: {self._reason(error)}.") from None

    def now_s(self) -> float:
        """Wall time."""
        return time.monotonic()

    def pause(self, wait_s: float) -> None:
        """Wait."""
        time.sleep(wait_s)

    def _reason(self, error: Exception) -> str:
        """Why it broke off; a console on TCP takes one client at a time, and hangs up on the next."""
        one = "; is another program connected to it? It takes one at a time"
        return _reason(error) + (one if self.name.startswith("tcp:") else "")

    def close(self) -> None:
        """Give the port back."""
        with suppress(serial.SerialException, OSError):
            self._port.close()


class SimulatedPort:
    """A simulated pack that runs only while it is asked something, as fast as it can."""

    name = "the simulated pack"

    def __init__(self, session: Session) -> None:
        self.session = session
        session.advance(_START_US)
        session.board.serial.take()

    def write(self, data: bytes) -> None:
        """Type it."""
        self.session.board.serial.feed(data)

    def read(self, wait_s: float) -> bytes:
        """Let simulated time go on until something is printed."""
        until_s = self.now_s() + wait_s
        printed = self.session.board.serial.take()
        while not printed and self.now_s() < until_s:
            self.session.advance(_POLL_US)
            printed = self.session.board.serial.take()
        return printed

    def now_s(self) -> float:
        """Simulated time."""
        return self.session.world.clock.now_us / 1e6

    def pause(self, wait_s: float) -> None:
        """Let simulated time pass."""
        self.session.advance(round(wait_s * 1e6))

    def close(self) -> None:
        """It stops with its last question."""


def simulated(
    pack: Path | None = None, state: Path | None = None, seed: int = 1, bare: bool = False
) -> SimulatedPort:
    """A simulated pack as `packwarden sim` makes it. `state`: a folder that is its flash; `bare`: new."""
    fitted = packfile.load(pack)
    given = builder.parameters(fitted, pack.name if pack else "the default pack")
    files = DirectoryFiles(state) if state else MemoryFiles()
    try:
        builder.prepare_flash(files, fitted, given, bare)
    except OSError as error:
        raise LinkError(f"--state {state} cannot be written: {error.strerror or error}.") from None
    world = World(packfile.world_spec(fitted, given, seed))
    return SimulatedPort(Session(world, VirtualBoard(world, files)))


def _reason(error: Exception) -> str:
    """What the system said, without pyserial's wrapping."""
    found = re.search(r"\[Errno (\d+)\]|^.*\((\d+), '", str(error))
    if not found:
        return str(error)
    number = int(found[1] or found[2])
    if number in _BUSY:
        return "another program has it open; close that first"
    return "it is no serial port" if number == _NO_PORT else os.strerror(number)
