"""The power path against hand calculation: every arrangement of FETs, diodes, charger, load and short."""

from packwarden.sim.power_path import DIODE_V, FET_OHM, PRE_OHM, PowerPath

EMF = 50.0
OHM = 0.02
SHUNT = 0.001
LOOP = OHM + SHUNT + 2 * FET_OHM


def path(**values: object) -> PowerPath:
    p = PowerPath(SHUNT, 58.4)
    for name, value in values.items():
        setattr(p, name, value)
    return p


def solve(p: PowerPath, chg: int, dsg: int) -> "tuple[float, float]":
    p.solve(EMF, OHM, bool(chg), bool(dsg))
    return p.current_a, p.terminal_v


def near(a: float, b: float) -> bool:
    return abs(a - b) < 1e-9


def test_a_load_draws_what_it_draws() -> None:
    current_a, terminal_v = solve(path(draw_a=20.0), 1, 1)
    assert near(current_a, -20.0)
    assert near(terminal_v, EMF - 20.0 * LOOP)


def test_the_charger_limits_current_first_and_voltage_then() -> None:
    current_a, terminal_v = solve(path(charger=(58.4, 10.0)), 1, 1)
    assert near(current_a, 10.0)
    assert near(terminal_v, EMF + 10.0 * LOOP)
    current_a, terminal_v = solve(path(charger=(50.1, 10.0)), 1, 1)
    assert near(current_a, 0.1 / LOOP)
    assert near(terminal_v, 50.1)
    assert near(solve(path(charger=(49.0, 10.0)), 1, 1)[0], 0.0)  # it cannot take current


def test_charger_and_load_together() -> None:
    assert near(solve(path(charger=(58.4, 10.0), draw_a=4.0), 1, 1)[0], 6.0)
    assert near(solve(path(charger=(58.4, 10.0), draw_a=14.0), 1, 1)[0], -4.0)
    # In constant voltage the charger feeds the load, and the pack gets what its voltage asks for.
    current_a, terminal_v = solve(path(charger=(50.1, 10.0), draw_a=4.0), 1, 1)
    assert near(current_a, 0.1 / LOOP)
    assert near(terminal_v, 50.1)


def test_regeneration_pushes_charge() -> None:
    assert near(solve(path(draw_a=-7.0), 1, 1)[0], 7.0)


def test_a_short_is_a_resistor() -> None:
    current_a, terminal_v = solve(path(short_ohm=0.005), 1, 1)
    assert near(current_a, -EMF / (LOOP + 0.005))
    assert near(terminal_v, -current_a * 0.005)


def test_nothing_flows_when_both_are_off() -> None:
    for settings, expected_v in (
        ({"draw_a": 20.0}, 0.0),
        ({"charger": (58.4, 10.0)}, 58.4),
        ({"charger": (58.4, 10.0), "draw_a": 20.0}, 0.0),
        ({"short_ohm": 0.005}, 0.0),
        ({"charger": (58.4, 10.0), "short_ohm": 0.005}, 0.05),
        ({"draw_a": -5.0}, 1.1 * 58.4),
        ({}, 0.0),
    ):
        current_a, terminal_v = solve(path(**settings), 0, 0)
        assert current_a == 0.0
        assert near(terminal_v, expected_v)


def test_discharge_goes_through_the_body_diode_of_the_charge_fet() -> None:
    current_a, terminal_v = solve(path(draw_a=20.0), 0, 1)
    assert near(current_a, -20.0)
    assert near(terminal_v, EMF - DIODE_V - 20.0 * LOOP)
    current_a, terminal_v = solve(path(charger=(58.4, 10.0)), 0, 1)
    assert current_a == 0.0
    assert near(terminal_v, 58.4)
    current_a, terminal_v = solve(path(), 0, 1)
    assert current_a == 0.0
    assert near(terminal_v, EMF - DIODE_V)


def test_the_pins_are_measured_against_the_bottom_of_the_stack() -> None:
    # The shunt lies between there and the minus terminal: its drop is in the voltage of the terminals only.
    for values, expected_v in (
        ({"draw_a": 20.0}, EMF - 20.0 * (OHM + 2 * FET_OHM)),
        ({"charger": (58.4, 10.0)}, EMF + 10.0 * (OHM + 2 * FET_OHM)),
    ):
        p = path(**values)
        current_a, terminal_v = solve(p, 1, 1)
        assert near(p.pack_v, expected_v)
        assert near(p.pack_v, terminal_v - current_a * SHUNT)
        assert p.ld_v == p.pack_v


def test_the_switches_lose_what_their_resistance_and_their_diodes_take() -> None:
    p = path(draw_a=20.0)
    solve(p, 1, 1)
    assert near(p.loss_w, 2 * FET_OHM * 400.0)
    solve(p, 0, 1)
    assert near(p.loss_w, 2 * FET_OHM * 400.0 + DIODE_V * 20.0)
    solve(p, 0, 0)
    assert p.loss_w == 0.0
    p = path(charger=(58.4, 10.0))
    solve(p, 1, 0)
    assert near(p.loss_w, 2 * FET_OHM * 100.0 + DIODE_V * 10.0)


def test_a_predischarge_fet_feeds_what_its_resistor_lets_through() -> None:
    for values, expected_v in (
        ({}, EMF),
        ({"draw_a": 0.1}, EMF - 0.1 * (LOOP + PRE_OHM)),
        ({"draw_a": 5.0}, 0.0),
    ):
        p = path(**values)
        p.solve(EMF, OHM, True, False, False, True)
        assert near(p.terminal_v, expected_v)
        assert p.current_a >= -EMF / PRE_OHM
    p = path(short_ohm=0.005)
    p.solve(EMF, OHM, True, False, False, True)
    assert near(p.current_a, -EMF / (LOOP + PRE_OHM + 0.005))
    assert p.terminal_v < 0.01


def test_an_open_fuse_leaves_the_pins_to_the_fets() -> None:
    for fets, expected_v in (((1, 1), EMF), ((0, 1), EMF - DIODE_V), ((1, 0), 0.0), ((0, 0), 0.0)):
        for values in ({"draw_a": 20.0}, {"charger": (58.4, 10.0)}, {"short_ohm": 0.005}):
            p = path(fuse_open=True, **values)
            current_a, _ = solve(p, *fets)
            assert current_a == 0.0
            assert near(p.pack_v, expected_v)
            assert near(p.ld_v, expected_v)
            p.load_detect = True
            solve(p, *fets)
            assert near(p.ld_v, expected_v if fets[1] else EMF)  # nothing holds the pin down


def test_charge_goes_through_the_body_diode_of_the_discharge_fet() -> None:
    current_a, terminal_v = solve(path(charger=(58.4, 10.0)), 1, 0)
    assert near(current_a, 10.0)
    assert near(terminal_v, EMF + DIODE_V + 10.0 * LOOP)
    assert solve(path(charger=(50.5, 10.0)), 1, 0)[0] == 0.0  # less than a diode above the pack
    current_a, terminal_v = solve(path(draw_a=20.0), 1, 0)
    assert current_a == 0.0
    assert terminal_v == 0.0


def test_no_load_pulls_the_terminals_below_zero() -> None:
    p = path(draw_a=1e6)
    current_a, terminal_v = solve(p, 1, 1)
    assert near(terminal_v, 0.0)
    assert near(current_a, -EMF / LOOP)


def test_power_is_conserved() -> None:
    for settings in ({"charger": (58.4, 10.0), "draw_a": 4.0}, {"draw_a": 33.0}, {"charger": (50.3, 30.0)}):
        p = path(**settings)
        current_a, terminal_v = solve(p, 1, 1)
        charger_a = current_a + p.draw_a  # Kirchhoff at the terminals
        assert charger_a >= -1e-9
        if p.charger:
            assert charger_a <= p.charger[1] + 1e-9
        delivered_w = terminal_v * charger_a
        assert abs(delivered_w - (terminal_v * p.draw_a + EMF * current_a + LOOP * current_a**2)) < 1e-6
