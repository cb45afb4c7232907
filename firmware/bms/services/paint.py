"""Colours for whoever asks for them ('color on'): a line is painted by what it says, so that no view knows.

Loaded when asked for. Programs never get colours.
"""

from micropython import const

_RED = "31"
_GREEN = "32"
_YELLOW = "33"
_CYAN = "36"
START, WITHIN, COLOUR = range(3)
# The first row that fits: how the line begins, what else is in it, and its colour (ECMA-48, 8.3.117).
_RULES = (
    ("Mode ", " active:", _GREEN),
    ("Mode ", " fault:", _RED),
    ("Mode ", " permanent:", _RED),
    ("Mode ", "", _YELLOW),
    ("Safe ", "NOT PROTECTED", _RED),
    ("Faults ", " none", _GREEN),
    ("Faults ", "", _RED),
    ("[", " fault: ", _RED),
    ("[", " lockout: ", _RED),
    ("[", " fault over: ", _GREEN),
    ("", " bleeding", _CYAN),
)
_LONGEST = const(120)  # a longer line is no line of a screen


def line(text: str) -> str:
    """The line, in its colour if it has one."""
    if len(text) <= _LONGEST:
        for row in _RULES:
            if text.startswith(row[START]) and row[WITHIN] in text:
                return f"\x1b[{row[COLOUR]}m{text}\x1b[0m"
    return text
