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


class Shelf:
    """Brings the part that is asked for, and lets the one before it go."""

    def __init__(self, parts: "Parts") -> None:
        self.p = parts
        self._name = ""
        self._part: object = None

    def bring(self, name: str) -> object:
        """The part of this name; MemoryError if it does not fit."""
        if name != self._name:
            self._part = None
            self._name = ""
            if overlay.is_small():
                overlay.forget(overlay.PARTS)
                self.p.hal.collect()
            __import__(f"bms.app.{name}")
            module = sys.modules[f"bms.app.{name}"]
            self._part = getattr(module, _CLASSES[name])(self.p) if name in _CLASSES else module
            self._name = name
        return self._part


class Later:
    """A method of a part that is brought when it is called; without the memory for it, a sentence."""

    def __init__(self, shelf: Shelf, part: str, method: str) -> None:
        self._shelf = shelf
        self._of = part
        self._method = method

    def __call__(self, *arguments: object) -> object:
        try:
            return getattr(self._shelf.bring(self._of), self._method)(*arguments)
        except MemoryError:
            raise CommandError("there is no memory left to answer with: try again in a minute") from None
