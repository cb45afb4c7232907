"""Look-alikes first: what the evidence speaks for, and the honest nothing."""

from array import array

from bms.core import diagnosis as d
from bms.core import evidence as e


def named(**figures):
    """Causes by name for these figures."""
    values = d.gather(array("i", [0] * e.COUNT))
    for name, value in figures.items():
        values[getattr(e, name) if hasattr(e, name) else getattr(d, name)] = value
    return [d.ROWS[index][d.CAUSE] for index in d.causes(values)]


def test_nothing_is_found_in_a_healthy_pack():
    assert named() == []


def test_each_cause_has_its_figure_and_its_measure():
    for cause, figure, enough, _unit, _where in d.ROWS:
        values = array("i", [0] * d.COUNT)
        values[figure] = enough - 1
        assert d.causes(values) == [], cause
        values[figure] = enough
        assert [d.ROWS[index][d.CAUSE] for index in d.causes(values)] == [cause]


def test_much_evidence_comes_before_just_enough():
    assert named(CHARGES_ENDED=3, COLD_S=900) == ["cold", "charger"]
    assert named(CHARGES_ENDED=9, COLD_S=900) == ["charger", "cold"]


def test_look_alikes_come_before_what_must_be_replaced():
    assert named(OWN=2, AUX_SHORT_MV=300, JOINTS=2) == ["supply", "joint", "own"]
    assert named(CELLS=1, COLD_S=300) == ["cold", "cell"]


def test_figures_of_the_evidence_are_copied_in_their_order():
    counted = array("i", list(range(e.COUNT)))
    figures = d.gather(counted)
    assert list(figures)[: e.COUNT] == list(range(e.COUNT))
    assert list(figures)[e.COUNT :] == [0] * (d.COUNT - e.COUNT)
    assert d.WEAK_CELL_PERMILLE == e.COUNT
