"""Machine code does what its plain twin does, on the chip that it was compiled for."""

import re
from array import array
from collections.abc import Callable

from bms.core import calm
from bms.drivers import crc8
from emulated.story import Story
from packwarden.emulated import firmware


def test_unpacking_as_machine_code_agrees_with_the_plain_one(emulator: Callable[..., Story]) -> None:
    story = emulator(run_by="twins.py", program=firmware.files(apart=True))
    story.until(lambda: "twins differ" in story.printed and story.printed.endswith("\n"), 10)
    assert "twins differ 0 times, sound 200" in story.printed
    story.until(lambda: "rows differ" in story.printed and story.printed.endswith("\n"), 10)
    found = re.search(r"rows differ 0 times, calm (\d+), machine code True", story.printed)
    assert found
    assert 20 < int(found[1]) < 280, "some of both"
    for what in ("cells", "windows"):
        story.until(lambda what=what: f"{what} differ" in story.printed and story.printed.endswith("\n"), 20)
        found = re.search(rf"{what} differ 0 times, [a-z]+ (\d+), machine code True", story.printed)
        assert found, story.printed[-300:]
        assert 20 < int(found[1]) < 280, "some of both"


def test_the_plain_one_finds_a_wrong_bit() -> None:
    raw = bytearray((0x61, crc8.TABLE[0x15 ^ 0x61], 0x62, crc8.TABLE[0x62]))
    data = bytearray(2)
    assert crc8.unpack(raw, data, crc8.TABLE, 2 << 8 | 0x15) == 1
    assert data == b"\x61\x62"
    for at in range(4):
        raw[at] ^= 0x10
        assert crc8.unpack(raw, data, crc8.TABLE, 2 << 8 | 0x15) == 0
        raw[at] ^= 0x10


def test_the_plain_one_finds_the_first_row_that_is_not_calm() -> None:
    values = array("i", [0, 100, -100])
    trips = array("i", [50, 101, 100])
    look = bytearray((0, 0, 3, 2 * 2, 1 * 2, 2 * 2 + 1))  # -100 and 100 where more is bad, -100 where less is
    states = bytearray(3)
    assert calm.plain(values, trips, states, look) == 2
    states[1] = 1
    assert calm.plain(values, trips, states, look) == 1
    look[calm.START] = 2
    assert calm.plain(values, trips, states, look) == 2
    look[calm.FIRST_UNMEASURED] = 3
    assert calm.plain(values, trips, states, look) == 3, "no valid reading"
    trips[2] = 101
    look[calm.FIRST_UNMEASURED] = 0
    assert calm.plain(values, trips, states, look) == 3
