"""Both forms of the console take anything: a person's bytes, and whatever JSON a program makes up."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from services.test_console import Bench

SIMPLE = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
ANYTHING = st.recursive(
    SIMPLE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
)
METHOD = st.sampled_from(["say", "status", "nope", ""]) | ANYTHING
REQUEST = st.fixed_dictionaries(
    {}, optional={"jsonrpc": st.just("2.0") | ANYTHING, "id": ANYTHING, "method": METHOD, "params": ANYTHING}
)
CODES = {-32700, -32600, -32601, -32602, -32000}


@given(st.lists(st.binary(max_size=200), max_size=8))
def test_no_bytes_leave_the_console_deaf(pieces: list[bytes]) -> None:
    """PW-135."""
    bench = Bench()
    for piece in pieces:
        bench.wire._typed += piece
        for _ in range(40):
            bench.console.poll()
    bench.send("\x15\r", 4000)
    assert bench.send("say ok\r", 50).endswith("say ok\r\n{'word': 'ok'}\r\npw> ")


def judged(answer: Any, wants: Any) -> None:
    """One answer to one request, which may be nonsense."""
    assert answer["jsonrpc"] == "2.0"
    assert ("result" in answer) != ("error" in answer)
    if "error" in answer:
        assert answer["error"]["code"] in CODES
        assert isinstance(answer["error"]["message"], str)
    if isinstance(wants, dict) and type(wants.get("id")) in (int, str) and "result" in answer:
        assert answer["id"] == wants["id"]


@given(REQUEST | ANYTHING)
def test_every_json_gets_one_answer_or_silence(request: Any) -> None:
    bench = Bench()
    line = json.dumps(request)
    if line[:1] not in "{[" or len(line) > 1000:
        return
    said = bench.send(line + "\n", 300)
    if not said:
        asked = request if isinstance(request, list) else [request]
        assert asked, "an empty batch is told"
        assert all("id" not in each for each in asked), "only notifications are met with silence"
        return
    answer = json.loads(said)
    assert said.endswith("\r\n")
    if isinstance(answer, list):
        assert isinstance(request, list)
        assert 0 < len(answer) <= len(request)
        for each in answer:
            judged(each, None)
    else:
        judged(answer, request)
    assert bench.send('{"jsonrpc": "2.0", "id": 1, "method": "say"}\n', 20), "and it goes on"
