"""A monitor class front end with contactors: the coils are the controller's, and no AFE drops them."""

from system.rig import Rig


def closed() -> Rig:
    rig = Rig(cells=4, afe="ads1115", contactors=True, watchdog_ms=1000, boot=False)
    rig.until(lambda: rig.session.loop is not None and rig.world.contacts() == 3, 5)
    rig.run(0.5)
    assert rig.faults == []
    return rig


def test_it_closes_carries_and_opens_on_an_overload() -> None:
    rig = closed()
    rig.world.load_a = 10
    rig.run(2)
    assert -10.5 < rig.world.current_a < -9.5
    rig.world.load_a = 44
    rig.until(lambda: "OCD2" in rig.faults, 1)
    rig.run(0.2)
    assert rig.world.contacts() & 2 == 0
    assert rig.world.current_a == 0


def test_a_hang_drops_both_coils_within_the_watchdogs_second() -> None:
    """PW-024."""
    rig = closed()
    rig.world.load_a = 10
    rig.run(1)
    rig.world.inject("hung_firmware")
    rig.run(0.8)
    assert rig.world.contacts() == 3
    rig.run(0.4)
    assert rig.world.contacts() == 0
    rig.until(
        lambda: rig.session.boots == 2 and rig.session.loop is not None and rig.world.contacts() == 3, 20
    )


def test_a_welded_contact_is_found_by_its_sense_input() -> None:
    rig = closed()
    rig.world.inject("contactor_welded", which="dsg")
    rig.session.parts.loop.standby_asked = True
    rig.until(lambda: "DSG_WELDED" in rig.faults, 6)
