"""What can be asked of the pack, as OpenRPC says it: the command table once more, for programs.

https://spec.open-rpc.org: a document with `openrpc`, `info` and `methods`; a method with `name`, `params` and
`result`; each of those with `name` and `schema`. Loaded for the moment.
"""

from micropython import const

import bms
from bms.services import command

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bms.app.parts import Parts
    from bms.ports import Fields

_OPENRPC = "1.3.2"
# Every argument is text for the methods; a program may send what JSON has, other than lists and objects.
_PLAIN = "#/components/schemas/plain"
_TYPES = ["string", "number", "boolean", "null"]
_ERRORS = {
    "arguments": {
        "code": command.INVALID_PARAMS,
        "message": "wrong arguments: the message says what is expected",
    },
    "refused": {"code": command.REFUSED, "message": "refused: the message says why, and what to do"},
}


class Discover:
    """The method `rpc.discover`."""

    def __init__(self, parts: "Parts") -> None:
        self.p = parts

    def document(self) -> "Fields":
        """The OpenRPC document; its methods one by one, because all at once would not fit."""
        return {
            "openrpc": _OPENRPC,
            "info": {"title": "Packwarden", "version": bms.__version__, "description": "a battery pack"},
            "components": {"schemas": {"plain": {"type": _TYPES}}, "errors": _ERRORS},
            "methods": self._methods(),
        }

    def _methods(self) -> "Iterator[Fields]":
        for row in self.p.api.rows:
            name = row[command.NAME]
            yield {
                "name": name,
                "summary": row[command.HELP],
                "params": [{"name": each, "schema": {"$ref": _PLAIN}} for each in row[command.ARGUMENTS]],
                "result": {"name": name, "schema": {}},
            }
