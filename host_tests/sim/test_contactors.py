"""Contactors: what a coil needs, how long a contact takes, and that the front end can drop it alone."""

from packwarden.sim.bq76952 import Bq76952
from packwarden.sim.clock import Clock
from packwarden.sim.contactors import CHG, DSG, PRECHARGE, Contactor, Contactors


def contact(*drives: "tuple[int, int]") -> Contactor:
    """A contactor after (time in ms, permille) in turn."""
    made = Contactor()
    for at_ms, permille in drives:
        made.drive(permille, at_ms * 1000)
    return made


def test_it_closes_when_it_was_pulled_for_20_ms() -> None:
    assert not contact((0, 1000), (19, 1000)).closed
    assert contact((0, 1000), (20, 1000)).closed
    assert contact((0, 700), (20, 700)).closed
    assert not contact((0, 699), (100, 699)).closed
    assert contact((0, 1000)).due_us == 20_000


def test_a_pull_that_ends_early_was_for_nothing() -> None:
    assert not contact((0, 1000), (19, 300), (40, 300)).closed
    assert not contact((0, 1000), (19, 0), (20, 1000), (39, 1000)).closed
    assert contact((0, 1000), (19, 0), (20, 1000), (40, 1000)).closed


def test_less_holds_it_and_too_little_drops_it_after_15_ms() -> None:
    closed = ((0, 1000), (20, 1000))
    assert contact(*closed, (21, 200), (1000, 200)).closed
    assert contact(*closed, (21, 199), (35, 199)).closed
    assert not contact(*closed, (21, 199), (36, 199)).closed
    assert contact(*closed, (21, 0), (30, 300), (100, 300)).closed  # caught in time


def test_welded_and_stuck_contacts_obey_no_coil() -> None:
    welded = contact((0, 0))
    welded.welded = True
    assert welded.closed
    welded.welded = False
    assert not welded.closed
    stuck = contact((0, 1000), (20, 1000))
    stuck.stuck_open = True
    assert not stuck.closed
    stuck.stuck_open = False
    assert stuck.closed


def test_a_coil_needs_the_gate_of_the_front_end_too() -> None:
    chip = Bq76952(Clock())
    coils = {CHG: 1000, DSG: 1000, PRECHARGE: 1000}
    for gates, expected in (
        ((False, False), 0),
        ((True, False), CHG),
        ((False, True), DSG | PRECHARGE),
        ((True, True), CHG | DSG | PRECHARGE),
    ):
        three = Contactors()
        chip.chg_on, chip.dsg_on = gates
        assert three.update(0, coils, chip) == 0
        assert three.next_us == (20_000 if expected else 1 << 62)
        assert three.update(20_000, coils, chip) == expected
        assert three.contacts() == expected & (CHG | DSG)
        chip.chg_on = chip.dsg_on = False
        assert three.update(30_000, coils, chip) == expected
        assert three.update(45_000, coils, chip) == 0


def test_each_coil_moves_its_own_contact() -> None:
    chip = Bq76952(Clock())
    chip.chg_on = chip.dsg_on = True
    for which in (CHG, DSG, PRECHARGE):
        three = Contactors()
        coils = {CHG: 0, DSG: 0, PRECHARGE: 0}
        coils[which] = 1000
        three.update(0, coils, chip)
        assert three.update(20_000, coils, chip) == which
