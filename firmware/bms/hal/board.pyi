"""What every boards/<name>/board.py says, as a shape for the type checkers: this never reaches the chip.

Pins are GPIO numbers. A part that is not fitted is None.
"""

# ruff: noqa: N802 - a board file is a module of constants

from typing import Protocol

class Board(Protocol):
    """A board file: the module itself, with these names in it."""

    @property
    def NAME(self) -> str:
        """Its folder."""
    @property
    def MCU(self) -> str:
        """The family of the controller: "rp2" or "esp32"."""
    @property
    def MODULE(self) -> str:
        """What the controller is soldered on: a key of tools/packwarden/wiring/modules.py."""
    @property
    def AFE(self) -> str:
        """Which front end: one of the names in `bms/app/fronts.py`."""
    @property
    def AFE_ADDRESS(self) -> int: ...
    @property
    def AFE_CRC(self) -> bool | None:
        """Whether the AFE wants checksums; None: find out."""
    @property
    def I2C_ID(self) -> int: ...
    @property
    def I2C_SDA(self) -> int: ...
    @property
    def I2C_SCL(self) -> int: ...
    @property
    def I2C_HZ(self) -> int: ...
    @property
    def I2C_TIMEOUT_US(self) -> int:
        """After which a transaction that is held up is given up; an ESP32 counts it in ticks of 10 ms."""
    @property
    def ALERT(self) -> int:
        """In, pulled up: the AFE pulls it low. With a BQ769x0 in, pulled down: the AFE drives it high."""
    @property
    def ALIVE(self) -> int | None:
        """Out: an edge with every cycle, for an external watchdog."""
    @property
    def BUTTON(self) -> int:
        """In, pulled up: pressed is low."""
    @property
    def LED(self) -> int:
        """Out: lit is high. The green one of two, if LED_RED is there."""
    @property
    def LED_RED(self) -> int | None:
        """Out: lit is high. The red half of a LED of two colours."""
    @property
    def BUZZER(self) -> int | None:
        """Out: high sounds. One with its own oscillator."""
    @property
    def IMPACT(self) -> int | None:
        """In, pulled up: an impact closes it to ground."""
    @property
    def ENABLE(self) -> int | None:
        """In, pulled up: a switch closes it to ground to let the pack be used; a broken wire does not."""
    @property
    def AUX_SENSE(self) -> int | None:
        """ADC: the auxiliary supply behind a divider."""
    @property
    def AUX_FULL_MV(self) -> int:
        """The auxiliary supply that puts 3.3 V on AUX_SENSE; 0 without it."""
    @property
    def USB_SENSE(self) -> int | None:
        """In: high while a USB cable is plugged in; only then may an RP2040 or RP2350 sleep lightly."""
    @property
    def COIL_CHG(self) -> int | None:
        """PWM out, active high, in series with the AFE's CHG output; None: the AFE drives FETs."""
    @property
    def COIL_DSG(self) -> int | None:
        """PWM out, active high, in series with the AFE's DSG output."""
    @property
    def COIL_PRECHARGE(self) -> int | None:
        """PWM out, active high, in series with the AFE's DSG output: a relay with a resistor beside DSG."""
    @property
    def SENSE_CHG(self) -> int | None:
        """In, pulled up: the contactor's auxiliary contact closes it to ground, with the main one."""
    @property
    def SENSE_DSG(self) -> int | None: ...

class MonitorBoard(Board, Protocol):
    """A board whose AFE is "ads1115": what protects nothing needs more of the controller."""

    @property
    def METER_ADDRESS(self) -> int:
        """Of the INA226 or INA228; AFE_ADDRESS is that of the first ADS1115."""
    @property
    def TAP_CHIPS(self) -> int:
        """ADS1115 fitted, at addresses in a row."""
    @property
    def TAP_KOHM(self) -> tuple[tuple[int, int], ...]:
        """Upper and lower resistor of each tap's divider, the lowest tap first."""
    @property
    def GATE_CHG(self) -> int | None:
        """Out, active high: the gate driver of the charge FET; None with contactors."""
    @property
    def GATE_DSG(self) -> int | None: ...
    @property
    def STACK_SENSE(self) -> int:
        """ADC: the whole stack behind a divider of its own."""
    @property
    def STACK_FULL_MV(self) -> int:
        """The stack that puts 3.3 V there."""
    @property
    def THERMISTOR_1(self) -> int:
        """ADC: 10 kohm to 3.3 V, thermistor to ground."""
    @property
    def THERMISTOR_2(self) -> int | None: ...
