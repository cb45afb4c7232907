"""A pack that contactors close, with the production firmware: coils, contacts and gates, all the way."""

from packwarden.sim.contactors import PULL_PERMILLE
from system.rig import Rig

CHG, DSG, PRECHARGE = 1, 2, 8
BOTH = CHG | DSG


def rig(boot: bool = True, **spec: object) -> Rig:
    made = Rig(contactors=True, boot=False, **spec)  # type: ignore[arg-type]
    if boot:
        made.until(lambda: made.world.contacts() == BOTH, 5)
        made.run(0.5)
        assert made.mode == "active"
    return made


def drive(pack: Rig) -> tuple[int, int, int]:
    coils = pack.world.coil_permille
    return coils[CHG], coils[DSG], coils[PRECHARGE]


def test_contactors_close_are_held_and_carry_the_load() -> None:
    pack = rig()
    assert drive(pack) == (300, 300, 0)
    pack.world.load_a = 15.0
    pack.run(2)
    assert pack.session.parts.snap.current_ma < -14000
    pack.world.load_a, pack.world.charger = 0.0, (14.4, 5.0)
    pack.run(2)
    assert pack.session.parts.snap.current_ma > 4000
    pack.run(20)
    assert pack.faults == []
    assert drive(pack) == (300, 300, 0)


def test_an_empty_load_comes_up_through_the_relay() -> None:
    pack = rig(boot=False, load={"capacitance_f": 0.005}, parameters={"precharge_fitted": 1})
    world = pack.world
    pack.until(lambda: world.coil_permille[PRECHARGE], 5)
    pack.run(0.2)
    assert pack.mode == "precharge"
    assert not world.contacts() & DSG
    pack.until(lambda: world.contacts() & DSG, 2)
    assert world.stack_v - world.chip.ld_v < 0.5
    pack.run(1)
    assert drive(pack) == (300, 300, 0)
    assert pack.mode == "active"
    assert pack.faults == []


def test_a_load_that_holds_the_precharge_down_is_let_go() -> None:
    pack = rig(boot=False, load={"capacitance_f": 0.001}, parameters={"precharge_fitted": 1})
    pack.world.load_a = 1.0
    pack.until(lambda: pack.session.loop and "PRECHARGE" in pack.faults, 8)
    pack.run(0.1)
    assert drive(pack)[1:] == (0, 0)
    assert not pack.world.contacts() & DSG


def test_a_hung_interpreter_cannot_hold_a_contactor() -> None:
    """PWM goes on; the front end takes its half of the drive away."""
    pack = rig()
    pack.world.load_a = 5.0
    pack.run(1)
    pack.world.firmware_hung = True
    hung_s = pack.until(lambda: not pack.world.contacts(), 6)
    assert hung_s > 3
    assert drive(pack) == (300, 300, 0)
    pack.until(lambda: pack.session.boots == 2, 6)
    assert drive(pack) == (0, 0, 0)
    pack.until(lambda: pack.world.contacts() == BOTH, 5)


def test_a_controller_without_power_holds_nothing() -> None:
    pack = rig()
    pack.world.load_a = 5.0
    pack.run(1)
    pack.world.powered = False
    assert pack.until(lambda: not pack.world.contacts(), 1, 0.001) < 0.05
    assert pack.fets == (True, True), "the gates alone do not hold it either"
    pack.world.powered = True
    pack.until(lambda: pack.world.contacts() == BOTH, 5)


def test_a_contactor_that_the_front_end_has_dropped_pulls_in_again() -> None:
    pack = rig()
    pulled: list[int] = []
    pack.world.chip.power_cycle()
    pack.until(lambda: not pack.world.contacts(), 1)
    pack.until(lambda: drive(pack) == (0, 0, 0), 0.2)
    for _ in range(400):
        pack.run(0.01)
        if pack.world.coil_permille[DSG] and not pack.world.contacts() & DSG:
            pulled.append(pack.world.coil_permille[DSG])
    assert pack.world.contacts() == BOTH
    assert pulled
    assert min(pulled) >= PULL_PERMILLE


def test_a_welded_contactor_is_seen_without_any_current() -> None:
    pack = rig()
    pack.world.inject("contactor_welded", which="dsg")
    pack.board.enable = False
    pack.run(1)
    assert pack.mode == "standby"
    assert pack.session.parts.switch.welded == DSG
    assert pack.session.parts.snap.fets == DSG
    pack.run(3)
    assert "FET_MISMATCH" in pack.faults or "DSG_WELDED" in pack.faults


def test_a_contactor_that_does_not_close_opens_the_path() -> None:
    pack = rig()
    pack.world.inject("contactor_stuck_open", which="chg")
    pack.run(0.3)
    assert drive(pack) == (0, 300, 0)
    assert pack.session.parts.switch.failed == CHG
    pack.until(lambda: pack.world.contacts() == 0, 5)
    assert pack.faults


def test_the_path_never_closes_faster_than_the_coils_rest() -> None:
    pack = rig(parameters={"coil_rest_ms": 2000})
    for _ in range(5):
        pack.board.enable = False
        pack.until(lambda: not pack.world.contacts(), 0.3)
        pack.board.enable = True
        assert pack.until(lambda: pack.world.contacts() == BOTH, 4) >= 1.9
    assert pack.faults == []
