"""When a pack has come to rest, told by its voltage, and what the current sensor shows then.

A timer cannot know how long a cell relaxes: minutes when warm, hours when cold or after a hard charge. The
slope of the voltage can. And a pack that has rested for long carries no current worth the name, so what the
sensor shows is its own offset, as long as it is small enough to be one.
"""

from micropython import const

from bms.core import snapshot as s

_WINDOW_S = const(300)
_FLAT_MV = 0.8  # change of the mean cell from one window to the next
_OFFSET_PER_AH = 0.0012  # the largest offset believed, as a share of 1 C
_LONG_S = const(3000)  # a shorter pause may be one of a load that waits
_LEARN = 0.7


class Rest:
    """`relaxed`, `rested_s` and the learned offset."""

    def __init__(self) -> None:
        self.rested_s = 0
        self.relaxed = False
        self.offset_ma = 0.0
        self._rest_ma = 0
        self._most_ma = 0.0
        self._sum_ma = 0
        self._sum_mv = 0
        self._seen = 0
        self._last_mv = 0.0
        self._residue = 0.0  # mA*ms of offset not yet taken off the count

    def configure(self, rest_ma: int, capacity_mah: int) -> None:
        """Take the current below which a pack is at rest."""
        self._rest_ma = rest_ma
        self._most_ma = capacity_mah * _OFFSET_PER_AH

    def second(self, snap: s.Snapshot) -> int:
        """One second; returns what the learned offset has put into the count meanwhile, in mA*ms."""
        if abs(snap.current_ma) < self._rest_ma:
            self.rested_s += 1
            self._sum_ma += snap.current_ma
            self._sum_mv += snap.sum_mv
            self._seen += 1
            if self._seen == _WINDOW_S:
                self._window(len(snap.cells_mv))
        else:
            self.rested_s = self._seen = self._sum_ma = self._sum_mv = 0
            self._last_mv = 0.0
            self.relaxed = False
        self._residue += self.offset_ma * 1000.0
        whole = int(self._residue)
        self._residue -= whole
        return whole

    def _window(self, cells: int) -> None:
        mean_mv = self._sum_mv / (cells * _WINDOW_S)
        mean_ma = self._sum_ma / _WINDOW_S
        self.relaxed = self._last_mv > 0.0 and abs(mean_mv - self._last_mv) < _FLAT_MV
        if self.rested_s > _LONG_S and abs(mean_ma) < self._most_ma:
            self.offset_ma += (mean_ma - self.offset_ma) * _LEARN
        self._last_mv = mean_mv
        self._seen = self._sum_ma = self._sum_mv = 0
