"""Current and outside voltage by an INA226 or an INA228: two register maps, one driver, one table.

Current is computed from the voltage across the shunt; the chip's own current register goes by a calibration
that it loses with its supply, and then says 0 A. That register holds a mark instead: it tells of a reset.
The alert output is told to fall when a discharge passes a limit; that is a hint to look at once, it opens
nothing. Sources: INA226 SBOS547, 7.1 (Register Maps); INA228 SLYS021, 7.6.1.
"""

from micropython import const

from bms.drivers.afe import BusError, IdentityError, NoAnswerError, ReadbackError

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Generator

    from bms.drivers.words import Words
    from bms.ports import Row

# Columns of a row.
_NAME = const(0)
_ID_AT = const(1)
_ID = const(2)
_ID_MASK = const(3)
_SETTINGS = const(4)  # (register, value, bits that stay as written)
_ALERT_AT = const(5)  # registers of what raises the alert and of its limit
_LIMIT_AT = const(6)
_LIMIT_NV = const(7)  # per count of the limit
_READY = const(8)  # bits of the status, which is where the alert is chosen
_BEYOND = const(9)
_SHUNT_AT = const(10)
_BUS_AT = const(11)
_SHUNT_NV2 = const(12)  # per count, in half nanovolts
_BUS_TIMES = const(13)  # millivolts: counts times this, ...
_BUS_SHIFT = const(14)  # ... shifted right by this
_LONG = const(15)  # results have 24 bits, the lowest four empty

_ROWS: "tuple[Row, ...]" = (
    # 16 x (1.1 + 1.1) ms, shunt and bus in turn: 35 ms a result. Alert latched, by shunt under-voltage.
    ("INA226", 0xFF, 0x2260, 0xFFF0, ((0x00, 0x4527, 0x7FFF), (0x05, 0x5057, 0x7FFF)),
     0x06, 0x07, 2500, 0x08, 0x10, 0x01, 0x02, 5000, 5, 2, False),
    # 16 x (1.05 + 1.05) ms; range 163.84 mV.
    ("INA228", 0x3F, 0x2280, 0xFFF0, ((0x00, 0x0000, 0x7FF0), (0x01, 0xBB6A, 0xFFFF), (0x02, 0x5057, 0x7FFF)),
     0x0B, 0x0D, 5000, 0x02, 0x20, 0x04, 0x05, 625, 25, 7, True),
)  # fmt: skip
# SUL and latch enable; ALATCH, and MEMSTAT, which is 1 while the factory's trim is intact (SLYS021, 7.3.6).
_ALERT = (0x4001, 0x8001)
_ALERT_KEPT = (0xFC03, 0xF001)
_MANUFACTURER = (0xFE, 0x3E)
_TI = const(0x5449)
_ASLEEP = (0xFFF8, 0x0FFF)  # of the setting that stands in the place of the same number
_FIRST_MS = const(10)
_PATIENCE = const(12)
_OLD = const(4)  # readings without a new result until what is there counts as old
_MOST = const(30)


class Meter:
    """The chip at an address; which of the two it is, it says itself."""

    def __init__(self, words: "Words", address: int) -> None:
        self.name = ""
        self.shunt_nv2 = 0  # half nanovolts across the shunt, positive charges
        self.bus_mv = 0
        self.fresh = False
        self.beyond = False  # a discharge has passed the limit of the alert, or all that can be read
        self._words = words
        self._address = address
        self._row = _ROWS[0]
        self._kind = 0
        self._limit = 0
        self._age = _OLD
        self._converted = False
        self._next = 0

    def set_up(self, limit_uv: int) -> "Generator[int, None, None]":
        """Identify, configure, wait for a first result. Yields milliseconds to wait."""
        self._identify()
        row = self._row
        write = self._words.write
        for register, value, _ in row[_SETTINGS]:
            write(self._address, register, value)
        self._limit = -(limit_uv * 1000 // row[_LIMIT_NV]) & 0xFFFF
        write(self._address, row[_LIMIT_AT], self._limit)
        write(self._address, row[_ALERT_AT], _ALERT[self._kind])
        self._words.read_word(self._address, row[_ALERT_AT])  # what was latched before
        self._converted = False
        self._next = 0
        for _ in range(_PATIENCE):
            yield _FIRST_MS
            if self._status():
                break
        else:
            raise NoAnswerError("measure a current")
        while not self.verify():
            pass
        self.beyond = False
        self._age = 0
        self.read()

    def read(self) -> None:
        """Take the newest result. Raises BusError."""
        self._status()
        if self._converted:
            self._converted = False
            self._age = 0
            self._fetch()
        elif self._age < _OLD:
            self._age += 1
        self.fresh = self._age < _OLD

    def alerted(self) -> bool:
        """What pulled the alert line? True: a discharge past the limit. Allocates nothing."""
        self._status()
        return self.beyond

    def current_ma(self, shunt_uohm: int) -> int:
        """The last result through this shunt."""
        return (self.shunt_nv2 + shunt_uohm) // (2 * shunt_uohm)

    def verify(self) -> bool:
        """Compare one register, the next one with each call; True after the last. Raises ReadbackError."""
        settings = self._row[_SETTINGS]
        at = self._next
        if at < len(settings):
            register, value, kept = settings[at]
        elif at == len(settings):
            register, value, kept = self._row[_LIMIT_AT], self._limit, 0xFFFF
        else:
            register, value, kept = self._row[_ALERT_AT], _ALERT[self._kind], _ALERT_KEPT[self._kind]
        read = self._words.read_word(self._address, register)
        if register == self._row[_ALERT_AT]:
            self._note(read)
        if (read ^ value) & kept:
            self._next = 0
            raise ReadbackError(f"of the {self.name} at 0x{self._address:02X}", register, value, read)
        self._next = 0 if at > len(settings) else at + 1
        return not self._next

    def shut_down(self) -> None:
        """No more conversions."""
        register, value, _ = self._row[_SETTINGS][self._kind]
        self._words.write(self._address, register, value & _ASLEEP[self._kind])

    def _identify(self) -> None:
        """Each keeps its marks at an address that the other one does not have."""
        silent = None
        answers = False
        for kind in range(len(_ROWS)):
            row = _ROWS[kind]
            try:
                maker = self._words.read_word(self._address, _MANUFACTURER[kind])
                die = self._words.read_word(self._address, row[_ID_AT])
            except BusError as error:
                silent = error
                continue
            answers = True
            if maker == _TI and die & row[_ID_MASK] == row[_ID]:
                self._kind = kind
                self._row = row
                self.name = row[_NAME]
                return
        if silent and not answers:
            raise silent
        raise IdentityError(f"what answers at 0x{self._address:02X} is neither an INA226 nor an INA228")

    def _status(self) -> bool:
        """Whether a result is ready; reading it clears the chip's own flags, so they are kept here."""
        self._note(self._words.read_word(self._address, self._row[_ALERT_AT]))
        return self._converted

    def _note(self, status: int) -> None:
        if status & self._row[_READY]:
            self._converted = True
        if status & self._row[_BEYOND]:
            self.beyond = True

    def _fetch(self) -> None:
        row = self._row
        words = self._words
        if row[_LONG]:
            counts = ((words.read_long(self._address, row[_SHUNT_AT]) >> 4) ^ 0x80000) - 0x80000
            volts = words.read_long(self._address, row[_BUS_AT]) >> 4
            clipped = counts < -524_000
        else:
            counts = (words.read_word(self._address, row[_SHUNT_AT]) ^ 0x8000) - 0x8000
            volts = words.read_word(self._address, row[_BUS_AT])
            clipped = counts < -32_700
        self.shunt_nv2 = counts * row[_SHUNT_NV2]
        self.bus_mv = volts * row[_BUS_TIMES] >> row[_BUS_SHIFT]
        self.beyond = self.beyond or clipped
