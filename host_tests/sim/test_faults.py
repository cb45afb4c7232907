"""Faults with a physical effect: each is seen to act, and to be gone after its repair."""

from packwarden.sim.fault_kinds import CONTACTORS_ONLY, FETS_ONLY, KINDS
from packwarden.sim.world import World
from portable import raises

SECOND = 1_000_000


def make(**more: object) -> World:
    spec = {"chemistry": "nmc", "cells": 4, "capacity_ah": 10.0, "soc": 0.5}
    spec.update(more)
    return World(spec)


def joined(**more: object) -> World:
    """A world whose FETs conduct whatever the chip wants."""
    world = make(**more)
    world.inject("chg_fet_stuck_on")
    world.inject("dsg_fet_stuck_on")
    return world


def closed(**more: object) -> World:
    """A world whose two contactors are held closed, gates and coils."""
    world = make(contactors=True, **more)
    chip = world.chip
    chip.fets.evaluate = lambda _now_us: None
    chip.fets.react = lambda: None
    chip.chg_on = chip.dsg_on = True
    world.coil_permille[1] = world.coil_permille[2] = 1000
    world.advance(30_000)
    assert world.contacts() == 3
    return world


def near(a: float, b: float, tolerance: float) -> bool:
    return abs(a - b) <= tolerance


def seconds(world: World, count: float) -> None:
    for _ in range(int(count * 10 + 0.5)):
        world.advance(100_000)


def test_a_hot_cell_warms_its_thermistor_and_no_other() -> None:
    world = make()
    world.inject("cell_hot", cell=1, watts=50.0)
    seconds(world, 60)
    assert world.chip.pins_c["TS1"] > 30.0
    assert near(world.chip.pins_c["TS2"], 25.0, 0.01)
    assert near(world.chip.cells_v[0], world.chip.cells_v[1], 0.01)
    world.clear("cell_hot")
    hottest_c = world.pack.temp_c[0]
    seconds(world, 60)
    assert world.pack.temp_c[0] < hottest_c


def test_hot_fets_show_on_their_thermistor() -> None:
    world = make(fet_thermistor=True)
    assert world.thermistors == ["TS1", "TS2"]
    world.inject("fet_hot", watts=10.0)
    seconds(world, 120)
    assert world.chip.pins_c["TS3"] > 60.0
    assert world.chip.pins_c["TS3"] == world.fet_heat.temp_c
    assert near(world.chip.pins_c["TS2"], 25.0, 0.01)
    world.clear("fet_hot")
    seconds(world, 600)
    assert near(world.chip.pins_c["TS3"], 25.0, 0.1)
    world.inject("thermistor_open", sensor=3)
    assert world.chip.pins_c["TS3"] is None
    world.clear("thermistor_open")
    assert "1 to 3" in str(raises(ValueError, lambda: world.inject("thermistor_open", sensor=4)))


def test_current_warms_fets_and_a_body_diode_more() -> None:
    world = joined(capacity_ah=100.0, soc=0.9)
    world.load_a = 100.0
    seconds(world, 60)
    both_c = world.fet_heat.temp_c
    assert near(both_c, 25.0 + 10.0 * 0.632, 0.1)
    world.clear("chg_fet_stuck_on")
    seconds(world, 60)
    assert world.fet_heat.temp_c > both_c + 15.0


def test_a_broken_charger_regulates_to_another_voltage() -> None:
    world = joined(soc=0.9)
    world.inject("charger_fault", volts=20.0)
    seconds(world, 1)
    assert world.current_a == 0.0  # nothing is plugged in
    world.charger = (16.8, 100.0)
    seconds(world, 1)
    assert near(world.path.terminal_v, 20.0, 1e-9)
    world.clear("charger_fault")
    seconds(world, 1)
    assert near(world.path.terminal_v, 16.8, 1e-9)
    assert world.charger == (16.8, 100.0)


def test_an_open_fuse_parts_the_pack_from_the_world() -> None:
    world = joined()
    world.load_a = 5.0
    world.inject("fuse_open")
    assert world.current_a == 0.0
    assert near(world.chip.pack_v, world.stack_v, 1e-9)
    world.clear("chg_fet_stuck_on")
    world.clear("dsg_fet_stuck_on")
    world.charger = (16.8, 5.0)
    seconds(world, 1)
    assert world.chip.pack_v == 0.0  # the pin floats
    world.clear("fuse_open")
    world.charger = None
    world.inject("dsg_fet_stuck_on")
    assert near(world.current_a, -5.0, 1e-9)


def test_an_offset_is_in_the_reading_and_not_in_the_current() -> None:
    world = joined(sensors={"current_offset_a": 0.02, "current_noise_uv": 0.0})
    world.inject("current_sensor_offset", amps=-3.0)
    world.inject("current_sensor_offset", amps=1.0)
    seconds(world, 1)
    assert world.current_a == 0.0
    world.chip.meter.sample_current()
    assert near(world.chip.meter.current_ma, -1980.0, 50.0)  # the chip is not calibrated
    world.clear("current_sensor_offset")
    assert world.chip.current_offset_a == 0.02


def test_a_bad_sense_wire_shows_while_its_cells_are_balanced() -> None:
    world = make(chemistry="lfp", soc=0.6)
    world.inject("tap_resistance", tap=2)
    seconds(world, 1)
    chip = world.chip
    assert near(chip.cells_v[1], world.pack.volts[1], 1e-9)
    for mask, low, high in ((0b0010, 1, 2), (0b0100, 2, 1)):
        chip.balancing = mask
        world.advance(100_000)
        assert world.pack.volts[low] - chip.cells_v[low] > 0.5
        assert near(chip.cells_v[low] + chip.cells_v[high], sum(world.pack.volts[1:3]), 1e-9)
    before = world.pack.soc
    chip.balancing = 0b0011
    for _ in range(600):
        chip.balancing = 0b0011
        world.advance(100_000)
    assert before[0] - world.pack.soc[0] > 20.0 * (before[1] - world.pack.soc[1])
    world.clear("tap_resistance")
    world.advance(100_000)
    assert near(chip.cells_v[1], world.pack.volts[1], 1e-9)
    assert world.pack.bleed_ohm[0] == world.pack.bleed_ohm[1] == world.pack.bleed_ohm[2]


def test_a_welded_contactor_stays_closed_whatever_coil_and_gate_do() -> None:
    world = closed()
    world.load_a = 5.0
    world.advance(10_000)
    assert near(world.current_a, -5.0, 1e-9)
    world.inject("contactor_welded", which="dsg")
    world.coil_permille[2] = 0
    world.chip.dsg_on = False
    world.advance(100_000)
    assert world.contacts() == 3
    assert near(world.current_a, -5.0, 1e-9)
    world.clear("contactor_welded")
    assert world.contacts() == 1
    assert world.current_a == 0.0


def test_a_contactor_that_sticks_open_never_closes() -> None:
    world = closed()
    world.charger = (16.8, 5.0)
    world.inject("contactor_stuck_open", which="chg")
    world.advance(100_000)
    assert world.contacts() == 2
    assert world.current_a == 0.0
    assert world.chip.pack_v == 16.8
    world.clear("contactor_stuck_open")
    assert world.contacts() == 3
    assert near(world.current_a, 5.0, 1e-9)


def test_two_of_a_kind_are_repaired_together() -> None:
    world = make(spread={"self_discharge_per_month": 0.01})
    before = list(world.pack.self_discharge_per_month), list(world.pack.capacity_ah)
    for _ in range(2):
        world.inject("cell_weak", cell=2, capacity=0.5, self_discharge=10.0)
        world.inject("tap_resistance", tap=1, ohm=500.0)
    world.clear("cell_weak")
    world.clear("tap_resistance")
    assert world.pack.self_discharge_per_month == before[0]
    assert all(near(a, b, 1e-9) for a, b in zip(world.pack.capacity_ah, before[1]))
    assert world.sense.tap_ohm == {}
    assert len(set(world.pack.bleed_ohm)) == 1


def test_a_kind_that_needs_other_switches_is_refused_and_may_be_cleared() -> None:
    fets, contactors = make(), make(contactors=True)
    for kind in FETS_ONLY:
        assert "needs FETs" in str(raises(ValueError, contactors.inject, kind))
    for kind in CONTACTORS_ONLY:
        assert "needs contactors" in str(raises(ValueError, fets.inject, kind))
    for kind in KINDS:
        fets.clear(kind)
        contactors.clear(kind)
    assert contactors.faults.active == {}


def test_arguments_of_the_wrong_kind_are_refused() -> None:
    def refused(world: World, kind: str, **args: object) -> str:
        return str(raises(ValueError, lambda: world.inject(kind, **args)))

    fets, contactors = make(), make(contactors=True)
    assert "needs 'watts'" in refused(fets, "cell_hot", cell=1)
    assert "above zero" in refused(fets, "cell_hot", cell=1, watts=0)
    assert "above zero" in refused(fets, "fet_hot", watts=-5)
    assert "above zero" in refused(fets, "charger_fault", volts="16")
    assert "must be a number" in refused(fets, "current_sensor_offset", amps=True)
    assert "1 to 3" in refused(fets, "tap_resistance", tap=4)
    assert "use: chg, dsg" in refused(contactors, "contactor_welded", which="pre")
    assert "needs 'which'" in refused(contactors, "contactor_stuck_open")
    assert fets.faults.active == contactors.faults.active == {}
