"""Consoles that are terminals: the one in front of the user, in raw mode, and one for another program."""

import os
import select
import sys
import termios
import tty
from contextlib import suppress
from typing import Any

from packwarden import output
from packwarden.errors import InputError
from packwarden.hands import KEYS
from packwarden.serialwire import Console, Wire, pause
from packwarden.sim.board import SerialPort

_CHUNK = 4096
_END_KEY = 0x1D  # Ctrl-]
_CTRL_C = 0x03


class TerminalConsole(Console):
    """The user's own terminal, key by key: the firmware echoes. Ctrl-] ends the run; so does Ctrl-C twice."""

    interactive = True

    def __init__(self) -> None:
        self._last = 0
        self._fd = sys.stdin.fileno()
        self._saved: list[Any] = []

    def open(self) -> None:
        """Take over the keyboard."""
        output.require()
        print("packwarden: Ctrl-] ends the simulation (so does Ctrl-C twice).", file=sys.stderr)
        print(f"packwarden: {KEYS}", file=sys.stderr, flush=True)
        self._saved = termios.tcgetattr(self._fd)
        mode = termios.tcgetattr(self._fd)
        mode[tty.IFLAG] &= ~(termios.ICRNL | termios.IXON)
        mode[tty.OFLAG] &= ~termios.OPOST
        mode[tty.LFLAG] &= ~(termios.ECHO | termios.ICANON | termios.ISIG | termios.IEXTEN)
        termios.tcsetattr(self._fd, termios.TCSADRAIN, mode)

    def close(self) -> None:
        """Give it back as it was."""
        if self._saved:
            with suppress(termios.error):
                termios.tcsetattr(self._fd, termios.TCSADRAIN, self._saved)
            self._saved = []
            with suppress(InputError):
                output.write(b"\n")

    def exchange(self, serial: SerialPort, wait_s: float) -> int:
        data = serial.take()
        if data and not output.write(data):
            self.ended = True
            return 0
        try:
            keys = b""
            if select.select([self._fd], [], [], max(0.0, wait_s))[0]:
                keys = os.read(self._fd, _CHUNK)
                self.ended = not keys
        except OSError:  # the terminal is gone
            self.ended = True
            return 0
        typed = bytearray()
        for key in keys:
            if key == _END_KEY or (key == _CTRL_C and self._last == _CTRL_C):
                self.ended = True
                break
            self._last = key
            done = self.hands.play(key) if self.hands else ""
            if done:
                print(f"\r\n[{done}]\r", file=sys.stderr, flush=True)
            else:
                typed.append(key)
        serial.feed(bytes(typed))
        return len(typed)


class PtyConsole(Console):
    """A new pseudo-terminal, its path printed first; programs may open and leave it like a serial port."""

    interactive = True

    def __init__(self) -> None:
        self._wire = Wire()
        self._master = -1

    def open(self) -> None:
        self._master, slave = os.openpty()
        tty.setraw(slave)
        path = os.ttyname(slave)
        os.close(slave)  # from here on the master is hung up whenever nobody has the slave open
        os.set_blocking(self._master, False)
        self.ended = not output.write(f"{path}\n".encode())

    def close(self) -> None:
        if self._master >= 0:
            os.close(self._master)
            self._master = -1

    def exchange(self, serial: SerialPort, wait_s: float) -> int:
        if self._hung_up():
            self._wire.drop(serial)
            pause(wait_s)
            return 0
        try:
            self._wire.send(serial, lambda data: os.write(self._master, data))
            if select.select([self._master], [], [], max(0.0, wait_s))[0]:
                serial.feed(os.read(self._master, _CHUNK))
        except OSError:  # it has just been left
            self._wire.drop(serial)
        return 0

    def _hung_up(self) -> bool:
        poll = select.poll()
        poll.register(self._master, 0)
        return any(events & select.POLLHUP for _, events in poll.poll(0))
