"""What builders get wrong: each has its effect on what the chip sees, and is gone when it is mended."""

from packwarden.sim import mistakes
from packwarden.sim.world import World
from portable import raises

SECOND = 1_000_000


def make():
    return World(
        {"chemistry": "lfp", "cells": 4, "capacity_ah": 20.0, "soc": 0.6, "thermistors": ["TS1", "TS2"]}
    )


def test_each_can_be_made_and_mended():
    for kind in mistakes.KINDS:
        world = make()
        mistakes.make(world, kind, 2)
        world.advance(SECOND)
        mistakes.mend(world, kind, 2)
        world.advance(SECOND)
        assert world.chip.shunt_ohm > 0
        assert world.chip.dead_switches == 0
        assert world.thermometry.pins == ["TS1", "TS2"]
        assert not world.thermometry.broken
        assert not world.sense.swapped
        assert not world.sense.open_taps
    assert "shunt_reversed" in str(raises(ValueError, mistakes.make, make(), "shunt_revers"))


def test_a_finger_warms_one_sensor_only():
    world = make()
    world.advance(2 * SECOND)
    world.touch(2)
    world.advance(2 * SECOND)
    assert world.chip.pins_c["TS2"] > world.chip.pins_c["TS1"] + 3
    world.touch(0)
    world.advance(2 * SECOND)
    assert abs(world.chip.pins_c["TS2"] - world.chip.pins_c["TS1"]) < 0.5
    assert "use 1 to 2" in str(raises(ValueError, world.touch, 3))


def test_swapped_thermistors_feel_each_others_finger():
    world = make()
    mistakes.make(world, "thermistors_swapped")
    world.touch(1)
    world.advance(2 * SECOND)
    assert world.chip.pins_c["TS2"] > world.chip.pins_c["TS1"] + 3


def test_a_loose_thermistor_feels_no_finger():
    world = make()
    mistakes.make(world, "thermistor_loose", 1)
    world.touch(1)
    world.advance(2 * SECOND)
    assert world.chip.pins_c["TS1"] == 25.0
