"""JSON in small pieces: a long answer must not cost a long pause.

`json.dumps` of 8 kB takes the RP2040 over half a second, six protection cycles. This yields the same text a
piece at a time: a list or a generator one element each, an object one member each, objects and generators in
it likewise, everything else whole. A generator that is still looking for its next element yields None, which
makes an empty piece; one of pairs is an object too long to be held.
"""

import json

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bms.ports import Json


def pieces(value: "Json") -> "Iterator[str]":
    """Yield the JSON text of `value`; lists, generators and objects element by element."""
    if isinstance(value, dict) and value:
        lead = "{"
        for name in value:
            lead += json.dumps(name) + ": "
            member = value[name]
            if isinstance(member, dict) or hasattr(member, "__next__"):
                for piece in pieces(member):
                    yield lead + piece
                    lead = ""
            else:
                yield lead + json.dumps(member)
            lead = ", "
        yield "}"
        return
    searching = hasattr(value, "__next__")
    if not isinstance(value, list) and not searching:
        yield json.dumps(value)
        return
    lead = "["
    end = "]"
    for element in value:
        if element is None and searching:
            yield ""
            continue
        if searching and isinstance(element, tuple):
            end = "}"
            lead = "{" if lead == "[" else lead
            yield lead + json.dumps(element[0]) + ": " + json.dumps(element[1])
        else:
            yield lead + json.dumps(element)
        lead = ", "
    yield "[]" if lead == "[" else end
