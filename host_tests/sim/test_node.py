"""The input capacitor of a load against hand calculation: inrush, precharge, charger, and what rests."""

import math

from packwarden.sim.node import BLEEDER_OHM, BLOCKED_V, Node, meet

EMF = 50.0
OHM = 0.02
FARAD = 0.01
SHUNT = 0.00025


def node(farad: float = FARAD, **values: float) -> Node:
    n = Node(64.0, farad, SHUNT)
    n.siemens = 1.0 / BLEEDER_OHM
    for name, value in values.items():
        setattr(n, name, value)
    return n


def joined(ohm: float = OHM, **values: float) -> Node:
    return node(out_v=EMF, in_v=EMF, out_ohm=ohm, in_ohm=ohm, **values)


def live(n: Node, seconds: float) -> float:
    """Let a node move at its own pace; returns the charge that went into the pack."""
    passed_c = 0.0
    n.solve()
    while n.step_us and seconds > 1e-12:
        step_s = min(n.step_us * 1e-6, seconds)
        passed_c += n.flow(step_s) * step_s
        seconds -= step_s
        n.solve()
    return passed_c


def near(a: float, b: float, tolerance: float = 1e-6) -> bool:
    return abs(a - b) <= tolerance


def test_an_empty_capacitor_is_a_short_that_fades() -> None:
    n = joined()
    n.solve()
    assert near(n.current_a, -EMF / OHM)
    assert n.volts == 0.0
    tau_s = OHM * FARAD
    live(n, tau_s)
    assert near(n.volts, EMF * (1.0 - math.exp(-1.0)), 1e-3)
    assert near(n.current_a, -EMF / OHM * math.exp(-1.0), 0.1)
    live(n, 20 * tau_s)
    assert n.step_us == 0
    assert near(n.volts, EMF, 1e-3)
    assert near(n.current_a, -EMF / BLEEDER_OHM, 1e-6)


def test_the_pack_gives_what_the_capacitor_gets() -> None:
    n = joined(ohm=47.0)
    passed_c = live(n, 60.0)
    assert near(passed_c, -FARAD * EMF, 0.005)  # and a little for the bleeder


def test_the_length_of_a_step_does_not_matter() -> None:
    n = joined(ohm=47.0)
    n.solve()
    coarse_a = n.flow(0.5)
    fine = joined(ohm=47.0)
    passed_c = live(fine, 0.5)
    assert near(n.volts, fine.volts, 1e-9)
    assert near(coarse_a * 0.5, passed_c, 1e-9)
    assert near(n.volts, EMF * (1.0 - math.exp(-0.5 / (47.0 * FARAD))), 0.01)


def test_a_load_that_draws_through_a_resistor_holds_it_down() -> None:
    for values, expected_v in (({"feed_a": -0.5}, EMF - 0.5 * 47.0), ({"feed_a": -5.0}, 0.0)):
        n = joined(ohm=47.0, **values)
        live(n, 60.0)
        assert near(n.volts, expected_v, 0.05)
        assert n.step_us == 0


def test_a_charger_fills_it_evenly_and_then_holds_it() -> None:
    n = node(limit_v=58.4, limit_a=2.0)
    live(n, 0.1)
    assert near(n.volts, 2.0 * 0.1 / FARAD, 0.01)
    live(n, 1.0)
    assert near(n.volts, 58.4, 1e-3)
    assert n.current_a == 0.0


def test_it_passes_every_edge_on_its_way() -> None:
    # Up from zero: the pack through its diode and the charger together, then the charger alone, then a dead
    # zone up to where the other diode begins to conduct, and on to the charger's limit.
    n = node(limit_v=58.4, limit_a=1.0, out_v=20.0, out_ohm=10.0, in_v=40.0, in_ohm=10.0)
    n.solve()
    assert n.flow(1e-9) < 0.0
    fast_s = 10.0 * FARAD * math.log(30.0 / 10.0)  # towards 30 V, which is as far as 20 V
    n.flow(fast_s)
    assert near(n.volts, 20.0, 1e-3)
    n.flow(FARAD * 20.0 / 1.0)
    assert near(n.volts, 40.0, 0.02)
    mean_a = n.flow(10.0)
    assert mean_a > 0.0
    assert near(n.volts, 50.0, 0.01)  # 1 A through 10 ohm above 40 V


def test_it_keeps_its_voltage_behind_open_switches_and_empties_through_the_bleeder() -> None:
    n = node()
    n.volts = 50.0
    live(n, 1.0)
    assert near(n.volts, 50.0 * math.exp(-1.0 / (BLEEDER_OHM * FARAD)), 1e-6)
    assert n.current_a == 0.0
    n.feed_a = -5.0
    live(n, 0.05)
    assert near(n.volts, 25.0, 0.1)
    live(n, 0.2)
    assert n.volts == 0.0


def test_a_stir_that_no_comparator_could_see_is_over_at_once() -> None:
    n = joined()
    live(n, 1.0)
    n.feed_a = -10.0
    n.solve()
    assert n.step_us == 0
    assert near(n.current_a, -10.0 - n.volts / BLEEDER_OHM, 1e-6)
    n.feed_a = -100.0
    n.solve()
    assert n.step_us > 0  # this one lets the capacitor help for a moment
    assert n.current_a > -20.0
    live(n, 0.01)
    assert near(n.current_a, -100.0, 0.01)


def test_without_a_capacitor_nothing_takes_time() -> None:
    n = joined()
    n.farad = 0.0
    n.solve()
    assert n.step_us == 0
    assert near(n.volts, EMF, 1e-3)


def test_a_motor_that_feeds_back_into_nothing_stops_at_its_ceiling() -> None:
    n = node(feed_a=5.0)
    live(n, 10.0)
    assert n.volts == 64.0
    n = node(0.0, feed_a=5.0, siemens=0.5)
    n.solve()
    assert n.volts == 10.0


def test_the_meeting_of_all_conserves_charge() -> None:
    for emf in (20.0, 50.0, 58.0):
        for feed_a in (-30.0, 0.0, 5.0):
            for siemens in (0.0, 0.1, 200.0):
                for limit_v, limit_a in ((0.0, 0.0), (58.4, 10.0), (30.0, 10.0)):
                    current_a = meet(emf, OHM, feed_a, siemens, limit_v, limit_a)
                    volts = emf + OHM * current_a
                    charger_a = current_a + siemens * volts - feed_a
                    assert volts >= -1e-9
                    if volts > 1e-9:
                        assert -1e-6 <= charger_a <= limit_a + 1e-6
                        assert charger_a < 1e-6 or volts <= limit_v + 1e-9
    assert BLOCKED_V > 1e6
