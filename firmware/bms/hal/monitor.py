"""What a board with a front end of the monitor class drives and reads by itself: gates, and its own ADC.

Nothing stands behind these gates: a pin that is high keeps its direction closed, whatever the interpreter
does. So driving them low is the first thing that is done after a restart, which may leave a pin as it was;
until then it is the resistor at the gate driver that opens.
"""

from machine import Pin
from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable

    from machine import ADC

    from bms.hal.board import MonitorBoard

_CHG = const(1)
_DSG = const(2)


class MonitorPins:
    """A board by what `bms/ports.pyi` asks of it. Without gates of its own, contactors follow the coils."""

    def __init__(self, board: "MonitorBoard") -> None:
        self._chg = _gate(board.GATE_CHG)
        self._dsg = _gate(board.GATE_DSG)
        self.address = board.AFE_ADDRESS
        self.chips = board.TAP_CHIPS
        self.meter = board.METER_ADDRESS
        self.dividers = board.TAP_KOHM
        self.stack_full_mv = board.STACK_FULL_MV
        pins = (board.STACK_SENSE, board.THERMISTOR_1, board.THERMISTOR_2)
        self._pins = [pin for pin in pins if pin is not None]
        self.thermistors = len(self._pins) - 1
        self._driven = 0

    def measure(
        self,
        make_adc: "Callable[[int], ADC]",
        level: "Callable[[ADC], int]",
        die_ddegc: "Callable[[], int]",
    ) -> None:
        """Measure with the ADC of this controller."""
        self._inputs = [make_adc(pin) for pin in self._pins]
        self._level = level
        self.die_ddegc = die_ddegc

    def gates(self, mask: int) -> None:
        """Drive exactly these gates."""
        self._driven = mask
        if self._chg is not None:
            self._chg.value(mask & _CHG)
        if self._dsg is not None:
            self._dsg.value(mask & _DSG != 0)

    def driven(self) -> int:
        """What the pins read, not what they were told: a short to ground or to 3.3 V shows."""
        chg = self._chg
        dsg = self._dsg
        on = self._driven & _CHG if chg is None else _CHG if chg.value() else 0
        return on | (self._driven & _DSG if dsg is None else _DSG if dsg.value() else 0)

    def sample(self, which: int) -> int:
        """One conversion, 12 bits."""
        return self._level(self._inputs[which])


def _gate(pin: int | None) -> Pin | None:
    return None if pin is None else Pin(pin, Pin.OUT, value=0)
