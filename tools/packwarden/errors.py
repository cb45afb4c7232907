"""What a user got wrong, said in sentences: every bad input ends as an `InputError`, never as a traceback.

The rules of pack and scenario files are written as pydantic models; here their findings become sentences that
name the key, the value and what is allowed.
"""

import difflib
from collections.abc import Iterable
from typing import Annotated, Any, get_args

from pydantic import BaseModel, ConfigDict, PlainValidator, Strict, ValidationError

_SHOWN = 40  # characters of a wrong value that are repeated


class InputError(Exception):
    """Bad input. The text is for the user; the command ends with exit status 2."""


class Table(BaseModel):
    """A table of an input file: a key that is not known is refused, and nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def number(low: float, high: float, above: bool = False) -> PlainValidator:
    """A finite number within bounds; `above`: the lower one is excluded."""

    def check(value: object) -> float:
        fits = isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
        if not fits or (above and value == low):
            bounds = f"above {low:g}, at most {high:g}" if above else f"from {low:g} to {high:g}"
            raise ValueError(f"must be a number {bounds}")
        assert isinstance(value, int | float)
        return float(value)

    return PlainValidator(check)


def whole(low: int, high: int) -> PlainValidator:
    """A whole number within bounds."""

    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return value

    return PlainValidator(check)


Flag = Annotated[bool, Strict()]


def one_of(words: Iterable[str]) -> PlainValidator:
    """One of these words."""
    known = tuple(words)

    def check(value: object) -> str:
        if not isinstance(value, str) or value not in known:
            raise ValueError(f"must be one of: {', '.join(known)}{nearest(value, known)}")
        return value

    return PlainValidator(check)


def nearest(word: object, known: Iterable[str]) -> str:
    """'; did you mean ...?' when a known word is near."""
    close = difflib.get_close_matches(str(word)[:_SHOWN], list(known), n=1) if isinstance(word, str) else []
    return f"; did you mean '{close[0]}'?" if close else ""


def show(value: object) -> str:
    """A value as it may stand in a sentence, however strange it is."""
    try:
        text = f"'{value}'" if isinstance(value, str) else repr(value)
    except (ValueError, RecursionError):  # a whole number of more digits than Python prints
        return "a value too long to show"
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def sentences(error: ValidationError, model: type[BaseModel], where: str) -> str:
    """All findings of pydantic about one file, a line each."""
    return "\n".join(f"{where}: {_sentence(each, model)}" for each in error.errors(include_url=False))


def _sentence(found: Any, model: type[BaseModel]) -> str:
    place: tuple[int | str, ...] = found["loc"]
    kind: str = found["type"]
    key = path_of(place)
    value = found["input"]
    if kind == "extra_forbidden":
        known = keys_at(model, place[:-1])
        return f"{key} is not known here; known are: {', '.join(known)}{nearest(place[-1], known)}"
    if kind == "missing":
        return f"{key} is missing"
    if kind == "value_error":
        reason = str(found["ctx"]["error"])
        if not place:
            return reason
        return f"{key}: {reason}" if isinstance(value, dict) else f"{key} = {show(value)}: {reason}"
    wanted = _WANTED.get(kind, str(found["msg"]).lower())
    return f"{key} = {show(value)} must be {wanted}"


_WANTED = {
    "model_type": "a table",
    "dict_type": "a table",
    "list_type": "a list of tables, each under a heading in double brackets",
    "string_type": "a text in quotes",
    "bool_type": "true or false",
    "too_short": "at least one entry",
}


def path_of(place: Iterable[int | str]) -> str:
    """('weak', 1, 'cell') -> weak 2: cell, counting as people do."""
    text = ""
    for part in place:
        if isinstance(part, int):
            text += f" {part + 1}"
        else:
            text += f": {show(part)[1:-1]}" if text else show(part)[1:-1]
    return text or "the file"


def keys_at(model: type[BaseModel], place: Iterable[int | str]) -> list[str]:
    """The keys that a table inside a model knows."""
    for part in place:
        if isinstance(part, str):
            inner = [each for each in _types_in(model.model_fields[part].annotation) if _is_model(each)]
            if not inner:
                return []
            model = inner[0]
    return list(model.model_fields)


def _types_in(annotation: Any) -> list[Any]:
    inner = [each for argument in get_args(annotation) for each in _types_in(argument)]
    return [annotation, *inner]


def _is_model(each: Any) -> bool:
    return isinstance(each, type) and issubclass(each, BaseModel)
