"""The whole firmware in the whole simulated world, both on MicroPython: boot, drive, trip, recover, reset."""

from bms.app.compose import build
from bms.app.report import faults_standing
from bms.core import path
from packwarden.sim.board import VirtualBoard
from packwarden.sim.world import World
from upy.vm.hardware import flash_of

GIVEN = {"chemistry": "lfp", "cell_count": 4, "capacity_mah": 20000, "shunt_uohm": 1000}
SPEC = {"chemistry": "lfp", "cells": 4, "capacity_ah": 20.0, "soc": 0.6, "shunt_ohm": 0.001}


class Story:
    def __init__(self):
        self.world = World(SPEC)
        self.board = VirtualBoard(self.world, flash_of(GIVEN))
        self.loop = build(self.board)

    def run(self, seconds):
        """A generator, so that garbage can be collected between its seconds."""
        end = self.world.clock.now_us + int(seconds * 1000000)
        mark = self.world.clock.now_us + 1000000
        while self.world.clock.now_us < end:
            self.world.advance(self.loop.step(self.world.clock.ticks_ms()) * 1000)
            if self.world.clock.now_us >= mark:
                mark += 1000000
                yield

    @property
    def mode(self):
        return path.NAMES[self.loop.mode]

    @property
    def faults(self):
        return faults_standing(self.loop.p.protect)


def test_boot_overload_recovery_and_the_ten_second_button_across_the_wrap():
    story = Story()
    yield from story.run(3)
    assert story.mode == "active"
    assert (story.world.chip.chg_on, story.world.chip.dsg_on) == (True, True)
    story.world.load_a = 26
    yield from story.run(5.5)
    assert "OCD1" in story.faults
    assert story.mode == "charge_only"
    assert story.world.current_a == 0
    story.world.load_a = 0
    yield from story.run(4)
    assert story.faults == []
    assert story.mode == "active"
    story.world.press(10.5, 8)
    yield from story.run(14)
    assert story.loop.p.remembered.resets == 1
    assert story.mode == "active"
    assert story.world.clock.ticks_ms() < 1 << 29, "the wrap was crossed"


def test_a_person_and_a_program_at_the_console():
    story = Story()
    yield from story.run(3)
    story.board.serial.take()
    story.board.serial.feed(b'status\r{"jsonrpc": "2.0", "id": 1, "method": "status"}\n')
    yield from story.run(2)
    text = story.board.serial.take().decode()
    assert "charging and discharging are allowed" in text
    assert '"mode": "active"' in text
