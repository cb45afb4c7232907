"""The BQ76920, BQ76930 and BQ76940 as the rest of the firmware sees them.

This chip protects less than it seems. By itself it opens for OV, UV, OCD and SCD, and latches them; every
recovery is the host's (8.3.1.3.1), as are charge current and all temperatures. **It has no host watchdog:
FETs that are on stay on, and cells that are bled go on being bled, however long its host is silent.** The
README of the firmware says what has to stand in for one.

What it cannot measure is not made up: the stack is the chip's own sum of its cells (8.3.1.1.6), the outside
reads as the stack while a FET joins the two and as nothing else, LOAD_PRESENT speaks for the load's pin.
Section numbers are those of the datasheet (SLUSBK2, revision I).
"""

from array import array

from micropython import const

from bms.drivers import afe
from bms.drivers.bq769x0_gates import Gates, inputs_of
from bms.drivers.bq769x0_heat import thermistor_ddegc
from bms.drivers.bq769x0_link import Link
from bms.drivers.bq769x0_turns import Turns
from bms.drivers.bq769x0_watch import ADC_EN, CC_READY, SYS_CTRL1, SYS_STAT, TEMP_SEL, XREADY, Watch
from bms.drivers.transport import Block

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Generator

    from bms.ports import I2cBus

_CELLS = const(0x0C)  # two registers an input
_REST = const(0x2A)  # BAT, TS1 to TS3, CC
_AT_TS1 = const(2)
_AT_CC = const(8)

_FAULTS = const(0x1F)  # SYS_STAT: OCD, SCD, OV, UV, OVRD_ALERT
_SAFETY = ((0x01, afe.OCD1), (0x02, afe.SCD), (0x04, afe.OV), (0x08, afe.UV), (0x10, afe.OTHER))

_CC_LSB_NV = const(8440)
_OLD = const(4)  # reads without a conversion (250 ms) until what is there counts as old


class Bq769x0:
    """One chip of 1 to 3 groups of inputs. `crc` None: find out. `thermistors`: bits, TS1 = 1 and so on."""

    def __init__(
        self,
        bus: "I2cBus",
        groups: int,
        address: int = 0x08,
        crc: bool | None = None,
        cell_count: int = 15,
        thermistors: int = 1,
    ) -> None:
        self._pins = bytearray([pin for pin in range(3) if thermistors & 1 << pin])
        self.cells_mv = array("i", [0] * cell_count)
        self.temps_ddegc = array("i", [0] * len(self._pins))
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
        self.fresh = False  # as new as this chip makes it: a conversion within the last 400 ms
        self.configured = False
        self.applied: dict[str, int] = {}
        self.nap = None  # it measures and protects, or it is in SHIP
        self.link = Link(bus, address, crc)
        self._inputs = inputs_of(groups, cell_count)
        self._watch = Watch(self.link)
        self._turns = Turns()
        self._gates = Gates(self.link, groups, self._inputs)
        self._crc = crc
        self._groups = groups
        self._thermistors = thermistors
        self._fet_thermistor = 0
        self._shunt_uohm = 1000
        self._control = self._watch.control
        self._status = Block(SYS_STAT, 1)
        self._cells = Block(_CELLS, 10 * groups)
        self._rest = Block(_REST, 10)
        self._converted = False  # a conversion has ended whose results have not been read
        self._age = _OLD
        self._told = 0  # latched faults that the last picture has told of: their latches may go
        self._seen = False  # the control registers are those of a reading that went well

    def commission(self, limits: dict[str, int]) -> "Generator[int, None, None]":
        """Make the chip enforce `limits`, prove it, leave the FETs off. Yields milliseconds to wait.

        Takes 0.8 s, and 2.5 s after a power-up: until the thermistors have had their turn. Raises ConfigError
        before it touches the chip and other AfeErrors as they come; then simply start again.
        """
        self.configured = False
        self.applied = {}
        for name, mine in (("cell_count", len(self.cells_mv)), ("thermistors", self._thermistors)):
            if limits.get(name) != mine:
                raise afe.ConfigError(name, limits.get(name), f"the driver was set up for {mine}")
        # Here, so that they need not stay in memory once the chip is set up.
        from bms.drivers.bq769x0_limits import check  # noqa: PLC0415
        from bms.drivers.bq769x0_setup import run  # noqa: PLC0415

        check(limits, self._groups)
        self.link.crc = self._crc
        self._gates.forget()
        self.open_path()
        applied = yield from run(self.link, self._watch, self._groups, limits)
        self._shunt_uohm = limits["shunt_uohm"]
        self._fet_thermistor = limits["fet_thermistor"]
        self._told = self._age = self.safety = 0
        self._turns.start()
        self._fetch()
        # Until the die has had its own turn.
        self.die_ddegc = self._turns.die_ddegc = max(self.temps_ddegc) if self._pins else 250
        self.applied = applied
        self.configured = True

    def read(self) -> None:
        """Take what is new. Raises BusError; then this is no picture to go by."""
        self.fresh = self._seen = False
        link = self.link
        if self._told:
            link.write(SYS_STAT, self._told)
            self._told = 0
        link.read(self._control)
        control = self._control.data
        status = control[0]
        if status & CC_READY:
            link.write(SYS_STAT, CC_READY)  # before the results: one that comes now stays for the next time
            self._converted = True
        if self._converted:
            self._fetch()
            self._converted = False
            self._age = 0
            self._take_turns(status)
        elif self._age < _OLD:
            self._age += 1
        self.fets = control[5] & afe.BOTH
        self._gates.judge_load(status, control[4], self.fets)
        self.ld_mv = self.stack_mv if self._gates.load_gone else 0
        self.pack_mv = self.stack_mv if self.fets else 0
        self.safety = 0
        if status & _FAULTS:
            for bit, meaning in _SAFETY:
                if status & bit:
                    self.safety |= meaning
        if status & XREADY or not self._watch.intact():
            self.configured = False
        self._seen = True
        self.fresh = self._age < _OLD
        if self.fresh:
            self._told = status & _FAULTS

    def check_alert(self) -> bool:
        """For the ALERT line, which rises with every conversion too: True if the chip has news of a fault."""
        link = self.link
        link.read(self._status)
        status = self._status.data[0]
        if status & CC_READY:
            link.write(SYS_STAT, CC_READY)
            self._converted = True
        return status & (_FAULTS | XREADY) & ~self._told != 0

    def set_fets(self, mask: int) -> None:
        """Turn on exactly these: CHG, DSG, both or none. What a latched fault holds off stays off."""
        allowed = mask & afe.BOTH
        if not allowed:
            self.open_path()
            return
        if not self.configured:
            raise afe.AfeError("the AFE is not configured: its FETs stay off")
        self._gates.allow(allowed)

    def open_path(self) -> None:
        """Both off, whatever happened before; no more bleeding. Raises BusError if no attempt got through."""
        self._gates.open()

    def set_balance(self, cells: int) -> None:
        """Bleed these cells (bit 0 is the lowest), never two neighbours, for 20 s from now; 0 stops."""
        self._gates.bleed(cells)

    @property
    def still(self) -> int:
        """Grows while the converters do not answer to being switched from thermistors to the die and back."""
        return self._turns.still

    def verify_step(self) -> None:
        """Compare every configuration register, as this cycle's read brought them; at times the calibration.

        Raises ReadbackError at the first difference.
        """
        if self.configured and self._seen:
            self._watch.verify()

    def load_detect(self, on: bool) -> None:
        """Look once a second whether a load pulls at the pin of CHG, which has to be off for that."""
        self._gates.watch(on)

    def shutdown(self) -> None:
        """Ship mode: FETs off, registers gone, silent until something lifts TS1 (8.4.2)."""
        self.configured = False
        self.open_path()
        from bms.drivers.bq769x0_setup import shut_down  # noqa: PLC0415

        shut_down(self.link)

    def _fetch(self) -> None:
        """Read all results, then decode them."""
        self.link.read(self._cells)
        self.link.read(self._rest)
        gain = self._watch.gain_uv
        offset = self._watch.offset_mv
        block = self._cells
        cells = self.cells_mv
        index = 0
        for place in self._inputs:
            cells[index] = ((block.word(2 * place) & 0x3FFF) * gain + 500) // 1000 + offset
            index += 1
        self.stack_mv = self._rest.word(0) * gain * 4 // 1000 + index * offset
        counts = (self._rest.word(_AT_CC) ^ 0x8000) - 0x8000
        self.current_ma = (counts * _CC_LSB_NV + (self._shunt_uohm >> 1)) // self._shunt_uohm
        if not self._turns.settled:
            return
        good = 0
        for index in range(len(self._pins)):
            temp = thermistor_ddegc(self._rest.word(_AT_TS1 + 2 * self._pins[index]) & 0x3FFF)
            self.temps_ddegc[index] = temp
            if afe.THERMISTOR_MIN_DDEGC <= temp <= afe.THERMISTOR_MAX_DDEGC:
                good |= 1 << index
        self.temps_ok = good
        if self._fet_thermistor:
            temp = thermistor_ddegc(self._rest.word(_AT_TS1 + 4) & 0x3FFF)
            self.fet_ddegc = temp
            self.fet_ok = afe.THERMISTOR_MIN_DDEGC <= temp <= afe.THERMISTOR_MAX_DDEGC

    def _take_turns(self, status: int) -> None:
        """A conversion has passed: thermistors or die, and what the gates have to do with every one."""
        turns = self._turns
        if turns.step(self._cells.data, self._rest.data):
            thermistors = turns.on_die  # whose turn is next
            self._watch.hold(SYS_CTRL1, ADC_EN | TEMP_SEL if thermistors else ADC_EN)
            turns.switched(thermistors, self._rest, self._groups)
            if thermistors:
                self.die_ddegc = turns.die_ddegc
        self._gates.converted(status, self.current_ma)
