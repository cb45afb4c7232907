"""The consoles that `--console` may name: terminal or pipe, a pseudo-terminal, a TCP port on this machine."""

import os
import select
import socket
import sys
from collections.abc import Callable
from contextlib import suppress

from packwarden import output
from packwarden.errors import InputError
from packwarden.pseudoterminal import PtyConsole, TerminalConsole
from packwarden.serialwire import Console, Wire, pause
from packwarden.sim.board import SerialPort

_CHUNK = 4096
_PORTS = 65536


def make(choice: str) -> Console:
    """The console that `--console` names; InputError names the known ones."""
    if choice == "none":
        return Console()
    if choice == "pty":
        return PtyConsole()
    if choice == "stdio":
        return _stdio()
    kind, _, port = choice.partition(":")
    if kind == "tcp" and port.isascii() and port.isdigit() and len(port) <= 5 and int(port) < _PORTS:
        return TcpConsole(int(port))
    raise InputError(
        f"--console '{choice}' is not known; use stdio, pty, tcp:PORT or none (PORT 0 to {_PORTS - 1})."
    )


def _stdio() -> Console:
    with suppress(OSError, ValueError, AttributeError):
        if os.isatty(sys.stdin.fileno()):
            return TerminalConsole()
    return PipeConsole()


class PipeConsole(Console):
    """Standard streams that are no terminal: one line goes in at a time, when the one before is answered."""

    def __init__(self) -> None:
        self._lines = b""
        self._input_ended = False
        self._fd = -1

    def open(self) -> None:
        """Find standard output and input; an input that is only an object is read at once."""
        output.require()
        try:
            self._fd = sys.stdin.fileno()
        except (OSError, ValueError, AttributeError):
            self._lines = sys.stdin.read().encode() if sys.stdin else b""
            self._input_ended = True

    def exchange(self, serial: SerialPort, wait_s: float) -> int:
        self._print(serial.take())
        if not self._input_ended:
            self._read(wait_s)
        else:
            pause(wait_s)
        if not self.idle:
            return 0
        if not self._lines:
            self.ended = self._input_ended
            return 0
        line, end, rest = self._lines.partition(b"\n")
        if not end and not self._input_ended:
            return 0
        self._lines = rest
        serial.feed(line.rstrip(b"\r") + b"\r")
        return len(line) + 1

    def _read(self, wait_s: float) -> None:
        try:
            ready = select.select([self._fd], [], [], max(0.0, wait_s))[0]
            data = os.read(self._fd, _CHUNK) if ready else None
        except (OSError, ValueError):
            data = b""
        if data is not None:
            self._lines += data
            self._input_ended = not data

    def _print(self, data: bytes) -> None:
        if data and not output.write(data):
            self.ended = True
            self._input_ended = True
            self._lines = b""


class TcpConsole(Console):
    """A port on this machine only, for one client at a time; it may leave and come back."""

    interactive = True

    def __init__(self, port: int) -> None:
        self._port = port
        self._wire = Wire()
        self._listener: socket.socket | None = None
        self._client: socket.socket | None = None

    def open(self) -> None:
        listener = socket.socket()
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", self._port))
            listener.listen()
        except OSError as error:
            listener.close()
            raise InputError(
                f"--console tcp:{self._port} cannot be opened: {error.strerror or error}."
            ) from None
        self._listener = listener
        if sys.stdout is not None:  # who chose the port knows it
            self.ended = not output.write(f"console: tcp 127.0.0.1:{listener.getsockname()[1]}\n".encode())

    def close(self) -> None:
        for each in (self._client, self._listener):
            if each is not None:
                each.close()
        self._client = self._listener = None

    def exchange(self, serial: SerialPort, wait_s: float) -> int:
        assert self._listener is not None
        if self._client is None:
            self._wire.drop(serial)
        else:
            self._try(lambda client: self._wire.send(serial, client.send))
        sockets = [self._listener, *([self._client] if self._client else [])]
        ready = select.select(sockets, [], [], max(0.0, wait_s))[0]
        if self._client in ready:
            self._try(lambda client: self._receive(client, serial))
        if self._listener in ready:
            self._accept()
        return 0

    def _try(self, act: Callable[[socket.socket], None]) -> None:
        """Do something with the client; an error is its farewell."""
        client = self._client
        if client is None:
            return
        try:
            act(client)
        except BlockingIOError:
            pass
        except OSError:
            client.close()
            self._client = None

    def _receive(self, client: socket.socket, serial: SerialPort) -> None:
        data = client.recv(_CHUNK)
        if not data:
            raise ConnectionResetError
        serial.feed(data)

    def _accept(self) -> None:
        assert self._listener is not None
        client, _ = self._listener.accept()
        if self._client is not None:
            with suppress(OSError):
                client.sendall(b"The console is in use by another client.\r\n")
            client.close()
            return
        client.setblocking(False)
        self._client = client
