"""The emulator itself, without the firmware: what the other tests here rely on must be as on the chip."""

import json
from pathlib import Path

from packwarden.emulated import flash, image
from packwarden.emulated.emulator import HELD, Emulator

SCRIPT = Path(__file__).parent / "on_chip" / "bus.py"
ADDRESS, REFUSED, HOLD_PIN = 0x08, 0xEE, 22
EIO, ETIMEDOUT, ASKED = 5, 110, 2
BIT_US = 2.5


class Registers:
    """A device whose registers hold their own numbers; it refuses one byte, and can hold the line."""

    def __init__(self) -> None:
        self.pointer: int | None = None
        self.held = False
        self.written: list[int] = []

    def start(self, _us: float, address: int, read: bool) -> int:
        if self.held:
            return HELD
        if not read:
            self.pointer = None
        return int(address == ADDRESS)

    def write(self, _us: float, byte: int) -> bool:
        if self.pointer is None:
            self.pointer = byte
        elif byte != REFUSED:
            self.written.append(byte)
        return byte != REFUSED

    def read(self, _us: float) -> int:
        assert self.pointer is not None
        self.pointer += 1
        return self.pointer - 1

    def stop(self, _us: float) -> None:
        pass

    def clocked(self, _us: float) -> bool:
        self.held = False
        return True


def test_bus_flash_and_reset(emulator: object) -> None:  # noqa: ARG001 - it needs the image
    """What the I2C returns and how long it takes; a file that is still there after a reset."""
    found = image.find()
    assert found is not None
    content = flash.with_files(flash.program(found.read_bytes()), {"main.py": SCRIPT.read_bytes()})
    device = Registers()
    printed, resets = "", []
    with Emulator(content, image.boot_rom(), device, {"id": 0, "sda": 4, "scl": 5}) as chip:
        chip.power_on(0)
        for now_us in range(1000, 1_500_000, 1000):
            stretch = chip.run(now_us)
            printed += stretch.printed
            resets += stretch.resets
            device.held = device.held or (HOLD_PIN, 1) in [(pin, level) for _, pin, level in stretch.edges]
            if printed.count("}") == 2:
                break
        files = flash.files_on(chip.flash())
    first, second = (json.loads(line) for line in printed.splitlines() if line.startswith("{"))
    assert first["bytes"] == second["bytes"]
    assert first["bytes"] == list(range(0x10, 0x30))
    result, us = first["read"]
    assert (result, us > 34 * 9 * BIT_US, us < 40 * 9 * BIT_US) == (None, True, True)
    assert [first[name][0] for name in ("write", "again")] == [4, 4]
    assert first["refused"][0] == 2, "the count of bytes that were acknowledged, and no error"
    assert [first[name][0] for name in ("absent", "absent read")] == [-EIO, -EIO]
    assert first["absent"][1] < 20 * BIT_US + 100
    result, us = first["held"]
    assert (result, 5000 <= us <= 5200) == (-ETIMEDOUT, True)
    assert first["freed"][0] == 2
    assert [reason for _, reason in resets] == [ASKED]
    assert len(files["restarted"]) == 5000
    assert device.written[:4] == [1, 2, 3, 1]
