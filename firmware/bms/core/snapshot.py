"""One picture of the pack, taken once a cycle: all that the decisions are allowed to know.

`values` holds every quantity that a protection row may look at, under the indices below, so that the whole
fault table is one loop over ints. The first `MEASURED` of them come from the AFE's ADC and mean something
only when `valid` (a complete scan has been seen) and are new only when `fresh`; the rest are the firmware's
own findings. What needs more than one picture to be seen is worked out by `plausible`.
"""

from array import array

from micropython import const

from bms.core import cells

try:
    from bms.core.cells_fast import extremes
except (AttributeError, ImportError, NameError, SyntaxError, ValueError):  # no machine code here
    from bms.core.cells import extremes

# Indices into Snapshot.values: measured by the AFE ...
CELL_MAX_MV = const(0)
CELL_MIN_MV = const(1)
SPREAD_MV = const(2)  # highest cell minus lowest, as far as that lies between the knee and full
STACK_ERROR_MV = const(3)  # |stack reading - sum of cells|, per cell
CHARGE_MA = const(4)  # pack current, positive charges
DISCHARGE_MA = const(5)  # the same, positive discharges
TEMP_MAX_DDEGC = const(6)
TEMP_MIN_DDEGC = const(7)
DIE_DDEGC = const(8)
THERMISTORS_OPEN = const(9)  # how many read below -60 degC
THERMISTORS_SHORT = const(10)  # how many read above 150 degC
TEMP_SPREAD_DDEGC = const(11)
FET_DDEGC = const(12)
STACK_CELL_MV = const(13)  # stack reading, per cell
PACK_CELL_MV = const(14)  # what stands outside the path (PACK pin), per cell
RESCUE_MA = const(15)  # charge current while only a rescue charge is allowed, else 0
CHG_WELD_MA = const(16)  # charge current with everything open, and the outside at the stack's voltage
DSG_WELD_MA = const(17)  # discharge current likewise
OFF_MA = const(18)  # current through a direction that is open
DROP_MV = const(
    19
)  # |PACK - stack| with both directions reading closed, less what FETs drop by their resistance
JUMP_MV = const(20)  # from here: see `plausible`
TAP_MV = const(21)
FROZEN_MV = const(22)
STILL = const(23)  # how often in a row the raw counts of the AFE's converters have not moved by one bit
TEMP_RISE_DDEGC = const(24)
SOUND_MIN_MV = const(25)
SOUND_MAX_MV = const(26)
WRONG_PORT_MA = const(27)  # with separate ports: current of an open direction through the other one
MEASURED = const(28)
# ... and found out by the firmware.
AGE_MS = const(28)  # since the last new scan; of an AFE that sleeps, since the next one was due
SILENT_MS = const(29)  # since the AFE last answered
CONFIG_LOST = const(30)
FET_MISMATCH_MS = const(31)  # how long read-back has differed from the command
EXCEPTIONS = const(32)
PARAMS_INVALID = const(33)
BUTTON_STUCK = const(34)
WATCHDOG_RESET = const(35)
IMPACT = const(36)
HARDWARE = const(37)  # never read: for rows that only the AFE itself can trip
STATE_LOST = const(38)
PRECHARGE_MS = const(39)  # how long the load has been precharged
RESCUE_MIN = const(40)  # minutes of rescue charging so far
AUX_MV = const(41)  # auxiliary supply
BUS_ERRORS = const(42)  # leaky count of disturbances: 10 each, less 1 a second
LATE_MS = const(43)  # by how much the last cycle began late
COUNT = const(44)

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
HW_OT_FET = const(1 << 13)

# The two directions that can be opened, in commands, read-back and fault rows alike ...
CHG = const(1)
DSG = const(2)
BOTH = const(3)
# ... in read-back also their detours through a resistor ...
PCHG = const(4)
PDSG = const(8)
# ... and in fault rows what a fault takes without opening.
LIMP = const(16)  # reduced current, in both directions
RESCUE = const(32)  # charge gently or not at all

IDLE_MA = const(200)  # |I| below this is "isolated" (design: reset guard) and "no charge current"
ABSENT = const(1 << 27)  # a quantity that is not measured, for rows that look downwards
_CHARGER_MARGIN_MV = const(300)  # PACK pin above the stack by this: a charger waits outside
_LOAD_GONE_MV = const(4000)  # LD pin above this under the AFE's pull-up: nothing hangs on PACK+ (TRM 5.2.13)
_PATH_MOHM = const(2)  # as much as the path of ordinary FETs has
_JOINED_MV = const(1000)  # a body diode and some resistance
_COLDEST_DDEGC = const(-600)  # below, a thermistor is open


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
        self.fet_ddegc = 0
        self.fet_bad = False
        self.hardware = 0
        self.fets = 0  # what reads closed
        self.commanded = 0  # what has been told to close
        self.separate_ports = False  # contactors: charger and load have a port each
        self.full_mv = ABSENT  # above this a cell is full, and how far it lies above the others says nothing
        self.knee_mv = 0  # below this a cell is empty, and how far it lies below the others says nothing
        self.rescue = False  # only a rescue charge is allowed
        self.fresh = False
        self.valid = False
        self.values = array("i", [0] * COUNT)
        self.values[AUX_MV] = self.values[SOUND_MIN_MV] = ABSENT
        self.charger = False
        self.charging = False
        self.load_gone = False
        self.cell_max_at = 0
        self.cell_min_at = 0
        self.jump_at = 0  # which cell `plausible` means by JUMP_MV, ...
        self.tap_at = 0  # ... TAP_MV (the upper of the two), ...
        self.frozen_at = 0  # ... and FROZEN_MV
        self.sum_mv = 0
        self._found = array("i", [0] * cells.EXTREMES)
        self._found[cells.COUNT] = len(cells_mv)

    def derive(self) -> None:
        """Extremes, sums and flags from the raw fields. Allocates nothing."""
        values = self.values
        found = self._found
        count = found[cells.COUNT]
        extremes(self.cells_mv, found)
        high = found[cells.HIGH]
        low = found[cells.LOW]
        self.sum_mv = found[cells.SUM]
        self.cell_max_at = found[cells.HIGH_AT]
        self.cell_min_at = found[cells.LOW_AT]
        values[CELL_MAX_MV] = high
        values[CELL_MIN_MV] = low
        values[SPREAD_MV] = max(0, min(high, self.full_mv) - max(low, self.knee_mv))
        values[STACK_ERROR_MV] = abs(self.stack_mv - self.sum_mv) // count
        values[STACK_CELL_MV] = self.stack_mv // count
        values[PACK_CELL_MV] = self.pack_mv // count
        self._derive_currents()
        self._derive_temperatures()
        outside_mv = self.pack_mv - self.stack_mv
        self.charging = self.current_ma >= IDLE_MA
        self.charger = self.charging or (not self.fets & CHG and outside_mv > _CHARGER_MARGIN_MV)
        flows = self.current_ma <= -IDLE_MA  # past an open switch, with the pack's voltage on the pin
        self.load_gone = self.charger or (self.ld_mv > _LOAD_GONE_MV and not flows)

    def _derive_currents(self) -> None:
        """What flows, and what flows where nothing should: a direction is open if told so and read so."""
        values = self.values
        current = self.current_ma
        shut = self.fets | self.commanded
        values[CHARGE_MA] = current
        values[DISCHARGE_MA] = -current
        values[RESCUE_MA] = current if self.rescue else 0
        blocked = (current > 0 and not shut & (CHG | PCHG)) or (current < 0 and not shut & (DSG | PDSG))
        through = abs(current) if blocked else 0
        # With a port for each direction, what flows past an open switch has the other port to flow through.
        other_port = self.separate_ports and shut
        values[OFF_MA] = 0 if other_port else through
        values[WRONG_PORT_MA] = through if other_port else 0
        # A sensor that is off shows a current too; one that really flows holds the outside near the stack.
        joined = not shut and abs(self.pack_mv - self.stack_mv) < _JOINED_MV
        values[CHG_WELD_MA] = current if joined else 0
        values[DSG_WELD_MA] = -current if joined else 0
        drop_mv = abs(self.pack_mv - self.stack_mv) - abs(current) * _PATH_MOHM // 1000
        values[DROP_MV] = drop_mv if self.fets & BOTH == BOTH and drop_mv > 0 else 0

    def _derive_temperatures(self) -> None:
        """Hottest and coldest plausible thermistor; with none left, the die speaks for the cells."""
        values = self.values
        opened = shorted = seen = index = 0
        hot = cold = self.die_ddegc
        while index < len(self.temps_ddegc):
            temp = self.temps_ddegc[index]
            if self.temps_bad & (1 << index):
                if temp < _COLDEST_DDEGC:
                    opened += 1
                else:
                    shorted += 1
            else:
                if not seen or temp > hot:
                    hot = temp
                if not seen or temp < cold:
                    cold = temp
                seen = 1
            index += 1
        if self.fet_bad:
            if self.fet_ddegc < _COLDEST_DDEGC:
                opened += 1
            else:
                shorted += 1
        values[TEMP_MAX_DDEGC] = hot
        values[TEMP_MIN_DDEGC] = cold
        values[TEMP_SPREAD_DDEGC] = hot - cold
        values[DIE_DDEGC] = self.die_ddegc
        values[FET_DDEGC] = 0 if self.fet_bad else self.fet_ddegc
        values[THERMISTORS_OPEN] = opened
        values[THERMISTORS_SHORT] = shorted
