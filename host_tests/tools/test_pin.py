"""The PIN on the host: from the option, the environment or unseen typing, to whichever pack wants one."""

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from packwarden import pin
from packwarden.client import Client, RefusalError
from packwarden.config.pack import Pack, RefusedError
from packwarden.errors import InputError
from packwarden.ports import simulated
from typer.testing import CliRunner

PIN = "4711"


class Asked:
    """A pack that answers by its table and remembers what it was asked."""

    def __init__(self, **methods: Callable[..., Any]) -> None:
        self.calls: list[tuple[str, ...]] = []
        self._methods = methods

    def call(self, method: str, *words: str) -> Any:
        self.calls.append((method, *words))
        if method not in self._methods:
            raise RefusalError("not a command", -32601)
        return self._methods[method](*words)


def talked(asked: Asked, given: str | None = None) -> bool:
    client: Any = asked
    return pin.unlock(client, given)


def test_a_pack_without_a_pin_is_left_to_its_button() -> None:
    asked = Asked(pin=lambda: {"set": False})
    assert not talked(asked, PIN)
    assert asked.calls == [("pin",)], "an owner's PIN goes to no pack that did not ask"
    assert not talked(Asked(), PIN), "older firmware"
    assert not talked(Asked(pin=lambda: "what?"), PIN)


def test_a_pack_with_one_gets_what_was_said() -> None:
    asked = Asked(pin=lambda: {"set": True}, unlock=lambda _pin: {"unlocked_s": 600})
    assert talked(asked, PIN)
    assert asked.calls[-1] == ("unlock", PIN)


def test_where_nobody_can_type_it_says_how(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: False))
    with pytest.raises(InputError, match="PACKWARDEN_PIN"):
        talked(Asked(pin=lambda: {"set": True}))


def test_where_somebody_can_it_is_typed_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    how: dict[str, Any] = {}

    def prompt(_text: str, **options: Any) -> str:
        how.update(options)
        return PIN

    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr(typer, "prompt", prompt)
    asked = Asked(pin=lambda: {"set": True}, unlock=lambda _pin: {"unlocked_s": 600})
    assert talked(asked)
    assert asked.calls[-1] == ("unlock", PIN)
    assert how == {"hide_input": True, "err": True}


def test_the_option_the_environment_and_nothing() -> None:
    app = typer.Typer()

    @app.command()
    def show(given: pin.Option = None) -> None:
        print(given)

    run = CliRunner().invoke
    assert run(app, ["--pin", "1x2y"]).stdout == "1x2y\n"
    assert run(app, [], env={"PACKWARDEN_PIN": "3x4y"}).stdout == "3x4y\n"
    assert run(app, []).stdout == "None\n"


def owned() -> Any:
    """A simulated pack whose owner has set a PIN; its line."""
    line = simulated(None, None)
    client = Client(line)
    line.session.world.press(4)
    line.pause(0.5)
    assert client.call("pin", "set", PIN) == {"set": True}
    line.pause(6)
    return line


def pack(line: Any, secret: str | None) -> Pack:
    def finger() -> None:
        raise AssertionError("nobody is asked for a finger")

    return Pack(lambda: line, finger, secret)


def test_a_set_is_pushed_with_the_pin_and_not_without() -> None:
    line = owned()
    before = pack(line, None).given()
    wanted = before | {"cell_ov_ms": 1500}
    with pytest.raises(RefusedError, match="that is not the PIN"):
        pack(line, "0815").push(wanted)
    assert pack(line, None).given() == before
    assert pack(line, PIN).push(wanted) == ["cell_ov_ms"]
    assert pack(line, None).given() == wanted
    assert PIN not in str(Client(line).call("params"))
