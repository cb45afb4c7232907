"""`machine.lightsleep` on the emulated RP2040, by way of the hardware layer alone: it ends when it should.

And a computer that comes later is heard: as long as there is none, USB has no clock.
"""

import re
from pathlib import Path

import pytest
from emulated.test_emulator import Registers
from packwarden.compiler.chip import compile_source
from packwarden.emulated import flash, image
from packwarden.emulated.emulator import Emulator

SCRIPT = Path(__file__).parent / "on_chip" / "dozes.py"
USB_SENSE = 24
SCANNED_S = 3.0  # from reset, with room


@pytest.mark.parametrize("plugged", [False, True])
def test_it_wakes_in_time_and_is_heard(emulator: object, program: dict[str, bytes], plugged: bool) -> None:  # noqa: ARG001 - it needs the image
    found = image.find()
    assert found is not None
    files = {
        **program,
        "main.py": b"import dozes",
        "dozes.mpy": compile_source("dozes.py", SCRIPT.read_text()),
    }
    content = flash.with_files(flash.program(found.read_bytes()), files)
    bus = {"id": 0, "sda": 4, "scl": 5}
    with Emulator(content, image.boot_rom(), Registers(), bus, plugged) as chip:
        chip.power_on(0)
        chip.hold(USB_SENSE, plugged)
        stretch = chip.run(SCANNED_S * 1e6)
        assert (stretch.printed == "") is not plugged
        assert (stretch.dozed_us > 0.5e6) is not plugged
        before_us = stretch.dozed_us
        chip.hold(USB_SENSE, True)
        chip.plug()
        stretch = chip.run((SCANNED_S + 1) * 1e6)
        assert stretch.dozed_us - before_us <= 10_000
        last = re.findall(r"^\[(\d+), (\d+), (\d+)\] (\w+)\r$", stretch.printed, re.MULTILINE)[-1]
    ten_us, two_us, none_us = (int(each) for each in last[:3])
    assert 10_000 <= ten_us <= 10_500
    assert 2000 <= two_us <= 2500
    assert none_us <= 200
    assert last[3] == "10111213", "the bus works as before"
