"""JSON in pieces is the same JSON."""

import json

from bms.services.jsonstream import pieces


def generated():
    yield {"a": 1}
    yield [2]


def nothing():
    return
    yield


def test_the_same_text_for_every_shape() -> None:
    for value in ({}, {"a": [1, 2], "b": None}, [], [1], [1, "x", {"y": True}], 7, None, "text"):
        assert json.loads("".join(list(pieces(value)))) == value
    assert json.loads("".join(list(pieces(generated())))) == [{"a": 1}, [2]]
    assert json.loads("".join(list(pieces(nothing())))) == []


def test_long_values_come_one_element_at_a_time() -> None:
    rows = [{"row": i} for i in range(50)]
    assert len(list(pieces(rows))) == 51
    assert max([len(piece) for piece in pieces(rows)]) < 20


def searching():
    yield None
    yield 1
    yield None
    yield 2
    yield None


def test_a_generator_may_pause() -> None:
    assert list(pieces(searching())) == ["", "[1", "", ", 2", "", "]"]
    assert list(pieces(iter([None]))) == ["", "[]"]
    assert "".join(list(pieces([None]))) == "[null]"


def test_what_is_within_an_object_comes_in_pieces_too() -> None:
    def numbers() -> object:
        yield 1
        yield None
        yield [2, 3]

    value = {"a": {"b": 1, "c": {"d": [4, 5]}, "e": {}}, "f": numbers(), "g": []}
    found = list(pieces(value))
    assert json.loads("".join(found)) == {
        "a": {"b": 1, "c": {"d": [4, 5]}, "e": {}},
        "f": [1, [2, 3]],
        "g": [],
    }
    assert max([len(each) for each in found]) < 20
