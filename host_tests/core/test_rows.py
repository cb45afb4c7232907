"""A packed table reads as the rows that it was written from, on a computer as on MicroPython."""

from bms.core import faults
from bms.core.rows import Rows

WRITTEN = (
    ("ONE", 1, False, "level_mv", ("level_mv", -20), 3),
    ("TWO", 300, True, 70000, "other_mv", -1),
)


def test_fields_come_back_as_they_were_written() -> None:
    rows = Rows(WRITTEN)
    assert len(rows) == 2
    for i in range(2):
        for column in range(6):
            assert rows[i][column] == WRITTEN[i][column], (i, column)
    assert [row[0] for row in rows] == ["ONE", "TWO"]


def test_numbers_and_flags_are_arrays() -> None:
    rows = Rows(WRITTEN)
    assert list(rows.numbers(1)) == [1, 300]
    assert list(rows.numbers(2)) == [0, 1]
    assert list(rows.numbers(5)) == [3, -1]


def test_there_is_no_row_past_the_last() -> None:
    rows = Rows(WRITTEN)
    for i in (-1, 2):
        try:
            rows[i]
        except IndexError:
            continue
        raise AssertionError(i)


def test_the_columns_that_every_cycle_walks_are_numbers() -> None:
    walked = (faults.SOURCE, faults.LOW_SIDE, faults.OPENS, faults.CLASS, faults.RELEASE)
    for column in walked + (faults.RETRIES, faults.WINDOW_S, faults.HARDWARE):
        assert faults.ROWS.kinds[column] != "t", column
    low = faults.ROWS.numbers(faults.LOW_SIDE)
    assert low[faults.index("CELL_UV")] == 1
    assert low[faults.index("CELL_OV")] == 0
