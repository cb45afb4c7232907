"""A load with an input capacitor, in the world: what its inrush does, and what precharging spares it.

Where the chip has to act it is the simulated one with its defaults after reset; else its outputs are set.
"""

from packwarden.sim.world import World


def make(**more: object) -> World:
    spec = {"chemistry": "lfp", "cells": 16, "capacity_ah": 100.0, "soc": 0.6, "shunt_ohm": 0.00025}
    spec["load"] = {"capacitance_f": 0.01}
    spec.update(more)
    world = World(spec)
    # From here on the outputs of the chip are whatever the test says.
    world.chip.fets.evaluate = lambda _now_us: None
    world.chip.fets.react = lambda: None
    return world


def near(a: float, b: float, tolerance: float) -> bool:
    return abs(a - b) <= tolerance


def currents(world: World) -> "list[tuple[int, float]]":
    """Every (time, current) that the chip gets to see from here on."""
    seen: "list[tuple[int, float]]" = []
    changed = world.chip.analog_changed

    def watch(now_us: int) -> None:
        seen.append((now_us, world.chip.current_a))
        changed(now_us)

    world.chip.analog_changed = watch
    return seen


def test_closing_onto_an_empty_capacitor_is_an_inrush_that_fades() -> None:
    world = make()
    world.chip.chg_on = world.chip.dsg_on = True
    seen = currents(world)
    world.advance(10_000)
    start_us, peak_a = seen[0]
    loop_ohm = world.pack.ohm + 0.00025 + 0.002
    assert near(peak_a, -world.pack.emf() / loop_ohm, 5.0)
    assert peak_a < -2000.0
    tau_us = loop_ohm * 0.01 * 1e6
    after = [amps for at_us, amps in seen if at_us - start_us >= 2.0 * tau_us]
    assert near(after[0] / peak_a, 0.135, 0.03)
    assert abs(world.current_a) < 0.01
    assert near(world.chip.ld_v, world.stack_v, 0.01)


def test_the_charge_of_an_inrush_comes_out_of_the_cells() -> None:
    world = make()
    world.chip.chg_on = world.chip.dsg_on = True
    before = world.pack.soc[0]
    world.advance(10_000)
    world._live(world.clock.now_us)
    assert near((before - world.pack.soc[0]) * 360_000.0, 0.01 * world.path.terminal_v, 0.005)


def test_the_silicon_takes_a_large_inrush_for_a_short_circuit_and_a_small_one_not() -> None:
    for farad, trips in ((0.01, True), (0.000_05, False)):
        spec = {"chemistry": "nmc", "cells": 4, "capacity_ah": 50.0, "soc": 0.5}
        spec["load"] = {"capacitance_f": farad}
        world = World(spec)
        world.advance(300_000)
        for word in (0x0022, 0x0096):  # FET_ENABLE, ALL_FETS_ON
            world.bus.writeto(0x08, bytes([0x3E, word & 0xFF, word >> 8]))
            world.advance(300_000)
        # The default, 10 mV after 15 us, is far below what a real pack would use.
        assert bool(world.chip.protection.status_a & 0x80) == trips
        assert world.chip.dsg_on != trips


def test_a_predischarge_fet_brings_it_up_and_the_rest_is_no_inrush() -> None:
    world = make()
    chip = world.chip
    chip.chg_on = chip.pdsg_on = True
    world.advance(470_000)
    assert near(chip.ld_v, 0.632 * world.stack_v, 0.5)
    assert near(world.current_a, -0.368 * world.stack_v / 47.0, 0.02)
    world.advance(2_500_000)
    assert world.stack_v - chip.ld_v < 0.2
    seen = currents(world)
    chip.pdsg_on, chip.dsg_on = False, True
    world.advance(10_000)
    assert min([amps for _, amps in seen] or [0.0]) > -20.0


def test_what_draws_or_shorts_through_the_resistor_never_comes_up() -> None:
    for values in ({"load_a": 3.0}, {"short": 0.05}):
        world = make()
        if "short" in values:
            world.inject("external_short", ohm=values["short"])
        else:
            world.load_a = values["load_a"]
        world.chip.chg_on = world.chip.pdsg_on = True
        world.advance(5_000_000)
        assert world.chip.ld_v < 0.1
        assert near(world.current_a, -world.stack_v / 47.0, 0.01)


def test_open_switches_leave_it_charged_until_something_draws() -> None:
    world = make()
    chip = world.chip
    chip.chg_on = chip.dsg_on = True
    world.advance(100_000)
    chip.chg_on = chip.dsg_on = False
    world.advance(1_000_000)
    assert world.current_a == 0.0
    assert near(chip.ld_v, world.stack_v, 0.1)
    world.load_a = 10.0
    world.advance(100_000)
    assert chip.ld_v == 0.0


def test_load_detection_lifts_a_capacitor_slowly() -> None:
    world = make()
    world.chip.load_detect = True
    world.advance(1_000_000)
    assert near(world.chip.ld_v, 0.0002 / 0.01, 0.001)


def test_a_charger_fills_it_without_the_pack() -> None:
    world = make()
    world.charger = (58.4, 20.0)
    world.advance(10_000)
    assert near(world.chip.pack_v, 20.0, 1.0)
    world.advance(90_000)
    assert near(world.chip.pack_v, 58.4, 0.01)
    assert world.current_a == 0.0


def test_a_driving_pack_with_a_capacitor_keeps_its_pace() -> None:
    world = make()
    world.chip.chg_on = world.chip.dsg_on = True
    world.advance(1_000_000)
    pushes = []
    push = world._push
    world._push = lambda at_us: pushes.append(push(at_us))
    for k in range(100):
        world.load_a = 10.0 + k % 7
        world.advance(100_000)
    assert len(pushes) <= 400
    assert near(world.current_a, -world.load_a, 0.01)
