"""The simulated board around the converters: dividers, the controller's ADC, gates, an external watchdog."""

from packwarden.sim.clock import Clock
from packwarden.sim.monitor_front import DividedWires, MonitorFrontEnd
from packwarden.sim.rp2040_adc import Rp2040Adc, code_of
from packwarden.sim.watchdog import ExternalWatchdog
from packwarden.sim.world import World
from portable import raises


def test_an_rp2040_has_four_codes_that_are_far_too_wide() -> None:
    """Erratum E11: a ramp stays on them for nine counts of input; every other code is as wide as any."""
    seen: "dict[int, int]" = {}
    for step in range(4096 * 10):
        code = code_of(3.3 * (step + 0.5) / 40_960)
        seen[code] = seen.get(code, 0) + 1
    wide = sorted(code for code in seen if seen[code] > 15 and 0 < code < 4095)
    assert [code for code in wide if 80 <= seen[code] <= 100] == [512, 1536, 2560, 3584]
    assert len(wide) == 4
    assert code_of(3.3 / 2) == 2048


def test_its_error_is_16_counts_at_most() -> None:
    for step in range(50, 4050):
        assert abs(code_of(3.3 * (step + 0.5) / 4096) - step) <= 17


def test_its_noise_and_its_reference_are_those_of_a_supply() -> None:
    adc = Rp2040Adc(3)
    assert 0.98 < adc.reference_v / 3.3 < 1.02
    assert 3 <= len({adc.sample(1.0) for _ in range(200)}) <= 12
    assert abs(sum(adc.ratio(0.5) for _ in range(200)) / 200 - 2048) < 1, "a ratio knows no reference"


def front(cells: int = 8, chips: int = 2) -> MonitorFrontEnd:
    made = MonitorFrontEnd(Clock(), cells, chips)
    made.pins_c = {"TS1": 25.0, "TS2": None, "TS3": "short"}
    made.cells_v = [3.0 + 0.1 * cell for cell in range(cells)]
    made.stack_v = sum(made.cells_v)
    return made


def test_taps_go_round_the_chips() -> None:
    for cells, chips in ((3, 1), (4, 1), (8, 2), (7, 3), (8, 4)):
        made = front(cells, chips)
        for tap in range(cells):
            volts = made.taps[tap % chips].source(tap // chips)
            assert abs(volts * made.ratio[tap] - sum(made.cells_v[: tap + 1])) < 1e-9
            assert volts < 3.3, "within the supply of the converters"


def test_resistors_are_off_by_one_per_cent_at_most() -> None:
    for seed in range(40):
        made = MonitorFrontEnd(Clock(), 8, 2, seed=seed)
        for tap, nominal in enumerate((1.47, 2.8, 4.3, 5.7, 7.2, 8.5, 10.1, 11.0)):
            assert abs(made.ratio[tap] / nominal - 1) < 0.0101


def test_the_controllers_adc_sees_stack_and_thermistors() -> None:
    made = front()
    stack = sum(made.sample(0) for _ in range(100)) / 100
    assert abs(stack / 4096 * made.adc.reference_v * made.stack_ratio - made.stack_v) < 0.2
    assert abs(made.sample(1) - 2048) < 8, "10 kohm against 10 kohm"
    assert made.sample(2) > 4070
    assert made.sample(3) < 30


def test_nothing_opens_by_itself() -> None:
    made = front()
    made.gates = 3
    made.power_cycle()
    made.silent = True
    assert (made.chg_on, made.dsg_on) == (True, True)


def test_faults_reach_the_chip_that_they_mean() -> None:
    made = front(8, 2)
    made.frozen_cells = 1 << 5
    assert made.frozen_cells == 1 << 5
    assert [chip.frozen_inputs for chip in made.taps] == [0, 4]
    made.flip_bit(0x4902, 6)
    assert made.taps[1].registers[2] == 0x8040
    raises(ValueError, made.flip_bit, 0x4A02, 0)
    raises(ValueError, made.flip_bit, 0x4904, 0)
    made.freeze = True
    assert [chip.freeze for chip in made.taps] == [True, True]
    assert made.meter.freeze


def test_a_loose_wire_falls_to_the_bottom_of_the_stack() -> None:
    wires = DividedWires(4, None, 4)
    wires.open_taps[2] = 0.0
    wires.sink([3.3] * 4, 0, 0.001)
    seen = wires.to_inputs([3.3] * 4)
    assert [round(each, 3) for each in seen] == [3.3, -3.3, 9.9, 3.3]


def test_an_external_watchdog_holds_the_gates_until_the_first_edge_and_after_the_last() -> None:
    dog = ExternalWatchdog(1000)
    assert dog.cut
    dog.edge(500_000)
    assert not dog.cut
    dog.run(1_400_000)
    assert not dog.cut
    dog.run(1_500_000)
    assert dog.cut
    none = ExternalWatchdog(None)
    none.edge(0)
    none.run(1 << 61)
    assert not none.cut


def test_it_does_so_in_the_world_whoever_drives_them() -> None:
    spec = {"chemistry": "lfp", "cells": 4, "capacity_ah": 20.0, "afe": "ads1115", "watchdog_ms": 1000}
    world = World(spec)
    world.load_a = 5
    world.chip.gates = 3  # type: ignore[union-attr]
    world.advance(100_000)
    assert world.current_a == 0
    world.watchdog.edge(world.clock.now_us)
    world.advance(900_000)
    assert world.current_a < -4
    world.advance(200_000)
    assert world.current_a == 0
