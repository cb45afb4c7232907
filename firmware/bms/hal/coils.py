"""The coils of contactors and the sense inputs of their contacts, on the boards that have them.

A coil's pin is one of two switches in series; the other is the AFE's gate output. PWM needs no interpreter:
it goes on while Python hangs, and until the watchdog bites the AFE alone can drop the coil. A soft restart
leaves a pin at what it last put out, so coils are switched off before anything else is done.
"""

from machine import PWM, Pin
from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.hal.board import Board

# Names of the coils, as in a mask of the path's switches.
_CHG = const(1)
_DSG = const(2)
_PRECHARGE = const(8)

_PWM_HZ = const(20000)  # nobody hears it, and a coil is far too slow to follow
_FULL_PERMILLE = const(1000)
_FULL_DUTY = const(65535)


class Coils:
    """The contactors of a board; `fitted` says whether there are any."""

    def __init__(self, board: "Board") -> None:
        pins = {_CHG: board.COIL_CHG, _DSG: board.COIL_DSG, _PRECHARGE: board.COIL_PRECHARGE}
        for pin in pins.values():
            if pin is not None:
                Pin(pin, Pin.OUT, value=0)
        self.fitted = board.COIL_CHG is not None
        if self.fitted != (board.COIL_DSG is not None) or (
            not self.fitted and board.COIL_PRECHARGE is not None
        ):
            raise ValueError("board: COIL_CHG and COIL_DSG belong together, and COIL_PRECHARGE to both")
        self._drives = {
            which: PWM(Pin(pin), freq=_PWM_HZ, duty_u16=0) for which, pin in pins.items() if pin is not None
        }
        self._chg = _sense(board.SENSE_CHG)
        self._dsg = _sense(board.SENSE_DSG)
        self._driven = 0

    def drive(self, which: int, permille: int) -> None:
        """Give a coil this share of its full drive; one that is not fitted takes nothing."""
        self._driven = self._driven | which if permille else self._driven & ~which
        drive = self._drives.get(which)
        if drive is not None:
            drive.duty_u16(permille * _FULL_DUTY // _FULL_PERMILLE)

    def contacts(self) -> int:
        """Bits of the contacts that read closed, -1: none is sensed; one that is not obeys its coil."""
        chg = self._chg
        dsg = self._dsg
        if chg is None and dsg is None:
            return -1
        closed = self._driven & _CHG if chg is None else 0 if chg.value() else _CHG
        return closed | (self._driven & _DSG if dsg is None else 0 if dsg.value() else _DSG)


def _sense(pin: int | None) -> Pin | None:
    """Pulled up, and closed to ground: a broken wire reads open, which shows at the next closing."""
    return None if pin is None else Pin(pin, Pin.IN, Pin.PULL_UP)
