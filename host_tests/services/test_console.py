"""The console: what a person types, what a program sends, and what garbage costs."""

import json

from bms.services import command as words
from bms.services.command import CommandError, Commands
from bms.services.console import LONGEST, Console
from services.fixture import Wire


def echo_lines(result):
    yield str(result)


def say(word: str = "") -> dict:
    if word == "no":
        raise CommandError("refused: no is no word")
    return {"word": word}


def many():
    for i in range(200):
        yield {"row": i}


def many_lines(rows):
    for row in rows:
        yield f"row {row['row']} of a long table that goes on and on"


def long_piece():
    return {"text": "x" * 3000}


def too_much():
    raise MemoryError


def too_many_lines(_rows):
    yield "the first of them"
    raise MemoryError


def refusing_lines(_result):
    raise CommandError("there is no memory left to show it with: " + "say it again in a minute, " * 4)


class Slow:
    """A method or view that is brought in slices first."""

    def __init__(self, call) -> None:
        self.call = call
        self.slices = 0

    def load(self):
        for _ in range(3):
            self.slices += 1
            yield ""

    def __call__(self, *arguments):
        assert self.slices, "brought before it is called"
        return self.call(*arguments)


ROWS = [
    ("shy", (), "cannot be shown", dict, refusing_lines),
    ("slow", ("word",), "takes its time", Slow(say), Slow(echo_lines)),
    ("long", (), "is long and in one piece", long_piece, echo_lines),
    ("much", (), "does not fit", too_much, echo_lines),
    ("lines", (), "begins to fit", dict, too_many_lines),
    ("say", ("word",), "says a word", say, echo_lines),
    ("many", (), "a long answer", many, many_lines),
    ("status", (), "nothing", dict, echo_lines),
]


class Bench:
    def __init__(self) -> None:
        self.wire = Wire()
        self.console = Console(self.wire, Commands(ROWS))

    def send(self, text: str, polls: int = 3000) -> str:
        before = len(self.wire.printed)
        self.wire.type(text)
        for _ in range(polls):
            self.console.poll()
        return self.wire.printed[before:]

    def rpc(self, request: object) -> object:
        text = self.send(json.dumps(request) + "\n")
        return json.loads(text) if text else None


def test_a_typed_line_is_echoed_answered_and_prompted() -> None:
    assert Bench().send("say hello\r") == "say hello\r\n{'word': 'hello'}\r\npw> "


def test_line_ends_of_all_kinds_are_one() -> None:
    for end in ("\r", "\n", "\r\n"):
        assert Bench().send("say x" + end).count("pw> ") == 1


def test_backspace_and_kill() -> None:
    assert "{'word': 'ok'}" in Bench().send("say nk\x7f\x7fok\r")
    assert "{'word': 'ok'}" in Bench().send("rubbish\x15say ok\r")
    assert "{'word': 'ok'}" in Bench().send("rubbish\x03say ok\r")
    assert "{'word': ''}" in Bench().send("\x7f\x7f\x7fsay\r")


def test_an_answer_for_which_there_is_no_memory_is_a_sentence() -> None:
    bench = Bench()
    for command in ("much", "lines"):
        text = bench.send(command + "\r")
        assert text.endswith("no memory left for this answer: ask for less, or again in a minute\r\npw> ")
    assert "{'word': 'ok'}" in bench.send("say ok\r")


def test_an_unknown_word_gets_the_nearest_command() -> None:
    assert "did you mean 'status'" in Bench().send("statsu\r")
    assert "did you mean 'say'" in Bench().send("sya\r")
    assert "did you mean" in Bench().send("x" * 300 + "\r")


def test_the_nearest_of_many_is_found_among_those_that_share_its_letters() -> None:
    """All of them would take a controller several cycles."""
    looked = []
    names = (
        "status",
        "standby",
        "set",
        "save",
        "soc",
        "service",
        "selftest",
        "ship",
        "time",
        "reset",
        "version",
    )
    commands = Commands([(name, (), "", dict, echo_lines) for name in names])
    before = words.distance
    words.distance = lambda left, right: looked.append(right) or before(left, right)
    try:
        for typed, meant in (
            ("tatus", "status"),
            ("restet", "reset"),
            ("verson", "version"),
            ("standbi", "standby"),
        ):
            assert f"did you mean '{meant}'" in commands.unknown(typed), typed
        commands.unknown("x" * 1000)
    finally:
        words.distance = before
    assert len(looked) == 15


def test_a_refusal_is_a_sentence() -> None:
    assert "refused: no is no word" in Bench().send("say no\r")
    assert "usage: say [word]" in Bench().send("say a b c\r")


def test_a_view_that_cannot_be_had_is_a_sentence_that_fits_the_screen() -> None:
    bench = Bench()
    said = bench.send("shy\r")
    assert " ".join(said.split()).startswith("shy there is no memory left to show it with: say it again in")
    assert max([len(line) for line in said.split("\r\n")]) <= 79
    assert not [line for line in said.split("\r\n")[1:-1] if line.startswith(" ")]
    assert bench.send("say on\r").endswith("{'word': 'on'}\r\npw> ")


def test_what_is_brought_in_slices_is_answered_like_the_rest() -> None:
    bench = Bench()
    assert bench.send("slow on\r") == "slow on\r\n{'word': 'on'}\r\npw> "
    one = {"jsonrpc": "2.0", "id": 1, "method": "slow", "params": ["on"]}
    assert bench.rpc(one)["result"] == {"word": "on"}
    told = {"jsonrpc": "2.0", "method": "slow"}
    assert bench.rpc(told) is None
    assert [each["id"] for each in bench.rpc([told, one, told, dict(one, id=2)])] == [1, 2]
    assert bench.rpc([told, told]) is None


def test_a_line_too_long_is_not_used() -> None:
    text = Bench().send("say " + "x" * LONGEST + "\r")
    assert "was not used" in text
    assert "word" not in text.split("\r\n", 1)[1]


def test_json_is_answered_without_echo_or_prompt() -> None:
    bench = Bench()
    text = bench.send('{"jsonrpc": "2.0", "id": 7, "method": "say", "params": ["hi"]}\n')
    assert json.loads(text) == {"jsonrpc": "2.0", "id": 7, "result": {"word": "hi"}}
    assert text.endswith("\r\n")
    assert "pw>" not in text


def test_json_starts_on_its_own_line_after_a_prompt() -> None:
    bench = Bench()
    bench.send("say x\r")
    text = bench.send('{"jsonrpc": "2.0", "id": 1, "method": "status"}\n')
    assert text.startswith("\r\n{")


def test_json_params_by_name_and_numbers() -> None:
    bench = Bench()
    by_name = bench.rpc({"jsonrpc": "2.0", "id": 1, "method": "say", "params": {"word": "hi"}})
    assert by_name["result"] == {"word": "hi"}
    number = bench.rpc({"jsonrpc": "2.0", "id": 1, "method": "say", "params": [12]})
    assert number["result"] == {"word": "12"}


def test_json_errors_have_their_codes() -> None:
    bench = Bench()
    for request, code in (
        ({"jsonrpc": "2.0", "id": 1, "method": "nope"}, -32601),
        ({"jsonrpc": "2.0", "id": 1, "method": "say", "params": {"nope": 1}}, -32602),
        ({"jsonrpc": "2.0", "id": 1, "method": "say", "params": "hi"}, -32602),
        ({"jsonrpc": "2.0", "id": 1, "method": "say", "params": [1, 2]}, -32602),
        ({"jsonrpc": "2.0", "id": 1, "method": "say", "params": ["no"]}, -32000),
        ({"id": 1, "method": "say"}, -32600),
        ({"jsonrpc": "2.0", "id": 1}, -32600),
        ([], -32600),
    ):
        answer = bench.rpc(request)
        assert answer["error"]["code"] == code, request
        assert len(answer["error"]["message"]) > 10
    assert json.loads(bench.send("{nonsense\n"))["error"]["code"] == -32700


def test_notifications_are_silent() -> None:
    assert Bench().send('{"jsonrpc": "2.0", "method": "say", "params": ["hi"]}\n') == ""
    assert Bench().send('{"jsonrpc": "2.0", "method": "nope"}\n') == ""
    assert Bench().send('[{"jsonrpc": "2.0", "method": "say"}]\n') == ""


def test_a_batch_is_answered_as_one() -> None:
    bench = Bench()
    answers = bench.rpc(
        [
            {"jsonrpc": "2.0", "id": 1, "method": "say", "params": ["a"]},
            {"jsonrpc": "2.0", "method": "say", "params": ["silent"]},
            {"jsonrpc": "2.0", "id": 2, "method": "nope"},
            7,
            {"jsonrpc": "2.0", "id": 3, "method": "many"},
        ]
    )
    assert len(answers) == 4
    assert answers[0]["result"] == {"word": "a"}
    assert answers[1]["error"]["code"] == -32601
    assert answers[2]["error"]["code"] == -32600
    assert len(answers[3]["result"]) == 200


def test_a_long_answer_comes_whole_and_in_pieces() -> None:
    bench = Bench()
    text = bench.send("many\r")
    assert text.count("row ") == 200
    answer = bench.rpc({"jsonrpc": "2.0", "id": 1, "method": "many"})
    assert [row["row"] for row in answer["result"]] == list(range(200))


def test_a_piece_that_is_longer_than_the_room_comes_whole() -> None:
    answer = Bench().rpc({"jsonrpc": "2.0", "id": 1, "method": "long"})
    assert answer["result"] == {"text": "x" * 3000}


def test_one_poll_gives_the_port_little_at_a_time() -> None:
    """PW-135."""
    bench = Bench()
    bench.send("", 1)
    bench.wire.type("many\r")
    longest = 0
    for _ in range(2000):
        before = len(bench.wire.printed)
        bench.console.poll()
        longest = max(longest, len(bench.wire.printed) - before)
    assert 0 < longest <= 128


def test_a_reader_that_stalls_costs_nothing_and_gets_the_rest_later() -> None:
    """PW-135."""
    bench = Bench()
    bench.wire.room = 50
    bench.send("many\r", 500)
    assert len(bench.wire.printed) == 50
    bench.wire.room = 1 << 20
    bench.send("")
    assert bench.wire.printed.count("row ") == 200


def test_garbage_is_survived() -> None:
    bench = Bench()
    for step in (1, 7, 31):
        noise = "".join([chr((i * step) % 256) for i in range(2000)])
        bench.send(noise, 200)
    bench.send("\x15", 3000)
    assert "{'word': 'ok'}" in bench.send("say ok\r")


def test_something_said_unasked_keeps_the_half_typed_line() -> None:
    bench = Bench()
    bench.console.greet("hello")
    bench.send("say ha")
    bench.console.say("a fault!")
    assert bench.send("", 50).endswith("a fault!\r\npw> say ha")
    assert "{'word': 'hat'}" in bench.send("t\r")


def test_what_is_said_unasked_fits_the_screen() -> None:
    bench = Bench()
    bench.send("\r")
    bench.console.say(
        "[90026 s] reset soft: refused: the pack is not isolated; unplug charger and load, then hold again"
    )
    said = bench.send("", 30)
    assert [len(line) for line in said.strip("\r").split("\r\n")] == [75, 21, 4], said


def test_a_program_is_told_nothing_unasked() -> None:
    bench = Bench()
    bench.rpc({"jsonrpc": "2.0", "id": 1, "method": "status"})
    bench.console.say("a fault!")
    assert bench.send("", 50) == ""
