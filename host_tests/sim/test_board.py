"""The simulated controller board: what it senses of the world and what it drives there."""

from packwarden.sim.board import MemoryFiles, VirtualBoard
from packwarden.sim.world import World

SPEC = {"chemistry": "lfp", "cells": 4, "capacity_ah": 20.0}


def board(contactors: bool = False, senses_aux: bool = True) -> VirtualBoard:
    spec = dict(SPEC)
    spec["contactors"] = contactors
    return VirtualBoard(World(spec), MemoryFiles(), senses_aux=senses_aux)


def test_auxiliary_supply_in_millivolts() -> None:
    made = board()
    for volts, expected in ((12.8, 12800), (12.3996, 12400), (12.3994, 12399), (0.0, 0)):
        made.world.aux_v = volts
        assert made.aux_mv() == expected
    assert board(senses_aux=False).aux_mv() == -1


def test_enable_is_a_switch_that_starts_closed() -> None:
    made = board()
    assert made.enabled()
    made.enable = False
    assert not made.enabled()


def test_fets_have_neither_coils_nor_contacts() -> None:
    made = board()
    assert not made.contactors
    assert made.contacts() == -1


def test_coils_and_contacts_are_the_worlds() -> None:
    made = board(contactors=True)
    assert made.contactors
    for which in (1, 2, 8):
        made.coil(which, 100 * which)
    assert made.world.coil_permille == {1: 100, 2: 200, 8: 800}
    assert made.contacts() == 0
    made.world.contactors.dsg.welded = True
    assert made.contacts() == 2


def test_a_reset_lets_go_of_everything() -> None:
    made = board(contactors=True)
    made.led(True)
    for which in (1, 2, 8):
        made.coil(which, 300)
    made.release()
    assert not made.world.led_on
    assert made.world.coil_permille == {1: 0, 2: 0, 8: 0}
