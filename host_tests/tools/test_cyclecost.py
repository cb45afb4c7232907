"""The count of what a protection cycle costs: it counts, repeats exactly, and grows with the cells."""

import sys

from packwarden.cyclecost import measure


def test_a_count_repeats_and_grows_in_a_line_with_the_cells() -> None:
    found = {cells: measure(cells, 20) for cells in (4, 8, 16)}
    assert found[8] == measure(8, 20)
    for part in ("fetch", "decide"):
        low, middle, high = (found[cells][part] for cells in (4, 8, 16))
        assert 0 < low < middle < high
        per_cell = (high - low) / 12
        assert abs(middle - low - 4 * per_cell) < per_cell, "in a line"
    assert found[16]["worst"] >= found[16]["fetch"] + found[16]["decide"]
    assert found[4]["bus_us"] == found[16]["bus_us"] > 1000, "all inputs are always read"


def test_the_trace_of_others_is_given_back() -> None:
    before = sys.gettrace()
    measure(4, 2)
    assert sys.gettrace() is before
