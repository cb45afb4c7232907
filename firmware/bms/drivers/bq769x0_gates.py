"""What the host of a BQ769x0 switches: two gates, the bleeding of cells, and the look for a load.

Nothing here ends by itself in the chip. A gate stays on until a fault or the host turns it off, and a cell
that is bled is bled until somebody writes a zero; so the end of the bleeding is counted here.

Nor does the chip look after body diodes. With one direction open, the current of the other flows through the
diode of the FET that is off, and heats it with 0.6 V. So while such a current flows that FET is turned on,
and off again with the first conversion (250 ms) that shows less.
"""

from micropython import const

from bms.drivers import afe
from bms.drivers.bq769x0_link import Link
from bms.drivers.bq769x0_watch import CC_EN, SYS_CTRL2

GROUP = const(5)  # inputs
_CELLBAL1 = const(0x01)
_OPEN_CHG = const(0x34)  # SYS_STAT: OV, OVRD_ALERT, XREADY (table 8-1)
_OPEN_DSG = const(0x3B)  # and OCD, SCD, UV
_DIODE_MA = const(500)
_LOAD_PRESENT = const(0x80)  # SYS_CTRL1, while CHG is off
_LOOK_EVERY = const(10)  # reads
_BLEED_TURNS = const(80)  # conversions: 20 s
_OPEN_TRIES = const(3)


class Gates:
    """The outputs of one chip. `inputs`: where each cell is connected, the lowest first."""

    def __init__(self, link: Link, groups: int, inputs: bytearray) -> None:
        self.load_gone = False  # nothing pulls at the pin of CHG, as far as that can be told
        self._watching = False
        self._link = link
        self._groups = groups
        self._inputs = inputs
        self._allowed = 0
        self._diode = 0  # what is on besides, because current flows through its diode
        self._look_in = 0
        self._looking = False  # CHG is off from one read to the next
        self._bleed = 1  # conversions until bleeding ends; at first nobody knows

    def allow(self, wanted: int) -> None:
        """Exactly these: CHG, DSG or both. What a latched fault holds off stays off."""
        self._looking = False
        self._allowed = wanted
        self._diode = 0
        try:
            self._link.write(SYS_CTRL2, CC_EN | wanted)
        except afe.BusError:
            self.open()
            raise

    def open(self) -> None:
        """Both off, and no more bleeding. Raises BusError if no attempt got through.

        Sent twice, because without CRC one disturbed bit makes another command of it.
        """
        self._allowed = self._diode = 0
        self._looking = False
        sent = 0
        failed = None
        for _ in range(_OPEN_TRIES):
            try:
                self._link.write(SYS_CTRL2, CC_EN)
                sent += 1
                if sent == 2:
                    break
            except afe.BusError as error:
                failed = error
        if not sent and failed:
            raise failed
        if self._bleed:
            self.bleed(0)

    def bleed(self, cells: int) -> None:
        """Bleed these cells (bit 0 is the lowest) for 20 s, never two neighbours (8.3.1.3.3); 0 stops."""
        wanted = 0
        index = 0
        for place in self._inputs:
            if cells & 1 << index and not wanted & (1 << place) >> 1:
                wanted |= 1 << place
            index += 1
        self._bleed = _BLEED_TURNS if wanted else 1  # until it is certain
        for group in range(self._groups):
            self._link.write(_CELLBAL1 + group, wanted >> GROUP * group & 0x1F)
        if not wanted:
            self._bleed = 0

    def converted(self, status: int, current_ma: int) -> None:
        """250 ms have passed: look after diodes, and end the bleeding that nobody has asked for again."""
        diode = 0
        most_ma = _DIODE_MA >> 1 if self._diode else _DIODE_MA
        if self._allowed == afe.DSG and current_ma < -most_ma and not status & _OPEN_CHG:
            diode = afe.CHG
        elif self._allowed == afe.CHG and current_ma > most_ma and not status & _OPEN_DSG:
            diode = afe.DSG
        if diode != self._diode and not self._looking:
            self._link.write(SYS_CTRL2, CC_EN | self._allowed | diode)
            self._diode = diode
        if self._bleed > 1:
            self._bleed -= 1
        elif self._bleed:
            self.bleed(0)

    def forget(self) -> None:
        """Nobody knows what the chip bleeds."""
        self._bleed = 1

    def watch(self, on: bool) -> None:
        """Look once a second whether a load pulls at the pin of CHG."""
        self._watching = on
        self._look_in = 0

    def judge_load(self, status: int, control: int, fets: int) -> None:
        """LOAD_PRESENT counts while CHG is off (8.3.1.3.2).

        Where CHG is on and somebody waits for the load to go, CHG is turned off from one read to the next,
        once a second: DSG is off then, and a load does not notice.
        """
        if not fets & afe.CHG:
            self.load_gone = not control & _LOAD_PRESENT
            if self._looking:
                self._looking = False
                if not status & _OPEN_CHG:
                    self._link.write(SYS_CTRL2, CC_EN | self._allowed)
        elif not self._watching:
            self.load_gone = False
        elif not fets & afe.DSG:
            self._look_in -= 1
            if self._look_in < 0:
                self._look_in = _LOOK_EVERY
                self._link.write(SYS_CTRL2, CC_EN)
                self._looking = True


def inputs_of(groups: int, cells: int) -> bytearray:
    """The input of each cell: groups as even as can be, in each the top cell on top (tables 9-2 to 9-4)."""
    inputs = bytearray()
    for group in range(groups):
        count = cells // groups + (1 if group < cells % groups else 0)
        for index in range(count - 1):
            inputs.append(GROUP * group + index)
        inputs.append(GROUP * group + GROUP - 1)
    return inputs
