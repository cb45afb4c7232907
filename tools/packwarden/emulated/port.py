"""The emulated board's USB serial port as a pseudo-terminal, for programs that want a port."""

import os
import tty
from collections.abc import Callable
from typing import Self

from packwarden.emulated.rig import Rig

_SLICE_S = 0.01
_CHUNK = 4096


class Port:
    """A context manager; `path` is what a program opens, and the board lives while `serve` runs."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._master, self._slave = os.openpty()  # our own hold on the slave lets programs come and go
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.path = os.ttyname(self._slave)
        self._sent = len(rig.printed)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._master)
        os.close(self._slave)

    def serve(self, until: Callable[[], object]) -> None:
        """Let the board run, and bytes pass both ways, until `until()`."""
        while not until():
            self._rig.run(_SLICE_S)
            try:
                typed = os.read(self._master, _CHUNK)
            except BlockingIOError:
                pass
            else:
                self._rig.emulator.type(typed.decode("latin-1"))
            printed = self._rig.printed[self._sent :].encode("latin-1")
            if printed:
                self._sent += os.write(self._master, printed)
