"""Asks a pack over its serial line: JSON-RPC 2.0, an object a line, between whatever else the console prints.

The line belongs to people too: greetings, prompts, echoes and half-typed words may stand before an answer. An
answer is a line that is a JSON object with the id of a request under way; everything else is passed over,
but for notifications, which are kept for who asks for them.
"""

import json
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, cast

from packwarden.errors import InputError

PATIENCE_S = 5.0  # without a single byte: a chip brings from flash what answers the first question
LONGEST_LINE = 1000  # the firmware takes 1024 characters
LONGEST_BATCH = 8  # and so many requests in one
_LEFT_OVER = b"\x15"  # Ctrl-U: whatever stands half typed on the console's line is dropped
_MOST_BUFFERED = 1_000_000
_PARSE_ERROR = -32700

Arguments = Sequence[object] | dict[str, object]


class Port(Protocol):
    """A line to a pack, real or simulated; LinkError from whatever finds it gone.

    `write` sends all of it. `read` waits at most so long for the first byte, and gives what has arrived.
    `now_s` is the clock by which that waiting is counted.
    """

    name: str

    def write(self, data: bytes, /) -> None: ...
    def read(self, wait_s: float, /) -> bytes: ...
    def now_s(self) -> float: ...
    def close(self) -> None: ...


class LinkError(InputError):
    """There is no pack at the other end that answers."""


class RefusalError(Exception):
    """The pack answers, and says no: its sentence, and the code of JSON-RPC."""

    def __init__(self, sentence: str, code: int) -> None:
        super().__init__(sentence)
        self.code = code


class Client:
    """One talk with one pack."""

    def __init__(self, port: Port, patience_s: float = PATIENCE_S) -> None:
        self.port = port
        self.patience_s = patience_s
        self._buffer = b""
        self._received = 0
        self._next_id = 1
        self._heard: deque[dict[str, Any]] = deque(maxlen=1000)
        port.write(_LEFT_OVER)

    def call(self, method: str, *arguments: object, **named: object) -> Any:
        """The result of one method; RefusalError if the pack refuses, LinkError if it does not answer."""
        result = self.batch([(method, named or arguments)])[0]
        if isinstance(result, RefusalError):
            raise result
        return result

    def batch(self, calls: Iterable[tuple[str, Arguments]]) -> list[Any]:
        """The results of many calls, in their order; one that was refused is a RefusalError in the list.

        Many travel in one line; they are not one step: each is done or refused by itself.
        """
        requests = [self._request(method, arguments) for method, arguments in calls]
        results: list[Any] = []
        for group in _groups(requests):
            results += self._exchange(group)
        return results

    def notifications(self, wait_s: float) -> Iterator[dict[str, Any]]:
        """Yield what the pack tells unasked ("method" and "params"), until none has come for so long."""
        until_s = self.port.now_s() + wait_s
        while True:
            while self._heard:
                yield self._heard.popleft()
                until_s = self.port.now_s() + wait_s
            left_s = until_s - self.port.now_s()
            if left_s <= 0:
                return
            for message in self._lines(left_s):
                self._keep(message)

    def close(self) -> None:
        """Leave the line."""
        self.port.close()

    def _request(self, method: str, arguments: Arguments) -> dict[str, Any]:
        ident = self._next_id
        self._next_id += 1
        asked = dict(arguments) if isinstance(arguments, dict) else list(arguments)
        return {"jsonrpc": "2.0", "id": ident, "method": method} | ({"params": asked} if asked else {})

    def _exchange(self, requests: list[dict[str, Any]]) -> list[Any]:
        """Send one line, and wait until each of its requests is answered."""
        line = _encode(requests)
        if len(line) > LONGEST_LINE:
            raise LinkError(f"'{requests[0]['method']}' takes at most {LONGEST_LINE} characters in one line.")
        self.port.write(line + b"\n")
        answers: dict[int, dict[str, Any]] = {}
        while len(answers) < len(requests):
            for message in self._answers():
                ident = message.get("id")
                result = _result(message)
                if ident is None and isinstance(result, RefusalError) and result.code == _PARSE_ERROR:
                    raise LinkError(f"{self.port.name}: the request was garbled on its way; try again.")
                answers |= {each["id"]: message for each in requests if each["id"] == ident}
        return [_result(answers[each["id"]]) for each in requests]

    def _answers(self) -> list[dict[str, Any]]:
        """What has been answered, after waiting for it; LinkError after too long a silence."""
        before = self._received
        messages = self._lines(self.patience_s)
        if self._received == before:
            raise LinkError(
                f"{self.port.name}: nothing answered for {self.patience_s:g} s; is this the pack's port, and "
                "does its firmware run?"
            )
        return [message for message in messages if not self._keep(message)]

    def _keep(self, message: dict[str, Any]) -> bool:
        """A notification is kept; says whether it was one."""
        told = "method" in message and "id" not in message
        if told:
            self._heard.append(message)
        return told

    def _lines(self, wait_s: float) -> list[dict[str, Any]]:
        """The JSON-RPC messages among the lines that have become whole."""
        data = self.port.read(wait_s)
        self._received += len(data)
        self._buffer += data
        *lines, self._buffer = self._buffer.replace(b"\r", b"\n").split(b"\n")
        if len(self._buffer) > _MOST_BUFFERED:
            raise LinkError(f"{self.port.name}: what comes from there is not a Packwarden console.")
        return [message for line in lines for message in _messages(line)]


def _messages(line: bytes) -> list[dict[str, Any]]:
    """The messages of one line: one, a batch of them, or none where it is a person's."""
    start = line[:1]
    if start not in (b"{", b"["):
        return []
    try:
        found: Any = json.loads(line)
    except (ValueError, RecursionError):
        return []
    several: list[Any] = cast("Any", found) if isinstance(found, list) else [found]
    messages = [cast("dict[str, Any]", each) for each in several if isinstance(each, dict)]
    return [each for each in messages if each.get("jsonrpc") == "2.0"]


def _result(message: dict[str, Any]) -> Any:
    """The result, or the refusal as an exception that was not raised."""
    error: Any = message.get("error")
    if error is None:
        return message.get("result")
    if not isinstance(error, dict):
        return RefusalError(str(error), 0)
    details = cast("dict[str, Any]", error)
    code = details.get("code")
    return RefusalError(str(details.get("message")), code if isinstance(code, int) else 0)


def _encode(requests: list[dict[str, Any]]) -> bytes:
    return json.dumps(requests[0] if len(requests) == 1 else requests, separators=(",", ":")).encode()


def _groups(requests: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """As many at a time as fit into one line."""
    group: list[dict[str, Any]] = []
    for request in requests:
        if group and (len(group) == LONGEST_BATCH or len(_encode([*group, request])) > LONGEST_LINE):
            yield group
            group = []
        group.append(request)
    if group:
        yield group


@contextmanager
def talk(port: Port, patience_s: float = PATIENCE_S) -> Generator[Client]:
    """A client on this port, which is closed afterwards."""
    try:
        yield Client(port, patience_s)
    finally:
        port.close()
