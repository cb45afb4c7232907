"""The five rules by which a pack asks for service, each at its edge."""

from bms.core import service
from bms.core.service import Service


def test_a_code_that_returns_within_three_days_of_a_reset():
    for after_s, needed in ((service.RETURN_S - 1, service.RETURNED), (service.RETURN_S, 0)):
        rule = Service()
        rule.soft_reset(1000, ["CELL_UV"])
        rule.tripped("OTC", 2000)
        assert not rule.needed, "another one"
        rule.tripped("CELL_UV", 1000 + after_s)
        assert rule.needed == needed


def test_a_reset_that_ended_nothing_does_not_hide_the_one_before():
    rule = Service()
    rule.soft_reset(1000, ["CELL_UV"])
    rule.soft_reset(2000, [])
    rule.tripped("CELL_UV", 3000)
    assert rule.needed == service.RETURNED


def test_three_limps_in_a_week():
    for span_s, needed in ((service.WEEK_S - 1, service.LIMPED), (service.WEEK_S, 0)):
        rule = Service()
        rule.limped(500)
        rule.limped(600)
        assert not rule.needed
        rule.limped(500 + span_s)
        assert rule.needed == needed
    rule = Service()
    for k in range(9):
        rule.limped(k * service.WEEK_S // 2)
    assert not rule.needed, "one every half a week is two and a half in any week"


def test_three_refused_chargers_in_a_row():
    rule = Service()
    for _ in range(5):
        rule.charge(False)
        rule.charge(False)
        rule.charge(True)
    assert not rule.needed
    for _ in range(3):
        rule.charge(False)
    assert rule.needed == service.REFUSED


def test_a_tenth_of_the_capacity_within_a_year():
    rule = Service()
    rule.measured(100000, 0)
    rule.measured(90000, 1000)
    assert not rule.needed
    rule.measured(89999, 2000)
    assert rule.needed == service.AGED
    rule = Service()
    rule.measured(100000, 0)
    rule.measured(93000, service.YEAR_S)
    rule.measured(85000, 2 * service.YEAR_S - 1)
    assert not rule.needed, "seven percent a year is age"


def test_a_permanent_fault_needs_no_memory():
    rule = Service()
    assert rule.reasons(False) == []
    assert rule.reasons(True) == ["a permanent fault stands"]
    rule.needed = 15
    assert len(rule.reasons(True)) == 5


def test_it_outlives_a_power_cut_and_ends_with_service():
    rule = Service()
    rule.soft_reset(1000, ["CELL_UV"])
    rule.tripped("CELL_UV", 1001)
    rule.limped(5)
    rule.charge(False)
    rule.measured(50000, 77)
    again = Service()
    again.take_up(rule.to_keep())
    assert again.to_keep() == rule.to_keep()
    again.clear()
    assert again.needed == 0
    assert again.reasons(False) == []
    again.tripped("CELL_UV", 1002)
    assert not again.needed


def test_rubbish_is_no_memory():
    fresh = Service().to_keep()
    for rubbish in (
        None,
        [],
        7,
        {"needed": "x", "cleared": 3, "limps": {}, "reset_s": -1},
        {"cleared": [1, None]},
    ):
        rule = Service()
        rule.take_up(rubbish)
        assert rule.to_keep() == fresh, rubbish
    rule.take_up({"needed": 255, "limps": ["x", 5, 6, 7, 8]})
    assert rule.needed == 15
