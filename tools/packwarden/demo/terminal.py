"""The firmware's serial console as a widget: its bytes go to the screen, keys go to it as bytes.

Echo, backspace and prompt are the firmware's own, so a controller without power stays silent here as it would
on a desk. Only what the firmware uses is understood: carriage return, line feed, backspace and printable
characters.
"""

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from packwarden.sim.board import SerialPort

_KEPT_LINES = 500
_KEY_BYTES = {"enter": b"\r", "backspace": b"\x7f", "delete": b"\x7f", "ctrl+c": b"\x03", "ctrl+u": b"\x15"}
_CURSOR = Style(reverse=True)
_PROMPT = Style(bold=True)


class Terminal(ScrollView, can_focus=True):
    """A scrolling view of one serial port; focused, it types into it."""

    DEFAULT_CSS = "Terminal { scrollbar-size-vertical: 1; overflow-x: hidden; }"

    def __init__(self, serial: SerialPort) -> None:
        super().__init__()
        self._serial = serial
        self._lines = [""]
        self._column = 0
        self._rows: list[str] = [""]

    @property
    def text(self) -> str:
        """All that is kept."""
        return "\n".join(self._lines)

    def poll(self) -> None:
        """Show what has been printed since the last poll."""
        data = self._serial.take()
        if not data:
            return
        following = self.is_vertical_scroll_end
        for character in data.decode("ascii", "replace"):
            self._put(character)
        del self._lines[:-_KEPT_LINES]
        self._lay_out()
        if following:
            self.scroll_end(animate=False)

    def type(self, text: str) -> None:
        """Send text as if it had been typed."""
        self._serial.feed(text.encode())

    def _put(self, character: str) -> None:
        line = self._lines[-1]
        if character == "\n":
            self._lines.append("")
            self._column = 0
        elif character == "\r":
            self._column = 0
        elif character == "\b":
            self._column = max(0, self._column - 1)
        elif character.isprintable():
            self._lines[-1] = line[: self._column] + character + line[self._column + 1 :]
            self._column += 1

    def _lay_out(self) -> None:
        """Fold lines into rows of the present width."""
        width = max(1, self.scrollable_content_region.width)
        self._rows = [line[k : k + width] for line in self._lines for k in range(0, max(1, len(line)), width)]
        self.virtual_size = Size(width, len(self._rows))
        self.refresh()

    def on_resize(self) -> None:
        """Fold anew."""
        self._lay_out()
        self.scroll_end(animate=False)

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        width = self.scrollable_content_region.width
        at = y + self.scroll_offset.y
        if at >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        row = self._rows[at].rstrip() if at < len(self._rows) - 1 else self._rows[at]
        segments = [Segment(row, self.rich_style + _PROMPT if row.startswith("pw> ") else self.rich_style)]
        if at == len(self._rows) - 1 and self.has_focus:
            column = self._column % max(1, width)
            tail = self.rich_style
            segments = [Segment(row[:column], tail), Segment(row[column : column + 1] or " ", tail + _CURSOR)]
            segments.append(Segment(row[column + 1 :], tail))
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def on_key(self, event: events.Key) -> None:
        """Every key is the firmware's, except those that leave or scroll."""
        data = _KEY_BYTES.get(event.key)
        if data is None and event.is_printable and event.character:
            data = event.character.encode()
        if data is None:
            return
        self._serial.feed(data)
        self.scroll_end(animate=False)
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        """A paste is typed very quickly."""
        self._serial.feed(event.text.replace("\r\n", "\r").replace("\n", "\r").encode())
        event.stop()
