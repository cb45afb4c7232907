"""The BQ76952 as the rest of the firmware sees it: readings in mV, mA and 0.1 degC, gates, one set of limits.

The chip protects the pack on its own once it is configured. This driver programs it from the firmware's
limits, proves that it took them, keeps proving it (`verify_step`), and makes its silence or forgetfulness
visible. What runs in the protection cycle works in buffers made once and allocates nothing.

Section numbers are those of the TRM (SLUUBY2B). Never used: OTP; SEAL.
"""

from array import array

from micropython import const

from bms.drivers import afe
from bms.drivers import bq76952_status as status
from bms.drivers.bq76952_gates import Gates
from bms.drivers.bq76952_link import Link
from bms.drivers.bq76952_sleep import SLEEP, Nap
from bms.drivers.bq76952_watch import Watch
from bms.drivers.transport import Block, words

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Generator

    from bms.ports import I2cBus

# Direct commands (TRM chapter 12): the blocks of one cycle, and offsets into them.
_MEASURED = const(0x02)  # Safety Alert A ... Battery Status, cells on inputs 1 to 16, stack, PACK, LD, CC2
_MEASURED_SIZE = const(58)
_AT_MODE = const(17)  # Battery Status, high byte
_AT_CELLS = const(18)
_AT_TOP_CELL = const(48)  # on input 16
_AT_STACK = const(50)
_AT_PACK = const(52)
_AT_LD = const(54)
_AT_CURRENT = const(56)
_ALARM_STATUS = const(0x62)
_STATE = const(0x62)  # Alarm Status, die ... FET Status
_STATE_SIZE = const(30)
_AT_DIE = const(6)
_AT_TS1 = const(14)
_AT_TS3 = const(18)
_AT_FETS = const(29)

_ADSCAN = const(0x02)  # Alarm Status, low byte
_ACTED = const(0xE000)  # Alarm Status: SSBC, SSA, PF

# Subcommands (TRM table 9-2).
_CB_ACTIVE_CELLS = const(0x0083)
_SHUTDOWN = const(0x0010)
_LOAD_DETECT_ON = const(0x009E)
_LOAD_DETECT_OFF = const(0x009F)

_TOP_INPUT = const(15)
_STACK_UNIT_MV = const(10)  # userV, see DA Configuration
_ZERO_C_DK = const(2732)  # temperatures come in 0.1 K


class Bq76952:
    """One chip. `crc` None: find out. `thermistors`: bits, TS1 = 1, TS2 = 2, TS3 = 4."""

    def __init__(
        self,
        bus: "I2cBus",
        address: int = 0x08,
        crc: bool | None = None,
        cell_count: int = 16,
        thermistors: int = 1,
    ) -> None:
        pins = [pin for pin in range(3) if thermistors & 1 << pin]
        self.cells_mv = array("i", [0] * cell_count)
        self.temps_ddegc = array("i", [0] * len(pins))  # of the fitted ones, in the order of their pins
        self.temps_ok = 0  # bit i: temps_ddegc[i] is one that a thermistor can have
        self.stack_mv = 0
        self.pack_mv = 0
        self.ld_mv = 0
        self.current_ma = 0  # positive charges
        self.die_ddegc = 0
        self.fet_ddegc = 0  # of the thermistor on the FETs, if there is one ...
        self.fet_ok = True  # ... and whether it is one that a thermistor can have
        self.safety = 0  # what the silicon has tripped on: bits of `afe`
        self.fets = 0  # gates that it drives: bits of `afe`
        self.alarms = 0  # Alarm Status as last taken
        self.fresh = False  # a scan was completed since the read before this one
        self.configured = False  # commissioned, and as far as the last read knows not reset since
        self.applied: dict[str, int] = {}  # what the silicon enforces, by limit
        self.link = Link(bus, address, crc)
        self.watch = Watch(self.link)
        self._gates = Gates(self.link)
        self.nap = Nap(self.link)
        self._crc = crc
        self._thermistors = thermistors
        self._pins = bytearray(pins)
        self._unit_ma = 1
        self._fet_thermistor = 0
        self._scanned = 0
        self._measured = Block(_MEASURED, _MEASURED_SIZE)
        self._state = Block(_STATE, _STATE_SIZE)
        self._alarm = Block(_ALARM_STATUS, 2)

    def commission(self, limits: dict[str, int]) -> "Generator[int, None, None]":
        """Make the chip enforce `limits`, prove it, leave the FETs off. Yields milliseconds to wait.

        Stops all protection while it writes (7.6): never a routine action, and the path is opened first.
        Raises ConfigError before it touches the chip and other AfeErrors as they come; then simply start
        again.
        """
        self.configured = False
        self.applied = {}
        self.watch.stop()
        self.nap.forget()
        # Here, so that they need not stay in memory once the chip is set up.
        from bms.drivers.bq76952_registers import layout, plan  # noqa: PLC0415
        from bms.drivers.bq76952_setup import Setup  # noqa: PLC0415

        image, applied = plan(limits)
        addresses, sizes = layout()
        for name, mine in (("cell_count", len(self.cells_mv)), ("thermistors", self._thermistors)):
            if limits[name] != mine:
                raise afe.ConfigError(name, limits[name], f"the driver was set up for {mine}")
        self.watch.lay_out(addresses, sizes)
        self.link.crc = self._crc
        self.open_path()
        setup = Setup(self.link, self.watch)
        yield from setup.meet()
        self.open_path()  # if it was reset, it has forgotten
        yield from setup.program(image)
        self.open_path()  # the latch must be there before the FETs leave test mode
        yield from setup.start()
        self.clear_alarms()
        self._scanned = 0
        self._unit_ma = applied["current_unit_ma"]
        self._fet_thermistor = applied["fet_thermistor"]
        self.fet_ddegc = 0
        self.fet_ok = True
        self.applied = applied
        self.configured = True

    def read(self) -> None:
        """Take a complete set of readings. Raises BusError; the attributes then still hold the set before."""
        self.fresh = False
        link = self.link
        state = self._state.data
        link.read(self._state)
        # The alarms come first, so that what follows is at least as new as the scan that they report.
        self._take_alarms(state[0], state[1])
        link.read(self._measured)
        self.fresh = self._scanned != 0
        self._scanned = 0
        self.safety = status.safety(self._measured.data)
        mode = self._measured.data[_AT_MODE]
        if self.nap.watching or mode & SLEEP:
            self.nap.note(mode, self.fresh)
        if status.lost(self._measured.data):
            self.configured = False
        self._decode_voltages()
        self._decode_temperatures()

    def check_alert(self) -> bool:
        """For the ALERT line, which falls after every scan too: True if the chip acted and a cycle is due."""
        self.link.read(self._alarm)
        self._take_alarms(self._alarm.data[0], self._alarm.data[1])
        return self.alarms & _ACTED != 0

    def set_fets(self, mask: int) -> None:
        """Allow CHG, DSG, both or none; see `Gates`. Where fitted, PDSG goes before DSG, PCHG for CHG."""
        if mask & afe.BOTH and not self.configured:
            raise afe.AfeError("the AFE is not configured: its FETs stay off")
        self._gates.allow(mask & afe.BOTH)

    def open_path(self) -> None:
        """Turn everything off, whatever happened before. Raises BusError only if no attempt got through."""
        self._gates.open()

    def shutdown(self) -> None:
        """Ship mode: FETs off, settings forgotten, silent until a charger lifts the LD pin (7.5).

        While LD carries a voltage the chip waits, silent already, for it to go. Believe it when `read` fails.
        """
        self.configured = False
        self.watch.stop()
        self.open_path()
        self.link.command(_SHUTDOWN)

    def set_balance(self, cells: int) -> None:
        """Bleed these cells (bit 0 is the lowest) for 20 s from now; 0 stops. Repeat it to go on (10.1)."""
        top = len(self.cells_mv) - 1
        inputs = cells & ((1 << top) - 1)
        if cells & 1 << top:
            inputs |= 1 << _TOP_INPUT
        self.link.stage_word(_CB_ACTIVE_CELLS, inputs)
        self.link.commit()

    @property
    def still(self) -> int:
        """How often in a row the converters' raw counts, looked at every 0.8 s, have not moved by one bit."""
        return self.watch.still

    def verify_step(self) -> None:
        """Re-read one slice of data memory; ten calls a second cover all of it in less than five.

        Raises ReadbackError at the first difference, NoAnswerError if the chip will not show it.
        """
        self.watch.step()

    def clear_alarms(self) -> None:
        self.link.write_pair(_ALARM_STATUS, 0xFF, 0xFF)

    def load_detect(self, on: bool) -> None:
        """Pull the LD pin up, to see by its voltage whether a load is still connected (5.2.18)."""
        self.link.command(_LOAD_DETECT_ON if on else _LOAD_DETECT_OFF)

    def _take_alarms(self, low: int, high: int) -> None:
        """Note the latched alarms and clear just those: one that comes now stays for the next time (6.6)."""
        if low or high:
            self.link.write_pair(_ALARM_STATUS, low, high)
        self.alarms = high << 8 | low
        self._scanned |= low & _ADSCAN

    def _decode_voltages(self) -> None:
        block = self._measured
        cells = self.cells_mv
        top = len(cells) - 1
        words(block.data, cells, _AT_CELLS << 8 | top)
        cells[top] = block.signed(_AT_TOP_CELL)
        self.stack_mv = block.signed(_AT_STACK) * _STACK_UNIT_MV
        self.pack_mv = block.signed(_AT_PACK) * _STACK_UNIT_MV
        self.ld_mv = block.signed(_AT_LD) * _STACK_UNIT_MV
        self.current_ma = block.signed(_AT_CURRENT) * self._unit_ma

    def _decode_temperatures(self) -> None:
        block = self._state
        self.die_ddegc = block.signed(_AT_DIE) - _ZERO_C_DK
        self.fets = status.fets(block.data[_AT_FETS])
        good = 0
        for index in range(len(self._pins)):
            temp = block.signed(_AT_TS1 + 2 * self._pins[index]) - _ZERO_C_DK
            self.temps_ddegc[index] = temp
            if _plausible(temp):
                good |= 1 << index
        self.temps_ok = good
        if self._fet_thermistor:
            self.fet_ddegc = block.signed(_AT_TS3) - _ZERO_C_DK
            self.fet_ok = _plausible(self.fet_ddegc)


def _plausible(ddegc: int) -> bool:
    return afe.THERMISTOR_MIN_DDEGC <= ddegc <= afe.THERMISTOR_MAX_DDEGC
