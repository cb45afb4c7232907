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


READY = p.READY
PROVEN = p.READY | p.PROVEN


def test_the_way_up() -> None:
    assert walk([(0, 0), (READY, 0), (READY, 0), (PROVEN, 0)]) == ["boot", "selftest", "selftest", "active"]


def test_the_path_is_open_until_active() -> None:
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
        assert walk(steps + [(0, 0)])[-1] == "boot"
    assert walk([(READY, 0), (PROVEN, 0), (0, s.BOTH), (0, 0)])[-2:] == ["fault", "boot"]


def test_dead_wins_over_everything_and_stays() -> None:
    for steps in ([], [(READY, 0)], [(READY, 0), (PROVEN, 0)], [(READY, s.BOTH)]):
        assert walk(steps + [(PROVEN | p.DEAD, 0), (PROVEN, 0)])[-2:] == ["permanent", "permanent"]


def test_no_mode_closes_a_blocked_direction() -> None:
    for mode in range(len(p.NAMES)):
        for facts in range(32):
            for blocks in range(4):
                machine = p.PowerPath()
                machine.mode = mode
                closed = machine.step(facts, blocks)
                assert closed & blocks == 0
                if machine.mode in (p.BOOT, p.SELFTEST, p.FAULT, p.PERMANENT_FAULT):
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
    for mode in (p.BOOT, p.SELFTEST, p.ACTIVE, p.CHARGE_ONLY, p.DISCHARGE_ONLY, p.FAULT):
        for facts, blocks, expected in (
            (PROVEN | p.DEAD, 0, p.PERMANENT_FAULT),
            (PROVEN, s.BOTH, p.FAULT),
            (0, 0, p.BOOT),
        ):
            machine = p.PowerPath()
            machine.mode = mode
            assert machine.step(facts, blocks) == 0
            assert machine.mode == expected, (p.NAMES[mode], facts, blocks)
