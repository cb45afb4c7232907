"""A controller on a pseudo-terminal: MicroPython's prompt over files in memory, or firmware in front of it.

What arrives at the prompt is executed, with `os`, `open` and the rest of MicroPython's side made up here.
"""

import binascii
import hashlib
import io
import json
import os
import select
import sys
import traceback
import tty
from collections.abc import Callable, Iterator
from threading import Thread
from types import SimpleNamespace
from typing import Any, Self

BLOCK = 4096
Method = Callable[..., Any]


class RefusalError(Exception):
    """The fake firmware says no."""


class FakeBoard:
    """A context manager; `path` is the port."""

    def __init__(self, files: dict[str, bytes] | None = None, **what: Any) -> None:
        self.files = dict(files or {})
        self.platform: str = what.get("platform", "rp2")
        self.version: tuple[int, ...] = what.get("version", (1, 28, 0))
        self.mpy: int = what.get("mpy", 6)
        self.machine: str = what.get("machine", "Raspberry Pi Pico with RP2040")
        self.blocks: int = what.get("blocks", 352)
        self.methods: dict[str, Method] | None = what.get("methods")  # firmware runs
        self.after: dict[str, Method] | None = what.get("after")  # and will, after a restart
        self.stoppable: bool = what.get("stoppable", True)
        self.fets: Any = what.get("fets")  # what the front end reads; None: no firmware had run
        self.deaf: bool = what.get("deaf", False)
        self.spoil: set[str] = what.get("spoil", set())  # files that arrive wrong
        self.order: list[str] = []
        self.resets = 0
        self._raw = False
        self._input = b""
        self._names: dict[str, Any] = {}
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.path = os.ttyname(self._slave)
        self._going = True
        self._thread = Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._going = False
        self._thread.join(5)
        os.close(self._master)
        os.close(self._slave)

    def _serve(self) -> None:
        while self._going:
            if select.select([self._master], [], [], 0.02)[0]:
                self._take(os.read(self._master, 4096))

    def _say(self, text: str | bytes) -> None:
        data = text.encode() if isinstance(text, str) else text
        while data:
            data = data[os.write(self._master, data) :]

    def _take(self, data: bytes) -> None:
        if self.deaf:
            return
        for byte in data:
            self._byte(bytes([byte]))

    def _byte(self, byte: bytes) -> None:
        if self.methods is not None:
            self._to_firmware(byte)
        elif not self._raw:
            self._input = b""
            if byte == b"\x03":
                self._say("\r\n>>> ")
            elif byte == b"\x01":
                self._raw = True
                self._say("raw REPL; CTRL-B to exit\r\n>")
        elif byte == b"\x04":
            self._execute()
        elif byte == b"\x01" and self._input == b"\x05A":
            self._input = b""
            self._say(b"R\x00")
        elif byte == b"\x01":
            self._input = b""
            self._say("raw REPL; CTRL-B to exit\r\n>")
        elif byte == b"\x03":
            self._input = b""
        elif byte == b"\x02":
            self._raw = False
            self._say("\r\n>>> ")
        else:
            self._input += byte

    def _to_firmware(self, byte: bytes) -> None:
        assert self.methods is not None
        if byte == b"\x03" and self.stoppable:
            self.methods = None
            self._say("Packwarden has stopped.\r\n>>> ")
        elif byte == b"\x15":
            self._input = b""
        elif byte != b"\n":
            self._input += byte
        else:
            line, self._input = self._input, b""
            self._answer(line)

    def _answer(self, line: bytes) -> None:
        assert self.methods is not None
        request = json.loads(line)
        answer: dict[str, Any] = {"jsonrpc": "2.0", "id": request["id"]}
        try:
            method = self.methods[request["method"]]
            answer["result"] = method(*request.get("params", []))
        except KeyError:
            answer["error"] = {"code": -32601, "message": "not a command"}
        except RefusalError as refusal:
            answer["error"] = {"code": -32000, "message": str(refusal)}
        self._say(json.dumps(answer) + "\r\n")
        if request["method"] == "repl" and "result" in answer:
            self.methods = None
            self._names = {"hal": SimpleNamespace(prompt_asked=True)}
            self._say("the path is open\r\n>>> ")

    def _execute(self) -> None:
        code, self._input = self._input.lstrip(b"\r").decode(), b""
        if not code:
            self._names = {}
            self._say("OK\r\nMPY: soft reboot\r\nraw REPL; CTRL-B to exit\r\n>")
            return
        printed: list[str] = []
        error = ""
        names = self._names
        names["__builtins__"] = self._builtins(printed)
        if self.fets is not None:
            names.setdefault("loop", self._loop())
        try:
            exec(code, names)
        except _Restarted:
            self._restart()
            return
        except OSError as refused:
            error = f"Traceback (most recent call last):\r\nOSError: {refused.errno}\r\n"
        except Exception:  # noqa: BLE001 - as a prompt does
            error = traceback.format_exc()
        self._say("OK" + "".join(printed) + "\x04" + error + "\x04>")

    def _restart(self) -> None:
        self.resets += 1
        self._raw = False
        self._names = {}
        if "main.py" in self.files and self.after is not None:
            self.methods = self.after

    def _loop(self) -> Any:
        afe = SimpleNamespace(fets=0, read=lambda: setattr(afe, "fets", self.fets))
        return SimpleNamespace(
            p=SimpleNamespace(switch=SimpleNamespace(open_path=lambda: None), keeper=SimpleNamespace(afe=afe))
        )

    def _builtins(self, printed: list[str]) -> dict[str, Any]:
        def say(*values: Any, end: str = "\n") -> None:
            printed.append((" ".join(str(value) for value in values) + end).replace("\n", "\r\n"))

        modules = {
            "os": SimpleNamespace(
                ilistdir=self._list,
                listdir=lambda: [name for name, *_ in self._list()],
                statvfs=lambda _: (BLOCK, BLOCK, self.blocks, self._free()),
                mkdir=lambda _: None,
                remove=self._remove,
                stat=self._stat,
            ),
            "sys": SimpleNamespace(
                platform=self.platform,
                implementation=SimpleNamespace(
                    name="micropython", version=self.version, _mpy=self.mpy, _machine=self.machine
                ),
            ),
            "machine": SimpleNamespace(reset=self._reset),
            "hashlib": hashlib,
            "binascii": binascii,
        }
        plain = {name: getattr(sys.modules["builtins"], name) for name in dir(sys.modules["builtins"])}
        return {**plain, "print": say, "open": self._open, "__import__": lambda name, *_: modules[name]}

    def _free(self) -> int:
        return self.blocks - sum(-(-len(content) // BLOCK) for content in self.files.values())

    def _list(self, folder: str = "/") -> Iterator[tuple[Any, ...]]:
        start = folder.strip("/") + "/" if folder.strip("/") else ""
        below = [path.removeprefix(start) for path in self.files if path.startswith(start)]
        for name in sorted({path.split("/")[0] for path in below if "/" in path}):
            yield name, 0x4000, 0, 0
        for name in sorted(path for path in below if "/" not in path):
            yield name, 0x8000, 0, len(self.files[start + name])

    def _stat(self, path: str) -> tuple[int, ...]:
        if any(each.startswith(path.strip("/") + "/") for each in self.files):
            return (0x4000,) + (0,) * 9
        if path.strip("/") not in self.files:
            raise OSError(2, "ENOENT")
        return (0x8000, *(0,) * 5, len(self.files[path.strip("/")]), 0, 0, 0)

    def _remove(self, path: str) -> None:
        self._stat(path)
        self.order.append(f"-{path}")
        del self.files[path.strip("/")]

    def _open(self, path: str, mode: str = "rb") -> Any:
        board, name = self, path.strip("/")
        if "r" in mode:
            self._stat(path)
            return io.BytesIO(self.files[name])
        self.order.append(f"+{name}")

        class Kept(io.BytesIO):
            def close(self) -> None:
                content = self.getvalue()
                if -(-len(content) // BLOCK) > board._free():
                    raise OSError(28, "ENOSPC")
                board.files[name] = content + b"?" if name in board.spoil else content
                super().close()

        return Kept()

    def _reset(self) -> None:
        raise _Restarted


class _Restarted(BaseException):
    pass
