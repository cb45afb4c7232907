"""One picture of the pack, taken once a cycle: all that the decisions are allowed to know.

`values` holds every quantity that a protection row may look at, under the indices below, so that the whole
fault table is one loop over ints. The first `MEASURED` of them come from the AFE's ADC and mean something
only when `valid` (a complete scan has been seen) and are new only when `fresh`; the rest are the firmware's
own findings.
"""

from array import array

from micropython import const

# Indices into Snapshot.values: measured by the AFE ...
CELL_MAX_MV = const(0)
CELL_MIN_MV = const(1)
SPREAD_MV = const(2)  # highest cell minus lowest
STACK_ERROR_MV = const(3)  # |stack reading - sum of cells|, per cell
CHARGE_MA = const(4)  # pack current, positive charges
DISCHARGE_MA = const(5)  # the same, positive discharges
TEMP_MAX_DDEGC = const(6)
TEMP_MIN_DDEGC = const(7)
DIE_DDEGC = const(8)
THERMISTORS_BAD = const(9)  # how many read outside -60..150 degC: open or shorted
MEASURED = const(10)
# ... and found out by the firmware.
AGE_MS = const(10)  # since the last new scan, once scans are expected
SILENT_MS = const(11)  # since the AFE last answered
CONFIG_LOST = const(12)
FET_MISMATCH_MS = const(13)  # how long read-back has differed from the command
EXCEPTIONS = const(14)
PARAMS_INVALID = const(15)
BUTTON_STUCK = const(16)
WATCHDOG_RESET = const(17)
IMPACT = const(18)
HARDWARE = const(19)  # never read: for rows that only the AFE itself can trip
STATE_LOST = const(20)
COUNT = const(21)

# What the AFE itself has tripped on (Snapshot.hardware), whatever the chip calls it.
HW_OV = const(1 << 0)
HW_UV = const(1 << 1)
HW_OCC = const(1 << 2)
HW_OCD1 = const(1 << 3)
HW_OCD2 = const(1 << 4)
HW_SCD = const(1 << 5)
HW_OTC = const(1 << 6)
HW_UTC = const(1 << 7)
HW_OTD = const(1 << 8)
HW_UTD = const(1 << 9)
HW_OT_DIE = const(1 << 10)
HW_HOST_SILENT = const(1 << 11)
HW_FAULT = const(1 << 12)  # anything else it reports, permanent failures included

# The two directions that can be opened, in commands, read-back and fault rows alike.
CHG = const(1)
DSG = const(2)
BOTH = const(3)

IDLE_MA = const(200)  # |I| below this is "isolated" (design: reset guard) and "no charge current"
_CHARGER_MARGIN_MV = const(300)  # PACK pin above the stack by this: a charger waits outside
_LOAD_GONE_MV = const(4000)  # LD pin above this under the AFE's pull-up: nothing hangs on PACK+ (TRM 5.2.13)


class Snapshot:
    """Everything measured in one cycle. The owner fills the raw fields, then calls `derive`."""

    def __init__(self, cells_mv: "array[int]", temps_ddegc: "array[int]") -> None:
        self.cells_mv = cells_mv  # the driver's own array, lowest cell first: filled in place by each read
        self.temps_ddegc = temps_ddegc
        self.temps_bad = 0  # bit i: thermistor i implausible
        self.stack_mv = 0
        self.pack_mv = 0
        self.ld_mv = 0
        self.current_ma = 0
        self.die_ddegc = 0
        self.hardware = 0
        self.fets = 0
        self.fresh = False
        self.valid = False
        self.values = array("i", [0] * COUNT)
        self.charger = False
        self.charging = False
        self.load_gone = False
        self.cell_max_at = 0
        self.cell_min_at = 0
        self.sum_mv = 0

    def derive(self) -> None:
        """Extremes, sums and flags from the raw fields. Allocates nothing."""
        values = self.values
        low = high = self.cells_mv[0]
        low_at = high_at = total = index = 0
        for cell in self.cells_mv:
            total += cell
            if cell > high:
                high = cell
                high_at = index
            elif cell < low:
                low = cell
                low_at = index
            index += 1
        self.sum_mv = total
        self.cell_max_at = high_at
        self.cell_min_at = low_at
        values[CELL_MAX_MV] = high
        values[CELL_MIN_MV] = low
        values[SPREAD_MV] = high - low
        values[STACK_ERROR_MV] = abs(self.stack_mv - total) // index
        current = self.current_ma
        values[CHARGE_MA] = current
        values[DISCHARGE_MA] = -current
        self._derive_temperatures()
        outside_mv = self.pack_mv - self.stack_mv
        self.charging = current >= IDLE_MA
        self.charger = self.charging or (not self.fets & CHG and outside_mv > _CHARGER_MARGIN_MV)
        self.load_gone = self.charger or self.ld_mv > _LOAD_GONE_MV

    def _derive_temperatures(self) -> None:
        """Hottest and coldest plausible thermistor; with none left, the die speaks for the cells."""
        values = self.values
        bad = seen = index = 0
        hot = cold = self.die_ddegc
        while index < len(self.temps_ddegc):
            if self.temps_bad & (1 << index):
                bad += 1
            else:
                temp = self.temps_ddegc[index]
                if not seen or temp > hot:
                    hot = temp
                if not seen or temp < cold:
                    cold = temp
                seen = 1
            index += 1
        values[TEMP_MAX_DDEGC] = hot
        values[TEMP_MIN_DDEGC] = cold
        values[DIE_DDEGC] = self.die_ddegc
        values[THERMISTORS_BAD] = bad
