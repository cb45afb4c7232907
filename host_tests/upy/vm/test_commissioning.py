"""Commissioning on MicroPython: the steps that need no hand, from their parts on flash to the verdict."""

from bms.app.compose import build
from bms.core import commission
from bms.services.storage import encode
from packwarden.sim.board import MemoryFiles, VirtualBoard
from packwarden.sim.world import World

GIVEN = {"chemistry": "lfp", "cell_count": 4, "capacity_mah": 20000, "shunt_uohm": 1000}
SPEC = {"chemistry": "lfp", "cells": 4, "capacity_ah": 20.0, "soc": 0.6, "shunt_ohm": 0.001}


class Story:
    def __init__(self):
        self.world = World(SPEC)
        self.board = VirtualBoard(self.world, MemoryFiles({"params.a": encode(1, GIVEN)}))
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


def test_steps_begin_at_the_console_and_end_by_themselves():
    story = Story()
    yield from story.run(3)
    arming = story.loop.p.arming
    assert arming.missing == commission.ALL
    story.loop.p.access.grant("a test")
    for name, seconds in (("cells", 3), ("order", 3), ("fets", 0), ("taps", 13), ("fets", 8), ("bleed", 22)):
        story.board.serial.take()
        story.board.serial.feed(b"commission %s\r" % name.encode())
        yield from story.run(max(1, seconds))
        if not seconds:
            assert b"first: taps" in story.board.serial.take()
            continue
        assert arming.running is None, name
        assert not arming.failed, arming.told
    assert commission.names(arming.missing) == ["thermistors", "shunt", "volts", "amps"]
    assert (story.world.chip.chg_on, story.world.chip.dsg_on) == (False, False)
