"""Sense wires: where cells land on the chip, and the two readings that a bad wire spoils."""

from packwarden.sim.sense import SenseWires
from portable import raises

VOLTS = [3.0, 3.1, 3.2, 3.3]


def test_fewer_cells_use_the_bottom_inputs_and_the_top_one() -> None:
    wires = SenseWires(4)
    assert wires.to_inputs(VOLTS) == [3.0, 3.1, 3.2] + [0.0] * 12 + [3.3]
    assert wires.inputs == [0, 1, 2, 15]
    assert wires.cells_of(0x8005) == 0b1101
    assert SenseWires(16).cells_of(0x8005) == 0x8005
    assert SenseWires(16).to_inputs([3.0] * 16) == [3.0] * 16
    assert "3 to 16" in str(raises(ValueError, SenseWires, 2))
    assert "3 to 16" in str(raises(ValueError, SenseWires, 17))


def test_an_open_tap_sinks_and_leaves_the_sum_alone() -> None:
    wires = SenseWires(4)
    wires.open_taps[2] = 0.0
    assert abs(wires.to_inputs(VOLTS)[1] - 3.1) < 1e-9  # the filter still holds
    wires.sink(VOLTS, 0, 5.0)
    seen = wires.to_inputs(VOLTS)
    assert abs(seen[1] - (3.1 - 0.75)) < 1e-9
    assert abs(seen[2] - (3.2 + 0.75)) < 1e-9
    assert abs(sum(seen) - sum(VOLTS)) < 1e-9
    wires.sink(VOLTS, 0, 1000.0)
    seen = wires.to_inputs(VOLTS)
    assert abs(seen[1]) < 1e-9
    assert abs(seen[2] - 6.3) < 1e-9


def test_balancing_pulls_a_floating_tap_at_once() -> None:
    for mask, low, high in ((0b0010, 1, 2), (0b0100, 2, 1)):
        wires = SenseWires(4)
        wires.open_taps[2] = 0.0
        wires.sink(VOLTS, mask, 0.1)
        seen = wires.to_inputs(VOLTS)[:3]
        assert abs(seen[low]) < 1e-9
        assert abs(seen[high] - 6.3) < 1e-9


def test_swapped_taps_give_impossible_readings_with_the_same_sum() -> None:
    wires = SenseWires(4)
    wires.swapped.append((1, 2))
    seen = wires.to_inputs(VOLTS)[:3]
    assert abs(seen[0] - 6.1) < 1e-9
    assert abs(seen[1] + 3.1) < 1e-9
    assert abs(seen[2] - 6.3) < 1e-9
    assert abs(sum(seen) - 9.3) < 1e-9
