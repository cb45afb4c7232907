"""The whole protection cycle, from bus to FET command, allocates nothing: proved with the heap locked.

The firmware is the real one, wired by `compose`, on a chip that is only its registers. What runs under the
lock is `Loop._protect`: read, decide, command, in calm and in trouble.
"""

from bms.app.compose import build
from bms.core import snapshot as s
from bms.core import ticks
from upy.alloc import no_alloc
from upy.vm.hardware import Hardware
from upy.vm.register_chip import Chip

GIVEN = {"chemistry": "lfp", "cell_count": 16, "capacity_mah": 100000, "shunt_uohm": 250}
CELL_16_LOW = 0x32
CURRENT = 0x3A
SAFETY_A = 0x03
FET_STATUS = 0x7F


def put(chip, register, value):
    chip.registers[register] = value & 0xFF
    chip.registers[register + 1] = value >> 8 & 0xFF


def running():
    """The firmware with the path closed, and its chip."""
    hardware = Hardware(Chip(True), GIVEN)
    chip = hardware.bus
    for cell in range(16):
        put(chip, 0x14 + 2 * cell, 3300)
    put(chip, 0x34, 5280)
    put(chip, 0x36, 5280)
    put(chip, 0x68, 2982)
    put(chip, 0x70, 2982)
    loop = build(hardware)
    for _ in range(400):
        loop.step(hardware.now)
        chip.registers[FET_STATUS] = (1 if loop.p.snap.commanded & 1 else 0) | (
            4 if loop.p.snap.commanded & 2 else 0
        )
        hardware.now = ticks.add(hardware.now, 10)
    assert loop.p.snap.commanded == s.BOTH, loop.p.keeper.error
    return hardware, chip, loop


def cycles(hardware, chip, loop, count):
    """Protection cycles under the heap lock, with the gates following."""
    for _ in range(count):
        hardware.now = ticks.add(hardware.now, 100)
        no_alloc(loop._protect, hardware.now, 100)
        chip.registers[FET_STATUS] = (1 if loop.p.snap.commanded & 1 else 0) | (
            4 if loop.p.snap.commanded & 2 else 0
        )


def test_a_calm_pack():
    """PW-121."""
    hardware, chip, loop = running()
    cycles(hardware, chip, loop, 50)
    assert loop.p.snap.commanded == s.BOTH
    assert loop.p.snap.fresh


def test_an_over_voltage_and_its_end():
    """PW-121."""
    hardware, chip, loop = running()
    put(chip, CELL_16_LOW, 3750)
    cycles(hardware, chip, loop, 15)
    assert loop.p.snap.commanded == s.DSG
    put(chip, CELL_16_LOW, 3400)
    cycles(hardware, chip, loop, 60)
    assert loop.p.snap.commanded == s.BOTH


def test_an_over_current_both_ways():
    hardware, chip, loop = running()
    put(chip, CURRENT, -13000)
    cycles(hardware, chip, loop, 55)
    assert loop.p.snap.commanded == s.CHG
    put(chip, CURRENT, 8000)
    cycles(hardware, chip, loop, 25)
    assert loop.p.snap.commanded & s.CHG == 0


def test_a_trip_of_the_afe_itself():
    """PW-121."""
    hardware, chip, loop = running()
    chip.registers[SAFETY_A] = 0x80
    cycles(hardware, chip, loop, 10)
    assert loop.p.snap.commanded == 0
    chip.registers[SAFETY_A] = 0
    cycles(hardware, chip, loop, 100)
    assert loop.p.snap.commanded == 0, "the load is still there"


def test_gates_that_do_not_follow():
    hardware, chip, loop = running()
    for _ in range(30):
        hardware.now = ticks.add(hardware.now, 100)
        chip.registers[FET_STATUS] = 0
        no_alloc(loop._protect, hardware.now, 100)
    assert loop.p.snap.commanded == 0


def test_the_lock_bites_when_something_allocates():
    hardware, _chip, loop = running()
    step = loop.p.protect.step

    def wasteful(now, snap):
        loop.waste = [now]
        step(now, snap)

    loop.p.protect.step = wasteful
    try:
        no_alloc(loop._protect, ticks.add(hardware.now, 100), 100)
    except AssertionError as error:
        assert "allocates" in str(error)
    else:
        raise AssertionError("an allocation under the lock went unnoticed")
