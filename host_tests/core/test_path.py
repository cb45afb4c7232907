"""The power path: every transition of the table, and nothing closes that a fault opens."""

from bms.core import path as p
from bms.core import snapshot as s


def walk(steps: list) -> list:
    """Mode names after each (facts, blocks)."""
    machine = p.PowerPath()
    modes = []
    for facts, blocks in steps:
        machine.step(facts, blocks)
        modes.append(p.NAMES[machine.mode])
    return modes


READY = p.READY | p.WANTED
PROVEN = READY | p.PROVEN
CLOSED = (p.PRECHARGE, p.ACTIVE, p.CHARGE_ONLY, p.DISCHARGE_ONLY, p.LIMP_HOME)


def test_the_way_up() -> None:
    assert walk([(p.WANTED, 0), (READY, 0), (READY, 0), (PROVEN, 0)]) == [
        "boot",
        "selftest",
        "selftest",
        "active",
    ]


def test_the_path_is_open_until_active() -> None:
    """PW-102."""
    machine = p.PowerPath()
    assert machine.step(0, 0) == 0
    assert machine.step(READY, 0) == 0
    assert machine.step(READY, 0) == 0
    assert machine.step(PROVEN, 0) == s.BOTH


def test_one_direction_blocked() -> None:
    up = [(READY, 0), (PROVEN, 0)]
    assert walk(up + [(READY, s.DSG), (READY, 0)])[2:] == ["charge_only", "active"]
    assert walk(up + [(READY, s.CHG), (READY, 0)])[2:] == ["discharge_only", "active"]
    assert walk(up + [(READY, s.CHG), (READY, s.DSG)])[2:] == ["discharge_only", "charge_only"]
    assert walk([(READY, s.DSG), (PROVEN, s.DSG)])[1:] == ["charge_only"]
    assert walk([(READY, s.CHG), (PROVEN, s.CHG)])[1:] == ["discharge_only"]


def test_both_blocked_is_a_fault_and_ends_in_a_new_self_test() -> None:
    modes = walk([(READY, 0), (PROVEN, 0), (READY, s.BOTH), (READY, s.BOTH), (READY, 0), (PROVEN, 0)])
    assert modes[2:] == ["fault", "fault", "selftest", "active"]


def test_a_lost_afe_goes_back_to_boot_from_everywhere() -> None:
    for steps in ([(READY, 0)], [(READY, 0), (PROVEN, 0)], [(READY, 0), (PROVEN, 0), (READY, s.CHG)]):
        assert walk(steps + [(p.WANTED, 0)])[-1] == "boot"
    assert walk([(READY, 0), (PROVEN, 0), (p.WANTED, s.BOTH), (p.WANTED, 0)])[-2:] == ["fault", "boot"]


def test_dead_wins_over_everything_and_stays() -> None:
    """PW-125."""
    for steps in ([], [(READY, 0)], [(READY, 0), (PROVEN, 0)], [(READY, s.BOTH)]):
        assert walk(steps + [(PROVEN | p.DEAD, 0), (PROVEN, 0)])[-2:] == ["permanent", "permanent"]


def test_no_mode_closes_a_blocked_direction() -> None:
    """PW-126."""
    for mode in range(len(p.NAMES)):
        for facts in range(512):
            for blocks in (0, s.CHG, s.DSG, s.BOTH, s.LIMP, s.LIMP | s.DSG, s.RESCUE | s.BOTH):
                machine = p.PowerPath()
                machine.mode = mode
                closed = machine.step(facts, blocks)
                assert closed & blocks == 0
                if machine.mode not in CLOSED:
                    assert closed == 0


def test_restart_begins_again_unless_permanent() -> None:
    machine = p.PowerPath()
    machine.step(READY, 0)
    machine.step(PROVEN, 0)
    machine.restart()
    assert machine.mode == p.BOOT
    machine.step(p.DEAD, 0)
    machine.restart()
    assert machine.mode == p.PERMANENT_FAULT


def test_every_mode_gives_way_to_what_is_graver() -> None:
    """PW-126."""
    for mode in range(len(p.NAMES)):
        if mode in (p.PERMANENT_FAULT, p.SHIP):
            continue
        for facts, blocks, expected in (
            (PROVEN | p.SHIPPED | p.DEAD, s.BOTH, p.PERMANENT_FAULT),
            (PROVEN | p.SHIPPED, s.BOTH, p.SHIP),
            (PROVEN & ~p.WANTED, s.BOTH, p.FAULT),
            (p.PROVEN, 0, p.BOOT),
            (PROVEN & ~p.WANTED, s.CHG, p.STANDBY),
        ):
            machine = p.PowerPath()
            machine.mode = mode
            assert machine.step(facts, blocks) == 0
            assert machine.mode == expected, (p.NAMES[mode], facts, blocks)


def test_standby_opens_and_comes_back_through_the_self_test() -> None:
    """PW-149."""
    up = [(READY, 0), (PROVEN, 0)]
    assert walk(up + [(p.READY, 0), (p.READY, 0), (READY, 0), (PROVEN, 0)])[2:] == [
        "standby",
        "standby",
        "selftest",
        "active",
    ]
    assert walk([(p.READY, 0)]) == ["standby"]


def test_the_load_is_precharged_before_it_is_connected() -> None:
    waiting = PROVEN | p.PRECHARGING
    assert walk([(READY, 0), (waiting, 0), (waiting, 0), (PROVEN, 0)])[1:] == [
        "precharge",
        "precharge",
        "active",
    ]
    machine = p.PowerPath()
    machine.step(READY, 0)
    assert machine.step(waiting, 0) == s.BOTH
    assert machine.step(waiting, s.CHG) == s.DSG
    assert walk([(READY, 0), (waiting, 0), (waiting, s.DSG)])[2:] == ["charge_only"]
    assert walk([(READY, s.DSG), (waiting, s.DSG), (waiting, 0), (PROVEN, 0)])[1:] == [
        "charge_only",
        "precharge",
        "active",
    ]


def test_limp_is_a_mode_of_its_own_and_gives_way_to_an_open_direction() -> None:
    up = [(READY, 0), (PROVEN, 0)]
    assert walk(up + [(READY, s.LIMP), (READY, s.LIMP | s.CHG), (READY, 0)])[2:] == [
        "limp",
        "discharge_only",
        "active",
    ]


def test_ship_mode_is_left_by_a_restart_only() -> None:
    """PW-148."""
    machine = p.PowerPath()
    machine.step(READY, 0)
    machine.step(PROVEN, 0)
    assert machine.step(PROVEN | p.SHIPPED, 0) == 0
    for facts in (PROVEN, READY, 0, PROVEN | p.SHIPPED):
        assert machine.step(facts, 0) == 0
        assert machine.mode == p.SHIP


def test_nothing_closes_from_the_self_test_without_proof() -> None:
    """PW-103."""
    for facts in range(512):
        machine = p.PowerPath()
        machine.mode = p.SELFTEST
        closed = machine.step(facts & ~p.PROVEN, 0)
        assert closed == 0, facts
