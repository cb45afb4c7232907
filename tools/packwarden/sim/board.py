"""The simulated controller board: what the firmware gets instead of `machine`, wired to a simulated world.

Shapes only: it fits the firmware's hardware port without importing any of it. Flash, serial port and watchdog
belong to the controller and live here; everything outside the controller belongs to the world.
"""

from packwarden.sim.monitor_front import KOHM, METER_AT, STACK_KOHM, TAPS_AT, MonitorFrontEnd

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from packwarden.sim.world import World

    class Files(Protocol):
        """Flash: in memory, or in a folder of the host."""

        def read(self, name: str) -> "bytes | None": ...
        def write(self, name: str, content: bytes) -> None: ...
        def remove(self, name: str) -> None: ...
        def append(self, name: str, content: bytes) -> None: ...
        def size(self, name: str) -> int: ...
        def read_at(self, name: str, offset: int, count: int) -> bytes: ...
        def names(self) -> "list[str]": ...


WATCHDOG_US = 8_000_000  # as fitted on the RP2040, which can count to 8388 ms
_SERIAL_LIMIT = 65536
_NOT_THERE = 2
_CTRL_D = 4


class Restart(BaseException):
    """The firmware asked for a restart of the controller."""


class MemoryFiles:
    """Flash that lives as long as this object; `write` is whole or not at all."""

    def __init__(self, files: "dict[str, bytes] | None" = None) -> None:
        self.files: "dict[str, bytes]" = files or {}

    def read(self, name: str) -> "bytes | None":
        """The content, None if there is no such file."""
        return self.files.get(name)

    def write(self, name: str, content: bytes) -> None:
        """Replace a file."""
        self.files[name] = bytes(content)

    def remove(self, name: str) -> None:
        """Delete a file if it is there."""
        self.files.pop(name, None)

    def append(self, name: str, content: bytes) -> None:
        """Add to the end of a file, which is made if need be."""
        self.files[name] = self.files.get(name, b"") + content

    def size(self, name: str) -> int:
        """Bytes in a file, -1 if there is no such file."""
        return len(self.files[name]) if name in self.files else -1

    def read_at(self, name: str, offset: int, count: int) -> bytes:
        """At most so many bytes from there on."""
        if name not in self.files:
            raise OSError(_NOT_THERE)
        return self.files[name][offset : offset + count]

    def names(self) -> "list[str]":
        """All files, in no order."""
        return list(self.files)


class SerialPort:
    """The console's wire: `feed` what somebody types, `take` what the firmware printed."""

    def __init__(self) -> None:
        self._to_firmware = bytearray()
        self._from_firmware = bytearray()
        self.stalled = False  # the reader takes nothing

    def feed(self, data: bytes) -> None:
        """Bytes on their way to the firmware; a full wire loses the rest, as a real one does."""
        self._to_firmware += data[: _SERIAL_LIMIT - len(self._to_firmware)]

    def take(self) -> bytes:
        """All that the firmware printed since the last call."""
        data = bytes(self._from_firmware)
        self._from_firmware = bytearray()
        return data

    def readinto(self, buf: bytearray) -> int:
        """The firmware's side: how many bytes had arrived."""
        count = min(len(buf), len(self._to_firmware))
        if count:
            buf[:count] = self._to_firmware[:count]
            self._to_firmware = self._to_firmware[count:]
        return count

    def write(self, buf: "bytes | bytearray") -> int:
        """The firmware's side: how many bytes were taken."""
        if self.stalled or len(self._from_firmware) >= _SERIAL_LIMIT:
            return 0
        self._from_firmware += buf
        return len(buf)


class MonitorPins:
    """Gates and ADC of the controller, wired to a front end of the monitor class."""

    address = TAPS_AT
    meter = METER_AT
    dividers: "tuple[tuple[int, int], ...]" = KOHM
    stack_full_mv = 3300 * sum(STACK_KOHM) // STACK_KOHM[1]
    thermistors = 2

    def __init__(self, front: MonitorFrontEnd) -> None:
        self._front = front
        self.chips = front.chips
        self.sample = front.sample

    def gates(self, mask: int) -> None:
        """Drive exactly these."""
        self._front.gates = mask

    def driven(self) -> int:
        """What the pins read."""
        return self._front.gates

    def die_ddegc(self) -> int:
        """The controller itself."""
        return round(self._front.die_c * 10)


class VirtualBoard:
    """One controller board in one world."""

    def __init__(
        self,
        world: "World",
        files: "Files",
        name: str = "sim",
        address: int = 0x08,
        crc: "bool | None" = None,
        senses_aux: bool = True,
        two_colours: bool = True,
        buzzer: bool = True,
    ) -> None:
        self.world = world
        self.board = name
        self.bus = world.bus
        self.afe = world.front_end
        self.afe_address = address
        self.afe_crc = crc
        self.contactors = world.contactors is not None
        chip = world.chip
        self.monitor = MonitorPins(chip) if isinstance(chip, MonitorFrontEnd) else None
        self.enable = True  # the switch on the enable input
        self._senses_aux = senses_aux
        self.two_colours = two_colours  # of the LED
        self.buzzer = buzzer
        self.serial = SerialPort()
        self.files = files
        self.usb = True  # a cable is plugged in, as far as this board can tell
        self.dozed_ms = 0  # in light sleep so far
        self.cause = "power"
        self.prompt = False  # what runs after the restart is MicroPython's prompt
        self.fed_us = 0
        self.ticks_ms = world.clock.ticks_ms

    def sleep_ms(self, ms: int) -> None:
        """Let the world go on meanwhile."""
        self.world.advance(ms * 1000)

    def doze_ms(self, ms: int) -> None:
        """Likewise, in light sleep if nobody is on USB."""
        self.dozed_ms += 0 if self.usb else ms
        self.sleep_ms(ms)

    def button(self) -> bool:
        """The contact, bounce included."""
        return self.world.button

    def led(self, level: int) -> None:
        """What a person sees and hears, of what is fitted."""
        light = level & 3 if self.two_colours or not level & 3 else 1
        self.world.show(light | (level & 4 if self.buzzer else 0))

    def alert(self) -> bool:
        """The AFE's alert line."""
        return self.world.chip.alert

    def impact(self) -> bool:
        """The impact sensor."""
        return self.world.impact

    def enabled(self) -> bool:
        """The enable input."""
        return self.enable

    def aux_mv(self) -> int:
        """The auxiliary supply, if this board senses it."""
        return round(self.world.aux_v * 1000.0) if self._senses_aux else -1

    def coil(self, which: int, permille: int) -> None:
        """Our half of what drives a contactor."""
        self.world.coil_permille[which] = permille

    def contacts(self) -> int:
        """The contactors' sense inputs."""
        return self.world.contacts()

    def release(self) -> None:
        """What a reset does to the pins: they float until the firmware is there again."""
        self.world.show(0)
        for which in self.world.coil_permille:
            self.world.coil_permille[which] = 0
        if self.monitor is not None:
            self.monitor.gates(0)

    def feed(self) -> None:
        """Feed the watchdog, and the one outside."""
        self.world.watchdog.edge(self.world.clock.now_us)
        self.fed_us = self.world.clock.now_us

    def collect(self) -> None:
        """The host collects by itself."""

    def bitten(self) -> bool:
        """The watchdog has run out."""
        return self.world.clock.now_us - self.fed_us > WATCHDOG_US

    def recover_bus(self) -> None:
        """Nine clocks and a stop."""
        self.world.bus.recover()

    def reboot(self, prompt: bool = False) -> None:
        """Does not return."""
        self.prompt = prompt
        raise Restart

    def back(self) -> bool:
        """Whether somebody at MicroPython's prompt, which is nothing but silence here, has pressed Ctrl-D."""
        typed = bytearray(64)
        return _CTRL_D in typed[: self.serial.readinto(typed)]

    def reset_cause(self) -> str:
        """Why the controller started."""
        return self.cause
