"""Start-up: what is opened, taken over and told before the first cycle."""

import bms
from bms.app.enforce import unreachable
from bms.core import params, silicon
from packwarden.sim.board import MemoryFiles
from system.rig import Rig


def test_a_live_pack_whose_parameters_were_damaged_is_opened_at_the_restart() -> None:
    """PW-101."""
    rig = Rig()
    rig.world.load_a = 5.0
    rig.run(1)
    rig.world.powered = False
    rig.run(0.5)
    for name in ("params.a", "params.b"):
        rig.files.write(name, b"\xff" * 40)
    assert rig.fets == (True, True), "the AFE goes on by itself"
    rig.world.powered = True
    rig.until(lambda: rig.session.loop is not None, 1)
    assert rig.fets == (False, False)
    rig.run(10)
    assert rig.fets == (False, False)
    assert rig.faults == ["PARAMS_INVALID"]


def test_the_owners_patience_with_a_silent_chip_is_the_one_that_counts() -> None:
    rig = Rig(parameters={"silent_ms": 1000})
    rig.world.inject("afe_silent")
    rig.until(lambda: not rig.session.parts.keeper.ready, 1.3)
    assert "AFE_COMMS" in rig.faults


def test_limits_that_the_chip_cannot_enforce_are_named() -> None:
    """PW-110."""
    given = {"chemistry": "lfp", "cell_count": 4, "capacity_mah": 20000, "shunt_uohm": 1000}
    assert unreachable(silicon.derive(params.resolve(given))) == []
    sentences = unreachable(silicon.derive(params.resolve(given | {"shunt_uohm": 20000})))
    assert [sentence.split(":")[0] for sentence in sentences] == ["occ_ma", "ocd2_ma", "scd_ma"]


def test_the_start_is_told_with_its_cause() -> None:
    rig = Rig(boot=False)
    rig.run(1)
    assert rig.events("start") == [f"firmware {bms.__version__}, after power"]
    screen = rig.board.serial.take().decode()
    assert f"Packwarden {bms.__version__}" in screen
    assert "'help' lists the rest" in screen


def test_damage_found_at_the_start_is_told() -> None:
    rig = Rig(boot=False, files=MemoryFiles({"state.a": b"\xff" * 40, "params.a": b"PWR"}))
    rig.run(1)
    told = " ".join(rig.events("storage"))
    assert "state.a is not usable" in told
    assert "params.a is not usable" in told
    assert rig.fets == (False, False)


def test_a_memory_that_was_lost_whole_locks_out_until_a_person_resets() -> None:
    """PW-026: lockouts may have been forgotten with it."""
    rig = Rig()
    rig.files.write("state.a", b"\xff" * 40)
    rig.files.write("state.b", b"\xff" * 40)
    again = Rig(boot=False, files=rig.files)
    again.run(5)
    assert again.faults == ["STATE_LOST"]
    assert again.fets == (False, False)
    assert again.rpc("reset", "soft")["accepted"] is True
    again.closed(5)
