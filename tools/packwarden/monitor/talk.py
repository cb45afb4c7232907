"""JSON-RPC without waiting: a screen asks, goes on drawing, and is told when the answer is there.

One request is under way at a time, as the firmware takes one line at a time. `packwarden.client` is for those
who can wait.
"""

import json
from collections import deque
from collections.abc import Callable
from typing import Any

from packwarden.client import LinkError, Port, RefusalError
from packwarden.jsonvalues import an_object

PATIENCE_S = 5.0
METHOD_NOT_FOUND = -32601
_LEFT_OVER = b"\x15"  # Ctrl-U drops whatever stands half typed on the line
_MOST_BUFFERED = 1_000_000

Then = Callable[[Any], None]  # takes the result, or a RefusalError


class Talk:
    """One talk with one pack, moved on by `step`."""

    def __init__(self, port: Port) -> None:
        self.port = port
        self.silent = False  # a question has gone unanswered for too long
        self._waiting: deque[tuple[bytes, Then]] = deque()
        self._under_way: tuple[int, Then] | None = None
        self._next_id = 1
        self._buffer = b""
        self._heard_s = port.now_s()
        port.write(_LEFT_OVER)

    @property
    def idle(self) -> bool:
        """Nothing is being asked."""
        return self._under_way is None and not self._waiting

    def ask(self, method: str, *arguments: object, then: Then) -> None:
        """Ask, when what was asked before has been answered."""
        request: dict[str, Any] = {"jsonrpc": "2.0", "id": 0, "method": method}
        if arguments:
            request["params"] = list(arguments)
        self._waiting.append((json.dumps(request, separators=(",", ":")).encode() + b"\n", then))

    def step(self) -> None:
        """Take what has arrived, send what is next; LinkError if the line is gone."""
        data = self.port.read(0.0)
        now_s = self.port.now_s()
        if data:
            self._heard_s = now_s
            self._take(data)
        if self._under_way is not None and now_s - self._heard_s > PATIENCE_S:
            self.silent = True
            self._under_way = None
            self._buffer = b""
            self.port.write(_LEFT_OVER)
        if self._under_way is None and self._waiting:
            line, then = self._waiting.popleft()
            self._under_way = (self._next_id, then)
            self.port.write(line.replace(b'"id":0', b'"id":%d' % self._next_id, 1))
            self._next_id += 1
            self._heard_s = now_s

    def _take(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) > _MOST_BUFFERED:
            raise LinkError(f"{self.port.name}: what comes from there is not a Packwarden console.")
        *lines, self._buffer = self._buffer.replace(b"\r", b"\n").split(b"\n")
        for line in lines:
            if line[:1] == b"{":
                self._hear(line)

    def _hear(self, line: bytes) -> None:
        try:
            message = an_object(json.loads(line))
        except (ValueError, RecursionError):
            return
        if message is None or self._under_way is None:
            return
        ident, then = self._under_way
        if message.get("id") != ident:
            return
        self._under_way = None
        self.silent = False
        error = message.get("error")
        if error is None:
            then(message.get("result"))
        else:
            details = an_object(error) or {}
            then(RefusalError(str(details.get("message", error)), int(details.get("code", 0))))
