"""The consoles for real: pipe, terminal, pseudo-terminal and TCP port, each with a live simulation behind."""

import json
import os
import select
import signal
import socket
import subprocess
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tools.sim_command import COMMAND, ROOT, process, sim

PATIENCE_S = 30.0


def test_piped_lines_are_answered_one_after_the_other() -> None:
    asked = 'status\n{"jsonrpc": "2.0", "id": 7, "method": "status"}\nversion\n'
    done = process("sim", typed=asked)
    assert done.returncode == 0
    assert "AFE armed and verified" in done.stdout
    answer = next(line for line in done.stdout.splitlines() if line.startswith('{"jsonrpc"'))
    assert json.loads(answer)["result"]["mode"] == "active"
    places = [done.stdout.index(text) for text in ("AFE armed and verified", answer, "bus errors")]
    assert places == sorted(places)
    assert done.stderr == ""


def test_after_the_last_line_the_duration_is_finished(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert sim("--duration", 30, "--record", out, typed="status\n").exit_code == 0
    assert out.read_text().splitlines()[-1].startswith("30.0,active")


def test_a_reader_that_leaves_ends_it_quietly() -> None:
    run = subprocess.Popen(
        [*COMMAND, "sim"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    )
    assert run.stdin is not None
    assert run.stdout is not None
    run.stdout.close()
    run.stdin.write(b"help\n" * 50)
    run.stdin.close()
    assert run.stderr is not None
    with run.stderr:
        assert run.stderr.read() == b""
    assert run.wait(PATIENCE_S) == 0


@contextmanager
def running(*options: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A simulation in the background, and the first line that it printed."""
    run = subprocess.Popen(
        [*COMMAND, "sim", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    )
    assert run.stdout is not None
    assert run.stderr is not None
    try:
        with run.stdout, run.stderr:
            yield run, run.stdout.readline().decode().strip()
            run.terminate()
            assert run.wait(PATIENCE_S) == 0, run.stderr.read()
    finally:
        run.kill()
        run.wait()


def wait_for(text: bytes, receive: Callable[[], bytes]) -> bytes:
    seen = b""
    until_s = time.monotonic() + PATIENCE_S
    while text not in seen:
        assert time.monotonic() < until_s, seen
        seen += receive()
    return seen


def from_fd(fd: int) -> Callable[[], bytes]:
    def receive() -> bytes:
        return os.read(fd, 4096) if select.select([fd], [], [], 0.2)[0] else b""

    return receive


def test_pty_can_be_opened_left_and_opened_again() -> None:
    with running("--console", "pty", "--speed", "20") as (_, path):
        for _ in range(2):
            fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
            try:
                os.write(fd, b"time\r")
                wait_for(b"wall clock", from_fd(fd))
            finally:
                os.close(fd)


def talk(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as client:
        client.settimeout(PATIENCE_S)
        client.sendall(b'{"jsonrpc": "2.0", "id": 1, "method": "time"}\n')
        assert b"operating_s" in wait_for(b"}}", lambda: client.recv(4096))


def test_tcp_serves_one_client_at_a_time_and_the_next_one_after_it() -> None:
    with running("--console", "tcp:0", "--speed", "20") as (_, line):
        address, _, port = line.rpartition(":")
        assert address == "console: tcp 127.0.0.1"
        talk(int(port))
        with socket.create_connection(("127.0.0.1", int(port))) as first:
            first.settimeout(PATIENCE_S)
            first.sendall(b"status\r")
            wait_for(b"Mode", lambda: first.recv(4096))
            with socket.create_connection(("127.0.0.1", int(port)), timeout=PATIENCE_S) as second:
                assert b"in use" in second.recv(100)
            first.sendall(b"version\r")
            wait_for(b"firmware", lambda: first.recv(4096))
        talk(int(port))


def test_a_port_in_use_is_a_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = sim("--console", f"tcp:{taken.getsockname()[1]}")
    assert result.exit_code == 2
    assert "cannot be opened: Address already in use" in result.stderr


@pytest.mark.parametrize("keys", [b"\x1d", b"\x03\x03"])
def test_a_terminal_gets_its_keys_echoed_once_and_is_given_back(keys: bytes) -> None:
    master, slave = os.openpty()
    before = termios.tcgetattr(slave)
    run = subprocess.Popen([*COMMAND, "sim"], stdin=slave, stdout=slave, stderr=slave, cwd=ROOT)
    try:
        wait_for(b"-> active", from_fd(master))
        os.write(master, b"time\r")
        seen = wait_for(b"wall clock", from_fd(master))
        assert seen.count(b"time\r\n") == 1
        os.write(master, keys)
        assert run.wait(PATIENCE_S) == 0
        assert termios.tcgetattr(slave) == before
    finally:
        run.kill()
        run.wait()
        os.close(master)
        os.close(slave)


def test_keys_that_no_console_needs_press_the_button_and_play_the_world() -> None:
    master, slave = os.openpty()
    words = [*COMMAND, "sim", "--bare"]
    run = subprocess.Popen(words, stdin=slave, stdout=slave, stderr=slave, cwd=ROOT)
    try:
        assert b"Ctrl-B" in wait_for(b"pw> ", from_fd(master))
        os.write(master, b"\x02")
        wait_for(b"[button down", from_fd(master))
        time.sleep(1.5)
        os.write(master, b"unlock\r")
        wait_for(b"unlocked  600 s", from_fd(master))
        os.write(master, b"\x02")
        wait_for(b"[button up, after ", from_fd(master))
        os.write(master, b"\x06\x06\x10\x10\x16")
        seen = wait_for(b"[the meter shows 52.", from_fd(master))
        for each in (
            b"finger on thermistor 1",
            b"no finger",
            b"charger plugged: 58.4 V, 10 A",
            b"charger unplugged",
        ):
            assert each in seen
        os.write(master, b"\x1d")
        assert run.wait(PATIENCE_S) == 0
    finally:
        run.kill()
        run.wait()
        os.close(master)
        os.close(slave)


def test_a_terminal_is_given_back_when_the_run_is_killed_politely() -> None:
    master, slave = os.openpty()
    before = termios.tcgetattr(slave)
    run = subprocess.Popen([*COMMAND, "sim"], stdin=slave, stdout=slave, stderr=slave, cwd=ROOT)
    try:
        wait_for(b"pw> ", from_fd(master))
        run.send_signal(signal.SIGTERM)
        assert run.wait(PATIENCE_S) == 0
        assert termios.tcgetattr(slave) == before
    finally:
        run.kill()
        run.wait()
        os.close(master)
        os.close(slave)


def test_a_pace_is_kept() -> None:
    start_s = time.monotonic()
    assert sim("--console", "none", "--speed", 10, "--duration", 10).exit_code == 0
    assert 0.95 <= time.monotonic() - start_s < 8.0
