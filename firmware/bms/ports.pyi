"""What the firmware asks of the hardware, as shapes, for the type checkers: this never reaches the chip.

`machine` objects on a board and their stand-ins in the simulator fit these alike, so nothing else may be used
of them.
"""

from array import array
from collections.abc import Iterator
from typing import Any, Protocol, TypeAlias

# A row of a table (faults, parameters, commands): columns of different types, picked by index constants that
# the checkers see as plain ints.
Row: TypeAlias = tuple[Any, ...]
# A set of parameters by name: ints, and one word, the chemistry.
Values: TypeAlias = dict[str, Any]
# A JSON object: what a method answers, what a record on flash holds.
Fields: TypeAlias = dict[str, Any]
# Whatever `json.dumps` takes; also an iterator of it, for a list too long to be held.
Json: TypeAlias = Any

class I2cBus(Protocol):
    """A controller on the bus (`machine.I2C`). NACK: OSError(5); time-out or stuck bus: OSError(110)."""

    def readfrom_mem_into(self, addr: int, memaddr: int, buf: bytearray, /) -> None: ...
    def writeto(self, addr: int, buf: bytearray, /) -> int:
        """Send all of `buf`; the number of bytes that were acknowledged."""

class Serial(Protocol):
    """A byte stream that never blocks."""

    def readinto(self, buf: bytearray, /) -> int | None:
        """How many bytes had arrived; None or 0 for none."""
    def write(self, buf: bytes | bytearray, /) -> int | None: ...

class Files(Protocol):
    """Flat storage that keeps its files through a power loss, but for one that is being changed then."""

    def read(self, name: str, /) -> bytes | None:
        """The content, None if there is no such file; OSError if it cannot be read."""
    def write(self, name: str, content: bytes, /) -> None:
        """Replace a file, of which a power cut may leave the old, the new or a part; OSError if refused."""
    def remove(self, name: str, /) -> None:
        """Delete a file if it is there and the flash lets it."""

class LogFiles(Files, Protocol):
    """Files that can also grow and be read a piece at a time. A change is on flash when the call returns."""

    def append(self, name: str, content: bytes, /) -> None:
        """Add to the end; a file that is not there is made. OSError if the flash refuses."""
    def size(self, name: str, /) -> int:
        """Bytes, -1 if there is no such file."""
    def read_at(self, name: str, offset: int, count: int, /) -> bytes:
        """At most so many bytes; OSError if they cannot be read."""
    def names(self) -> list[str]:
        """All files, in no order."""

class MonitorPins(Protocol):
    """What a board with a front end of the monitor class drives and reads by itself."""

    address: int  # of the first ADS1115; the others follow
    chips: int  # ADS1115, 1 to 4
    meter: int  # address of the INA226 or INA228
    dividers: tuple[tuple[int, int], ...]  # upper and lower kohm of each tap, the lowest first
    stack_full_mv: int  # the stack that puts full scale on its input of the controller's ADC
    thermistors: int

    def gates(self, mask: int, /) -> None:
        """Drive exactly these gates: 1 charge, 2 discharge."""
    def driven(self) -> int:
        """The gates whose pins read high."""
    def sample(self, which: int, /) -> int:
        """One conversion of the controller's ADC, 12 bits: 0 the stack, from 1 on thermistors."""
    def die_ddegc(self) -> int:
        """The controller itself."""

class Hal(Protocol):
    """One board: its buses and pins, its flash, its clock, its watchdog."""

    board: str
    afe: str  # which front end is fitted, by its name in `bms/app/fronts.py`
    afe_address: int
    afe_crc: bool | None
    contactors: bool  # the path is closed by contactors, not by the AFE's FETs

    @property
    def monitor(self) -> MonitorPins | None:
        """Where the front end is of the monitor class."""
    @property
    def bus(self) -> I2cBus: ...
    @property
    def serial(self) -> Serial: ...
    @property
    def files(self) -> LogFiles: ...
    def ticks_ms(self) -> int:
        """Milliseconds, wrapping at 2**30."""
    def sleep_ms(self, ms: int, /) -> None: ...
    def doze_ms(self, ms: int, /) -> None:
        """Likewise, where nothing is going on: with less current, if that can be had without a loss."""
    def button(self) -> bool:
        """Pressed, whichever level that is on this board."""
    def led(self, level: int, /) -> None:
        """Drive what is fitted by the bits of `core.led`: green 1, red 2, buzzer 4; one LED by either."""
    def alert(self) -> bool:
        """The AFE asserts its alert line."""
    def impact(self) -> bool: ...
    def enabled(self) -> bool:
        """The enable (ignition) input, not debounced; True where none is fitted."""
    def aux_mv(self) -> int:
        """The auxiliary supply; -1: this board does not sense it."""
    def coil(self, which: int, permille: int, /) -> None:
        """Drive the coil of the charge (1) or discharge (2) contactor or of the precharge relay (8)."""
    def contacts(self) -> int:
        """Bits 1 and 2 of the contactors that read closed; -1: none is sensed."""
    def feed(self) -> None:
        """Feed the watchdog."""
    def collect(self) -> None:
        """Collect garbage: the one place where it happens on purpose."""
    def recover_bus(self) -> None:
        """Free a bus that a device holds down: nine clocks, a stop, and a new controller."""
    def reboot(self, prompt: bool = False, /) -> None:
        """Restart the controller, if asked for into MicroPython's prompt; does not return."""
    def reset_cause(self) -> str:
        """Why the controller started: "power", "watchdog" or "request"."""

class Nap(Protocol):
    """A front end's own sleep; see `bms.drivers.bq76952_sleep`."""

    allowed: bool
    asleep: bool
    unheard: bool
    left_ms: int
    owed_ms: int

    def allow(self, on: bool, /) -> None: ...
    def late_ms(self, elapsed_ms: int, /) -> int: ...
    def flowed_ms(self, elapsed_ms: int, fresh: bool, /) -> int: ...

class Afe(Protocol):
    """A front end, as the app sees it."""

    cells_mv: array[int]
    temps_ddegc: array[int]
    temps_ok: int
    stack_mv: int
    pack_mv: int
    ld_mv: int
    current_ma: int
    die_ddegc: int
    fet_ddegc: int
    fet_ok: bool
    safety: int
    fets: int
    configured: bool
    fresh: bool
    applied: dict[str, int]

    @property
    def nap(self) -> Nap | None:
        """How it sleeps while it goes on protecting; None: it has no such mode."""
    @property
    def still(self) -> int: ...
    def read(self) -> None: ...
    def commission(self, limits: dict[str, int], /) -> Iterator[int]: ...
    def set_fets(self, mask: int, /) -> None: ...
    def open_path(self) -> None: ...
    def set_balance(self, mask: int, /) -> None: ...
    def check_alert(self) -> bool: ...
    def verify_step(self) -> None: ...
    def load_detect(self, on: bool, /) -> None: ...
    def shutdown(self) -> None: ...
