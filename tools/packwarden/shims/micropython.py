"""The names of MicroPython's `micropython` module that the firmware uses, doing nothing, for CPython."""

from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")
_Function = TypeVar("_Function", bound=Callable[..., object])


def const(value: _T) -> _T:
    return value


def native(function: _Function) -> _Function:
    return function


def viper(function: _Function) -> _Function:
    return function


def alloc_emergency_exception_buf(size: int) -> None:
    """Nothing to reserve: CPython can always raise."""


def heap_lock() -> int:
    return 1


def heap_unlock() -> int:
    return 0


def heap_locked() -> int:
    return 0


def schedule(function: Callable[[object], object], argument: object) -> None:
    """Call at once; the chip calls between two bytecodes."""
    function(argument)
