"""`packwarden flash` on the emulated chip: a bare MicroPython becomes a guarded pack, by its serial port."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from bms.core import commission, params
from bms.services.storage import encode
from packwarden.emulated import flash
from packwarden.emulated.port import Port
from packwarden.emulated.rig import Rig
from packwarden.flash.program import compiled

COMMAND = [sys.executable, "-c", "from packwarden.cli import main; main()"]
SPEC = {"chemistry": "lfp", "cells": 4, "capacity_ah": 20.0, "soc": 0.6, "shunt_ohm": 0.001}
GIVEN = {"chemistry": "lfp", "cell_count": 4, "capacity_mah": 20_000, "shunt_uohm": 1000}
PROVEN = commission.vouched(params.resolve(GIVEN))
KEPT = {"params.a": encode(1, GIVEN), "commission.a": encode(1, PROVEN), "notes.txt": b"mine"}
OPEN, CLOSED = (False, False), (True, True)
READY_S = 10.0


@pytest.fixture(scope="module")
def run() -> Iterator[Rig]:
    """MicroPython, the owner's files, and what an older firmware left behind."""
    stale = {"bms/core/gone.mpy": b"old", "board.py": b"NAME = 'old'\n"}
    with Rig(SPEC, KEPT, program=stale) as rig:
        rig.run(1.0)
        yield rig


def packwarden(rig: Rig, *words: str) -> tuple[int, str]:
    """Run the command while the board runs; its exit status and what it said."""
    with Port(rig) as port:
        command = [*COMMAND, *words, "--port", port.path]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            port.serve(lambda: process.poll() is not None)
            assert process.stdout is not None
            return process.wait(), process.stdout.read()


def gates(rig: Rig) -> tuple[bool, bool]:
    return rig.world.chip.chg_on, rig.world.chip.dsg_on


@pytest.fixture(scope="module")
def told(run: Rig) -> tuple[int, str]:
    """What flashing it for the first time says; whichever test comes first waits for it."""
    return packwarden(run, "flash", "--board", "rpi_pico")


def test_from_a_bare_prompt_to_a_guarded_pack(run: Rig, told: tuple[int, str]) -> None:
    status, said = told
    assert status == 0, said
    assert "verified by their SHA-256" in said
    assert "runs as rpi_pico" in said
    files = flash.files_on(run.emulator.flash())
    wanted = compiled("rpi_pico", "rp2")
    assert {path: files.get(path) for path in wanted} == wanted
    assert {path: files.get(path) for path in KEPT} == KEPT
    assert not {"bms/core/gone.mpy", "board.py"} & set(files)
    run.until(lambda: gates(run) == CLOSED, READY_S)


@pytest.mark.usefixtures("told")
def test_a_pack_that_is_guarded_is_not_interrupted(run: Rig) -> None:
    run.until(lambda: gates(run) == CLOSED, READY_S)
    status, said = packwarden(run, "flash", "--board", "rpi_pico")
    assert status == 2
    assert "press its button when you are told to" in said
    assert gates(run) == CLOSED


@pytest.mark.usefixtures("told")
def test_with_the_button_held_it_opens_the_path_and_is_updated(run: Rig) -> None:
    run.power_off()
    run.until(lambda: gates(run) == OPEN, READY_S)
    run.world.button = True
    run.power_on()
    run.until(lambda: gates(run) == CLOSED, READY_S)
    status, said = packwarden(run, "flash", "--board", "rpi_pico", "--no-restart")
    run.world.button = False
    assert status == 0, said
    assert "the front end confirms that the path is open" in said
    assert "files are there already" in said
    assert gates(run) == OPEN
