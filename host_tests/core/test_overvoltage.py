"""What a current adds to the open-circuit voltage: at once, with a lag, more in the cold."""

from bms.core.overvoltage import Overvoltage


def under(rate: float, seconds: int, temp_ddegc: int = 250) -> Overvoltage:
    over = Overvoltage()
    over.configure(0)
    for _ in range(seconds):
        over.second(rate, 500.0, temp_ddegc)
    return over


def test_a_lag_builds_up_and_fades() -> None:
    over = under(1.0, 10)
    early = over.lagging_mv()
    for _ in range(1200):
        over.second(1.0, 500.0, 250)
    late = over.lagging_mv()
    assert 0 < early < late < 140
    assert over.tired_mv() > late
    for _ in range(3000):
        over.second(0.0, 500.0, 250)
    assert abs(over.lagging_mv()) < 1


def test_discharge_pulls_down_what_charge_lifts() -> None:
    assert abs(under(1.0, 60).lagging_mv() + under(-1.0, 60).lagging_mv()) < 0.001


def test_the_cold_costs_voltage() -> None:
    assert under(1.0, 60, -100).ohmic_mv > 2.2 * under(1.0, 60).ohmic_mv
    assert under(1.0, 60, -600).colder == under(1.0, 60, -250).colder, "a broken thermometer is not believed"


def test_ten_seconds_cost_more_than_the_first_moment() -> None:
    over = under(1.0, 60)
    assert over.ohmic_mv < over.ten_s_mv < over.ohmic_mv + 40


def test_who_starts_does_not_know_what_has_flowed_lately() -> None:
    """A restart in mid-drive finds lags that nobody has followed: a doubt, until they have faded."""
    assert under(0.0, 1).tired_mv() > 150
    assert under(0.0, 1, -100).tired_mv() > 2 * under(0.0, 1).tired_mv()
    assert under(0.0, 1600).tired_mv() < 5
