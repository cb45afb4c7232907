"""Answers that are brought when somebody asks: most are asked for seldom, and together they fit in no memory.

One of them is here at a time. A part is a module of `bms.app` with one class, whose methods answer; a module
without one holds views, which are functions.
"""

import sys

from micropython import const

from bms.app import overlay
from bms.services.command import CommandError

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bms.app.parts import Parts

# The class of each module, made with the running parts.
_CLASSES = {
    "past": "Past",
    "parameters": "Parameters",
    "care": "Care",
    "calibration": "Calibration",
    "commission": "Commission",
    "discover": "Discover",
    "pinpad": "Pinpad",
    "selftest": "Selftest",
}


# What else a part is made of, where loading all of it at once would hold up a cycle.
_NEEDS = {
    "parameters": "bms.core.params",
    "care": "bms.core.diagnosis",
    "commission": "bms.core.commission bms.app.procedures",
    "pinpad": "bms.services.pin",
}


class Shelf:
    """Brings the part that is asked for, and lets the one before it go."""

    def __init__(self, parts: "Parts") -> None:
        self.p = parts
        self._name = ""
        self._part: object = None

    def load(self, name: str) -> "Iterator[str]":
        """Yields nothings, one for each slice of work, until `bring` has little left to do."""
        self._make_room(name)
        for module in (_NEEDS.get(name, "") + " bms.app." + name).split():
            if not overlay.is_loaded(module):
                yield ""
                __import__(module)
        yield ""

    def bring(self, name: str) -> object:
        """The part of this name; MemoryError if it does not fit."""
        self._make_room(name)
        if self._part is None:
            __import__(f"bms.app.{name}")
            module = sys.modules[f"bms.app.{name}"]
            self._part = getattr(module, _CLASSES[name])(self.p) if name in _CLASSES else module
        return self._part

    def drop(self) -> None:
        """Nothing is here: whoever asks next begins with more memory."""
        self._part = None
        self._name = ""

    def _make_room(self, name: str) -> None:
        if name != self._name:
            self.drop()
            if overlay.is_small():
                overlay.forget(overlay.PARTS)
                self.p.arming.forget()
                self.p.hal.collect()
            self._name = name


class Later:
    """A method of a part that is brought when it is called; without the memory for it, a sentence."""

    def __init__(self, shelf: Shelf, part: str, method: str) -> None:
        self._shelf = shelf
        self._of = part
        self._method = method

    def load(self) -> "Iterator[str]":
        """Yields nothings while the part is brought, a slice at a time."""
        try:
            for pause in self._shelf.load(self._of):
                yield pause
        except MemoryError:  # the call will try once more, and say so
            self._shelf.drop()

    def __call__(self, *arguments: object) -> object:
        try:
            return getattr(self._shelf.bring(self._of), self._method)(*arguments)
        except MemoryError:
            self._shelf.drop()
            raise CommandError("there is no memory left to answer with: try again in a minute") from None
