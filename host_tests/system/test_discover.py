"""`rpc.discover` is an OpenRPC document, of all methods that there are, and says of each what it takes."""

import copy
import json
import re
from typing import Any

import pytest
from bms.app.discover import Discover
from bms.services.command import ARGUMENTS, INVALID_PARAMS, NAME
from bms.services.console import _PIECE_ROOM
from bms.services.jsonstream import pieces
from packwarden.session import Session
from system.rig import Rig

# What the meta-schema of OpenRPC 1.3 requires of each kind of object, and which other members it knows:
# https://github.com/open-rpc/meta-schema; `required` and `properties` of each definition.
REQUIRED = {
    "document": {"openrpc", "info", "methods"},
    "info": {"title", "version"},
    "method": {"name", "params", "result"},
    "contentDescriptor": {"name", "schema"},
    "error": {"code", "message"},
}
KNOWN = {
    "document": {"openrpc", "info", "methods", "servers", "components", "externalDocs", "$schema"},
    "info": {"title", "version", "description", "termsOfService", "contact", "license"},
    "method": {
        "name", "description", "summary", "servers", "tags", "paramStructure", "params", "result", "errors",
        "links", "examples", "deprecated", "externalDocs",
    },
    "contentDescriptor": {"name", "description", "summary", "schema", "required", "deprecated"},
    "error": {"code", "message", "data"},
}  # fmt: skip
TYPES = {"string", "number", "boolean", "null", "integer", "array", "object"}


@pytest.fixture(scope="module")
def rig() -> Rig:
    return Rig()


@pytest.fixture(scope="module")
def document(rig: Rig) -> dict[str, Any]:
    return dict(rig.rpc("rpc.discover"))


class Judge:
    """Everything in which a document is not as the meta-schema wants it."""

    def __init__(self, document: Any) -> None:
        self.found: list[str] = []
        self._document = document
        if not self._is("document", document, "document"):
            return
        if not re.fullmatch(r"1\.3\.\d+", document["openrpc"]):
            self.found.append("openrpc is not of the version that is judged by")
        self._is("info", document["info"], "info")
        for each in document.get("components", {}).get("errors", {}).values():
            self._error(each, "an error")
        names = [self._method(method) for method in document["methods"]]
        self.found.extend(f"{name} is there twice" for name in set(names) if names.count(name) > 1)

    def _is(self, kind: str, value: Any, where: str) -> bool:
        if not isinstance(value, dict):
            self.found.append(f"{where} is no object")
            return False
        lacks = REQUIRED[kind] - value.keys()
        self.found.extend(f"{where} lacks {name}" for name in lacks)
        self.found.extend(f"{where} has {name}" for name in value.keys() - KNOWN[kind] if name[:2] != "x-")
        return not lacks

    def _method(self, method: Any) -> str:
        if not self._is("method", method, "method"):
            return ""
        where = str(method["name"])
        if method.get("paramStructure", "either") not in ("by-name", "by-position", "either"):
            self.found.append(f"{where}: paramStructure")
        for each in method["params"]:
            self._content(each, f"{where}: a parameter")
        optional = [not each.get("required", False) for each in method["params"]]
        if optional != sorted(optional):
            self.found.append(f"{where}: what must be given stands behind what need not")
        if len({each["name"] for each in method["params"]}) != len(method["params"]):
            self.found.append(f"{where}: two parameters have one name")
        self._content(method["result"], f"{where}: its result")
        for each in map(self._resolved, method.get("errors", [])):
            self._error(each, f"{where}: an error")
        return where

    def _error(self, value: Any, where: str) -> None:
        if self._is("error", value, where) and not isinstance(value["code"], int):
            self.found.append(f"{where} has a code that is none")

    def _content(self, value: Any, where: str) -> None:
        if self._is("contentDescriptor", value, where):
            schema = self._resolved(value["schema"])
            types = schema.get("type", []) if isinstance(schema, dict) else [""]
            known = set([types] if isinstance(types, str) else types) <= TYPES
            self.found.extend([] if known else [f"{where} has a schema that is none"])

    def _resolved(self, value: Any) -> Any:
        """What a reference within the document stands for; KeyError if nothing is there."""
        if isinstance(value, dict) and "$ref" in value:
            root, *steps = value["$ref"].split("/")
            assert root == "#"
            value = self._document
            for step in steps:
                value = value[step]
        return value


def test_the_document_is_as_the_meta_schema_wants_it(document: dict[str, Any]) -> None:
    assert Judge(document).found == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("openrpc",), None), (("info", "version"), None), (("methods", 0, "params"), None),
        (("methods", 0, "params", 0, "schema"), None), (("methods", 0, "result"), None),
        (("methods", 0, "colour"), "red"), (("methods", 1, "name"), "help"), (("openrpc",), "2.0.0"),
        (("components", "errors", "refused", "code"), "x"),
        (("methods", 0, "params", 0, "schema"), {"type": "word"}),
    ],
)  # fmt: skip
def test_the_judge_finds_what_is_wrong(
    document: dict[str, Any], path: tuple[Any, ...], value: object
) -> None:
    broken = copy.deepcopy(document)
    place: Any = broken
    for step in path[:-1]:
        place = place[step]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    assert Judge(broken).found


def test_it_is_made_of_pieces_that_fit_where_the_console_has_room(rig: Rig) -> None:
    """A piece that does not fit is lost, and the document with it."""
    session: Session = rig.session
    longest = max(len(piece) for piece in pieces(Discover(session.parts).document()))
    assert longest < _PIECE_ROOM


def test_every_method_is_there_those_that_are_brought_too_and_nothing_else(
    rig: Rig, document: dict[str, Any]
) -> None:
    session: Session = rig.session
    rows = {row[NAME]: list(row[ARGUMENTS]) for row in session.parts.api.rows}
    told = {each["name"]: [one["name"] for one in each["params"]] for each in document["methods"]}
    assert told == rows
    assert {"dtc.show", "params.schema", "unlock", "rpc.discover"} <= set(told)
    listed = {row["command"].split()[0] for row in rig.rpc("help")}
    assert listed == set(told)


def test_what_it_says_of_parameters_is_what_is_taken(rig: Rig, document: dict[str, Any]) -> None:
    """A name that is not told of is refused for every method, before anything is done."""
    for method in document["methods"]:
        request = {"jsonrpc": "2.0", "id": 1, "method": method["name"], "params": {"no such name": 1}}
        assert ask(rig, request)["error"]["code"] == INVALID_PARAMS, method["name"]
        surplus = ["x"] * (len(method["params"]) + 1)
        answer = ask(rig, {"jsonrpc": "2.0", "id": 1, "method": method["name"], "params": surplus})
        assert answer["error"]["code"] == INVALID_PARAMS, method["name"]
    assert rig.mode == "active"


def ask(rig: Rig, request: dict[str, Any]) -> dict[str, Any]:
    rig.board.serial.take()
    rig.board.serial.feed(json.dumps(request).encode() + b"\n")
    rig.run(0.3)
    answer: dict[str, Any] = json.loads(rig.board.serial.take())
    return answer
