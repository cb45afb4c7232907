"""The monitor class of front ends: converters that measure, and nobody but this firmware that protects.

Taps on one to four ADS1115, current and outside voltage by an INA226 or INA228, thermistors and a second
opinion on the stack by the controller's own ADC, gates on the controller's own pins. **There is no comparator
in silicon: a controller that hangs leaves its gates as they are until its watchdog bites, and a short circuit
is the fuse's.** `monitor_setup` says what such a front end may guard, and boards/README.md what has to stand
beside it.

What the others' chips do by themselves is done here, once in a reading: the look after body diodes. What
needs hardware that is not there is not pretended: no cell is bled, no limit is `applied`.
"""

from array import array

from micropython import const

from bms.drivers import afe
from bms.drivers.ads1115 import Taps
from bms.drivers.bq769x0_heat import thermistor_ddegc
from bms.drivers.ina2xx import Meter
from bms.drivers.words import Words

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Generator

    from bms.ports import I2cBus, MonitorPins

_SKIP_MOST = const(3)  # pictures in a row that may be thrown away because the stack moved: 0.3 s
_SAMPLES = const(10)  # of the controller's ADC; the highest and the lowest do not count
_LEVEL_BITS = const(15)  # of the other eight together
_TO_OTHERS = const(8639)  # what full scale is in the thermistors' table
_DIODE_MA = const(500)
_SETTLE_MS = const(200)  # whoever has lost its supply gets this long to keep it: longer than a cycle
_STACK = const(0)  # inputs of the controller's ADC
_THERMISTORS = const(1)


class Monitor:
    """`points`: two, each what the taps read and what a meter said; None: it is not calibrated."""

    def __init__(
        self,
        bus: "I2cBus",
        pins: "MonitorPins",
        cell_count: int = 8,
        thermistors: int = 1,
        points: "list[list[list[int]]] | None" = None,
        contactors: bool = False,
    ) -> None:
        self.cells_mv = array("i", [0] * cell_count)
        self.temps_ddegc = array("i", [0] * thermistors)
        self.temps_ok = 0
        self.stack_mv = 0
        self.pack_mv = 0
        self.ld_mv = 0
        self.current_ma = 0  # positive charges
        self.die_ddegc = 0
        self.fet_ddegc = 0
        self.fet_ok = True
        self.safety = 0
        self.fets = 0
        self.fresh = False
        self.configured = False
        self.applied: dict[str, int] = {}  # nothing is enforced by anybody else
        self.nap = None  # its converters rest between two cycles anyway
        self.pins = pins
        self.words = Words(bus)
        self.taps = Taps(self.words, pins.address, pins.chips, cell_count)
        self.meter = Meter(self.words, pins.meter)
        self.gains = array("i", [0] * (cell_count + 1))  # mV a count, times 16384; the stack's own comes last
        self.zeros = array("i", [0] * (cell_count + 1))  # mV
        self.points = points
        self._contactors = contactors
        self._shunt_uohm = 1000
        self._allowed = 0
        self._diode = 0
        self._skipped = 0

    @property
    def still(self) -> int:
        """Grows while a converter gives the same figure for two ranges."""
        return self.taps.still

    def commission(self, limits: dict[str, int]) -> "Generator[int, None, None]":
        """Make the chips measure, prove it, leave the gates off. Yields milliseconds to wait.

        Takes 0.3 s. Raises ConfigError before it touches a chip and other AfeErrors as they come; then simply
        start again.
        """
        self.configured = False
        self.open_path()
        from bms.drivers import monitor_setup  # noqa: PLC0415 - needed for a moment only

        monitor_setup.check(limits, self.pins)
        monitor_setup.calibrate(self, limits, self.points)
        self._shunt_uohm = limits["shunt_uohm"]
        self.taps.set_up()
        yield from self.meter.set_up(monitor_setup.alert_uv(limits))
        yield _SETTLE_MS
        self._skipped = 0
        self.configured = True

    def read(self) -> None:
        """Take what is new. Raises AfeErrors; then this is no picture to go by. Allocates nothing."""
        self.fresh = False
        taps = self.taps
        meter = self.meter
        try:
            taps.scan()
        except afe.ReadbackError:
            self.configured = False
            return
        meter.read()
        self.fets = self.pins.driven()
        self.current_ma = meter.current_ma(self._shunt_uohm)
        self.safety = afe.SCD if meter.beyond else 0
        meter.beyond = False
        if taps.skewed and self._skipped < _SKIP_MOST and not self.safety:
            self._skipped += 1
            return
        self._skipped = 0
        self._decode()
        self.pack_mv = self.ld_mv = meter.bus_mv
        self._measure()
        self._spare_diodes()
        self.fresh = meter.fresh

    def check_alert(self) -> bool:
        """The meter has pulled its line: True if a discharge is past the limit of a short circuit."""
        return self.meter.alerted()

    def set_fets(self, mask: int) -> None:
        """Turn on exactly these: CHG, DSG, both or none."""
        allowed = mask & afe.BOTH
        if not allowed:
            self.open_path()
            return
        if not self.configured:
            raise afe.AfeError("the front end is not configured: its gates stay off")
        self._allowed = allowed
        self._diode = 0
        self.pins.gates(allowed)

    def open_path(self) -> None:
        """Both off. No bus lies between: nothing can fail."""
        self._allowed = self._diode = 0
        self.pins.gates(0)

    def set_balance(self, cells: int) -> None:
        """There is nothing that could bleed a cell, and the balancer knows it."""

    def verify_step(self) -> None:
        """Compare one register of the meter, and look for the mark of one converter.

        Raises ReadbackError at the first difference.
        """
        if self.configured:
            self.taps.verify()
            self.meter.verify()

    def load_detect(self, on: bool) -> None:
        """A resistor across the switches pulls at the load all the time."""

    def shutdown(self) -> None:
        """Ship mode: gates off. The converters sleep between conversions; the meter is put to sleep."""
        self.configured = False
        self.open_path()
        self.meter.shut_down()

    def level(self, which: int) -> int:
        """An input of the controller's ADC, eight times 4096 standing for full scale.

        The mean of ten samples without the highest and the lowest. An RP2040 stays on its codes 512, 1536,
        2560 and 3584 for some 9 counts of input (erratum E11), which no averaging mends: up to 0.4 % of full
        scale over its whole range, half of that between two points that it has been calibrated at.
        """
        pins = self.pins
        low = high = total = pins.sample(which)
        for _ in range(_SAMPLES - 1):
            value = pins.sample(which)
            total += value
            if value < low:
                low = value
            elif value > high:
                high = value
        return total - low - high

    def _decode(self) -> None:
        """Taps into cells: each is the difference of two."""
        codes = self.taps.codes
        cells = self.cells_mv
        below = index = 0
        while index < len(cells):
            tap = (codes[index] * self.gains[index] >> 14) + self.zeros[index]
            cells[index] = tap - below
            below = tap
            index += 1

    def _measure(self) -> None:
        """What the controller's own ADC sees."""
        last = len(self.cells_mv)
        self.stack_mv = (self.level(_STACK) * self.gains[last] >> 14) + self.zeros[last]
        good = 0
        for index in range(len(self.temps_ddegc)):
            temp = thermistor_ddegc(self.level(_THERMISTORS + index) * _TO_OTHERS >> _LEVEL_BITS)
            self.temps_ddegc[index] = temp
            if afe.THERMISTOR_MIN_DDEGC <= temp <= afe.THERMISTOR_MAX_DDEGC:
                good |= 1 << index
        self.temps_ok = good
        self.die_ddegc = self.pins.die_ddegc()

    def _spare_diodes(self) -> None:
        """With one direction open, a current of the other heats the body diode of the FET that is off."""
        if self._contactors:
            return
        diode = 0
        most_ma = _DIODE_MA >> 1 if self._diode else _DIODE_MA
        if self._allowed == afe.DSG and self.current_ma < -most_ma:
            diode = afe.CHG
        elif self._allowed == afe.CHG and self.current_ma > most_ma:
            diode = afe.DSG
        if diode != self._diode:
            self._diode = diode
            self.pins.gates(self._allowed | diode)
            self.fets = self.pins.driven()
