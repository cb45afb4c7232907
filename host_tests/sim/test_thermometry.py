"""Temperatures: what warms the FETs, and which thermistor sits where."""

import math

from packwarden.sim.thermometry import FetHeat, Thermometry, sensed_cells


def near(a: float, b: float, tolerance: float) -> bool:
    return abs(a - b) <= tolerance


def run(heat: FetHeat, seconds: float, loss_w: float, ambient_c: float = 25.0) -> None:
    for _ in range(int(seconds)):
        heat.warm(loss_w, 1.0)
        heat.settle(ambient_c)


def test_fets_are_chosen_to_get_ten_kelvin_warmer_at_1c() -> None:
    heat = FetHeat(25.0, 20.0)
    run(heat, 60, 20.0)
    assert near(heat.temp_c, 25.0 + 10.0 * (1.0 - math.exp(-1.0)), 0.01)
    run(heat, 1000, 20.0)
    assert near(heat.temp_c, 35.0, 0.01)
    run(heat, 1000, 0.0, -10.0)
    assert near(heat.temp_c, -10.0, 0.01)


def test_a_step_may_have_any_length() -> None:
    fine, coarse = FetHeat(25.0, 20.0), FetHeat(25.0, 20.0)
    run(fine, 40, 30.0)
    coarse.warm(30.0, 40.0)
    coarse.settle(25.0)
    assert near(fine.temp_c, coarse.temp_c, 1e-9)
    coarse.settle(25.0)
    assert near(fine.temp_c, coarse.temp_c, 1e-9)


def test_small_fets_cool_badly_and_a_fault_warms_without_current() -> None:
    heat = FetHeat(25.0, 0.05)
    heat.added_w = 12.0
    run(heat, 1000, 0.0)
    assert near(heat.temp_c, 25.0 + 12.0 * 5.0, 0.01)


def test_sensors_sit_evenly_along_the_stack() -> None:
    assert sensed_cells(1, 16) == [8]
    assert sensed_cells(3, 16) == [2, 8, 13]
    assert sensed_cells(2, 4) == [1, 3]
    assert sensed_cells(0, 4) == []


def test_the_thermistor_on_the_fets_has_its_pin_and_comes_last() -> None:
    assert Thermometry(["TS1", "TS2"], 4, True).pins == ["TS1", "TS2", "TS3"]
    assert Thermometry(["TS1"], 4, True).pins == ["TS1", "TS3"]
    assert Thermometry(["TS1", "TS2", "TS3"], 4, True).cell_pins == ["TS1", "TS2"]
    assert Thermometry(["TS1"], 4, False).pins == ["TS1"]
