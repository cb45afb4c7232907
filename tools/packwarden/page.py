"""`packwarden page` and `packwarden bridge`: a pack in the browser, from a serial port or a simulation."""

import secrets
import socket
import subprocess
import sys
import webbrowser
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event, Thread

from packwarden import finder, output
from packwarden.bridge import LINE, Bridge, is_here
from packwarden.errors import InputError
from packwarden.ports import SerialPort
from packwarden.serialwire import Interruptible

PAGES = Path(__file__).resolve().parents[1] / "dashboard"
SIMULATED = "sim"
_LEAVING_S = 5.0
_LOOK_S = 0.5
_COMMAND = (sys.executable, "-c", "from packwarden.cli import main; main()")


@dataclass(frozen=True)
class Where:
    """What the command line says about it."""

    source: str | None  # None: the only board that is plugged in
    host: str = "127.0.0.1"
    port: int = 8765
    pages: bool = True
    show: bool = False
    story: Sequence[str] = ()  # options for `packwarden sim`


def run(where: Where) -> int:
    """Serve until Ctrl-C, or until the simulation has come to its end, whose exit status is ours."""
    if where.story and where.source != SIMULATED:
        raise InputError(
            f"{where.story[0]} is for a simulation only, and comes after the word sim: "
            "packwarden page sim --pack FILE.toml."
        )
    output.require()
    with Interruptible(), _line(where) as (open_line, ended):
        key = secrets.token_urlsafe(9)
        bridge = Bridge(open_line, where.host, where.port, key, PAGES if where.pages else None)
        server = Thread(target=bridge.run, daemon=True)
        server.start()
        try:
            place = f"{_shown(where.host)}:{bridge.port}"
            page = f"http://{place}/{'' if is_here(where.host) else f'#key={key}'}"
            printed = f"page: {page}\n" if where.pages else ""
            output.write(f"{printed}line: ws://{place}{LINE}?key={key}\n".encode())
            if where.show:
                webbrowser.open(page)
            while (status := ended(_LOOK_S)) is None:
                pass
        except KeyboardInterrupt:
            status = 0
        finally:
            bridge.close()
            server.join(_LEAVING_S)
    return status


def _shown(host: str) -> str:
    """A host as part of an address that can be typed elsewhere."""
    if host in ("0.0.0.0", "::"):
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host


@contextmanager
def _line(where: Where) -> Generator[tuple[Callable[[], SerialPort], Callable[[float], int | None]]]:
    """How to open the line, and how to wait for its end."""
    if where.source == SIMULATED:
        with _simulation(where.story) as (port, child):
            yield partial(SerialPort, f"socket://127.0.0.1:{port}"), partial(_status, child)
        return
    kind, _, number = (where.source or "").partition(":")
    if kind == "tcp" and not (number.isascii() and number.isdigit() and int(number) < 65536):
        raise InputError(f"'{where.source}' is not tcp:PORT.")
    yield partial(SerialPort, finder.the_port(where.source, "page")), _never


def _never(wait_s: float) -> None:
    Event().wait(wait_s)


def _status(child: "subprocess.Popen[bytes]", wait_s: float) -> int | None:
    try:
        return child.wait(wait_s)
    except subprocess.TimeoutExpired:
        return None


@contextmanager
def _simulation(story: Sequence[str]) -> Generator[tuple[int, "subprocess.Popen[bytes]"]]:
    """`packwarden sim` beside us, its console on a free port; its own words go where ours go."""
    child = subprocess.Popen([*_COMMAND, "sim", "--console", "tcp:0", *story], stdout=subprocess.PIPE)
    assert child.stdout is not None
    try:
        with child.stdout:
            first = child.stdout.readline().decode().strip()
            kind, _, port = first.rpartition(":")
            if not kind:
                raise InputError("The simulation did not start; it says why above.")
            yield int(port), child
    finally:
        child.terminate()
        try:
            child.wait(_LEAVING_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
