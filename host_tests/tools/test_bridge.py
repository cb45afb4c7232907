"""The bridge: bytes both ways for one visitor, who is looked at first, and the page's files besides."""

import http.client
import json
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from packwarden.bridge import LINE, Bridge
from packwarden.errors import InputError
from packwarden.page import PAGES
from tools.sim_command import COMMAND, ROOT, process
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

KEY = "the-key"
PATIENCE_S = 30.0


class Echo:
    """A line that answers with what it was told, in capitals."""

    def __init__(self) -> None:
        self.waiting = bytearray()
        self.heard = bytearray()
        self.closed = False
        self.fails = ""

    def write(self, data: bytes) -> None:
        self.heard += data
        self.waiting += data.upper()

    def read(self, wait_s: float) -> bytes:
        if self.fails:
            raise InputError(self.fails)
        if not self.waiting:
            time.sleep(wait_s)
        data, self.waiting = bytes(self.waiting), bytearray()
        return data

    def close(self) -> None:
        self.closed = True


@contextmanager
def served(host: str = "127.0.0.1", pages: Path | None = PAGES) -> Iterator[tuple[Bridge, list[Echo]]]:
    """A bridge to lines that echo; each visitor's line is added to the list."""
    lines: list[Echo] = []

    def open_line() -> Echo:
        lines.append(Echo())
        return lines[-1]

    bridge = Bridge(open_line, host, 0, KEY, pages)
    thread = threading.Thread(target=bridge.run, daemon=True)
    thread.start()
    try:
        yield bridge, lines
    finally:
        bridge.close()
        thread.join(PATIENCE_S)


def visit(bridge: Bridge, path: str = LINE, **options: object) -> connect:
    return connect(f"ws://127.0.0.1:{bridge.port}{path}", proxy=None, **options)  # type: ignore[arg-type]


def hear(visitor: ClientConnection, wanted: bytes) -> bytes:
    heard = b""
    while wanted not in heard:
        message = visitor.recv(timeout=PATIENCE_S)
        assert isinstance(message, bytes)
        heard += message
    return heard


def soon(is_so: object) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < until_s
        time.sleep(0.01)


def test_bytes_go_both_ways_unchanged() -> None:
    with served() as (bridge, lines), visit(bridge) as visitor:
        visitor.send(b"\x15\x00\xffabc")
        assert hear(visitor, b"ABC") == b"\x15\x00\xffABC"
        visitor.send("text\n")
        hear(visitor, b"TEXT\n")
        assert bytes(lines[0].heard) == b"\x15\x00\xffabctext\n"


def test_one_visitor_at_a_time_and_the_next_one_after_it() -> None:
    with served() as (bridge, lines):
        with visit(bridge) as first:
            first.send(b"x")
            hear(first, b"X")
            with visit(bridge) as second, pytest.raises(ConnectionClosed, match="in use by another"):
                second.recv(timeout=PATIENCE_S)
            first.send(b"y")
            hear(first, b"Y")
        soon(lambda: lines[0].closed)
        soon(lambda: not bridge._taken.locked())
        with visit(bridge) as third:
            third.send(b"z")
            hear(third, b"Z")
        assert len(lines) == 2


def test_a_page_that_is_loaded_again_comes_before_its_former_self_has_left() -> None:
    with served() as (bridge, lines), visit(bridge) as former:
        former.send(b"x")
        hear(former, b"X")  # it has its line
        with visit(bridge) as newer:
            former.close()
            newer.send(b"z")
            hear(newer, b"Z")
        assert len(lines) == 2


def test_a_line_that_is_lost_says_why_and_is_free_again() -> None:
    with served() as (bridge, lines):
        with visit(bridge) as visitor:
            visitor.send(b"x")
            hear(visitor, b"X")
            lines[0].fails = "The port is gone: " + "no such device " * 20
            with pytest.raises(ConnectionClosed, match="The port is gone"):
                visitor.recv(timeout=PATIENCE_S)
        soon(lambda: lines[0].closed)
        soon(lambda: not bridge._taken.locked())


def test_a_line_that_cannot_be_opened_says_why() -> None:
    def refuse() -> Echo:
        raise InputError("No such port.")

    bridge = Bridge(refuse, "127.0.0.1", 0, KEY, None)
    thread = threading.Thread(target=bridge.run, daemon=True)
    thread.start()
    with visit(bridge) as visitor, pytest.raises(ConnectionClosed, match=r"No such port\."):
        visitor.recv(timeout=PATIENCE_S)
    bridge.close()
    thread.join(PATIENCE_S)


WITH_KEY = f"{LINE}?key={KEY}"


@pytest.mark.parametrize(
    ("origin", "path", "let_in"),
    [
        (None, LINE, True),  # a program of this machine
        ("http://127.0.0.1:8765", LINE, True),
        ("http://localhost:3000", LINE, True),
        ("http://[::1]", LINE, True),
        ("https://example.org", LINE, False),
        ("http://127.0.0.1.example.org", LINE, False),
        ("http://localhost@example.org", LINE, False),
        ("null", LINE, False),  # from disk, or from a stranger's sandbox
        ("file://", LINE, False),
        ("null", WITH_KEY, True),
        ("https://example.org", WITH_KEY, True),
        ("null", f"{LINE}?key=the-kex", False),
        ("null", f"{LINE}?key=", False),
        ("null", f"{LINE}?key=%ff", False),
    ],
)
def test_strangers_stay_out(origin: str | None, path: str, let_in: bool) -> None:
    with served() as (bridge, lines):
        if let_in:
            with visit(bridge, path, origin=origin) as visitor:
                visitor.send(b"x")
                hear(visitor, b"X")
        else:
            with pytest.raises(InvalidStatus), visit(bridge, path, origin=origin):
                pass
            assert lines == []


def test_beyond_this_machine_everybody_needs_the_key() -> None:
    with served("0.0.0.0") as (bridge, lines):
        with pytest.raises(InvalidStatus), visit(bridge):
            pass
        assert lines == []
        with visit(bridge, WITH_KEY) as visitor:
            visitor.send(b"x")
            hear(visitor, b"X")


def get(bridge: Bridge, path: str, **headers: str) -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", bridge.port, timeout=PATIENCE_S)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.headers["Content-Type"], body


def test_the_page_and_all_that_it_names_are_served() -> None:
    with served() as (bridge, _):
        status, kind, body = get(bridge, "/")
        assert (status, kind) == (200, "text/html; charset=utf-8")
        names = [
            word.split('"')[1]
            for word in body.decode().split()
            if word.startswith(("src=", "href=")) and not word.split('"')[1].startswith(("#", "data:"))
        ]
        assert len(names) > 10
        for name in names:
            status, kind, content = get(bridge, f"/{name}")
            assert status == 200, name
            assert kind.startswith("text/css" if name.endswith(".css") else "text/javascript")
            assert content == (PAGES / name).read_bytes()


@pytest.mark.parametrize(
    "path", ["/../bridge.py", "/..%2fREADME.md", "/tests", "/tests/load.cjs", "/nothing"]
)
def test_nothing_else_is_served(path: str) -> None:
    with served() as (bridge, _):
        assert get(bridge, path)[0] == 404


def test_without_pages_there_is_only_the_line() -> None:
    with served(pages=None) as (bridge, _):
        assert get(bridge, "/")[0] == 404


def test_a_strangers_name_for_this_machine_is_refused() -> None:
    with served() as (bridge, _):
        assert get(bridge, "/", Host="example.org")[0] == 403
        assert get(bridge, "/", Host=f"localhost:{bridge.port}")[0] == 200


def test_a_port_that_is_taken_is_a_sentence() -> None:
    with served() as (bridge, _), pytest.raises(InputError, match=f"--listen {bridge.port} on 127"):
        Bridge(Echo, "127.0.0.1", bridge.port, KEY, None)


@contextmanager
def commanded(*words: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """The command as a process, and the lines that it prints first."""
    run = subprocess.Popen(
        [*COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert run.stdout is not None
    assert run.stderr is not None
    try:
        with run.stdout, run.stderr:
            yield run, [run.stdout.readline().strip() for _ in range(2 if words[0] == "page" else 1)]
    finally:
        run.kill()
        run.wait()


def test_a_simulation_can_be_talked_to_through_it() -> None:
    with commanded("page", "sim", "--listen", "0", "--speed", "20") as (run, printed):
        assert printed[0].startswith("page: http://127.0.0.1:")
        address = printed[1].removeprefix("line: ")
        with connect(address, proxy=None) as visitor:
            visitor.send(b'{"jsonrpc": "2.0", "id": 1, "method": "status"}\n')
            line = hear(visitor, b"}\r\n").strip().splitlines()[-1]
            assert json.loads(line)["result"]["cells_mv"] is not None
        run.send_signal(signal.SIGINT)
        assert run.wait(PATIENCE_S) == 0
        assert run.stderr is not None
        assert "Traceback" not in run.stderr.read()


def test_it_ends_with_its_simulation_and_hands_on_what_came_of_it(tmp_path: Path) -> None:
    story = tmp_path / "story.toml"
    story.write_text('[[at]]\nt = 1\nexpect = {mode = "permanent"}\n')
    options = ("--scenario", str(story), "--speed", "20")
    with commanded("bridge", "sim", "--listen", "0", *options) as (run, printed):
        assert printed[0].startswith("line: ws://127.0.0.1:")
        assert run.wait(PATIENCE_S) == 1


def test_a_simulation_that_cannot_start_ends_it_with_a_sentence() -> None:
    done = process("page", "sim", "--listen", "0", "--pack", "nothing.toml")
    assert done.returncode == 2
    assert "nothing.toml" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("page", "tcp:70000"), "tcp:PORT"),
        (("page", "tcp:1", "--pack", "x.toml"), "after the word sim"),
        (("page", "no-such-port"), "There is no port no-such-port"),
        (("bridge", "tcp:1", "--host", "no such host"), "cannot be opened"),
    ],
)
def test_bad_input_is_a_sentence(words: tuple[str, ...], sentence: str) -> None:
    done = process(*words)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
