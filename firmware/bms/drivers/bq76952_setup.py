"""Programming a BQ76952: from whatever state it is found in to FETs under its autonomous control, all proved.

Its calibration comes from OTP at power-up and is nobody's to know. It is learned from a chip that says POR,
which means that nothing was written since it loaded itself; any other chip is told to load itself anew
(RESET, TRM 3.2) unless what we learned earlier still holds. If REG1 feeds this very controller, such a reset
restarts it too, and it then finds POR: once, not for ever.
"""

from micropython import const

from bms.drivers.afe import (
    BusError,
    CalibrationError,
    IdentityError,
    NoAnswerError,
    ReadbackError,
    ResetError,
)
from bms.drivers.bq76952_link import Link
from bms.drivers.bq76952_status import ALARM_MASK
from bms.drivers.bq76952_watch import Watch, ask, number
from bms.drivers.bq76952_window import COMPARE, LEARN, SKIP
from bms.drivers.transport import Block

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Generator

_BQ76952 = const(0x7695)
_BATTERY_STATUS = const(0x12)
_CFGUPDATE = const(0x01)  # low byte
_POR = const(0x08)
_SECURITY = const(0x03)  # high byte
_FULL_ACCESS = const(1)  # CONFIG_UPDATE is allowed in this mode only (TRM 8.1)
_ALARM_ENABLE = const(0x66)

_DEVICE_NUMBER = const(0x0001)
_RESET = const(0x0012)
_FET_ENABLE = const(0x0022)
_MANUFACTURING_STATUS = const(0x0057)
_FET_EN = const(0x10)
_SET_CFGUPDATE = const(0x0090)
_EXIT_CFGUPDATE = const(0x0092)
_SLEEP_DISABLE = const(0x009A)

_TRIES = const(20)
_TOGGLES = const(3)
_STAGE_MS = const(1)  # the chip looks at the address that is named, which takes it 660 us
_STEP_MS = const(2)  # SET_CFGUPDATE, the slowest command used, takes as long (TRM table 9-2)
_RESTART_MS = const(50)  # it answers after some 25 ms, and has measured after 300 (TRM 7.5)

# Cell Gains open the image. 12120 is nominal (TRM 4.10); 0 means the factory's own (TRM 13.2.1).
_GAINS = const(16)
_GAIN = const(12120)
_GAIN_SPREAD = const(606)  # 5 %; the example of a calibration in TRM 13.1 is 2.4 % off


class Setup:
    """Brings one chip under control, and `watch` with it."""

    def __init__(self, link: Link, watch: Watch) -> None:
        self._link = link
        self._watch = watch
        self._status = Block(_BATTERY_STATUS, 2)

    def meet(self) -> "Generator[int, None, None]":
        """Identify the chip; have it load its calibration anew unless that is known to be good."""
        yield _STEP_MS
        yield from self._identify()
        if self._watch.trusted or self._status.data[0] & _POR:
            return
        self._link.command(_RESET)
        yield from self._restarted()

    def program(self, image: bytearray) -> "Generator[int, None, None]":
        """Write `image` and read all of it back, before the chip acts on it and after."""
        watch = self._watch
        yield from self._update_mode(_SET_CFGUPDATE, _CFGUPDATE)
        yield from self._write(image)
        watch.expect(image)
        yield from watch.round(SKIP)  # in CONFIG_UPDATE, Cell Gains do not show what is in use (TRM 4.10)
        yield from self._update_mode(_EXIT_CFGUPDATE, 0)
        yield from watch.round(COMPARE if watch.trusted else LEARN)
        for cell in range(_GAINS):
            gain = number(watch.image, 2 * cell, 2)
            if gain and abs(gain - _GAIN) > _GAIN_SPREAD:
                watch.trusted = False
                raise CalibrationError(f"Cell {cell + 1} Gain", gain, _GAIN)
        watch.trusted = True

    def start(self) -> "Generator[int, None, None]":
        """From FET test mode to autonomous control (TRM 5.2.3), and the alarms that we want to hear of."""
        yield _STEP_MS
        self._link.command(_SLEEP_DISABLE)
        yield _STEP_MS
        for _ in range(_TOGGLES):
            yield from ask(self._link, _MANUFACTURING_STATUS)
            if self._link.answered[0] & _FET_EN:
                break
            self._link.command(_FET_ENABLE)  # it toggles: only ever after a look
            yield _STEP_MS
        else:
            raise NoAnswerError("take control of its FETs (FET_EN)")
        self._link.write_pair(_ALARM_ENABLE, ALARM_MASK & 0xFF, ALARM_MASK >> 8)
        yield _STEP_MS
        enabled = Block(_ALARM_ENABLE, 2)
        self._link.read(enabled)
        mask = number(enabled.data, 0, 2)
        if mask != ALARM_MASK:
            raise ReadbackError("Alarm Enable", _ALARM_ENABLE, ALARM_MASK, mask)
        self._link.read(self._status)
        if self._status.data[0] & (_POR | _CFGUPDATE):  # leaving CONFIG_UPDATE had cleared both
            raise ResetError("the AFE restarted while it was being configured")
        self._watch.start()

    def _identify(self) -> "Generator[int, None, None]":
        yield from ask(self._link, _DEVICE_NUMBER)
        found = number(self._link.answered, 0, 2)
        if found != _BQ76952:
            raise IdentityError(f"this is no BQ76952: it calls itself 0x{found:04X}")
        for _ in range(_TRIES):
            self._link.read(self._status)
            mode = self._status.data[1] & _SECURITY
            if mode == _FULL_ACCESS:
                return
            if mode:
                raise IdentityError("the AFE is sealed and takes no configuration")
            yield _STEP_MS  # it has not loaded its own settings yet
        raise NoAnswerError("start")

    def _restarted(self) -> "Generator[int, None, None]":
        """Wait until the chip is back from RESET; it is deaf for a while, and that is no error yet."""
        failed = None
        for _ in range(_TRIES):
            yield _RESTART_MS
            try:
                yield from self._identify()
                failed = None
                if self._status.data[0] & _POR:
                    return
            except (BusError, NoAnswerError) as error:
                failed = error
        raise failed or NoAnswerError("restart")

    def _update_mode(self, command: int, wanted: int) -> "Generator[int, None, None]":
        """Enter or leave CONFIG_UPDATE."""
        self._link.command(command)
        for _ in range(_TRIES):
            yield _STEP_MS
            self._link.read(self._status)
            if self._status.data[0] & _CFGUPDATE == wanted:
                return
        raise NoAnswerError("enter CONFIG_UPDATE" if wanted else "leave CONFIG_UPDATE")

    def _write(self, image: bytearray) -> "Generator[int, None, None]":
        """Write what is decided, neighbours together."""
        at = start = 0
        run = bytearray()
        for row in range(len(self._watch.sizes)):
            size = self._watch.sizes[row]
            end = at + abs(size)
            if size > 0:
                address = self._watch.addresses[row]
                if address != start + len(run):
                    yield from self._write_run(start, run)
                    start = address
                    run = bytearray()
                run.extend(image[at:end])
            at = end
        yield from self._write_run(start, run)

    def _write_run(self, address: int, data: bytearray) -> "Generator[int, None, None]":
        if data:
            self._link.stage(address, data)
            yield _STAGE_MS
            self._link.rested()
            self._link.commit()
            yield _STEP_MS
            self._link.rested()
