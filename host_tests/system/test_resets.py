"""The table of what each reset does, walked against the running firmware, piece by piece."""

from typing import Any

import pytest
from bms.app.parts import Parts
from bms.core import dtc, faults, path, protection, relearn, reset, resetplan
from bms.core import evidence as e
from bms.services.pin import PinRecord
from system.rig import Rig

LEVELS = range(reset.SOFT, reset.FACTORY + 1)
# Parts that only pass on, or hold nothing that a reset could mean.
STATELESS = {"hal", "api", "silent_ms", "precharge", "rota", "cause", "away_s"}


def test_every_part_that_holds_something_has_a_row() -> None:
    parts = {row[resetplan.PART] for row in resetplan.TABLE}
    assert parts | STATELESS == set(Parts.__annotations__)
    assert not parts & STATELESS


def test_rows_are_complete() -> None:
    pieces = [row[resetplan.PIECE] for row in resetplan.TABLE]
    assert len(pieces) == len(set(pieces))
    for _piece, _part, effects in resetplan.TABLE:
        assert len(effects) == len(reset.LEVELS)
        assert set(effects) <= set(".craufzpd")


# Not to be seen after a start: it is a second old, or the test made it up without what is written down.
ANYWAY = {
    "readings", "readings before", "limits", "AFE configuration", "charge on display", "charge", "power path",
    "latest events",
}  # fmt: skip


class Dirty:
    """A pack whose every piece of state differs from a new one's, isolated and with nothing wrong."""

    def __init__(self) -> None:
        self.rig = rig = Rig()
        rig.run(2)
        self.p = p = rig.session.parts
        now = p.hal.ticks_ms()
        p.settings.staged["cell_ov_mv"] = 3600
        uv, occ = faults.index("CELL_UV"), faults.index("AFE_COMMS")
        p.protect.resume(uv, protection.TRIPPED, 1, now)
        self.cold = faults.index("UTC")
        p.protect.resume(self.cold, protection.TRIPPED, 0, now)
        p.protect.resume(occ, protection.LOCKED, 1, now)
        p.protect.resume(faults.index("CELL_DEAD"), protection.PERMANENT, 0, now)
        p.protect.step(now, p.snap)
        p.archive.codes.failed(uv, 5, False)
        p.archive.codes.failed(occ, 5, True)
        p.soc.rest.offset_ma = 7.0
        p.shown.gap = 250.0
        p.health.resistance.late_steps = 9.0
        p.health.capacity.take(0.8, 0.01, 3)
        p.doctor.relearn.begin(19000)
        p.doctor.service.needed = 1
        p.doctor.evidence.add(e.JOINTS)
        p.access._until_s = p.reporter.operating_s + 500
        p.remembered.resets_s.append(3)
        PinRecord(p.hal.files).replace("4711", b"saltsalt")
        self.uv, self.lockout, self.dead = uv, occ, faults.index("CELL_DEAD")

    def reset(self, level: int) -> None:
        """As the console would, past the guards that the standing permanent fault is for."""
        from bms.app import resets  # noqa: PLC0415

        resets.carry_out(self.p, level)

    def kept(self, piece: str) -> Any:
        """Whether a piece is still as it was made."""
        p = self.p
        return {
            "parameters": lambda: "cell_count" in p.settings.given,
            "staged parameters": lambda: p.settings.staged.get("cell_ov_mv") == 3600,
            "faults that end by themselves": lambda: p.protect.state[self.cold] == protection.TRIPPED,
            "faults that wait for a release": lambda: p.protect.state[self.uv] == protection.TRIPPED,
            "lockouts whose cause is gone": lambda: p.protect.state[self.lockout] == protection.LOCKED,
            "permanent faults whose cause is gone": lambda: (
                p.protect.state[self.dead] == protection.PERMANENT
            ),
            "commissioning": lambda: not p.arming.missing,
            "power path": lambda: p.path.mode != path.BOOT,
            "limits": lambda: p.limits._charge_permille > 0,
            "readings": lambda: p.snap.valid,
            "readings before": lambda: p.plausible._known,
            "AFE configuration": lambda: p.keeper.ready,
            "charge": lambda: not p.soc.settling,
            "charge on display": lambda: p.shown.gap == 250.0,
            "current zero": lambda: not p.resetter.zeroing,
            "resistance of the cells": lambda: p.health.resistance.late_steps == 9.0,
            "capacity and health": lambda: p.health.capacity.swings == 3,
            "learning cycle": lambda: p.doctor.relearn.before_mah == 19000,
            "service needed": lambda: p.doctor.service.needed == 1,
            "evidence": lambda: p.doctor.evidence.values[e.JOINTS] == 1,
            "pending codes": lambda: bool(p.archive.codes.status[self.uv] & dtc.PENDING),
            "confirmed codes": lambda: bool(p.archive.codes.status[self.lockout] & dtc.CONFIRMED),
            "lifetime history": lambda: sum(p.archive.life.charges_s) > 0,
            "operating time": lambda: p.reporter.operating_s > 0,
            "resets done and refused": lambda: 3 in p.remembered.resets_s,
            "PIN and wrong tries": lambda: PinRecord(p.hal.files).matches("4711"),
            "unlocked time": lambda: p.access.remaining_s > 0,
            "latest events": lambda: bool(p.history.events),
        }.get(piece)


@pytest.mark.parametrize("level", LEVELS, ids=reset.LEVELS[1:])
def test_each_level_does_what_its_column_says_and_nothing_else(level: int) -> None:
    """Parameters, learned values, codes, machines, AFE: kept where the table says so, changed where not."""
    pack = Dirty()
    checked = {row[resetplan.PIECE]: pack.kept(row[resetplan.PIECE]) for row in resetplan.TABLE}
    for piece, kept in checked.items():
        assert kept is None or kept(), f"{piece} is not dirty to begin with"
    pack.p.protect.state[pack.dead] = protection.PERMANENT
    pack.reset(level)
    if level == reset.FACTORY:  # everything else ends with the restart that follows
        assert pack.p.loop.restart_asked
    for piece, _part, effects in resetplan.TABLE:
        kept = checked[piece]
        if kept is not None:
            expected = effects[level] == resetplan.KEEP
            if piece == "charge" and effects[level] == resetplan.ANCHOR:
                expected = False
            assert kept() is expected, f"{piece} by a {reset.LEVELS[level]} reset"


def test_most_pieces_are_looked_at() -> None:
    """Those that are not only begin anew at power-up, or have nothing that a test could make dirty."""
    pack = Dirty()
    blind = {row[resetplan.PIECE] for row in resetplan.TABLE if pack.kept(row[resetplan.PIECE]) is None}
    assert blind == {
        "contactors", "timers of read-backs", "balancing", "freeze frames", "journal", "gesture",
        "time without a stir", "console line", "loaded commands", "zero being found", "mode and cycle",
        "events not written yet",
    }  # fmt: skip


def press(rig: Rig) -> None:
    rig.world.press(10.5)
    rig.run(12)


def unlocked(rig: Rig) -> None:
    rig.session.parts.access._until_s = rig.session.parts.reporter.operating_s + 600


@pytest.mark.parametrize("level", ["hard", "relearn", "factory"])
def test_nobody_does_more_than_a_soft_reset_without_unlocking(level: str) -> None:
    rig = Rig()
    assert "locked" in rig.rpc("reset", level)["message"]
    assert rig.mode == "active"


def test_a_factory_reset_has_to_be_meant() -> None:
    rig = Rig()
    unlocked(rig)
    assert "ERASE" in rig.rpc("reset", "factory")["message"]
    rig.run(5)
    assert rig.mode == "active"


def test_a_factory_reset_leaves_the_path_open_until_the_pack_is_described_anew() -> None:
    rig = Rig()
    unlocked(rig)
    assert rig.rpc("reset", "factory", "ERASE")["accepted"] is True
    rig.run(20)
    assert rig.fets == (False, False)
    assert "PARAMS_INVALID" in rig.faults
    rig.run(300)
    assert rig.fets == (False, False)


def test_a_hard_reset_programs_the_afe_anew_and_finds_the_zero_of_the_current() -> None:
    rig = Rig(sensors={"current_offset_a": 0.03})
    unlocked(rig)
    before = rig.session.parts.keeper.afe.watch.passes
    assert rig.rpc("reset", "hard")["accepted"] is True
    assert rig.session.parts.keeper.ready is False
    rig.run(4)
    assert rig.fets == (False, False), "until the zero is found"
    rig.closed(15)
    assert rig.session.parts.keeper.afe.watch.passes > before
    assert rig.session.parts.soc.rest.offset_ma == pytest.approx(30, abs=6)
    assert any(each.startswith("30") or "taken off" in each for each in rig.events("current zero"))


def test_the_zero_is_not_looked_for_under_a_charger() -> None:
    rig = Rig()
    unlocked(rig)
    rig.rpc("reset", "hard")
    rig.run(2)
    rig.world.charger = (14.4, 5)
    rig.run(20)
    assert rig.session.parts.soc.rest.offset_ma == 0
    assert "kept as it was" in rig.events("current zero")[-1]
    assert rig.fets[0], "and the pack charges"


def test_a_code_that_comes_back_within_three_days_of_a_reset_needs_service() -> None:
    rig = Rig()
    p = rig.session.parts
    p.protect.resume(faults.index("AFE_COMMS"), protection.LOCKED, 0, p.hal.ticks_ms())
    rig.run(1)
    press(rig)
    assert rig.rpc("service") == {"service_needed": False, "reasons": []}
    rig.world.inject("afe_silent")
    rig.run(8)
    rig.world.clear("afe_silent")
    rig.run(5)
    assert rig.rpc("service")["reasons"] == ["a code came back within 3 days of a reset"]
    assert rig.status()["service_needed"] is True


def test_three_refused_chargers_need_service() -> None:
    rig = Rig("nmc", soc=0.5)
    rig.warm(-10)
    rig.run(10)
    for _ in range(3):
        rig.world.charger = (16.8, 5)
        rig.run(20)
        rig.world.charger = None
        rig.run(20)
    assert "three attempts to charge were refused" in rig.rpc("service")["reasons"]
    causes = [each["cause"] for each in rig.rpc("diagnose")]
    assert causes[0] in ("refused", "cold")


def test_a_healthy_pack_is_told_so() -> None:
    rig = Rig()
    rig.world.load_a = 5
    rig.run(60)
    assert rig.rpc("diagnose") == []


def test_a_loose_terminal_is_named_with_its_cell() -> None:
    rig = Rig(cells=8)
    rig.world.load_a = 15
    rig.run(3)
    rig.world.inject("contact_resistance", cell=7, ohm=0.07)
    rig.run(3)
    rig.world.clear("contact_resistance")
    rig.run(20)
    found = rig.rpc("diagnose")[0]
    assert (found["cause"], found["cell"]) == ("joint", 7)
    assert "tighten" in found["advice"]


def test_a_weak_auxiliary_supply_is_told_by_how_much() -> None:
    rig = Rig()
    rig.world.aux_v = 11.8
    rig.run(30)
    found = rig.rpc("diagnose")[0]
    assert found["cause"] == "supply"
    assert found["figure"] == pytest.approx(600, abs=60)


def test_evidence_and_service_outlive_a_power_cut() -> None:
    rig = Rig(cells=8)
    rig.world.load_a = 15
    rig.run(3)
    rig.world.inject("contact_resistance", cell=7, ohm=0.07)
    rig.run(3)
    rig.world.clear("contact_resistance")
    rig.run(5)
    rig.session.parts.doctor._urgent = True
    rig.run(5)
    rig.world.powered = False
    rig.run(5)
    rig.world.powered = True
    rig.run(8)
    assert [each["cause"] for each in rig.rpc("diagnose")] == ["joint"]


def test_the_learning_cycle_is_guided_at_the_console() -> None:
    rig = Rig()
    unlocked(rig)
    assert rig.rpc("relearn")["step"] == "idle"
    assert rig.rpc("reset", "relearn")["accepted"] is True
    told = rig.rpc("relearn")
    assert (told["step"], told["number"]) == ("fill", relearn.FILL)
    assert told["advice"].startswith("Charge until")
    rig.run(5)
    rig.world.powered = False
    rig.run(5)
    rig.world.powered = True
    rig.run(8)
    assert rig.rpc("relearn")["step"] == "fill", "it goes on after a power cut"
    unlocked(rig)
    assert rig.rpc("relearn", "abort")["step"] == "idle"


def test_a_whole_learning_cycle_on_the_simulated_pack() -> None:
    """Full, empty, full, without the rests: what it measures is what the cells hold, and less sure."""
    rig = Rig("nmc", capacity_ah=5.0, soc=0.95, parameters={"capacity_mah": 6000})
    unlocked(rig)
    rig.rpc("reset", "relearn")

    def until(step: str, hours: float) -> None:
        rig.until(lambda: rig.rpc("relearn")["step"] == step, hours * 3600, 60)

    rig.world.charger = (16.75, 4.0)
    until("rest full", 3)
    rig.world.charger = None
    rig.world.load_a = 10
    until("rest empty", 4)
    rig.world.load_a = 0
    rig.world.charger = (16.75, 5.0)
    until("done", 4)
    told = rig.rpc("relearn")
    assert told["after_mah"] == pytest.approx(5000 * 0.93, rel=0.05)
    assert 550 <= told["confidence_permille"] <= 600
    assert told["capacity_mah"] == pytest.approx(5000, rel=0.08), "6000 was stated"
    assert told["rested_full_mv"] is told["rested_empty_mv"] is None


def test_a_power_cycle_does_what_its_column_says() -> None:
    """The first column: three seconds without supply, and nobody asked for anything."""
    pack = Dirty()
    rig = pack.rig
    pack.p.protect.state[pack.dead] = protection.PERMANENT
    pack.p.remembered.urgent = pack.p.doctor._urgent = pack.p.health.changed = True
    pack.p.archive.codes.changed = True
    pack.p.archive.codes.pressing = True
    rig.run(70)
    rig.world.powered = False
    rig.run(3)
    rig.world.powered = True
    rig.run(0.5)
    pack.p = rig.session.parts
    wrong = {}
    for piece, _part, effects in resetplan.TABLE:
        kept = pack.kept(piece)
        if kept is None or piece in ANYWAY:
            continue
        expected = effects[reset.POWER] == resetplan.KEEP
        if kept() is not expected:
            wrong[piece] = effects[reset.POWER]
    assert wrong == {}


def test_after_a_hard_reset_resistance_is_said_to_be_learning() -> None:
    rig = Rig()
    rig.session.parts.health.resistance.late_steps = 9.0
    assert rig.rpc("health")["resistance"] == "known"
    unlocked(rig)
    rig.rpc("reset", "hard")
    rig.closed(15)
    told = rig.rpc("health")
    assert told["resistance"].startswith("learning")
    assert told["ten_s_uohm"] is None
    assert "learning: from the next steps" in rig.type("health")
    for _ in range(4):
        rig.world.load_a = 12
        rig.run(15)
        rig.world.load_a = 0
        rig.run(15)
    told = rig.rpc("health")
    assert told["resistance"] == "known"
    assert len(told["ten_s_uohm"]) == 4


def test_the_zero_is_not_looked_for_with_a_switch_that_does_not_open() -> None:
    """Open is what reads back, not what was commanded."""
    rig = Rig(sensors={"current_offset_a": 0.03})
    unlocked(rig)
    rig.world.inject("dsg_fet_stuck_on")
    rig.rpc("reset", "hard")
    rig.run(1)
    rig.world.load_a = 3
    rig.run(25)
    assert rig.session.parts.soc.rest.offset_ma == 0
    assert any("kept as it was" in each for each in rig.events("current zero"))
