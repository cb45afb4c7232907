"""A pack's serial line as a WebSocket, for the page in `tools/dashboard`, which it also hands out over HTTP.

Bytes go across unchanged, for one visitor at a time; a visitor who reads slowly slows the line, and the
firmware sees what it would see on USB. Any web site in the same browser can knock at a port of this machine,
so who asks is looked at: pages that come from here or from this machine's own servers may enter, others need
the key that is printed with the address. A page opened from disk cannot be told from a stranger's, so it
needs the key.
"""

import hmac
import mimetypes
from collections.abc import Callable
from contextlib import closing
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path
from threading import Lock
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

from packwarden.errors import InputError

LINE = "/serial"
IN_USE, GONE = 1013, 1011  # RFC 6455 and its registry: try again later, internal error
_LOOK_S = 0.02
_LEAVING_S = 1.0  # a page that is loaded again knocks before its former self has left
_CHUNK = 4096
_LONGEST_MESSAGE = 65536
_LONGEST_REASON = 120  # RFC 6455, 5.5.1: 123 bytes
_TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".png": "image/png"}


class Line(Protocol):
    """The far end: a serial port, or what stands for one."""

    def write(self, data: bytes, /) -> None: ...
    def read(self, wait_s: float, /) -> bytes: ...
    def close(self) -> None: ...


class Bridge:
    """The server, and the one visitor who has the line."""

    def __init__(
        self, open_line: Callable[[], Line], host: str, port: int, key: str, pages: Path | None
    ) -> None:
        self._open_line = open_line
        self._key = key
        self._pages = pages
        self._open_to_all = not is_here(host)
        self._taken = Lock()
        try:
            self._server: Server = serve(
                self._talk,
                host,
                port,
                process_request=self._admit,
                max_size=_LONGEST_MESSAGE,
                compression=None,
                server_header=None,
            )
        except OSError as error:
            raise InputError(
                f"--listen {port} on {host} cannot be opened: {error.strerror or error}."
            ) from None
        self.port = int(self._server.socket.getsockname()[1])

    def run(self) -> None:
        """Serve until `close`."""
        self._server.serve_forever()

    def close(self) -> None:
        """Send the visitor away and give the port back."""
        self._server.shutdown()

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """None lets a visitor onto the line; anything else is the answer: a file, or why not."""
        path = urlsplit(request.path).path
        if not self._is_addressed(request):
            return connection.respond(HTTPStatus.FORBIDDEN, "This server is reached as localhost only.\n")
        if "upgrade" not in request.headers:
            return self._file(connection, path)
        if path != LINE:
            return connection.respond(HTTPStatus.NOT_FOUND, f"The line is at {LINE}.\n")
        if not self._is_welcome(request):
            return connection.respond(
                HTTPStatus.FORBIDDEN, "Pages from elsewhere need the key that was printed with the address.\n"
            )
        return None

    def _is_addressed(self, request: Request) -> bool:
        """By a name of this machine: a stranger's that resolves to it is an attack (DNS rebinding)."""
        return self._open_to_all or is_here(_name(request.headers.get("Host", "")))

    def _is_welcome(self, request: Request) -> bool:
        given = parse_qs(urlsplit(request.path).query).get("key", [""])[0]
        if hmac.compare_digest(given.encode(), self._key.encode()):
            return True
        if self._open_to_all:
            return False
        origin = request.headers.get("Origin")
        return origin is None or (
            urlsplit(origin).scheme in ("http", "https") and is_here(_name(urlsplit(origin).netloc))
        )

    def _file(self, connection: ServerConnection, path: str) -> Response:
        name = path.removeprefix("/") or "index.html"
        if self._pages is None or name not in {each.name for each in self._pages.iterdir() if each.is_file()}:
            return connection.respond(HTTPStatus.NOT_FOUND, "There is no such page here.\n")
        kind = _TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0] or "text/plain"
        body = (self._pages / name).read_bytes()
        headers = Headers(
            [
                ("Content-Type", f"{kind}; charset=utf-8" if kind.startswith("text/") else kind),
                ("Content-Length", str(len(body))),
                ("Cache-Control", "no-cache"),
                ("X-Content-Type-Options", "nosniff"),
                ("Connection", "close"),
            ]
        )
        return Response(HTTPStatus.OK, "OK", headers, body)

    def _talk(self, visitor: ServerConnection) -> None:
        """One visitor, from coming to leaving."""
        if not self._taken.acquire(timeout=_LEAVING_S):
            visitor.close(IN_USE, "The line is in use by another page or program.")
            return
        try:
            with closing(self._open_line()) as line:
                while True:
                    _exchange(visitor, line)
        except ConnectionClosed:
            pass
        except InputError as error:
            visitor.close(GONE, _short(str(error)))
        finally:
            self._taken.release()


def _exchange(visitor: ServerConnection, line: Line) -> None:
    """What has come from either side goes to the other."""
    data = line.read(_LOOK_S)
    more = data
    while more and len(data) < _CHUNK:
        more = line.read(0.0)
        data += more
    if data:
        visitor.send(data)
    try:
        message = visitor.recv(timeout=0)
    except TimeoutError:
        return
    line.write(message.encode() if isinstance(message, str) else bytes(message))


def _short(sentence: str) -> str:
    """As much of it as a farewell may say."""
    return sentence.encode()[:_LONGEST_REASON].decode(errors="ignore")


def _name(place: str) -> str:
    """The host of host:port."""
    try:
        return urlsplit(f"//{place}").hostname or ""
    except ValueError:
        return ""


def is_here(host: str) -> bool:
    """Whether a host is this machine and nobody else can reach it there."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
