"""Where people and programs are answered: fetched when somebody asks, let go when nobody has for a minute.

A quarter of the firmware only answers questions. On a controller it would take memory that protection may
need, so it comes from flash with the first question, a module a slice, within a second, and goes again. On a
computer it is there from the start and stays.
"""

from micropython import const

from bms.app import overlay
from bms.services.command import Commands

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bms.app.parts import Parts

_PATIENCE_S = const(60)
_AGAIN_S = const(10)


class Desk(Commands):
    """The command table of the running pack, while it is here; `parts.api` has the methods behind it."""

    def __init__(self, parts: "Parts") -> None:
        super().__init__([])
        self.p = parts
        self._asked_s = 0
        self._again_s = 0  # for a stream, when there was no memory
        if not overlay.is_small():
            while not self.fetch():
                pass

    def load(self) -> "Iterator[str]":
        """Yields nothings, one for each slice of work, until the table is here."""
        self._asked_s = self.p.loop.uptime_s
        try:
            while not self.fetch():
                yield ""
        except MemoryError:  # then there is no answer, which is no reason to open the path
            self._again_s = self.p.loop.uptime_s + _AGAIN_S
            self._close()

    def fetch(self) -> bool:
        """One slice of loading; True if the table is here."""
        if self.rows:
            return True
        for name in overlay.DESK.split():
            if not overlay.is_loaded(name):
                self._collect()
                __import__(name)
                return False
        from bms.app.commands import Api  # noqa: PLC0415 - see above

        self.p.api = Api(self.p)
        self.rows = self.p.api.rows
        return True

    def poll(self) -> None:
        """Between two cycles: whoever streams needs the table, a slice of loading at a time."""
        if self.p.reporter.watch_s and not self.rows and self.p.loop.uptime_s >= self._again_s:
            for _ in self.load():
                break

    def second(self, now_s: int) -> None:
        """Once a second: who streams or is being answered still needs it."""
        if self.p.reporter.watch_s or self.p.console.busy:
            self._asked_s = now_s
        elif self.rows and now_s - self._asked_s >= _PATIENCE_S and overlay.is_small():
            self._close()

    def unknown(self, name: str) -> str:
        """The sentence for a name that is none; where nothing could be loaded, that is why."""
        if not self.rows:
            return "there is no memory left to answer with: try again in a minute"
        return super().unknown(name)

    def _collect(self) -> None:
        if overlay.is_small():
            self.p.hal.collect()

    def _close(self) -> None:
        self.rows = []
        self.p.api = None  # type: ignore[assignment]
        overlay.forget(overlay.PARTS)
        overlay.forget(overlay.DESK)
