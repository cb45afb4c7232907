"""The live screen: the pack above, the firmware's serial console below, and keys that play the world.

Simulated time moves in a timer with a budget, so that the screen answers at any speed. Keys act on the world
while the console does not have the focus; Tab moves between the two.
"""

from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from packwarden.demo import pack, panels
from packwarden.demo.pace import Pace
from packwarden.demo.terminal import Terminal
from packwarden.demo.world_keys import KEYS, Player

_FRAME_S = 0.05
_BUDGET_S = 0.04  # of each frame, for the simulation
_FRAMES_PER_DRAWING = 2


class Live(App[int]):
    """One demo pack on one screen."""

    TITLE = "Packwarden"
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None
    CSS = """
    Screen { layout: vertical; }
    #header, #world, #figures, #cells, #footer { text-wrap: nowrap; text-overflow: clip; }
    #header, #world { height: 1; background: $surface; }
    #verdict { height: auto; min-height: 2; max-height: 20%; padding: 0 1; }
    #pack { height: 9; }
    #figures, #cells { width: 1fr; height: 9; padding: 0 1; border-top: solid $primary-darken-2; }
    Terminal { height: 1fr; min-height: 4; padding: 0 1; border-top: solid $primary-darken-2; }
    Terminal:focus { border-top: solid $warning; }
    #footer { height: auto; background: $surface; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,shift+tab", "switch", priority=True),
        Binding("escape", "leave_console", priority=True),
        Binding("enter", "switch"),
        Binding("q", "quit"),
        Binding("ctrl+q", "quit", priority=True),
        *(Binding(each.key, f"play('{each.method}')") for each in KEYS),
    ]

    def __init__(self, demo: pack.Demo | None = None, running: bool = True) -> None:
        super().__init__()
        self.demo = demo or pack.build()
        self.pace = Pace(self.demo.session)
        self.player = Player(self.demo, self.pace)
        self.terminal = Terminal(self.demo.board.serial)
        self._running_by_itself = running
        self._frames = 0
        self._notice = ""
        self._reset_seen: dict[str, Any] | None = None

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield Static(id="header")
        yield Static(id="verdict")
        with Horizontal(id="pack"):
            yield Static(id="figures")
            yield Static(id="cells")
        yield Static(id="world")
        yield self.terminal
        yield Static(id="footer")

    def on_mount(self) -> None:
        """Let time begin."""
        self.query_one("#figures").border_title = f"{pack.CELLS}S LFP {pack.CAPACITY_AH:g} Ah, as measured"
        self.query_one("#cells").border_title = "Cells"
        self.terminal.border_title = "Serial console of the firmware"
        self.draw()
        if self._running_by_itself:
            self.set_interval(_FRAME_S, self.frame)

    def frame(self) -> None:
        """A slice of simulated time; every so often a new picture of it."""
        self.pace.step(_BUDGET_S)
        self.terminal.poll()
        self._frames += 1
        if self._frames % _FRAMES_PER_DRAWING == 0:
            self.draw()
        else:
            self._show("world", panels.world(self.player))

    def draw(self) -> None:
        """All panels from the firmware's own answers."""
        demo = self.demo
        self._hear_of_resets()
        status: dict[str, Any] | None = demo.ask("status")
        low_mv, high_mv = demo.cell_limits_mv
        width = self._width("header")
        self._show("header", panels.header(self.pace, demo.world.clock.now_us, self._notice, width))
        self._show("verdict", panels.verdict(status, demo.ask("faults") or []))
        self._show("figures", panels.figures(status, demo.world.true_soc(), self._width("figures")))
        self._show("cells", panels.cells(status, low_mv, high_mv, self._width("cells")))
        self._show("world", panels.world(self.player))
        self._show("footer", panels.footer(self.terminal.has_focus, self._width("footer")))

    def _hear_of_resets(self) -> None:
        """The firmware answers the button by LED; whoever missed the count finds its reason in the header."""
        events: list[dict[str, Any]] = self.demo.ask("history") or []
        latest = next((row for row in reversed(events) if row["event"] == "reset soft"), None)
        if latest and latest != self._reset_seen:
            self._notice = str(latest["detail"]).partition(": ")[2].partition(";")[0]
        self._reset_seen = latest

    def _show(self, name: str, text: Any) -> None:
        self.query_one(f"#{name}", Static).update(text)

    def _width(self, name: str) -> int:
        return self.query_one(f"#{name}").content_size.width

    def action_play(self, method: str) -> None:
        """A key of the world."""
        self._notice = self.player.play(method) or self._notice
        self.draw()

    def action_switch(self) -> None:
        """Type to the firmware, or play the world."""
        self.screen.set_focus(None if self.terminal.has_focus else self.terminal)
        self.call_after_refresh(self.draw)

    def action_leave_console(self) -> None:
        """Play the world."""
        self.screen.set_focus(None)
        self.call_after_refresh(self.draw)

    async def action_quit(self) -> None:
        """Leave; the pack was only a dream."""
        self.exit(0)
