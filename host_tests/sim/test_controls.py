"""The auxiliary supply over time; what else a player turns is tested through the world."""

from packwarden.sim.world import World


def make() -> World:
    return World({"chemistry": "nmc", "cells": 4, "capacity_ah": 10.0, "environment": {"auxiliary_v": 13.0}})


def test_the_supply_stays_until_it_is_set() -> None:
    world = make()
    assert world.aux_v == 13.0
    world.advance(1_000_000)
    assert world.aux_v == 13.0
    world.aux_v = 0.0
    assert world.aux_v == 0.0


def test_the_supply_sags_evenly_and_stays_where_it_was_sent() -> None:
    world = make()
    world.ramp_aux(11.0, 10.0)
    assert world.aux_v == 13.0
    world.advance(5_000_000)
    assert abs(world.aux_v - 12.0) < 1e-9
    world.ramp_aux(12.5, 1.0)  # it recovers from where it is
    world.advance(500_000)
    assert abs(world.aux_v - 12.25) < 1e-9
    world.advance(5_000_000)
    assert world.aux_v == 12.5
