"""What a pack or a file said as JSON, as types: an object, a list, or nothing of the kind."""

from collections.abc import Iterable
from typing import Any, cast

Object = dict[str, Any]


def an_object(value: object) -> Object | None:
    """The value if it is an object."""
    return cast("Object", value) if isinstance(value, dict) else None


def a_list(value: object) -> list[Any] | None:
    """The value if it is a list."""
    return [*cast("Iterable[Any]", value)] if isinstance(value, list) else None


def objects(value: object) -> list[Object] | None:
    """The objects in it if it is a list; what else is in there does not count."""
    found = a_list(value)
    return None if found is None else [each for each in map(an_object, found) if each is not None]
