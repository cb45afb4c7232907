"""Machine code does what its plain twin does, on the chip that it was compiled for."""

from collections.abc import Callable

from bms.drivers import crc8
from emulated.story import Story


def test_unpacking_as_machine_code_agrees_with_the_plain_one(emulator: Callable[..., Story]) -> None:
    story = emulator(run_by="twins.py")
    story.until(lambda: "twins differ" in story.printed and story.printed.endswith("\n"), 10)
    assert "twins differ 0 times, sound 200" in story.printed


def test_the_plain_one_finds_a_wrong_bit() -> None:
    raw = bytearray((0x61, crc8.TABLE[0x15 ^ 0x61], 0x62, crc8.TABLE[0x62]))
    data = bytearray(2)
    assert crc8.unpack(raw, data, crc8.TABLE, 2 << 8 | 0x15) == 1
    assert data == b"\x61\x62"
    for at in range(4):
        raw[at] ^= 0x10
        assert crc8.unpack(raw, data, crc8.TABLE, 2 << 8 | 0x15) == 0
        raw[at] ^= 0x10
