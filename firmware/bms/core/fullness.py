"""When a pack is full: every cell near the top, and little current left, at a voltage that a charger holds.

A voltage and a small current alone are not enough: on a solar roof the current falls behind every cloud, and
the voltage of a pack that is nearly full is high for hours.

A charger may end with the fullest cell alone at the top, in a chemistry with a plateau again and again. That
is no full pack; but it says what the usual cell holds as well as its distance from that one is known.
"""

from micropython import const

from bms.core import chemistry
from bms.core import snapshot as s

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Values

_TAPER_S = const(60)
_TOP_S = const(20)  # no single reading; where the curve is steep, a charge is over soon after
_OVER_SHARE = 1.5
_HELD_MV = 8.0  # below the highest voltage of this charge; behind a cloud it is more
_FALLS_MV = 0.003  # a second: what a charge has reached is forgotten in hours
_FULL_PERMILLE = const(992)  # where the curve alone says so
_END_SHARE = const(50)  # C/50: datasheets of 18650 and 21700 cells say C/45 to C/100
_SIGMA = 8.0  # permille: chargers hold different voltages, ...
_LACK_SIGMA = 0.5  # ... and of what is lacking: slope of the curve to 30 %, resistance to 40 %


class Fullness:
    """Asked once a second."""

    def __init__(self) -> None:
        self._kind = 0
        self._full_mv = 0
        self._full_ma = self._rest_ma = self._end_ma = 0
        self._peak_mv = 0.0
        self._taper_s = self._top_s = 0

    def configure(self, kind: int, values: "Values", rest_ma: int) -> None:
        """Take the rule; at rest, below `rest_ma`, a high voltage is only a high charge."""
        self._kind = kind
        self._full_mv = values["full_mv"]
        self._full_ma = values["full_ma"]
        self._end_ma = values["capacity_mah"] // _END_SHARE
        self._rest_ma = rest_ma

    def lacking(self, snap: s.Snapshot, cell_mv: float, over_mv: float) -> float:
        """What a usual cell could still take at the voltage that the fullest is held at, in permille.

        It would be as high as that one when the current, which adds `over_mv` to it now, had fallen to what
        datasheets end a charge with.
        """
        curve = chemistry.OCV_MV[self._kind]
        per_mv = (chemistry.OCV_PERMILLE[-1] - chemistry.OCV_PERMILLE[-2]) / (curve[-1] - curve[-2])
        over_mv *= max(0.0, 1.0 - self._end_ma / max(1, snap.current_ma))
        return max(0.0, (snap.values[s.CELL_MAX_MV] - cell_mv + over_mv) * per_mv)

    def top(self, snap: s.Snapshot, over_mv: float) -> bool:
        """True once, when the fullest cell alone is, whatever its current; asked after `second`.

        `over_mv`: what the current adds to a usual cell; half more is taken off.
        """
        alone = self._taper_s == 0 and snap.current_ma >= self._rest_ma
        bare_mv = int(snap.values[s.CELL_MAX_MV] - _OVER_SHARE * over_mv)
        alone = alone and chemistry.soc_from_ocv(self._kind, bare_mv) >= _FULL_PERMILLE
        self._top_s = self._top_s + 1 if alone else 0
        return self._top_s == _TOP_S

    def second(self, snap: s.Snapshot, cell_mv: float, bare_mv: float) -> bool:
        """True once, when the pack has become full; `bare_mv`: without what the current adds at once."""
        self._peak_mv = max(cell_mv, self._peak_mv - _FALLS_MV)
        tapered = self._rest_ma <= snap.current_ma < self._full_ma
        if not tapered or snap.values[s.CELL_MIN_MV] < self._full_mv:
            self._taper_s = 0
            return False
        held = cell_mv >= self._peak_mv - _HELD_MV
        if not held and chemistry.soc_from_ocv(self._kind, int(bare_mv)) < _FULL_PERMILLE:
            self._taper_s = 0
            return False
        self._taper_s += 1
        return self._taper_s == _TAPER_S


def sigma(lacking: float) -> float:
    """Standard deviation of the charge of a full pack that still lacks so much."""
    unsure = _LACK_SIGMA * lacking
    return float((_SIGMA * _SIGMA + unsure * unsure) ** 0.5)
