"""The last ten seconds at full rate, in a ring that was made once: what the pack did before it tripped.

A record is taken every cycle. A trip lets thirty more be taken; then the ring stands still until somebody has
written it down and says so. A record is seven numbers of 16 bits, little-endian, so that the bytes go to
flash as they are:

    ms since the record before (at most 32767), lowest cell mV, highest cell mV, current in steps of
    `step_ma`, sum of the cells in steps of 4 mV, hottest degC/10, and bits: 0-3 FETs that read closed (CHG,
    DSG and their detours), 4-5 FETs commanded, 6 a fresh reading, 7-10 mode, 11 charger

132 records take 1848 bytes: ten seconds at ten a second, the trip, three seconds after it.
"""

from array import array

from micropython import const

from bms.core import snapshot as s

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.core.snapshot import Snapshot
    from bms.ports import Fields

SLOTS = const(132)
AFTER = const(30)  # records after the one with the trip
WIDTH = const(14)  # bytes of a record
PACK_STEP_MV = const(4)
_MOST = const(32767)
# The AFE's shunt input takes 200 mV: through so many microohms, that is this many mA.
_FULL_SCALE = const(200_000_000)
_MOST_COMMON_UOHM = const(1000)


class Ring:
    """132 records; `left` is how many are still to be taken, -1 while no trip ends the recording."""

    def __init__(self) -> None:
        self.data = bytearray(SLOTS * WIDTH)
        self.next = 0  # the slot of the next record, which is also the oldest once all are in use
        self.used = 0
        self.left = -1
        self.after = 0  # records taken since the trip
        self._record = array("i", [0] * (WIDTH // 2))
        self._gap_ms = 0  # since the last record
        self.configure(_MOST_COMMON_UOHM)

    def configure(self, shunt_uohm: int) -> None:
        """What a step of current is, so that 16 bits hold all that this shunt can show."""
        self.step_ma = 1 + _FULL_SCALE // shunt_uohm // _MOST

    def sample(self, elapsed_ms: int, snap: "Snapshot", mode: int) -> None:
        """One record. Allocates nothing."""
        self._gap_ms += elapsed_ms
        if not self.left:
            return
        values = snap.values
        record = self._record
        record[0] = self._gap_ms
        record[1] = values[s.CELL_MIN_MV]
        record[2] = values[s.CELL_MAX_MV]
        record[3] = snap.current_ma // self.step_ma
        record[4] = snap.sum_mv // PACK_STEP_MV
        record[5] = values[s.TEMP_MAX_DDEGC]
        bits = snap.fets & 15 | (snap.commanded & s.BOTH) << 4 | mode << 7
        record[6] = bits | (64 if snap.fresh else 0) | (2048 if snap.charger else 0)
        data = self.data
        at = self.next * WIDTH
        for value in record:
            fits = value if -_MOST <= value <= _MOST else _MOST if value > 0 else -_MOST
            data[at] = fits & 255
            data[at + 1] = fits >> 8 & 255
            at += 2
        self._gap_ms = 0
        self.next = self.next + 1 if self.next + 1 < SLOTS else 0
        if self.used < SLOTS:
            self.used += 1
        if self.left > 0:
            self.left -= 1
            self.after += 1

    def trip(self) -> bool:
        """The newest record is that of a trip: take `AFTER` more and stop. False if one came before."""
        if self.left >= 0:
            return False
        self.left = AFTER
        self.after = 0
        return True

    def stop(self) -> None:
        """No more records: write down what there is."""
        if self.left > 0:
            self.left = 0

    def release(self) -> None:
        """It has been written down, or never will be: go on."""
        self.left = -1

    def before_ms(self) -> int:
        """From the oldest record to the trip."""
        first = self.next if self.used == SLOTS else 0
        total = 0
        for k in range(1, self.used - self.after):
            total += number(self.data, (first + k) % SLOTS * WIDTH)
        return total

    def layout(self) -> "Fields":
        """What a reader of the bytes must know."""
        return {
            "first": self.next if self.used == SLOTS else 0,
            "used": self.used,
            "before_ms": self.before_ms(),
            "step_ma": self.step_ma,
        }


def number(data: "bytes | bytearray", at: int) -> int:
    """A signed 16-bit number in a record."""
    value = data[at] | data[at + 1] << 8
    return value - 65536 if value > _MOST else value
