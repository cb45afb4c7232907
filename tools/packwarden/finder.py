"""Finds boards: which serial ports this machine has, what their USB ids say, and what answers there.

A bare USB-to-UART bridge says nothing of what is behind it, so a port is also asked, in a way that disturbs
neither a running firmware nor a prompt: one JSON-RPC line.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serial.tools import list_ports

from packwarden.client import LinkError, Port, RefusalError, talk
from packwarden.errors import InputError
from packwarden.jsonvalues import an_object
from packwarden.ports import SerialPort

PATIENCE_S = 4.0  # a chip brings from flash what answers the first question

# (vendor, product or None for any): what it is, and whether a board of ours may be behind it.
# https://github.com/raspberrypi/usb-pid, the ports' USB ids in MicroPython's source, and the makers' own.
_KNOWN: dict[tuple[int, int | None], str] = {
    (0x2E8A, 0x0005): "MicroPython on an RP2040 or RP2350 (Raspberry Pi Pico)",
    (0x2E8A, 0x000A): "a Raspberry Pi Pico that runs something else than MicroPython",
    (0x2E8A, 0x0004): "a Raspberry Pi debug probe",
    (0x2E8A, 0x000C): "a Raspberry Pi debug probe",
    (0x2E8A, None): "a Raspberry Pi microcontroller",
    (0x303A, 0x4001): "MicroPython on an ESP32-S2 or ESP32-S3",
    (0x303A, 0x1001): "an ESP32 with USB of its own",
    (0x303A, None): "an Espressif chip",
    (0x10C4, 0xEA60): "a CP210x USB-to-UART bridge (as on many ESP32-DevKitC)",
    (0x1A86, 0x7523): "a CH340 USB-to-UART bridge",
    (0x1A86, 0x55D4): "a CH9102 USB-to-UART bridge",
    (0x0403, None): "an FTDI USB-to-UART bridge",
    (0xF055, 0x9800): "a MicroPython board",
}
_PROMPT = "a MicroPython prompt: `packwarden flash` puts the firmware there"


@dataclass(frozen=True)
class Found:
    """A port, and what is known of it."""

    port: str
    what: str
    likely: bool  # a board of ours may be there
    serial_number: str = ""
    answer: str = ""  # what the board said, in words; empty if it was not asked
    version: dict[str, Any] | None = None


def listed() -> list[Found]:
    """All serial ports of this machine, those that may be boards first."""
    found = [_found(info) for info in list_ports.comports()]
    return sorted(found, key=lambda each: (not each.likely, each.port))


def _found(info: Any) -> Found:
    if info.vid is None:
        return Found(info.device, "not a USB device", False)
    known = _KNOWN.get((info.vid, info.pid)) or _KNOWN.get((info.vid, None))
    other = f"a USB device {info.vid:04x}:{info.pid:04x} ({info.product or info.description})"
    return Found(info.device, known or other, known is not None, info.serial_number or "")


def asked(found: Found, open_port: Any = SerialPort) -> Found:
    """The same, with what is at the other end."""
    try:
        answer, version = _ask(open_port(found.port))
    except LinkError as error:
        answer, version = str(error), None
    return Found(found.port, found.what, found.likely, found.serial_number, answer, version)


def _ask(port: Port) -> tuple[str, dict[str, Any] | None]:
    listening = _Listening(port)
    try:
        with talk(listening, PATIENCE_S) as client:
            version = an_object(client.call("version"))
            status = an_object(client.call("status")) or {}
    except RefusalError as error:
        return f"answers JSON-RPC, but not as Packwarden: {error}", None
    except LinkError:
        if b">>> " in listening.heard:
            return _PROMPT, None
        return "nothing answers", None
    if version is None or "firmware" not in version:
        return "answers JSON-RPC, but not as Packwarden", None
    where = f"{version.get('board', '?')}, {status.get('mode', '?')}"
    return f"Packwarden {version['firmware']} as {where}", version


class _Listening:
    """A port that remembers what it heard."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self.name = port.name
        self.heard = b""

    def write(self, data: bytes) -> None:
        """Send."""
        self._port.write(data)

    def read(self, wait_s: float) -> bytes:
        """Take, and keep."""
        data = self._port.read(wait_s)
        self.heard = (self.heard + data)[-4096:]
        return data

    def now_s(self) -> float:
        """The same clock."""
        return self._port.now_s()

    def close(self) -> None:
        """Give it back."""
        self._port.close()


def show(ask: bool) -> None:
    """Print what `packwarden ports` is asked for."""
    found = listed()
    if not found:
        print("No serial port on this machine. Plug the board in with a USB cable that carries data.")
    for each in found:
        each = asked(each) if ask and each.likely else each  # noqa: PLW2901
        number = f" (serial number {each.serial_number})" if each.serial_number else ""
        print(f"{each.port}: {each.what}{number}")
        if each.answer:
            print(f"    {each.answer}")


def check(port: str) -> None:
    """InputError with what to do where a port is not there, or not ours to use."""
    path = Path(port)
    if "://" in port or os.name != "posix":
        return
    if not path.exists():
        others = ", ".join(each.port for each in listed() if each.likely) or "none"
        raise InputError(f"There is no port {port}. Boards that are plugged in: {others}.")
    if not os.access(path, os.R_OK | os.W_OK):
        group = _group(path)
        raise InputError(
            f"You may not use {port}. Add yourself to the group it belongs to, then log in again: "
            f"sudo usermod -aG {group} $USER"
        )


def _group(path: Path) -> str:
    try:
        return path.group()
    except (OSError, KeyError):
        return "dialout"


def the_port(named: str | None, command: str) -> str:
    """The port to use: the one that was named, or the only one that may be a board; InputError otherwise."""
    if named and named.startswith("tcp:"):
        return f"socket://127.0.0.1:{named.removeprefix('tcp:')}"
    if named:
        check(named)
        return named
    likely = [each for each in listed() if each.likely]
    if len(likely) == 1:
        return likely[0].port
    if not likely:
        raise InputError(
            "No board was found on USB. Plug it in, or name its port: "
            f"`packwarden {command} --port PORT` (`packwarden ports` lists them)."
        )
    names = ", ".join(f"{each.port} ({each.what})" for each in likely)
    raise InputError(
        f"Several boards are plugged in: {names}. Say which: `packwarden {command} --port PORT`."
    )
