"""The client of JSON-RPC: finds its answers among a console's noise, and gives up with a sentence."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from packwarden import builder, packfile
from packwarden.client import LONGEST_LINE, Client, LinkError, RefusalError, talk
from packwarden.ports import SerialPort, SimulatedPort
from packwarden.session import Session
from packwarden.sim.board import MemoryFiles, VirtualBoard
from packwarden.sim.world import World
from tools.test_consoles import running


class Script:
    """A port whose far end is a list of what it says, one piece a read; {0}, {1}: the ids last asked with."""

    name = "the script"

    def __init__(self, *pieces: str) -> None:
        self.sent: list[bytes] = []
        self.pieces = list(pieces)
        self.clock_s = 0.0
        self.closed = False

    def write(self, data: bytes) -> None:
        self.sent.append(data)

    def read(self, wait_s: float) -> bytes:
        if not self.pieces:
            self.clock_s += wait_s
            return b""
        self.clock_s += 0.001
        text = self.pieces.pop(0)
        for place, ident in enumerate(self.ids()):
            text = text.replace(f"<{place}>", str(ident))
        return text.encode("latin-1")

    def ids(self) -> list[int]:
        last = json.loads(self.sent[-1]) if self.sent[-1:] != [b"\x15"] else []
        return [each["id"] for each in (last if isinstance(last, list) else [last])]

    def now_s(self) -> float:
        return self.clock_s

    def close(self) -> None:
        self.closed = True


def answer(place: int, result: object) -> str:
    return f'{{"jsonrpc": "2.0", "id": <{place}>, "result": {json.dumps(result)}}}\r\n'


def test_an_answer_is_found_among_greeting_prompt_echo_and_events() -> None:
    port = Script(
        "\r\nPackwarden 0.4: 'status' shows the pack\r\npw> sta\r\npw> ",
        '\r\n[12 s] mode: boot -> active\r\npw> {"not": "json\r\n[1, 2]\r\n{"jsonrpc": "2.0", "id": 99}\r\n',
        "\r\n" + answer(0, {"cells": 4}),
    )
    assert Client(port).call("version") == {"cells": 4}
    assert port.sent[0] == b"\x15", "what stood half typed is dropped first"
    assert json.loads(port.sent[1]) == {"jsonrpc": "2.0", "id": 1, "method": "version"}
    assert port.sent[1].endswith(b"\n")


def test_an_answer_may_come_in_any_pieces() -> None:
    text = ("\r\npw> \r\n" + answer(0, [1, {"a": "}{"}])).replace("<0>", "1")
    for size in (1, 2, 3, 7):
        port = Script(*[text[k : k + size] for k in range(0, len(text), size)])
        assert Client(port).call("log", 3) == [1, {"a": "}{"}]


def test_arguments_go_by_place_or_by_name() -> None:
    port = Script(answer(0, 1), answer(0, 2))
    client = Client(port)
    assert client.call("set", "cell_ov_mv", 3650) == 1
    assert client.call("log", count=50) == 2
    assert json.loads(port.sent[1])["params"] == ["cell_ov_mv", 3650]
    assert json.loads(port.sent[2])["params"] == {"count": 50}


def test_a_refusal_is_the_packs_own_sentence() -> None:
    port = Script(
        '{"jsonrpc": "2.0", "id": <0>, "error": {"code": -32000, "message": "locked: hold it"}}\r\n'
    )
    with pytest.raises(RefusalError, match="locked: hold it") as caught:
        Client(port).call("save")
    assert caught.value.code == -32000


def test_a_batch_keeps_the_order_of_its_calls_and_the_refusals_among_them() -> None:
    refused = '{"jsonrpc": "2.0", "id": <1>, "error": {"code": -32601, "message": "no such"}}'
    port = Script("[" + answer(2, "c").strip() + "," + refused + "," + answer(0, "a").strip() + "]\r\n")
    first, second, third = Client(port).batch([("a", []), ("b", []), ("c", {"x": 1})])
    assert (first, third) == ("a", "c")
    assert isinstance(second, RefusalError)
    assert second.code == -32601


def test_a_long_batch_travels_in_lines_that_the_firmware_takes() -> None:
    class Echo(Script):
        def write(self, data: bytes) -> None:
            super().write(data)
            if data != b"\x15":
                asked = json.loads(data)
                for each in asked if isinstance(asked, list) else [asked]:
                    self.pieces.append(
                        json.dumps({"jsonrpc": "2.0", "id": each["id"], "result": each["params"]}) + "\n"
                    )

    port = Echo()
    calls: list[tuple[str, Any]] = [("set", ["x" * (k % 200), k]) for k in range(60)]
    assert Client(port).batch(calls) == [each for _, each in calls]
    assert max(len(line) for line in port.sent) <= LONGEST_LINE + 1
    assert max(len(json.loads(line)) for line in port.sent[1:] if line[:1] == b"[") <= 8
    assert Client(port).batch([]) == []
    with pytest.raises(LinkError, match="1000 characters"):
        Client(port).call("set", "x" * LONGEST_LINE)


def test_silence_ends_with_a_sentence_and_a_slow_answer_does_not() -> None:
    port = Script("x" * 10)
    client = Client(port, patience_s=2.0)
    with pytest.raises(LinkError, match="the script: nothing answered for 2 s"):
        client.call("status")
    assert 2.0 <= port.clock_s < 5.0
    slow = Script(*(["."] * 50), "\r\n" + answer(0, 7))
    assert Client(slow, patience_s=2.0).call("status") == 7


def test_an_answer_that_comes_too_late_is_nobodys() -> None:
    port = Script()
    client = Client(port, patience_s=1.0)
    with pytest.raises(LinkError):
        client.call("status")
    port.pieces = ['{"jsonrpc": "2.0", "id": 1, "result": "old"}\r\n', answer(0, "new")]
    assert client.call("status") == "new"


def test_a_request_that_was_garbled_on_its_way_is_said_at_once() -> None:
    port = Script(
        '{"jsonrpc": "2.0", "id": null, "error": {"code": -32700, "message": "this is not JSON"}}\r\n'
    )
    with pytest.raises(LinkError, match="garbled"):
        Client(port).call("status")


def test_what_is_no_console_is_left_before_memory_is_full() -> None:
    port = Script(*(["\xff" * 300_000] * 5))
    with pytest.raises(LinkError, match="not a Packwarden console"):
        Client(port).call("status")


def test_notifications_are_kept_and_handed_out_in_order() -> None:
    told = '{"jsonrpc": "2.0", "method": "status", "params": {"n": %d}}\r\n'
    port = Script(told % 1 + "\r\n" + answer(0, {"watch_s": 1}), told % 2, "[3 s] mode\r\n", told % 3)
    client = Client(port)
    assert client.call("watch", 1, "json") == {"watch_s": 1}
    assert [each["params"]["n"] for each in client.notifications(0.5)] == [1, 2, 3]
    assert list(client.notifications(0.5)) == []


def test_the_line_is_closed_whatever_happens() -> None:
    port = Script()
    with pytest.raises(LinkError), talk(port, 0.1) as client:
        client.call("status")
    assert port.closed


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("no_such_port", "no_such_port cannot be opened: No such file or directory."),
        (os.devnull, "cannot be opened: it is no serial port."),
        ("socket://127.0.0.1:1", "tcp:1 cannot be opened: Connection refused."),
        ("tcp:1", "tcp:1 cannot be opened: Connection refused."),
        ("foo://bar", "foo"),
    ],
)
def test_a_port_that_cannot_be_opened_is_a_sentence(name: str, sentence: str) -> None:
    with pytest.raises(LinkError) as caught:
        SerialPort(name)
    assert sentence in str(caught.value)


@contextmanager
def live(console: str) -> Iterator[str]:
    with running("--console", console, "--speed", "20") as (_, line):
        yield line if console == "pty" else "socket://" + line.rpartition(" ")[2]


@pytest.mark.parametrize("console", ["pty", "tcp:0"])
def test_over_a_real_line_to_a_live_pack(console: str) -> None:
    with live(console) as name, talk(SerialPort(name)) as client:
        assert client.call("version")["board"] == "sim"
        while client.call("status")["mode"] != "active":
            pass
        assert len(client.call("cells")) == 16
        with pytest.raises(RefusalError, match="did you mean"):
            client.call("statsu")
        assert len(client.batch([("get", ["cell_ov_mv"])] * 20)) == 20
        client.call("watch", 1, "json")
        assert next(client.notifications(5.0))["params"]["mode"] == "active"


# pyserial leaves a socket that was reset by its peer to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_second_program_at_a_console_on_tcp_hears_that_there_is_another() -> None:
    with live("tcp:0") as name, talk(SerialPort(name)) as first:
        first.call("time")
        with (
            talk(SerialPort(name), 3.0) as second,
            pytest.raises(LinkError, match="another program") as caught,
        ):
            second.batch([("time", [])] * 30)
        assert str(caught.value).startswith("tcp:")
        first.call("time")


def test_a_line_that_breaks_is_a_sentence() -> None:
    with running("--console", "pty") as (run, path), talk(SerialPort(path), 3.0) as client:
        client.call("time")
        run.terminate()
        run.wait(30.0)
        with pytest.raises(LinkError):
            client.batch([("time", [])] * 30)


def simulated() -> SimulatedPort:
    pack = packfile.DEFAULT
    given = builder.parameters(pack, "test")
    world = World(packfile.world_spec(pack, given, seed=1))
    files = MemoryFiles()
    builder.prepare_flash(files, pack, given)
    return SimulatedPort(Session(world, VirtualBoard(world, files)))


def test_a_pack_simulated_right_here_needs_no_port_and_no_wall_time() -> None:
    with talk(simulated()) as client:
        assert client.call("status")["mode"] == "active"
        client.call("watch", 2, "json")
        heard = client.notifications(3.0)
        assert [next(heard)["method"] for _ in range(3)] == ["status"] * 3
        client.call("watch", 0)


def test_a_simulated_pack_that_hangs_is_silent() -> None:
    port = simulated()
    with talk(port, 2.0) as client:
        port.session.world.firmware_hung = True
        with pytest.raises(LinkError, match="nothing answered for 2 s"):
            client.call("status")
