"""The one helper that pytest would have provided: these tests also run on MicroPython, which has none."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def raises(expected: "type[BaseException]", call: "Callable[..., object]", *args: object) -> BaseException:
    """The exception that `call(*args)` must raise; anything else that it raises passes through."""
    try:
        call(*args)
    except expected as error:
        return error
    raise AssertionError(f"{expected.__name__} was not raised")
