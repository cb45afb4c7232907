"""The world: currents, pins, events in their order, and every fault with its effect and its repair.

FETs are forced with stuck faults here, so that these tests depend on no configuration of the chip; where the
chip has to act, `drive` sets its outputs.
"""

from packwarden.sim.faults import KINDS
from packwarden.sim.profile import LoadProfile
from packwarden.sim.replay import ReplayTrace
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


def near(a: float, b: float, tolerance: float) -> bool:
    return abs(a - b) <= tolerance


def seconds(world: World, count: float) -> None:
    for _ in range(int(count * 10 + 0.5)):
        world.advance(100_000)


def test_time_adds_up_whatever_the_bus_costs() -> None:
    world = make()
    world.advance(100_000)
    world.clock.elapse_us(3_300)
    world.advance(100_000)
    assert world.clock.now_us == 203_300


def test_a_room_that_is_hot_from_now_on_is_felt_by_the_next_measurement() -> None:
    world = make()
    world.ambient_c = 58.0
    world.pack.temp_c = [58.0] * 4
    world.advance(100_000)
    assert near(world.chip.pins_c["TS1"], 58.0, 0.1)


def test_nothing_flows_until_the_chip_closes_the_path() -> None:
    world = make()
    world.load_a = 5.0
    seconds(world, 2)
    assert world.current_a == 0.0
    assert world.chip.pack_v == 0.0
    assert world.chip.ld_v == 0.0


def test_a_load_discharges_by_exactly_its_charge() -> None:
    world = joined()
    before = world.pack.soc[0]
    world.load_a = 5.0
    seconds(world, 60)
    assert world.current_a == -5.0
    assert world.chip.current_a == -5.0
    self_discharge = 0.02 * 60 / 2_629_800
    assert near(before - world.pack.soc[0], 5.0 * 60 / 36000 + self_discharge, 1e-9)


def test_pins_of_the_chip_follow_the_pack() -> None:
    world = joined()
    world.load_a = 5.0
    seconds(world, 5)
    chip = world.chip
    assert chip.cells_v[:3] + chip.cells_v[15:] == world.pack.volts
    assert near(chip.stack_v, sum(world.pack.volts), 1e-9)
    assert near(chip.pack_v, chip.stack_v - 5.0 * 0.002, 1e-9)  # two FETs
    assert chip.pins_c["TS1"] == chip.pins_c["TS3"] == world.pack.temp_c[0]


def test_constant_current_then_constant_voltage_until_nothing_flows() -> None:
    world = joined(soc=0.9)
    world.charger = (16.8, 5.0)
    seconds(world, 2)
    assert near(world.current_a, 5.0, 1e-9)
    assert world.stack_v < 16.8
    for _ in range(3 * 3600):
        world.advance(SECOND)
    assert near(world.path.terminal_v, 16.8, 1e-6)
    assert 0.0 < world.current_a < 0.1
    # Series resistance is the only thing between the charger and the cells.
    assert near(world.stack_v, 16.8, 0.001)
    assert world.true_soc() > 0.99


def test_regeneration_and_charging_beside_a_load() -> None:
    world = joined()
    world.load_a = -3.0
    seconds(world, 1)
    assert near(world.current_a, 3.0, 1e-9)
    world.load_a = 2.0
    world.charger = (16.8, 5.0)
    seconds(world, 1)
    assert near(world.current_a, 3.0, 1e-9)
    world.charger = None
    world.load_a = 0.0
    seconds(world, 1)
    assert world.current_a == 0.0


def test_stuck_fets_and_body_diodes() -> None:
    world = make()
    world.inject("dsg_fet_stuck_on")
    world.load_a = 5.0
    seconds(world, 1)
    assert near(world.current_a, -5.0, 1e-9)
    assert near(world.stack_v - world.chip.pack_v, 0.6 + 0.010, 1e-9)
    world.load_a = 0.0
    world.charger = (17.0, 5.0)
    seconds(world, 1)
    assert world.current_a == 0.0
    assert world.chip.pack_v == 17.0
    world.clear("dsg_fet_stuck_on")
    world.inject("chg_fet_stuck_on")
    seconds(world, 1)
    assert near(world.current_a, 5.0, 1e-9)
    assert near(world.chip.pack_v - world.stack_v, 0.6 + 0.010, 1e-9)
    world.inject("chg_fet_stuck_off")
    seconds(world, 1)
    assert world.current_a == 0.0
    world.clear("chg_fet_stuck_off")
    seconds(world, 1)
    assert world.current_a == 0.0  # repaired: the chip decides, and has never closed the path


def test_every_reading_of_the_current_is_noisy_unless_the_converter_stands_still() -> None:
    def readings(world: World, count: int) -> "list[float]":
        found = []
        for _ in range(count):
            world.advance(100_000)
            world.chip.meter.sample_current()
            found.append(world.chip.meter.current_ma / 1000.0)
        return found

    world = joined()
    world.load_a = 5.0
    seconds(world, 1)
    amps = readings(world, 2000)
    mean = sum(amps) / len(amps)
    sigma_a = (sum([(x - mean) ** 2 for x in amps]) / len(amps)) ** 0.5
    assert near(sigma_a, 5e-6 / 0.001, 0.0003)  # of the shunt, which has 1 mohm
    exact = joined(sensors={"current_noise_uv": 0.0})
    exact.load_a = 5.0
    seconds(exact, 1)
    assert near(mean, readings(exact, 1)[0], 0.0005)
    assert len(set(readings(exact, 20))) == 1
    world.inject("frozen_reading")
    assert len(set(readings(world, 20))) == 1
    world.clear("frozen_reading")
    assert len(set(readings(world, 20))) > 15
    assert world.current_a == -5.0


def test_load_detection_rises_only_without_a_load() -> None:
    world = make()
    seconds(world, 1)
    assert world.chip.ld_v == 0.0
    world.chip.load_detect = True
    seconds(world, 1)
    assert near(world.chip.ld_v, world.stack_v, 1e-9)
    world.load_a = 0.1
    seconds(world, 1)
    assert world.chip.ld_v == 0.0
    world.load_a = 0.0
    world.inject("external_short")
    seconds(world, 1)
    assert world.chip.ld_v == 0.0


def test_an_external_short_is_hundreds_of_amps_and_can_be_removed() -> None:
    world = joined(capacity_ah=100.0)
    world.inject("external_short")
    assert world.current_a < -500.0
    assert world.chip.current_a == world.current_a
    world.clear("external_short")
    assert world.current_a == 0.0


def test_current_stops_in_the_microsecond_a_gate_falls() -> None:
    world = joined(capacity_ah=100.0)
    seconds(world, 1)
    world.clear("chg_fet_stuck_on")
    world.clear("dsg_fet_stuck_on")
    chip = world.chip
    chip.chg_on = chip.dsg_on = True
    world.load_a = 50.0
    world.advance(1000)
    assert world.current_a == -50.0
    world._live(world.clock.now_us)
    before = world.pack.soc[0]
    opened_us: "list[int]" = []
    run = chip.run

    def open_at_next_turn(now_us: int) -> None:
        run(now_us)
        chip.chg_on = chip.dsg_on = False
        opened_us.append(now_us)

    start_us = world.clock.now_us
    chip.run = open_at_next_turn
    world.advance(SECOND)
    flowed_s = (opened_us[0] - start_us) * 1e-6
    assert 0.0 < flowed_s < 0.9
    assert near(before - world.pack.soc[0], 50.0 * flowed_s / 360000.0, 1e-8)
    assert world.current_a == 0.0


def test_silicon_opens_a_short_circuit_on_its_own() -> None:
    def command(word: int) -> None:
        world.bus.writeto(0x08, bytes([0x3E, word & 0xFF, word >> 8]))
        world.advance(5000)

    world = make(capacity_ah=50.0)
    world.advance(300_000)
    command(0x0022)  # FET_ENABLE
    command(0x0096)  # ALL_FETS_ON
    world.load_a = 5.0
    seconds(world, 1)
    assert world.current_a == -5.0
    world.inject("external_short")
    assert world.current_a < -300.0
    before = world.pack.soc[0]
    world.advance(1000)
    # Only SCD and COV are enabled after reset: the short is over within its 450 us at most.
    assert world.current_a == 0.0
    assert before - world.pack.soc[0] < 1500.0 * 450e-6 / (3600.0 * 50.0)


def test_balancing_bits_drain_their_cells_through_the_input_mapping() -> None:
    world = make(chemistry="lfp", soc=0.6)
    before = world.pack.soc

    for _ in range(600):
        world.chip.balancing = 0x8001
        world.advance(100_000)
    drained_ah = [(a - b) * 10.0 for a, b in zip(before, world.pack.soc)]
    assert drained_ah[0] > 0.001
    assert drained_ah[3] > 0.001
    assert drained_ah[1] < 1e-5
    assert drained_ah[2] < 1e-5


def test_profile_adds_to_the_load_and_starts_when_it_is_given() -> None:
    world = joined()
    world.load_a = 1.0
    seconds(world, 10)
    world.load_profile = LoadProfile([0.0, 10.0, 20.0], [0.0, -10.0, -10.0])
    seconds(world, 5)
    assert near(world.current_a, -6.0, 1e-6)
    seconds(world, 10)
    assert near(world.current_a, -11.0, 1e-6)
    seconds(world, 10)
    assert near(world.current_a, -1.0, 1e-9)
    world.load_profile = LoadProfile([0.0, 1.0], [4.0, 4.0], repeat=True)
    seconds(world, 5)
    assert near(world.current_a, 3.0, 1e-9)


def test_replay_rules_whatever_the_fets_do() -> None:
    world = make()
    seconds(world, 3)
    world.replay = ReplayTrace([0.0, 100.0], [-2.0, -2.0], [3.5, 3.4], [25.0, 30.0], [0.5, 0.4])
    seconds(world, 50)
    assert world.current_a == -2.0
    assert world.chip.current_a == -2.0
    assert near(world.chip.cells_v[0], 3.45, 1e-6)
    assert near(world.chip.stack_v, 13.8, 1e-6)
    assert near(world.true_soc(), 0.45, 1e-6)
    assert near(world.pack.soc[2], 0.45, 1e-6)
    assert near(world.chip.pins_c["TS2"], 27.5, 0.06)
    world.replay = ReplayTrace([0.0, 1.0], [0.0, 0.0], [3.3, 3.3], [25.0, 25.0])
    seconds(world, 1)
    assert world.true_soc() is None


def test_open_tap_swapped_taps_and_contact() -> None:
    world = joined()
    world.inject("open_tap", tap=2)
    seconds(world, 10)
    cells_v = world.chip.cells_v
    assert cells_v[1] < 2.5
    assert cells_v[2] > 4.5
    assert near(sum(cells_v), world.chip.stack_v, 1e-6)
    world.clear("open_tap")
    world.inject("swapped_taps", tap=2)
    assert world.chip.cells_v[2] < 0.0
    world.clear("swapped_taps")
    assert near(world.chip.cells_v[1], world.pack.volts[1], 1e-9)
    world.inject("contact_resistance", cell=2, ohm=0.01)
    world.load_a = 10.0
    seconds(world, 0.1)
    assert near(world.pack.volts[0] - world.pack.volts[1], 0.1, 1e-3)
    world.clear("contact_resistance")
    seconds(world, 0.1)
    assert near(world.pack.volts[0], world.pack.volts[1], 1e-3)


def test_cell_faults_act_and_clear() -> None:
    world = make()
    world.inject("cell_short", cell=3, ohm=0.5)
    seconds(world, 5)
    assert world.pack.volts[2] < world.pack.volts[0] - 0.05
    world.clear("cell_short")
    before = world.pack.soc[2]
    seconds(world, 5)
    assert near(world.pack.soc[2], before, 1e-7)
    world.inject("cell_weak", cell=1, capacity=0.5, resistance=3.0)
    assert near(world.pack.capacity_ah[0], 5.0, 1e-9)
    world.clear("cell_weak")
    assert near(world.pack.capacity_ah[0], 10.0, 1e-9)


def test_thermistors() -> None:
    world = make()
    world.inject("thermistor_open", sensor=1)
    world.inject("thermistor_short", sensor=3)
    pins = world.chip.pins_c
    assert pins["TS1"] is None
    assert pins["TS3"] == "short"
    assert pins["TS2"] == 25.0
    world.clear("thermistor_open")
    world.clear("thermistor_short")
    assert pins["TS1"] == 25.0
    assert pins["TS3"] == 25.0


def test_bus_and_chip_faults_reach_the_chip_and_the_bus() -> None:
    world = make()
    bus, chip = world.bus, world.chip
    world.inject("nack", count=3)
    assert bus.nack_next == 3
    world.clear("nack")
    world.inject("nack", rate=1.0)
    world.advance(1000)
    assert bus.nack_next == 1
    world.clear("nack")
    world.advance(1000)
    assert bus.nack_next == 0
    world.inject("stuck_bus")
    assert bus.stuck
    bus.recover()
    world.advance(1000)
    assert not bus.stuck
    world.inject("stuck_bus", hold=True)
    bus.recover()
    world.advance(1000)
    assert bus.stuck
    world.clear("stuck_bus")
    assert not bus.stuck
    world.inject("afe_silent")
    assert chip.silent
    world.clear("afe_silent")
    assert not chip.silent
    world.inject("frozen_reading", cell=4)
    assert chip.frozen_cells == 0x8000
    world.inject("frozen_reading")
    assert chip.freeze
    world.clear("frozen_reading")
    assert not chip.freeze
    assert chip.frozen_cells == 0
    calls: "list[object]" = []
    chip.flip_bit = lambda address, bit: calls.append((address, bit))
    chip.power_cycle = lambda: calls.append("brownout")
    world.inject("bit_flip_config", address=0x9261, bit=3)
    world.inject("afe_brownout")
    assert calls == [(0x9261, 3), "brownout"]


def test_flags_for_the_runner() -> None:
    world = make()
    world.inject("impact")
    world.inject("hung_firmware")
    assert world.impact
    assert world.firmware_hung
    world.clear("impact")
    world.clear("hung_firmware")
    assert not world.impact
    assert not world.firmware_hung
    assert world.powered
    assert world.aux_v == 12.8
    assert not world.led_on


def test_every_kind_can_be_cleared_even_when_it_is_not_there() -> None:
    world = make()
    for kind in KINDS:
        world.clear(kind)


def test_misspelt_faults_are_refused_and_change_nothing() -> None:
    def refused(kind: str, **args: object) -> str:
        return str(raises(ValueError, lambda: world.inject(kind, **args)))

    world = make()
    assert "open_tap" in refused("open_tab")
    assert "cell_short" in str(raises(ValueError, world.clear, "cell_shirt"))
    assert "known are: cell, ohm" in refused("cell_short", cell=1, ohms=3)
    assert "needs 'cell'" in refused("cell_short")
    assert "1 to 4" in refused("cell_short", cell=5)
    assert "1 to 4" in refused("cell_weak", cell=0)
    assert "1 to 3" in refused("open_tap", tap=4)
    assert "1 to 3" in refused("thermistor_open", sensor=4)
    assert "1 to 4" in refused("frozen_reading", cell="2")
    assert "above zero" in refused("external_short", ohm=0)
    assert world.faults.active == {}
    assert "cell_model" in str(raises(ValueError, lambda: make(chemistry="lto")))


def test_button_and_ambient() -> None:
    world = make()
    world.press(0.5)
    assert world.button
    world.advance(400_000)
    assert world.button
    world.advance(200_000)
    assert not world.button
    world.button = True
    assert world.button
    world.ambient_c = 40.0
    seconds(world, 60)
    assert world.pack.temp_c[0] > 25.5


def test_the_same_seed_gives_the_same_run() -> None:
    def run(seed: int) -> "list[float]":
        world = joined(seed=seed, cells=16, spread={"capacity": 0.02, "soc": 0.02, "resistance": 0.1})
        world.load_profile = LoadProfile([0.0, 3.0, 7.0], [-1.0, -9.0, 2.0], repeat=True)
        seconds(world, 20)
        return world.pack.volts + world.pack.soc

    assert run(5) == run(5)
    assert run(5) != run(6)
