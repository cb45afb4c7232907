"""What happened to this pack, counted: the figures that a diagnosis rests on.

A pack that seems to have a bad BMS mostly has a charger that gives up, a cold night, a weak auxiliary supply
or a loose terminal. Each of these can be counted while it happens, and never afterwards. Counted once a
second and at each trip; halved every thirty days of operation, so that what is long over fades.
"""

from array import array

from micropython import const

from bms.core import snapshot as s

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Values

# What is counted. The order is that of the stored list: append only.
CHARGES_ENDED = const(0)  # the charger stopped by itself, with room left in the pack
CHARGES_REFUSED = const(1)  # attempts that we did not let in
COLD_S = const(2)  # with a charger or a load there, cold took current away
HOT_S = const(3)
HARD_S = const(4)  # the load drew nearly all that a discharge may take
AUX_SHORT_MV = const(5)  # how far the auxiliary supply fell below its limit
JOINTS = const(6)  # trips on a reading that only a joint or a sense wire gives ...
JOINT_CELL = const(7)  # ... and of which cell, 1..n
BUS = const(8)  # disturbances of the bus to the AFE
OWN = const(9)  # failures of controller, AFE or switches
CELLS = const(10)  # faults that only a cell can have ...
CELL_AT = const(11)  # ... and which, 1..n
SENSORS = const(12)  # thermistors that broke
CORRECTED = const(13)  # largest correction of the charge by an anchor, permille
COUNT = const(14)
_PLACES = (JOINT_CELL, CELL_AT)  # not counts: they stay as they are

# What a trip of a row is evidence of.
_BY_ROW = {
    "CELL_JUMP": JOINTS, "OPEN_TAP": JOINTS, "STACK_SUM": JOINTS, "TAPS_SWAPPED": JOINTS,
    "FROZEN_CELL": JOINTS,
    "BUS_NOISY": BUS, "AFE_COMMS": BUS, "STALE": BUS,
    "AFE_FAULT": OWN, "AFE_CONFIG": OWN, "FROZEN_AFE": OWN, "HOST_SILENT": OWN, "EXCEPTION": OWN,
    "WATCHDOG_RESET": OWN, "FET_MISMATCH": OWN, "FET_STUCK_OPEN": OWN, "CHG_WELDED": OWN, "DSG_WELDED": OWN,
    "OPEN_CURRENT": OWN,
    "CELL_DEAD": CELLS, "CELL_OV_PERM": CELLS, "TEMP_RISE": CELLS, "IMBALANCE": CELLS, "RESCUE_LONG": CELLS,
    "THERMISTOR_OPEN": SENSORS, "THERMISTOR_SHORT": SENSORS,
}  # fmt: skip

_FADE_S = const(2592000)
_ROOM_PERMILLE = const(950)
_BRIEF_S = const(60)  # a charge shorter than this has not ended, it never began
_SPAN_DDEGC = const(80)  # from here on to a trip, `limits` lets the current fall
_MOST = const(1 << 29)


class Evidence:
    """The counts, and what has to be remembered from one second to the next to count them."""

    def __init__(self) -> None:
        self.values = array("i", [0] * COUNT)
        self.faded_s = 0  # when they were last halved, operating seconds
        self._charging_s = 0
        self._attempt = False
        self._cold_ddegc = -_MOST
        self._hot_ddegc = self._hard_ma = _MOST
        self._aux_mv = 0

    def configure(self, values: "Values") -> None:
        """Take what is cold, hot, hard and weak from a checked set of parameters."""
        self._cold_ddegc = values["utc_ddegc"] + _SPAN_DDEGC
        self._hot_ddegc = values["otc_ddegc"] - _SPAN_DDEGC
        self._hard_ma = values["ocd1_ma"] // 10 * 8
        self._aux_mv = values["aux_min_mv"]

    def take_up(self, kept: object) -> None:
        """Go on where a stored list left off; what is no such list is passed over."""
        if not isinstance(kept, list) or not kept or not all(isinstance(each, int) for each in kept):
            return
        self.faded_s = max(0, min(_MOST, kept[0]))
        for index in range(min(COUNT, len(kept) - 1)):
            self.values[index] = max(0, min(_MOST, kept[index + 1]))

    def to_keep(self) -> list[int]:
        """What `take_up` understands."""
        kept = [self.faded_s]
        kept.extend(self.values)
        return kept

    def clear(self) -> None:
        """Begin anew, after service."""
        for index in range(COUNT):
            self.values[index] = 0

    def second(self, now_s: int, snap: s.Snapshot, blocks: int, soc_permille: int) -> None:
        """Look once, on a valid snapshot. Allocates nothing."""
        if now_s - self.faded_s >= _FADE_S:
            self._fade(now_s)
        self._look_at_charger(snap, blocks, soc_permille)
        values = snap.values
        if snap.charger or abs(snap.current_ma) >= s.IDLE_MA:
            if values[s.TEMP_MIN_DDEGC] < self._cold_ddegc:
                self.add(COLD_S)
            if values[s.TEMP_MAX_DDEGC] > self._hot_ddegc:
                self.add(HOT_S)
        if values[s.DISCHARGE_MA] > self._hard_ma:
            self.add(HARD_S)
        short_mv = self._aux_mv - values[s.AUX_MV]
        if short_mv > self.values[AUX_SHORT_MV]:
            self.values[AUX_SHORT_MV] = short_mv

    def tripped(self, mnemonic: str, cell: int) -> bool:
        """A row has tripped, on this cell (1..n; 0: on none); True if that is evidence of anything."""
        what = _BY_ROW.get(mnemonic, -1)
        if what < 0:
            return False
        self.add(what)
        if cell and what == JOINTS:
            self.values[JOINT_CELL] = cell
        if cell and what == CELLS:
            self.values[CELL_AT] = cell
        return True

    def corrected(self, permille: int) -> None:
        """A full pack has moved the charge by this much, and it had been thought sure."""
        if abs(permille) > self.values[CORRECTED]:
            self.values[CORRECTED] = abs(permille)

    def add(self, what: int) -> None:
        """Count one more."""
        self.values[what] = min(_MOST, self.values[what] + 1)

    def _look_at_charger(self, snap: s.Snapshot, blocks: int, soc_permille: int) -> None:
        ours = blocks & s.CHG or not snap.commanded & s.CHG
        if snap.charging:
            self._charging_s += 1
        elif self._charging_s:
            if not ours and self._charging_s >= _BRIEF_S and soc_permille < _ROOM_PERMILLE:
                self.add(CHARGES_ENDED)
            self._charging_s = 0
        refused = snap.charger and not snap.charging and blocks & s.CHG != 0
        if refused and not self._attempt:
            self.add(CHARGES_REFUSED)
        self._attempt = refused or (self._attempt and snap.charger)

    def _fade(self, now_s: int) -> None:
        self.faded_s = now_s
        for index in range(COUNT):
            if index not in _PLACES:
                self.values[index] //= 2
