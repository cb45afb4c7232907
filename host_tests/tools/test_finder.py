"""Which port has a board: what USB says, what answers, and what is said when it is not clear."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from packwarden import finder
from packwarden.demo import pack
from packwarden.errors import InputError
from packwarden.ports import SimulatedPort
from tools.fake_board import FakeBoard

PICO: dict[str, Any] = {"vid": 0x2E8A, "pid": 0x0005, "product": "Board in FS mode", "serial_number": "E6"}
ESP32: dict[str, Any] = {"vid": 0x10C4, "pid": 0xEA60, "product": "CP2102", "serial_number": None}
MODEM: dict[str, Any] = {"vid": 0x1199, "pid": 0x68C0, "product": "Modem", "serial_number": None}
BUILT_IN: dict[str, Any] = {"vid": None, "pid": None, "product": None, "serial_number": None}


def plug(monkeypatch: pytest.MonkeyPatch, **devices: dict[str, Any]) -> None:
    infos = [
        SimpleNamespace(device=f"/dev/{name}", description="n/a", **what) for name, what in devices.items()
    ]
    monkeypatch.setattr(finder.list_ports, "comports", lambda: infos)


def test_boards_come_first_and_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    plug(monkeypatch, ttyS0=BUILT_IN, ttyUSB1=MODEM, ttyUSB0=ESP32, ttyACM0=PICO)
    found = finder.listed()
    assert [each.port for each in found] == ["/dev/ttyACM0", "/dev/ttyUSB0", "/dev/ttyS0", "/dev/ttyUSB1"]
    assert [each.likely for each in found] == [True, True, False, False]
    assert "Raspberry Pi Pico" in found[0].what
    assert "CP210x" in found[1].what
    assert "1199:68c0 (Modem)" in found[3].what


def test_a_pack_that_answers_says_what_it_is() -> None:
    port = SimulatedPort(pack.build().session)
    found = finder.asked(finder.Found("/dev/x", "a Pico", True), lambda _: port)
    assert found.answer.startswith("Packwarden 0")
    assert found.answer.endswith(" as sim, active")


def test_a_bare_prompt_and_silence_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finder, "PATIENCE_S", 0.3)
    with FakeBoard(deaf=True) as board:
        assert finder.asked(finder.Found(board.path, "", True)).answer == "nothing answers"
    found = finder.asked(finder.Found("/dev/x", "", True), lambda _: Prompt())
    assert "MicroPython prompt" in found.answer


class Prompt:
    """MicroPython echoes a line and shows what it is worth."""

    name = "/dev/x"

    def __init__(self) -> None:
        self._out = b""
        self._time_s = 0.0

    def write(self, data: bytes) -> None:
        self._out += data + b"\r\n{'jsonrpc': '2.0'}\r\n>>> "

    def read(self, wait_s: float) -> bytes:
        data, self._out = self._out, b""
        self._time_s += wait_s
        return data

    def now_s(self) -> float:
        return self._time_s

    def close(self) -> None:
        pass


def test_the_only_board_need_not_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    plug(monkeypatch, ttyS0=BUILT_IN, ttyACM0=PICO)
    assert finder.the_port(None, "log") == "/dev/ttyACM0"
    plug(monkeypatch, ttyS0=BUILT_IN)
    with pytest.raises(InputError, match="No board was found on USB"):
        finder.the_port(None, "log")
    plug(monkeypatch, ttyACM0=PICO, ttyACM1=PICO)
    with pytest.raises(InputError, match=r"/dev/ttyACM0 .*/dev/ttyACM1 .*Say which"):
        finder.the_port(None, "log")


def test_a_named_port(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plug(monkeypatch, ttyACM0=PICO)
    assert finder.the_port("tcp:5000", "log") == "socket://127.0.0.1:5000"
    with pytest.raises(
        InputError, match=r"There is no port /dev/ttyACM7\. Boards that are plugged in: /dev/ttyACM0"
    ):
        finder.the_port("/dev/ttyACM7", "log")
    mine = tmp_path / "port"
    mine.touch()
    monkeypatch.setattr(finder.os, "access", lambda *_: False)
    with pytest.raises(InputError, match=r"You may not use .*sudo usermod -aG \S+ \$USER"):
        finder.the_port(str(mine), "log")


def test_the_list_is_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    plug(monkeypatch, ttyACM0=PICO)
    finder.show(ask=False)
    assert "/dev/ttyACM0: MicroPython on an RP2040" in capsys.readouterr().out
    plug(monkeypatch)
    finder.show(ask=True)
    assert "No serial port" in capsys.readouterr().out
