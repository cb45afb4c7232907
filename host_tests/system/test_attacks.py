"""What somebody who meant harm, or a bad day, would try: attacks that got through once and do not now."""

import pytest
from bms.core import faults as f
from bms.core import protection
from bms.services.storage import decode, encode
from packwarden.sim.board import MemoryFiles
from system.rig import Rig

OPEN = (False, False)
GIVEN = {"chemistry": "lfp", "cell_count": 4, "capacity_mah": 20000, "shunt_uohm": 1000}


class BadFlash(MemoryFiles):
    """Flash that refuses writes of the state while `refuse` is set."""

    refuse = False

    def write(self, name: str, content: bytes) -> None:
        if self.refuse:
            raise OSError(28)
        super().write(name, content)


def cut(rig: Rig, off_s: float = 2, on_s: float = 8) -> None:
    """Take the controller's power away and give it back."""
    rig.world.powered = False
    rig.run(off_s)
    rig.world.powered = True
    rig.run(on_s)


def locked(rig: Rig) -> None:
    """An AFE that was silent for a while, and is not any more."""
    rig.world.inject("afe_silent")
    rig.until(lambda: "AFE_COMMS" in rig.faults, 5)
    rig.world.clear("afe_silent")


def still_locked(rig: Rig) -> None:
    assert rig.mode == "fault"
    assert rig.fets == OPEN
    assert "AFE_COMMS" in rig.faults


def test_a_lockout_outlives_a_power_cut_while_the_button_is_stuck() -> None:
    rig = Rig()
    rig.world.button = True
    rig.run(5)
    locked(rig)
    rig.run(1)
    cut(rig)
    still_locked(rig)


def test_a_lockout_outlives_a_power_cut_in_the_cycle_after_it() -> None:
    """PW-114."""
    rig = Rig()
    locked(rig)
    rig.run(0.1)
    cut(rig)
    still_locked(rig)


def test_a_lockout_is_written_once_the_flash_takes_it() -> None:
    files = BadFlash({"params.a": encode(1, GIVEN)})
    rig = Rig(files=files)
    files.refuse = True
    locked(rig)
    rig.run(3)
    files.refuse = False
    rig.run(7)
    assert any("could not be written" in each for each in rig.events("storage"))
    cut(rig)
    still_locked(rig)


def test_a_lockout_is_on_both_copies() -> None:
    rig = Rig()
    locked(rig)
    rig.run(2)
    for name in ("state.a", "state.b"):
        good = rig.files.files[name]
        rig.files.files[name] = good[:-3] + b"???"
        again = Rig(files=MemoryFiles(dict(rig.files.files)), boot=False)
        again.run(8)
        still_locked(again)
        rig.files.files[name] = good


def test_a_memory_that_is_damaged_altogether_locks_out_until_a_person_resets() -> None:
    """PW-026: a pack that may have forgotten a lockout does not close by itself."""
    rig = Rig()
    rig.run(70)
    rig.session.parts.remembered.urgent = True
    rig.run(1)
    for name in ("state.a", "state.b"):
        rig.files.files[name] = rig.files.files[name][:-3] + b"???"
    cut(rig)
    assert rig.mode == "fault"
    assert rig.fets == OPEN
    assert rig.faults == ["STATE_LOST"]
    cut(rig)
    assert rig.faults == ["STATE_LOST"], "writing a new record does not make it forget that"
    assert rig.rpc("reset", "soft")["accepted"] is True
    rig.closed(5)


def test_a_bug_that_strikes_every_cycle_never_closes_again() -> None:
    rig = Rig()
    for _ in range(6):
        if rig.session.loop is not None:
            rig.session.parts.reporter.step = lambda *_: 1 // 0
        rig.run(10)
    if rig.session.loop is not None:
        assert "EXCEPTION" in rig.faults
    assert rig.fets == OPEN


def test_a_short_that_browns_out_the_controller_is_still_counted() -> None:
    rig = Rig()
    rig.world.inject("external_short", ohm=0.02)
    shorts = 0
    was_open = False
    for _ in range(1200):
        rig.run(0.05)
        if not rig.world.chip.dsg_on and not was_open:
            shorts += 1
            rig.world.powered = False
            rig.run(0.2)
            rig.world.powered = True
        was_open = not rig.world.chip.dsg_on
    assert shorts == 1, "with the short still there, it is not closed into again"
    assert rig.session.parts.protect.state[f.index("SCD")] >= protection.TRIPPED


def test_restarting_again_and_again_empties_no_cell() -> None:
    rig = Rig(soc=0.03)
    rig.world.load_a = 15
    rig.until(lambda: "CELL_UV" in rig.faults, 900, 0.5)
    for _ in range(5):
        rig.board.serial.feed(b"reboot\r")
        rig.run(8)
        assert not rig.world.chip.dsg_on
        assert "CELL_UV" in rig.faults


def test_an_afe_that_opened_by_itself_is_told_to_stay_open_before_anything_else() -> None:
    """PW-116."""
    rig = Rig()
    rig.world.load_a = 5
    rig.run(1)
    closed_s = 0.0
    for seed in range(12):
        rig.until(lambda: rig.fets == (True, True), 20)
        rig.world.powered = False
        rig.run(8)
        assert rig.fets == OPEN
        rig.world.powered = True
        rig.world.bus.nack_next = 3 + seed
        for _ in range(300):
            rig.run(0.01)
            loop = rig.session.loop
            if rig.world.chip.dsg_on and (loop is None or not loop.p.snap.commanded):
                closed_s += 0.01
    assert closed_s < 0.3, "in twelve restarts together"


def test_one_lost_command_to_open_costs_one_poll() -> None:
    """PW-116."""
    rig = Rig()
    keeper = rig.session.parts.keeper
    command = keeper.command
    lost = []

    def losing(fets: int) -> bool:
        if not lost and fets != 3:
            lost.append(fets)
            rig.world.bus.nack_next = 12
        return command(fets)

    keeper.command = losing
    rig.run(1)
    rig.world.load_a = 45
    spent = rig.until(lambda: not rig.fets[1], 3, 0.005)
    assert lost
    assert spent < 0.5 + 0.063 + 0.1 + 0.1


def test_a_weak_cell_at_the_end_of_charge_does_not_chatter() -> None:
    rig = Rig(chemistry="nmc", soc=0.85)
    rig.world.inject("cell_weak", cell=2, resistance=6.0)
    rig.world.charger = (17.2, 13)
    closings = 0
    was_on = True
    for _ in range(6000):
        rig.run(0.1)
        closings += rig.world.chip.chg_on and not was_on
        was_on = rig.world.chip.chg_on
    assert 0 < closings <= 8, "in ten minutes"


def test_a_knock_of_twenty_milliseconds_is_an_impact() -> None:
    """PW-023: the sensor is looked at every poll, not every cycle."""
    for delay_ms in range(0, 100, 7):
        rig = Rig()
        rig.run(delay_ms / 1000)
        rig.world.inject("impact")
        rig.run(0.02)
        rig.world.clear("impact")
        rig.run(0.3)
        assert rig.mode == "permanent", delay_ms


def test_a_dead_cell_is_not_advertised_as_an_empty_pack() -> None:
    rig = Rig(boot=False)
    rig.world.pack.set_soc([0.5, 0.0, 0.5, 0.5])
    rig.run(20)
    assert rig.mode == "charge_only"
    assert rig.status()["why"].startswith("CELL_DEEP")
    assert rig.status()["charge_limit_ma"] <= 900, "gently, if at all"


def test_an_afe_that_gets_its_power_later_is_waited_for() -> None:
    rig = Rig(boot=False)
    rig.world.inject("afe_silent")
    rig.run(20)
    assert rig.faults == ["STALE"]
    assert "does not answer" in rig.status()["why"] or "no new readings" in rig.status()["why"]
    rig.world.clear("afe_silent")
    rig.closed(6)
    assert rig.session.parts.remembered.resets == 0


def test_a_parameter_of_another_version_can_be_got_rid_of() -> None:
    rig = Rig(boot=False, files=MemoryFiles({"params.a": encode(1, GIVEN | {"gone_param": 5})}))
    rig.run(5)
    assert "gone_param" in rig.status()["why"]
    rig.world.press(6)
    rig.run(0.5)
    rig.type("unlock")
    rig.run(6)
    assert "saved" in rig.type("save", 0.3)
    rig.closed(8)


def test_a_flash_that_refuses_parameters_is_an_answer_not_a_lockout() -> None:
    files = BadFlash({"params.a": encode(1, GIVEN)})
    rig = Rig(files=files)
    rig.world.press(6)
    rig.run(0.5)
    rig.type("unlock")
    rig.run(6)
    rig.type("set cell_ov_mv 3650")
    files.refuse = True
    assert "the flash refused" in rig.type("save")
    files.refuse = False
    assert rig.faults == []
    assert rig.mode == "active"
    assert decode(rig.files.files["params.a"])[1] == GIVEN


@pytest.mark.parametrize("value", ["abc", None, [1], {}, True, 1.5, -7])
@pytest.mark.parametrize("name", ["capacity_mah", "occ_ma", "chemistry", "cell_count"])
def test_a_record_with_wrong_types_is_refused_and_can_be_looked_at(name: str, value: object) -> None:
    rig = Rig(boot=False, files=MemoryFiles({"params.a": encode(1, GIVEN | {name: value})}))
    rig.run(3)
    for command in (b"params\r", b"get occ_ma\r", b"limits\r", b"status\r"):
        rig.board.serial.feed(command)
        rig.run(2)
    assert rig.faults == ["PARAMS_INVALID"]
    assert rig.fets == OPEN


@pytest.mark.parametrize(
    "state",
    [
        {"standing": 7, "soc": "x", "resets_s": {}, "operating_s": "y"},
        {"standing": {"SCD": 1, "IMPACT": [4]}, "soc": [None, 1], "resets_s": [None], "resets": -1},
        {},
    ],
)
def test_a_state_record_with_wrong_types_is_survived(state: dict) -> None:
    rig = Rig(boot=False, files=MemoryFiles({"params.a": encode(1, GIVEN), "state.a": encode(1, state)}))
    rig.closed(6)
    assert rig.faults == []


def test_an_event_during_a_long_answer_is_told_after_it() -> None:
    rig = Rig()
    rig.board.serial.take()
    rig.board.serial.feed(b"params\r")
    rig.run(0.1)
    rig.world.inject("thermistor_open", sensor=1)
    rig.run(8)
    text = rig.board.serial.take().decode()
    assert "full_ma" in text
    assert "fault: " in text[text.index("full_ma") :]


def test_a_pause_shorter_than_the_watchdog_ends_by_its_own_rule() -> None:
    """PW-019: the AFE opened because it heard nothing; that is HOST_SILENT and not a FET that misbehaves."""
    rig = Rig()
    rig.world.load_a = 10
    rig.run(2)
    rig.world.inject("hung_firmware")
    rig.run(6.5)
    assert rig.fets == OPEN
    rig.world.clear("hung_firmware")
    rig.run(0.3)
    assert set(rig.faults) == {"HOST_SILENT", "CYCLE_OVERRUN"}
    rig.closed(20)
    rig.until(lambda: rig.faults == [], 20)
    assert rig.session.boots == 1


def test_gates_are_not_reported_closed_after_they_were_opened() -> None:
    rig = Rig()
    rig.world.inject("afe_brownout")
    rig.until(lambda: "AFE_CONFIG" in rig.faults, 0.5)
    rig.run(0.1)
    assert (rig.status()["chg_fet"], rig.status()["dsg_fet"]) == (0, 0)


def test_a_resting_pack_near_full_is_not_called_full() -> None:
    rig = Rig(chemistry="nmc", soc=0.978)
    rig.session.parts.soc.set(978, 11)
    rig.run(100)
    assert rig.status()["soc_permille"] in (977, 978)
