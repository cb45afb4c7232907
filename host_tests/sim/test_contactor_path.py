"""Separate ports behind contactors against hand calculation."""

from packwarden.sim.contactor_path import ContactorPath
from packwarden.sim.power_path import PRE_OHM

EMF = 50.0
OHM = 0.02
SHUNT = 0.001
LOOP = OHM + SHUNT


def solved(chg: int, dsg: int, precharge: int = 0, **values: object) -> ContactorPath:
    p = ContactorPath(SHUNT, 58.4)
    for name, value in values.items():
        setattr(p, name, value)
    p.solve(EMF, OHM, bool(chg), bool(dsg), False, bool(precharge))
    return p


def near(a: float, b: float, tolerance: float = 1e-9) -> bool:
    return abs(a - b) <= tolerance


def test_an_open_contact_blocks_both_ways() -> None:
    for chg, dsg in ((0, 0), (1, 0)):
        for draw_a in (20.0, -20.0):
            assert solved(chg, dsg, draw_a=draw_a).current_a == 0.0
    for chg, dsg in ((0, 0), (0, 1)):
        p = solved(chg, dsg, charger=(58.4, 10.0))
        assert p.current_a == 0.0
        assert p.pack_v == 58.4
    assert solved(1, 0, short_ohm=0.005).current_a == 0.0


def test_each_contact_joins_its_port() -> None:
    p = solved(0, 1, draw_a=20.0, charger=(58.4, 10.0))
    assert near(p.current_a, -20.0)
    assert near(p.ld_v, EMF - 20.0 * OHM)  # the drop of the shunt is not in a pin
    assert p.pack_v > 58.0
    p = solved(1, 0, draw_a=20.0, charger=(58.4, 10.0))
    assert near(p.current_a, 10.0)
    assert near(p.pack_v, EMF + 10.0 * OHM)
    assert near(p.ld_v, -10.0 * SHUNT)  # an idle port lies at the minus terminal
    p = solved(1, 1, draw_a=14.0, charger=(58.4, 10.0))
    assert near(p.current_a, -4.0)
    assert near(p.pack_v, p.ld_v)
    assert near(solved(1, 0, charger=(50.1, 10.0)).current_a, 0.1 / LOOP)
    assert near(solved(0, 1, draw_a=-7.0).current_a, 7.0)


def test_the_precharge_relay_feeds_the_load_through_its_resistor() -> None:
    p = solved(0, 0, 1)
    assert near(p.ld_v, EMF)
    p = solved(0, 0, 1, draw_a=0.5)
    assert near(p.current_a, -0.5)
    assert near(p.terminal_v, EMF - 0.5 * (LOOP + PRE_OHM))
    assert near(solved(0, 0, 1, draw_a=5.0).terminal_v, 0.0)
    assert solved(0, 0, 1, short_ohm=0.005).terminal_v < 0.01
    # A charger beside it feeds the pack and the relay.
    p = solved(1, 0, 1, draw_a=0.5, charger=(58.4, 10.0))
    assert near(p.current_a, 9.5)
    assert near(p.pack_v, EMF + 9.5 * OHM)
    assert near(p.terminal_v, EMF + 9.5 * LOOP - 0.5 * PRE_OHM, 0.02)
    # In constant voltage the load has the charger's voltage behind the resistor.
    p = solved(1, 0, 1, draw_a=0.5, charger=(50.1, 10.0))
    assert near(p.terminal_v, 50.1 - 0.5 * PRE_OHM, 0.02)
    # A charger too low to charge changes nothing.
    assert near(solved(1, 0, 1, draw_a=0.5, charger=(40.0, 10.0)).current_a, -0.5)


def test_a_capacitor_behind_the_relay_comes_up_in_its_time() -> None:
    p = ContactorPath(SHUNT, 58.4, 0.01)
    p.charger = (58.4, 10.0)
    p.solve(EMF, OHM, True, False, False, True)
    assert near(p.node.current_a, -(EMF + 10.0 * LOOP) / (LOOP + PRE_OHM))
    assert near(p.current_a, 10.0 + p.node.current_a)
    mean_a = p.flow(0.2)
    p.solve(EMF, OHM, True, False, False, True)
    assert mean_a < p.current_a < 10.0
    for _ in range(100):
        p.flow(0.1)
        p.solve(EMF, OHM, True, False, False, True)
    assert near(p.terminal_v, EMF + 10.0 * LOOP, 0.05)
    assert near(p.current_a, 10.0, 0.01)


def test_an_open_fuse_leaves_the_pins_to_the_contacts() -> None:
    for contacts, pack_v, ld_v in (
        ((1, 1, 0), EMF, EMF),
        ((1, 0, 0), EMF, 0.0),
        ((0, 1, 0), 0.0, EMF),
        ((0, 0, 1), 0.0, EMF),
        ((0, 0, 0), 0.0, 0.0),
    ):
        p = solved(*contacts, draw_a=20.0, charger=(58.4, 10.0), fuse_open=True)
        assert (p.current_a, p.pack_v, p.ld_v) == (0.0, pack_v, ld_v)


def test_load_detection_raises_an_idle_port() -> None:
    assert solved(0, 0, load_detect=True).ld_v == EMF
    assert solved(0, 0, load_detect=True, draw_a=1.0).ld_v == 0.0
    assert solved(0, 0, load_detect=True, charger=(58.4, 10.0)).ld_v == EMF  # a port of its own


def test_contacts_make_no_heat() -> None:
    assert solved(0, 1, draw_a=100.0).loss_w == 0.0
