"""What lies over the screen for a moment: a text to read, a question, a line to type."""

from typing import Any, ClassVar

from bms.app.figures import named, told
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from packwarden.client import RefusalError
from packwarden.jsonvalues import a_list, an_object

_FEW = 3  # values
_LINE = 72
_CSS = """
{name} {{ align: center middle; }}
{name} > .box {{
    width: 90%; max-width: 78; height: auto; max-height: 90%; padding: 0 1;
    background: $surface; border: round $primary;
}}
"""


class Reading(ModalScreen[None]):
    """A text; any of the usual keys leaves."""

    DEFAULT_CSS = _CSS.format(name="Reading")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,h,question_mark,space", "leave"),
        Binding("up,k", "move(-1)"),
        Binding("down,j", "move(1)"),
        Binding("pageup", "move(-10)"),
        Binding("pagedown", "move(10)"),
    ]

    def __init__(self, title: str, text: Text | str) -> None:
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="box") as box:
            box.border_title = self._title
            box.border_subtitle = "Esc closes"
            yield Static(self._text, markup=False)

    def action_move(self, by: int) -> None:
        """Scroll."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)

    def action_leave(self) -> None:
        """Back to the pack."""
        self.dismiss(None)


class Question(ModalScreen[bool]):
    """Yes or no; anything but y is no."""

    DEFAULT_CSS = _CSS.format(name="Question")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)"),
        Binding("n,escape,q,enter", "answer(False)"),
    ]

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self._sentence = sentence

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_subtitle = "y yes   n no"
            yield Static(self._sentence, markup=False)

    def action_answer(self, yes: bool) -> None:
        """Done."""
        self.dismiss(yes)


class Line(ModalScreen[str | None]):
    """A line that is typed; Esc is none at all."""

    AUTO_FOCUS = "Input"
    DEFAULT_CSS = _CSS.format(name="Line")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave")]

    def __init__(self, title: str, hint: str, secret: bool = False) -> None:
        super().__init__()
        self._title = title
        self._hint = hint
        self._secret = secret

    def compose(self) -> ComposeResult:
        with Vertical(classes="box") as box:
            box.border_title = self._title
            box.border_subtitle = "Enter sends   Esc leaves"
            yield Static(self._hint, markup=False)
            yield Input(password=self._secret)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        self.dismiss(event.value.strip())

    def action_leave(self) -> None:
        """Nothing was typed."""
        self.dismiss(None)


def in_words(value: Any, as_typed: bool = False) -> str:
    """An answer that fits a line: a refusal, a verdict, a few values; empty if it is longer than that.

    `as_typed`: its names are those of parameters, which somebody may want to type.
    """
    if isinstance(value, RefusalError):
        return str(value)
    found = an_object(value)
    if found is None or len(found) > _FEW:
        return ""
    if "reason" in found:
        return str(found["reason"])
    if as_typed:
        return ", ".join(line.replace("  ", " ", 1) for line in named(found))
    return ", ".join(" ".join(_told(name, each)) for name, each in found.items())


def laid_out(value: Any) -> str:
    """An answer as lines: names in front of values; rows below each other, long ones apart."""
    found = an_object(value)
    if found is not None:
        told = [_told(name, each) for name, each in found.items()]
        wide = max((len(label) for label, _ in told), default=0)
        return "\n".join(f"{label:<{wide}}  {text}" for label, text in told)
    several = a_list(value)
    if several is None:
        return _short(value)
    rows = [_row(row) for row in several]
    apart = "\n\n" if any("\n" in row for row in rows) else "\n"
    return apart.join(rows) or "nothing"


def _told(name: str, value: Any) -> tuple[str, str]:
    """A name and its value, with a unit as the firmware's own console has it where the value is plain."""
    each = a_list(value) or [value]
    plain = all(isinstance(one, bool | int | float | str) for one in each)
    return told(name, value) if plain else (name, _short(value))


def _row(row: Any) -> str:
    found = an_object(row)
    if found is None:
        return _short(row)
    if "evidence" in found:  # of a diagnosis: as the console tells it
        cell = f", cell {found['cell']}" if found.get("cell") else ""
        return f"{found.get('text')}{cell} ({found['evidence']})\n  {found.get('advice')}"
    line = "  ".join(_short(each) for each in found.values())
    return line if len(line) <= _LINE else laid_out(found)


def _short(value: Any) -> str:
    several = a_list(value)
    if several is not None:
        return ", ".join(_short(each) for each in several) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value is None else str(value)
