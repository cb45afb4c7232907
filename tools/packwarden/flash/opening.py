"""Firmware that runs opens the path before anything else, and for its owner it makes way altogether."""

import time
from collections.abc import Callable

from packwarden import pin
from packwarden.client import PATIENCE_S, Client, LinkError, Port, RefusalError, talk
from packwarden.errors import InputError
from packwarden.jsonvalues import an_object
from packwarden.ports import SerialPort

_OPENING_S = 4.0
_LOOK_S = 0.5
_FINGER_S = 6.0
_FLOWS_MA = 500
_PROMPT = b">>> "  # of MicroPython
_PROMPT_S = 15.0


def open_path(port: str, secret: str | None, say: Callable[[str], None]) -> None:
    """Where firmware runs, ask it to open the path, and watch it; for its owner, to make way as well."""
    with talk(SerialPort(port), PATIENCE_S) as client:
        try:
            version = an_object(client.call("version"))
            status = an_object(client.call("status"))
        except (LinkError, RefusalError):
            return  # a prompt, or another program
        if version is None or status is None:
            return
        say(f"Found firmware {version.get('firmware')} as {version.get('board')}, {status.get('mode')}.")
        current_ma = status.get("current_ma") or 0
        if abs(current_ma) > _FLOWS_MA:
            raise InputError(
                f"{current_ma / 1000:+.1f} A flow through the pack. Take load and charger off first: the "
                "path must open for this."
            )
        try:
            if _gives_way(client, secret, say):
                say("The firmware opens the path and makes way.")
                _wait_for_prompt(client.port)
                return
        except RefusalError as error:
            raise InputError(f"The pack refuses: {error}.") from None
        try:
            client.call("standby")
        except RefusalError:
            return  # locked: it opens when it is stopped
        until_s = time.monotonic() + _OPENING_S
        while time.monotonic() < until_s:
            status = client.call("status")
            if not status["chg_fet"] and not status["dsg_fet"]:
                say("The path is open.")
                return


def _gives_way(client: Client, secret: str | None, say: Callable[[str], None]) -> bool:
    """Ask it to, with the PIN; where none is set, an unlocked console or a finger on the button will do."""
    if pin.unlock(client, secret):
        client.call("repl")
        return True
    if _takes(client, "repl"):
        return True
    until_s = time.monotonic() + _FINGER_S
    say("Press the board's button now, so that it makes way; if you have held it since power-up, go on.")
    while not _takes(client, "unlock"):
        if time.monotonic() > until_s:
            return False
        time.sleep(_LOOK_S)
    return _takes(client, "repl")


def _takes(client: Client, command: str) -> bool:
    """Whether it does that; older firmware does not know it."""
    try:
        client.call(command)
    except RefusalError:
        return False
    return True


def _wait_for_prompt(line: Port) -> None:
    """Until the firmware is silent: over USB its port goes away with it, and comes back with the prompt."""
    until_s = time.monotonic() + _PROMPT_S
    said = b""
    while time.monotonic() < until_s and _PROMPT not in said:
        try:
            said = (said + line.read(_LOOK_S))[-200:]
        except LinkError:
            break
    line.close()
    while time.monotonic() < until_s:
        try:
            SerialPort(line.name).close()
        except LinkError:
            time.sleep(_LOOK_S)
        else:
            return
