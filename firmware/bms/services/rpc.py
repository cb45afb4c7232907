"""JSON-RPC 2.0 on the console port: one object a line, the same methods that a person types.

Answers are generators of text, so that a long one goes out in slices between protection cycles.
"""

import json

from micropython import const

from bms.services import jsonstream
from bms.services.command import METHOD, CommandError, Commands

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bms.ports import Row

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
REFUSED = -32000

_LONGEST_BATCH = 8
_DEEPEST = 6  # no request needs more; a deeper one would exhaust the chip's stack in the parser


def answer(line: str, commands: Commands) -> "Iterator[str]":
    """Yield the pieces of the answer to one line, nothing for notifications; a line break ends it."""
    try:
        if _depth(line) > _DEEPEST:
            raise ValueError
        request = json.loads(line)
    except ValueError:
        yield _error(None, PARSE_ERROR, "this is not JSON; send one JSON-RPC 2.0 object a line") + "\r\n"
        return
    if not isinstance(request, list):
        lead = ""
        for piece in _one(request, commands):
            yield piece
            lead = "\r\n" if piece else lead
        yield lead
        return
    if not request or len(request) > _LONGEST_BATCH:
        sentence = f"a batch holds 1 to {_LONGEST_BATCH} requests, not {len(request)}"
        yield _error(None, INVALID_REQUEST, sentence) + "\r\n"
        return
    lead = "["
    for each in request:
        for piece in _one(each, commands):
            if piece:
                piece = lead + piece  # noqa: PLW2901
                lead = ""
            yield piece
        lead = lead or ","
    if lead == ",":
        yield "]\r\n"


def _one(request: object, commands: Commands) -> "Iterator[str]":
    if (
        not isinstance(request, dict)
        or request.get("jsonrpc") != "2.0"
        or not isinstance(request.get("method"), str)
    ):
        yield _error(None, INVALID_REQUEST, 'a request needs "jsonrpc": "2.0" and a "method"')
        return
    silent = "id" not in request
    ident = request.get("id")
    if not isinstance(ident, (int, str, type(None))):
        yield _error(None, INVALID_REQUEST, 'an "id" is a number, a text or null')
        return
    try:
        command = commands.find(request["method"])
        if command is None:
            raise CommandError(commands.unknown(request["method"]), METHOD_NOT_FOUND)
        for pause in commands.ready(command[METHOD]):
            yield pause
        result = commands.call(command, _arguments(command, request.get("params", [])))
    except CommandError as error:
        if not silent:
            yield _error(ident, error.code, str(error))
        return
    if silent:
        return
    yield '{"jsonrpc": "2.0", "id": ' + json.dumps(ident) + ', "result": '
    for piece in jsonstream.pieces(result):
        yield piece
    yield "}"


def _arguments(command: "Row", given: object) -> list[str]:
    """Positional arguments from a JSON-RPC params list or object; as the console would have them: text."""
    names = command[1]
    if isinstance(given, dict):
        for name in given:
            if name not in names:
                takes = ", ".join(names) or "nothing"
                raise CommandError(f"'{command[0]}' takes {takes}, not '{name}'", INVALID_PARAMS)
        arguments = []
        for name in names:
            if name not in given:
                break
            arguments.append(given[name])
        given = arguments
    if not isinstance(given, list):
        raise CommandError('"params" must be a list or an object', INVALID_PARAMS)
    for each in given:
        if isinstance(each, (list, dict)):
            raise CommandError("a parameter is a number, a text, true, false or null", INVALID_PARAMS)
    return [each if isinstance(each, str) else json.dumps(each) for each in given]


def _depth(line: str) -> int:
    """How deep brackets and braces nest, those in texts included."""
    depth = deepest = 0
    for character in line:
        if character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _error(ident: object, code: int, sentence: str) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": ident, "error": {"code": code, "message": sentence}})
