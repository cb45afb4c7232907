"""How much current the pack may be asked for, right now: what `status` and every protocol report.

A limit falls in a straight line as the pack nears a trip, so that a well-behaved charger or motor never meets
one, and it rises again slowly. It also stays below the current that would push a cell out of its voltage
window within the next ten seconds, as far as the resistance of the worst cell is known. Protection does not
depend on anybody obeying it.
"""

from array import array

from micropython import const

from bms.core import calm
from bms.core import snapshot as s

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Values

    DeratingRow = tuple[str, int, bool, int]

FULL = const(1000)  # permille
_RISE_PER_CYCLE = const(5)  # permille per 100 ms: twenty seconds from nothing to all
_EDGE_MV = const(15)  # of the voltage window that is kept free
_FAR_MV = const(2000)
_TEMP_SPAN_DDEGC = const(80)
_OV_SPAN_MV = const(60)
_UV_SPAN_MV = const(200)
_SPREAD_SPAN_MV = const(50)
_FET_SPAN_DDEGC = const(200)
_TOP_PERMILLE = const(950)  # from this charge up to full, charging falls to a tenth
_BOTTOM_PERMILLE = const(100)  # from this charge down to empty, discharging falls to a third

# Derating: (parameter of the trip, source, low side, span before the trip over which the limit falls to 0).
_CHARGE_ROWS: "tuple[DeratingRow, ...]" = (
    ("cell_ov_mv", s.CELL_MAX_MV, False, _OV_SPAN_MV),
    ("otc_ddegc", s.TEMP_MAX_DDEGC, False, _TEMP_SPAN_DDEGC),
    ("utc_ddegc", s.TEMP_MIN_DDEGC, True, _TEMP_SPAN_DDEGC),
    ("imbalance_mv", s.SPREAD_MV, False, _SPREAD_SPAN_MV),
    ("fet_ot_ddegc", s.FET_DDEGC, False, _FET_SPAN_DDEGC),
)
_DISCHARGE_ROWS: "tuple[DeratingRow, ...]" = (
    ("cell_uv_mv", s.CELL_MIN_MV, True, _UV_SPAN_MV),
    ("otd_ddegc", s.TEMP_MAX_DDEGC, False, _TEMP_SPAN_DDEGC),
    ("utd_ddegc", s.TEMP_MIN_DDEGC, True, _TEMP_SPAN_DDEGC),
    ("imbalance_mv", s.SPREAD_MV, False, _SPREAD_SPAN_MV),
    ("fet_ot_ddegc", s.FET_DDEGC, False, _FET_SPAN_DDEGC),
)
_OTHERS = ["limp_permille", "rescue_ma"]  # what is looked at besides the rows' trips


class Limits:
    """Charge and discharge current limits in mA, derated and slewed."""

    def __init__(self) -> None:
        self.charge_ma = 0
        self.discharge_ma = 0
        self._charge_permille = 0
        self._discharge_permille = 0
        self._values: "Values" = {}
        rows = _CHARGE_ROWS + _DISCHARGE_ROWS
        self._spans = array("i", [0] * len(rows))  # where each row's span begins, as `calm` compares
        self._look = bytearray(calm.ROWS_AT) + bytes(row[1] * 2 + row[2] for row in rows)
        self._look[calm.COUNT] = len(rows)
        self._states = bytearray(len(rows))
        self._charge_full_ma = 0
        self._discharge_full_ma = 0
        self.ten_s_uohm = 0  # what ten seconds of current meet in the worst cell; 0: not known

    def configure(self, values: "Values") -> None:
        """Take the trips from a checked set of parameters."""
        names = [row[0] for row in _CHARGE_ROWS + _DISCHARGE_ROWS]
        self._values = {name: values[name] for name in names + _OTHERS}
        self._charge_full_ma = values["occ_ma"] * 9 // 10
        self._discharge_full_ma = values["ocd1_ma"] * 9 // 10
        i = 0
        for name, _, low_side, span in _CHARGE_ROWS + _DISCHARGE_ROWS:
            self._spans[i] = (-values[name] if low_side else values[name]) - span + 1
            i += 1

    def restart(self) -> None:
        """Begin again from zero and rise slowly."""
        self._charge_permille = 0
        self._discharge_permille = 0

    def step(self, snap: s.Snapshot, closed: int, taken: int, soc_permille: int | None) -> None:
        """One cycle. `closed`: the directions that may conduct; one that may not has limit zero.

        `taken`: what the standing faults take (snapshot.LIMP, RESCUE). `soc_permille`: None if not known.
        """
        charge = discharge = FULL
        if calm.first(snap.values, self._spans, self._states, self._look) < len(self._spans):
            charge = self._derate(_CHARGE_ROWS, snap)
            discharge = self._derate(_DISCHARGE_ROWS, snap)
        if not closed & s.CHG:
            charge = 0
        if not closed & s.DSG:
            discharge = 0
        if soc_permille is not None:
            charge = min(charge, _charge_share(soc_permille))
            discharge = min(discharge, _discharge_share(soc_permille))
        if self.ten_s_uohm:
            charge = min(
                charge, self._room(snap.values[s.CELL_MAX_MV], snap.current_ma, self._charge_full_ma, 1)
            )
            discharge = min(
                discharge,
                self._room(snap.values[s.CELL_MIN_MV], snap.current_ma, self._discharge_full_ma, -1),
            )
        if taken & s.LIMP:
            charge = charge * self._values["limp_permille"] // FULL
            discharge = discharge * self._values["limp_permille"] // FULL
        if taken & s.RESCUE:
            charge = min(charge, self._values["rescue_ma"] * 900 // self._charge_full_ma)
        self._charge_permille = min(charge, self._charge_permille + _RISE_PER_CYCLE)
        self._discharge_permille = min(discharge, self._discharge_permille + _RISE_PER_CYCLE)
        self.charge_ma = _share(self._charge_full_ma, self._charge_permille)
        self.discharge_ma = _share(self._discharge_full_ma, self._discharge_permille)

    def _room(self, cell_mv: int, current_ma: int, full_ma: int, sign: int) -> int:
        """Permille of the full limit that keeps a cell in its window for ten seconds; `sign`: -1 discharges.

        The cell stands where the present current has put it; only a change of current moves it further.
        """
        edge_mv: int = self._values["cell_ov_mv"] if sign > 0 else self._values["cell_uv_mv"]
        room_mv = (edge_mv - cell_mv) * sign - _EDGE_MV
        if room_mv >= _FAR_MV:
            room_mv = _FAR_MV
        more_ma = room_mv * 100000 // self.ten_s_uohm * 10
        allowed_ma = current_ma * sign + more_ma
        if allowed_ma >= full_ma:
            return FULL
        return max(0, allowed_ma) * 100 // max(1, full_ma // 10)

    def _derate(self, rows: "tuple[DeratingRow, ...]", snap: s.Snapshot) -> int:
        """The smallest of all rows, in permille of the full limit."""
        least = FULL
        for name, source, low_side, span in rows:
            room = self._values[name] - snap.values[source]
            if low_side:
                room = -room
            if room <= 0:
                return 0
            if room < span:
                least = min(least, FULL * room // span)
        return least


def _charge_share(soc_permille: int) -> int:
    """1000 up to the top, then falling to 100 at full."""
    above = max(0, soc_permille - _TOP_PERMILLE)
    return FULL - above * 900 // (FULL - _TOP_PERMILLE)


def _discharge_share(soc_permille: int) -> int:
    """1000 down to the bottom, then falling to 333 at empty: limping home is still possible."""
    below = max(0, _BOTTOM_PERMILLE - soc_permille)
    return FULL - below * 667 // _BOTTOM_PERMILLE


def _share(full_ma: int, permille: int) -> int:
    """`full_ma` times `permille`, without leaving the small ints: whole amps, then the rest."""
    return full_ma // FULL * permille + full_ma % FULL * permille // FULL
