"""Pack physics against closed-form answers: charge, relaxation, heat, spread, balancing, internal faults."""

import math

from packwarden.sim import assembly, cells, pack
from packwarden.sim.spread import Spread
from portable import raises

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def build(
    name: str = "nmc", count: int = 4, capacity_ah: float = 10.0, soc: float = 0.5, **more: object
) -> pack.Pack:
    """A pack without self-discharge, so that sums come out even."""
    spec: "dict[str, Any]" = {"cells": count, "capacity_ah": capacity_ah, "soc": soc}
    spec.update(more)
    spec["weak"] = spec.get("weak", []) + [{"cell": k + 1, "self_discharge": 0.0} for k in range(count)]
    return assembly.pack(spec, cells.load(name), 7)


def near(a: float, b: float, tolerance: float) -> bool:
    return abs(a - b) <= tolerance


def run(p: pack.Pack, seconds: float, current_a: float, dt_s: float = 0.1) -> None:
    for _ in range(int(seconds / dt_s + 0.5)):
        p.step(dt_s, current_a)
    p.apply(current_a)


def test_charge_is_counted_exactly() -> None:
    p = build(soc=0.5, spread={"capacity": 0.02, "soc": 0.02})
    before = [s * ah for s, ah in zip(p.soc, p.capacity_ah)]
    run(p, 300.0, -5.0)
    run(p, 33.3, 2.0)
    passed_ah = (-5.0 * 300.0 + 2.0 * 33.3) / 3600.0
    for k in range(4):
        assert near(p.soc[k] * p.capacity_ah[k] - before[k], passed_ah, 1e-9)


def test_step_length_does_not_matter() -> None:
    fine, coarse = build(), build()
    run(fine, 300.0, 5.0, 0.01)
    run(coarse, 300.0, 5.0, 1.0)
    assert all(near(a, b, 2e-4) for a, b in zip(fine.volts, coarse.volts))
    assert all(near(a, b, 0.01) for a, b in zip(fine.temp_c, coarse.temp_c))


def test_a_current_step_shows_r0_at_once_and_relaxes_on_two_exponentials() -> None:
    p = build(count=3, capacity_ah=100.0, soc=0.425)
    model = p.model
    scale = model.capacity_ah / 100.0
    r0, r1, r2 = (x * scale for x in model.resistances(0.425, 25.0))
    tau1, tau2 = model.taus(25.0)
    rest_v = p.volts[0]
    p.apply(-10.0)
    assert near(rest_v - p.volts[0], 10.0 * r0, 1e-9)
    run(p, 20.0, -10.0)
    expected = 10.0 * (r0 + r1 * (1 - math.exp(-20.0 / tau1)) + r2 * (1 - math.exp(-20.0 / tau2)))
    expected += model.ocv(0.425) - model.ocv(0.425 - 10.0 * 20.0 / 360000.0)
    assert near(rest_v - p.volts[0], expected, 1e-5)


def test_stack_voltage_is_the_sum_of_the_cells_and_emf_is_it_without_current() -> None:
    p = build("aelh", 16, 100.0, 0.3, spread={"soc": 0.02, "resistance": 0.05})
    run(p, 60.0, -40.0)
    stack_v = p.apply(-40.0)
    assert near(stack_v, sum(p.volts), 1e-9)
    assert near(p.apply(0.0), p.emf(), 1e-12)


def test_resistance_and_heat_capacity_scale_with_capacity() -> None:
    small, large = build(capacity_ah=5.0), build(capacity_ah=300.0)
    assert near(small.ohm / large.ohm, 60.0, 1e-6)
    run(small, 600.0, -5.0, 0.5)
    run(large, 600.0, -300.0, 0.5)
    # Same C rate: the same sag, and more heat kept by less surface.
    assert near(small.volts[0], large.volts[0], 0.02)
    assert large.temp_c[0] > small.temp_c[0] > 25.2


def test_temperature_settles_where_losses_meet_cooling() -> None:
    p = build(soc=0.5, capacity_ah=5.109948)
    # A charge and a discharge of the same size leave the charge where it is and heat with I2 (r0 + relaxed
    # rest).
    for _ in range(1500):
        p.step(1.0, 5.0)
        p.step(1.0, -5.0)
    p.apply(0.0)
    expected = 25.0 + 25.0 * p._r0[0] / p._w_per_k
    assert near(p.temp_c[0], expected, 0.15)
    assert p.temp_c[0] > 30.0


def test_energy_that_does_not_come_back_is_heat() -> None:
    p = build(count=3, soc=0.5)
    p._w_per_k = 1e-9  # nothing escapes
    delivered_j = 0.0
    for current_a, steps in ((-10.0, 600), (10.0, 600), (0.0, 4000)):
        for _ in range(steps):
            p.apply(current_a)
            before_v = p.volts[0]
            p.step(0.5, current_a)
            p.apply(current_a)
            delivered_j += 0.5 * current_a * (before_v + p.volts[0]) / 2.0
    warmed_j = (p.temp_c[0] - 25.0) * p._j_per_k
    assert delivered_j > 500.0
    assert near(warmed_j, delivered_j, 0.03 * delivered_j)


def test_a_pack_at_rest_takes_the_temperature_of_the_room() -> None:
    p = build()
    p.ambient_c = -10.0
    run(p, 60.0, 0.0)
    time_constant_s = p._j_per_k / p._w_per_k
    expected = -10.0 + 35.0 * math.exp(-60.0 / time_constant_s)
    assert near(p.temp_c[0], expected, 1e-3)
    run(p, 10 * time_constant_s, 0.0, 1.0)
    assert near(p.temp_c[0], -10.0, 0.01)


def test_cold_cells_sag_more() -> None:
    warm = build(environment={"ambient_c": 25.0})
    cold = build(environment={"ambient_c": -10.0})
    assert cold.ohm > 2.0 * warm.ohm


def test_hysteresis_remembers_the_direction() -> None:
    up, down = build("aelh", soc=0.45), build("aelh", soc=0.55)
    run(up, 720.0, 5.0, 1.0)
    run(down, 720.0, -5.0, 1.0)
    run(up, 3600.0, 0.0, 1.0)
    run(down, 3600.0, 0.0, 1.0)
    # Both passed 10 % of their charge: the state has gone 1 - exp(-gamma / 10) of its way, gamma = 21.57.
    gap_v = (up.volts[0] - up.model.ocv(up.soc[0])) - (down.volts[0] - down.model.ocv(down.soc[0]))
    assert near(gap_v, 2 * 0.012 * (1 - math.exp(-2.157)), 0.0015)


def test_spread_is_gaussian_clipped_and_named_by_its_seed() -> None:
    sigma = {"capacity": 0.01, "soc": 0.02, "resistance": 0.05, "self_discharge_per_month": 0.002}
    big = Spread(4000, 3, sigma, [])
    for values, mean, deviation in (
        (big.capacity, 1.0, 0.01),
        (big.soc, 0.0, 0.02),
        (big.resistance, 1.0, 0.05),
        (big.self_discharge, 0.02, 0.002),
    ):
        average = sum(values) / len(values)
        measured = math.sqrt(sum((x - average) ** 2 for x in values) / len(values))
        assert near(average, mean, 4 * deviation / math.sqrt(4000))
        assert near(measured, deviation, 0.05 * deviation)
        assert max(abs(x - mean) for x in values) <= 3.0 * deviation + 1e-12
    again, other = Spread(16, 3, sigma, []), Spread(16, 4, sigma, [])
    assert again.capacity == big.capacity[:16]
    assert again.capacity != other.capacity
    # One sigma more or less leaves the other traits alone.
    assert Spread(16, 3, {"soc": 0.02}, []).soc == again.soc


def test_weak_cells_are_weak_and_misspelt_ones_refused() -> None:
    p = build(weak=[{"cell": 2, "capacity": 0.9, "resistance": 2.0}])
    assert near(p.capacity_ah[1] / p.capacity_ah[0], 0.9, 1e-9)
    assert near(p.resistance_factor[1] / p.resistance_factor[0], 2.0, 1e-9)
    assert "1 to 4" in str(raises(ValueError, Spread, 4, 1, {}, [{"cell": 5}]))
    assert "capacity" in str(raises(ValueError, Spread, 4, 1, {}, [{"cell": 1, "capasity": 0.9}]))
    assert "soc" in str(raises(ValueError, Spread, 4, 1, {"sock": 0.1}, []))


def test_self_discharge_takes_its_share_of_a_month() -> None:
    p = assembly.pack({"cells": 3, "capacity_ah": 10.0, "soc": 0.8}, cells.load("nmc"), 1)
    run(p, 86400.0, 0.0, 60.0)
    assert near(0.8 - p.soc[0], 0.02 / pack.SECONDS_PER_MONTH * 86400.0, 1e-6)


def test_balancing_drains_only_the_cells_asked_for() -> None:
    p = build("ael", 4, 10.0, 0.6)
    volts = p.volts[1]
    p.bleed(0b0010)
    run(p, 3600.0, 0.0, 1.0)
    p.bleed(0)
    drained_ah = (0.6 - p.soc[1]) * 10.0
    assert near(drained_ah, pack.BLEED_DUTY * volts / pack.BLEED_OHM, 0.002)
    assert 0.06 < drained_ah < 0.11
    for k in (0, 2, 3):
        assert near(p.soc[k], 0.6, 1e-12)


def test_an_internal_short_discharges_and_heats_one_cell_at_rest() -> None:
    p = build("nmc", 4, 10.0, 0.8)
    p.alter(p.short_ohm, 2, 0.5)
    run(p, 60.0, 0.0)
    model = p.model
    assert p.volts[2] < p.volts[1] - 0.1
    assert near(p._leak_a[2], p.volts[2] / 0.5, 0.02)
    assert p.temp_c[2] > p.temp_c[1] + 1.0
    assert near(p.volts[1], model.ocv(0.8), 1e-6)
    run(p, 7200.0, 0.0, 1.0)
    assert p.volts[2] < 0.3
    assert p.soc[2] > -0.2


def test_a_cell_that_heats_by_itself_warms_alone_and_keeps_its_charge() -> None:
    p = build("nmc", 4, 10.0, 0.5)
    p.alter(p.heater_w, 1, 20.0)
    run(p, 300.0, 0.0, 1.0)
    time_constant_s = p._j_per_k / p._w_per_k
    expected = 25.0 + 20.0 / p._w_per_k * (1.0 - math.exp(-300.0 / time_constant_s))
    assert near(p.temp_c[1], expected, 0.05)
    assert near(p.temp_c[0], 25.0, 1e-9)
    assert near(p.soc[1], 0.5, 1e-12)
    p.alter(p.heater_w, 1, 0.0)
    run(p, 20.0 * time_constant_s, 0.0, 10.0)
    assert near(p.temp_c[1], 25.0, 0.01)


def test_a_bad_wire_in_the_balancing_loop_starves_it() -> None:
    p = build("ael", 4, 10.0, 0.6)
    p.alter(p.bleed_ohm, 1, pack.BLEED_OHM + 1000.0)
    p.bleed(0b0110)
    run(p, 600.0, 0.0, 1.0)
    share = (0.6 - p.soc[1]) / (0.6 - p.soc[2])
    assert near(share, pack.BLEED_OHM / (pack.BLEED_OHM + 1000.0), 1e-3)


def test_contact_resistance_shows_under_current_only() -> None:
    p = build("nmc", 4, 10.0, 0.5)
    p.alter(p.contact_ohm, 1, 0.01)
    p.apply(0.0)
    assert near(p.volts[1], p.volts[0], 1e-9)
    p.apply(-20.0)
    assert near(p.volts[0] - p.volts[1], 0.2, 1e-9)


def test_full_and_empty_are_set_by_the_worst_cells() -> None:
    p = build("nmc", 4, 10.0, 0.5)
    assert near(p.usable(), 0.5, 1e-9)
    p.set_soc([0.4, 0.5, 0.6, 0.5])
    # 4 Ah until the first is empty, 4 Ah until another is full.
    assert near(p.usable(), 0.5, 1e-9)
    p.set_soc([0.2, 0.2, 0.2, 0.9])
    assert near(p.usable(), 2.0 / 3.0, 1e-9)
    p.set_soc([-0.1, 0.5, 0.5, 0.5])
    assert p.usable() == 0.0
    p.set_soc([1.1, 0.5, 0.5, 0.5])
    assert p.usable() == 1.0


def test_overcharge_raises_the_voltage_and_deep_discharge_collapses_it() -> None:
    for name in ("nmc", "ael"):
        full = build(name, 3, 10.0, 0.99)
        run(full, 900.0, 5.0, 1.0)
        assert full.volts[0] > full.model.v_max + 0.5
        empty = build(name, 3, 10.0, 0.02)
        run(empty, 1800.0, -5.0, 1.0)
        assert empty.volts[0] < 0.5


def test_the_same_seed_gives_the_same_pack() -> None:
    sigma = {"capacity": 0.01, "soc": 0.02}
    one, two = build(count=16, spread=sigma), build(count=16, spread=sigma)
    run(one, 50.0, -7.0)
    run(two, 50.0, -7.0)
    assert one.volts == two.volts
    assert one.soc == two.soc
