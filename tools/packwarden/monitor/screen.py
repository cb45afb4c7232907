"""The live view: a timer moves the feed, what it tells is drawn, keys ask the pack for something.

It fits a wide terminal in two columns and a narrow one in one; what does not fit is scrolled to.
"""

from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.widgets import Static

from packwarden import recording
from packwarden.errors import InputError
from packwarden.monitor import look, panels
from packwarden.monitor.dialogs import Line, Question, Reading, in_words, laid_out
from packwarden.monitor.feeds import REWOUND, Feed
from packwarden.monitor.keys import HELP, KEYS, footer
from packwarden.monitor.picture import Picture
from packwarden.monitor.simulated import SimulatedFeed

_STEP_S = 0.1
_SEEK_S = 10.0
_EVENTS = 8


class Monitor(App[int]):
    """One pack on one screen."""

    TITLE = "Packwarden"
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (look.TWO_COLUMNS, "-wide")]  # noqa: RUF012 - Textual declares it so
    CSS = look.CSS
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(each.key, each.action) for each in KEYS),
        Binding("ctrl+q,ctrl+c", "quit", priority=True),
        Binding("up,k", "move(-1)"),
        Binding("down,j", "move(1)"),
        Binding("pageup", "move(-10)"),
        Binding("pagedown", "move(10)"),
    ]

    def __init__(self, feed: Feed, record: Path | None = None, running: bool = True) -> None:
        super().__init__()
        self.feed = feed
        self.picture = Picture()
        self.notice = ""
        self.writer: recording.Writer | None = None
        self._running_by_itself = running
        self._stale = True
        self._drawn: list[int] = []
        feed.listeners.append(self._hear)
        if record:
            self.writer = recording.Writer(record, feed.title)

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield Static(id="header")
        yield Static(id="verdict")
        with VerticalScroll(id="page"):
            with Container(id="pack"):
                yield Static(id="figures")
                yield Static(id="cells")
            for name in ("codes", "curves", "events"):
                yield Static(id=name)
        yield Static(id="footer")

    def on_mount(self) -> None:
        """Let it begin."""
        for name, title in look.TITLES.items():
            self.query_one(f"#{name}").border_title = title
        self.draw()
        if self._running_by_itself:
            self.set_interval(_STEP_S, self.step)

    def on_unmount(self) -> None:
        """Leave everything in order."""
        self.feed.close()
        self._stop_writing()

    def step(self) -> None:
        """News, and a new picture of them."""
        trouble = self.feed.trouble
        self.feed.step()
        if self._stale or self.feed.trouble != trouble or self._widths() != self._drawn:
            self.draw()
        else:
            self._show("header", self._header())

    def draw(self) -> None:
        """All panels."""
        self._stale = False
        self._drawn = self._widths()
        picture = self.picture
        self._show("header", self._header())
        self._show("verdict", panels.verdict(picture, self.feed.trouble))
        self._show("figures", panels.figures(picture, self._width("figures")))
        self._show("cells", panels.cells(picture, self._width("cells")))
        self._show("codes", panels.codes(picture))
        self._show("curves", panels.curves(picture, self._width("curves")))
        self._show("events", panels.events(picture, _EVENTS))
        self._show("footer", panels.keys(footer(self.feed), self._width("footer")))

    def _header(self) -> Text:
        recorded = self.writer.lines if self.writer else None
        return panels.header(self.picture, self.feed, recorded, self.notice, self._width("header"))

    def _hear(self, t_s: float, kind: str, value: Any) -> None:
        self._stale = True
        if kind == REWOUND:
            self.picture = Picture()
            return
        self.picture.take(t_s, kind, value)
        if self.writer:
            try:
                self.writer.take(t_s, kind, value)
            except InputError as error:
                self.notice = str(error)
                self.writer = None

    def _show(self, name: str, text: Text) -> None:
        self.query_one(f"#{name}", Static).update(text)

    def _width(self, name: str) -> int:
        return self.query_one(f"#{name}").content_size.width or self.size.width - 2

    def _widths(self) -> list[int]:
        """A new layout shows here once it is done, which is after the event that asked for it."""
        return [self._width(name) for name in ("figures", "cells", "curves", "footer")]

    # What the keys do.

    def action_move(self, by: int) -> None:
        """Scroll."""
        self.query_one("#page", VerticalScroll).scroll_relative(y=by, animate=False)

    def action_pause(self) -> None:
        """Stop looking, or go on."""
        self.feed.paused = not self.feed.paused
        self.draw()

    def action_speed(self, steps: int) -> None:
        """Faster or slower, where that can be."""
        self.feed.faster(steps)
        self.draw()

    def action_seek(self, direction: int) -> None:
        """Another moment of a recording."""
        self.feed.seek(direction * _SEEK_S * max(1, self.feed.speed))
        self.draw()

    def action_record(self) -> None:
        """Begin a recording in this folder, or end it."""
        if self.writer:
            self.notice = f"recorded in {self.writer.file}"
            self._stop_writing()
        elif self.feed.live:
            file = Path(datetime.now().astimezone().strftime("packwarden-%Y%m%d-%H%M%S.jsonl"))
            try:
                self.writer = recording.Writer(file, self.feed.title)
                self.notice = f"recording to {file}"
            except InputError as error:
                self.notice = str(error)
        self.draw()

    def action_button(self) -> None:
        """The button of a simulated pack."""
        if isinstance(self.feed, SimulatedFeed):
            self.notice = self.feed.hold_button()
            self.draw()

    def action_command(self, method: str, question: str = "") -> None:
        """Ask the pack to do something, after asking the user."""

        def go(yes: bool | None) -> None:
            if yes:
                self.ask(*method.split())

        if question and self.feed.live:
            self.push_screen(Question(question), go)
        else:
            go(True)

    def action_switch_standby(self) -> None:
        """Open the path until told otherwise, or end that."""
        mode = (self.picture.status or {}).get("mode")
        if mode == "standby":
            self.action_command("resume", "Let the path close again?")
        else:
            self.action_command("standby", "Open the path? Nothing flows until 'resume'.")

    def action_unlock(self) -> None:
        """With a PIN, or with a finger on the button."""

        def go(pin: str | None) -> None:
            if pin is not None:
                self.ask("unlock", *([pin] if pin else []))

        hint = "The PIN. While none is set: hold the pack's button down and press Enter."
        self.push_screen(Line("unlock", hint, secret=True), go)

    def action_type(self) -> None:
        """Any command of the console, with its arguments."""

        def go(line: str | None) -> None:
            if line:
                self.ask(*line.split())

        self.push_screen(Line("command", "As at the console: get cell_ov_mv, limits, help ..."), go)

    def action_help(self) -> None:
        """What there is."""
        self.push_screen(Reading("monitor", HELP))

    async def action_quit(self) -> None:
        """Leave; the pack goes on."""
        self.exit(0)

    def ask(self, method: str, *arguments: str) -> None:
        """Ask the pack; short answers go to the header, longer ones over the screen."""
        if self.feed.paused and self.feed.live:
            self.notice = "paused: Space goes on"
            self.draw()
            return

        def answered(value: Any) -> None:
            words = in_words(value, method in look.AS_TYPED)
            self.notice = f"{method}: {words}" if words else ""
            if not words or len(self.notice) > self.size.width // 2:
                said = look.NOTHING.get(method) if value == [] else ""
                self.push_screen(Reading(look.CALLED.get(method, method), said or words or laid_out(value)))
            self._stale = True

        self.notice = f"{method} ..."
        self.feed.ask(method, *arguments, then=answered)
        self.draw()

    def _stop_writing(self) -> None:
        if self.writer:
            writer, self.writer = self.writer, None
            try:
                writer.close()
            except InputError as error:
                self.notice = str(error)
