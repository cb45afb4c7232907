"""The whole firmware on a BQ76940 in the simulated world, both on MicroPython: boot, trips, a brown-out."""

from bms.app.compose import build
from bms.app.report import faults_standing
from bms.core import path
from packwarden.sim.board import VirtualBoard
from packwarden.sim.world import World
from upy.vm.hardware import flash_of

GIVEN = {"chemistry": "lfp", "cell_count": 9, "capacity_mah": 20000, "shunt_uohm": 1000}
SPEC = {"chemistry": "lfp", "cells": 9, "capacity_ah": 20.0, "soc": 0.6, "shunt_ohm": 0.001, "afe": "bq76940"}


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
    def faults(self):
        return faults_standing(self.loop.p.protect)


def test_boot_overload_short_and_brown_out():
    story = Story()
    world = story.world
    yield from story.run(4)
    assert path.NAMES[story.loop.mode] == "active"
    world.load_a = 26
    yield from story.run(6)
    assert "OCD1" in story.faults
    assert not world.chip.dsg_on
    world.load_a = 0
    yield from story.run(6)
    assert story.faults == []
    assert world.chip.dsg_on
    world.inject("external_short", ohm=0.002)
    yield from story.run(0.5)
    assert "SCD" in story.faults
    world.clear("external_short")
    yield from story.run(8)
    assert story.faults == []
    world.inject("afe_brownout")
    yield from story.run(0.5)
    assert "AFE_CONFIG" in story.faults
    yield from story.run(6)
    assert story.faults == []
    assert world.chip.chg_on
    assert world.chip.dsg_on
    assert world.chip.complaints == []
