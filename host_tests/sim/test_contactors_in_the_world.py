"""A world with contactors: coils and gates move contacts in their time, and current follows at once."""

from packwarden.sim.world import World


def make(**more: object) -> World:
    spec = {"chemistry": "nmc", "cells": 4, "capacity_ah": 10.0, "soc": 0.5, "contactors": True}
    spec.update(more)
    world = World(spec)
    world.chip.fets.evaluate = lambda _now_us: None
    world.chip.fets.react = lambda: None
    return world


def near(a: float, b: float, tolerance: float) -> bool:
    return abs(a - b) <= tolerance


def flowed_s(world: World, before: float) -> float:
    """How long 50 A must have flowed out of the first cell."""
    world._live(world.clock.now_us)
    return (before - world.pack.soc[0]) * 36_000.0 / 50.0


def test_current_flows_from_20_ms_after_the_coil_to_15_ms_after_the_gate() -> None:
    world = make()
    world.advance(100_000)
    world.load_a = 50.0
    world.chip.dsg_on = True
    before = world.pack.soc[0]
    world.coil_permille[2] = 1000
    world.advance(19_000)
    assert world.contacts() == 0
    assert world.current_a == 0.0
    world.advance(81_000)
    assert world.contacts() == 2
    assert near(world.current_a, -50.0, 1e-9)
    assert near(flowed_s(world, before), 0.080, 1e-5)
    world.coil_permille[2] = 300
    world.advance(100_000)
    assert world.contacts() == 2
    world.chip.dsg_on = False  # the front end drops it alone
    world.advance(100_000)
    assert world.contacts() == 0
    assert near(flowed_s(world, before), 0.195, 1e-5)


def test_charging_needs_the_other_one() -> None:
    world = make()
    world.charger = (16.8, 5.0)
    world.chip.chg_on = world.chip.dsg_on = True
    world.coil_permille[2] = 1000
    world.advance(100_000)
    assert world.current_a == 0.0
    assert near(world.chip.ld_v, world.stack_v, 1e-9)
    assert world.chip.pack_v == 16.8
    world.coil_permille[1] = 1000
    world.advance(100_000)
    assert near(world.current_a, 5.0, 1e-9)


def test_the_precharge_relay_follows_its_coil_and_the_discharge_gate() -> None:
    world = make(load={"capacitance_f": 0.002})
    world.coil_permille[8] = 1000
    world.chip.pdsg_on = True
    world.advance(200_000)
    assert world.chip.ld_v == 0.0
    world.chip.dsg_on = True
    world.advance(20_000 + 94_000)
    assert near(world.path.terminal_v, 0.632 * world.stack_v, 0.05)
    assert world.contacts() == 0
    world.advance(1_000_000)
    assert world.stack_v - world.chip.ld_v < 0.05
    world.coil_permille[2] = 1000
    world.advance(30_000)
    assert world.contacts() == 2


def test_a_controller_without_power_drives_no_coil() -> None:
    world = make()
    world.chip.chg_on = world.chip.dsg_on = True
    world.coil_permille[1] = world.coil_permille[2] = 1000
    world.advance(100_000)
    assert world.contacts() == 3
    world.powered = False
    world.advance(20_000)
    assert world.contacts() == 0


def test_a_pack_with_fets_has_no_contacts() -> None:
    assert World({"chemistry": "nmc", "cells": 4, "capacity_ah": 10.0}).contacts() == -1
