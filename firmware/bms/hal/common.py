"""What all controllers share: pins by role, a bus that can be freed, watchdog, a console that never waits.

Nothing here decides anything. What is said of MicroPython holds for 1.28 and later, by the ports' sources.
"""

import gc
import time

from machine import ADC, I2C, WDT, Pin, reset
from micropython import const, kbd_intr

from bms.hal.coils import Coils
from bms.hal.files import FlashFiles
from bms.hal.stdio import Stdio

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.hal.board import Board
    from bms.ports import I2cBus, LogFiles, MonitorPins, Serial

_ALERT_HIGH = ("bq76920", "bq76930", "bq76940")  # others have an open drain, active low
_CLOCKS = const(9)
_HALF_CLOCK_US = const(5)
_WATCHDOG_MS = const(8000)  # an RP2040 takes 8388 at most
_PROMPT_MS = const(30000)  # after that, a button held since power-up is a stuck one
_REBOOT_MARK = "reboot.asked"
_PROMPT_MARK = "prompt.asked"
_STOPPED = "Packwarden has stopped; it has told the AFE to open the path."
_PROMPT = "Packwarden does not run, as 'repl' asked; the path is open. Ctrl-D starts it again."


class Common:
    """A board by its roles. Subclasses add what differs between families."""

    def __init__(self, board: "Board") -> None:
        self._coils = Coils(board)  # first of all: what they did before the restart ends here
        self.contactors = self._coils.fitted
        self.board = board.NAME
        self.afe = board.AFE
        self.monitor: MonitorPins | None = None
        self.afe_address = board.AFE_ADDRESS
        self.afe_crc = board.AFE_CRC
        self.files: LogFiles = FlashFiles()
        self.serial: Serial = self._make_serial()
        self.reboot_asked = self.files.size(_REBOOT_MARK) >= 0
        if self.reboot_asked:
            self.files.remove(_REBOOT_MARK)
        self.prompt_asked = self.files.size(_PROMPT_MARK) >= 0
        if self.prompt_asked:
            self.files.remove(_PROMPT_MARK)  # for this once: the next start is an ordinary one
        self._pins = board
        self._button = Pin(board.BUTTON, Pin.IN, Pin.PULL_UP)
        self._led = Pin(board.LED, Pin.OUT, value=0)
        self._led_red = None if board.LED_RED is None else Pin(board.LED_RED, Pin.OUT, value=0)
        self._buzzer = None if board.BUZZER is None else Pin(board.BUZZER, Pin.OUT, value=0)
        # A pull-up would make some front ends believe that somebody else raises the alarm, and open.
        self._alert_high = board.AFE in _ALERT_HIGH
        self._alert = Pin(board.ALERT, Pin.IN, Pin.PULL_DOWN if self._alert_high else Pin.PULL_UP)
        self._impact = None if board.IMPACT is None else Pin(board.IMPACT, Pin.IN, Pin.PULL_UP)
        self._enable = None if board.ENABLE is None else Pin(board.ENABLE, Pin.IN, Pin.PULL_UP)
        self._aux = None if board.AUX_SENSE is None else self._make_adc(board.AUX_SENSE)
        self._aux_full_mv = board.AUX_FULL_MV
        self._alive = None if board.ALIVE is None else Pin(board.ALIVE, Pin.OUT, value=0)
        self._alive_level = 0
        self._knocked = False
        if self._impact is not None:
            self._impact.irq(self._knock, Pin.IRQ_FALLING)
        self.bus: I2cBus = self._make_bus()
        self._watchdog: WDT | None = None
        self._started = time.ticks_ms()
        self._prompt_wanted = True  # until the button is found released

    def ticks_ms(self) -> int:
        """Milliseconds, wrapping at 2**30."""
        return time.ticks_ms()  # pyright: ignore[reportReturnType] - an int, of which the stubs make a secret

    def sleep_ms(self, ms: int) -> None:
        """Let time pass; USB and whatever else runs behind Python goes on."""
        time.sleep_ms(ms)

    def doze_ms(self, ms: int) -> None:
        """Likewise, where nothing is going on: with less current, if that can be had without a loss."""
        self.sleep_ms(ms)

    def button(self) -> bool:
        """Pressed (active low, pull-up)."""
        return not self._button.value()

    def led(self, level: int) -> None:
        """Drive LED and buzzer by bits: green 1, red 2, sound 4. A single LED is lit by either colour."""
        if self._led_red is None:
            self._led.value(level & 3 != 0)
        else:
            self._led.value(level & 1)
            self._led_red.value(level >> 1 & 1)
        if self._buzzer is not None:
            self._buzzer.value(level >> 2 & 1)

    def alert(self) -> bool:
        """The AFE pulls its alert line low, or drives it high if it is one of those."""
        return bool(self._alert.value()) == self._alert_high

    def impact(self) -> bool:
        """The impact sensor has closed to ground since power-up; a board without one never reports any."""
        return self._knocked or (self._impact is not None and not self._impact.value())

    def enabled(self) -> bool:
        """The enable input is closed to ground, which a broken wire is not; without one, always."""
        return self._enable is None or not self._enable.value()

    def aux_mv(self) -> int:
        """The auxiliary supply, by one reading; -1 on a board that does not sense it."""
        if self._aux is None:
            return -1
        return self._level(self._aux) * self._aux_full_mv >> 12  # within a small int up to 262 V

    def coil(self, which: int, permille: int) -> None:
        """Drive the coil of a contactor (1 charge, 2 discharge) or of the precharge relay (8)."""
        self._coils.drive(which, permille)

    def contacts(self) -> int:
        """Bits of the contactors that read closed; -1: no sense inputs."""
        return self._coils.contacts()

    def _knock(self, _pin: Pin) -> None:
        """A knock may be shorter than the time between two polls."""
        self._knocked = True

    def reset_cause(self) -> str:
        """Why the controller started: "power", "watchdog" or "request"."""
        raise NotImplementedError

    def feed(self) -> None:
        """Feed the watchdog. The first feed starts it, and from then on Ctrl-C cannot end the firmware.

        Not while the button is held since power-up: so a developer asks for the prompt. A watchdog would cut
        them off within seconds, and neither family can stop one that runs.

        An external watchdog on ALIVE sees an edge each time.
        """
        if self._alive is not None:
            self._alive_level ^= 1
            self._alive.value(self._alive_level)
        if self._watchdog is None:
            if self._asks_for_prompt():
                return
            kbd_intr(-1)
            self._watchdog = WDT(timeout=_WATCHDOG_MS)
        self._watchdog.feed()

    def collect(self) -> None:
        """Collect garbage: at one place of the cycle, so that it never happens at another."""
        gc.collect()

    def recover_bus(self) -> None:
        """Nine clocks and a stop free a device that was cut off within a byte; then a new controller.

        Both ports have one fixed object per bus: it stays the same for those who hold it, with its pins back.
        """
        scl = Pin(self._pins.I2C_SCL, Pin.OPEN_DRAIN, Pin.PULL_UP, value=1)
        sda = Pin(self._pins.I2C_SDA, Pin.OPEN_DRAIN, Pin.PULL_UP, value=1)
        for _ in range(_CLOCKS):
            scl.value(0)
            time.sleep_us(_HALF_CLOCK_US)
            scl.value(1)
            time.sleep_us(_HALF_CLOCK_US)
        scl.value(0)
        sda.value(0)
        time.sleep_us(_HALF_CLOCK_US)
        scl.value(1)
        time.sleep_us(_HALF_CLOCK_US)
        sda.value(1)  # rises while SCL is high: a stop
        time.sleep_us(_HALF_CLOCK_US)
        self._make_bus()

    def reboot(self, prompt: bool = False) -> None:
        """Restart, and let the next start know that it was asked for: the chip may call it a watchdog's.

        The way to the prompt is a restart, too: neither family can stop a watchdog that runs, and no bug of
        what ran before lives on behind it.
        """
        try:
            self.files.write(_REBOOT_MARK, b"1")
            if prompt:
                self.files.write(_PROMPT_MARK, b"1")
        except OSError:
            pass  # then it will be taken for a watchdog's; it must happen all the same
        reset()

    def last_words(self) -> str:
        """What a person at the prompt must know once the loop has ended."""
        if self._watchdog is None:
            return f"{_STOPPED} Nothing guards the pack until the board is restarted."
        return f"{_STOPPED} The watchdog restarts the board within {_WATCHDOG_MS // 1000} s."

    def prompt_words(self) -> str:
        """What whoever has asked for the prompt must know."""
        return _PROMPT

    def _asks_for_prompt(self) -> bool:
        held = self._prompt_wanted and self.button()
        self._prompt_wanted = held and time.ticks_diff(time.ticks_ms(), self._started) < _PROMPT_MS
        return self._prompt_wanted

    def _make_serial(self) -> Stdio:
        return Stdio()

    def _make_adc(self, pin: int) -> ADC:
        return ADC(Pin(pin))

    def _level(self, adc: ADC) -> int:
        """What an ADC reads, 4096 standing for 3.3 V."""
        return adc.read_u16() >> 4

    def _make_bus(self) -> I2C:
        pins = self._pins
        scl = Pin(pins.I2C_SCL)
        sda = Pin(pins.I2C_SDA)
        return I2C(pins.I2C_ID, scl=scl, sda=sda, freq=pins.I2C_HZ, timeout=pins.I2C_TIMEOUT_US)
