"""The learning cycle on the simulated pack: with its rests, cut off at each step, broken off, and natural."""

from typing import Any

import pytest
from bms.core import relearn
from system.rig import Rig

TRUE_MAH = 5000
SMALL_CELL = 3  # holds 4 % less than the others
ORDER = ("fill", "rest full", "drain", "rest empty", "refill", "done")


def make() -> Rig:
    """A pack that is believed to hold 20 % more than it does, one of its cells smaller still."""
    return Rig(
        "nmc",
        capacity_ah=TRUE_MAH / 1000,
        soc=0.9,
        parameters={"capacity_mah": 6000},
        weak=[{"cell": SMALL_CELL, "capacity": 0.96}],
    )


def ask(rig: Rig) -> dict[str, Any]:
    return rig.rpc("relearn")


def begin(rig: Rig) -> None:
    rig.session.parts.access._until_s = rig.session.parts.reporter.operating_s + 600
    assert rig.rpc("reset", "relearn")["accepted"] is True
    rig.run(5)


def cut(rig: Rig) -> None:
    """The power goes for a while, at any moment: nothing is warned of it."""
    rig.world.powered = False
    rig.run(20)
    rig.world.powered = True
    rig.run(8)


def until(rig: Rig, step: str, hours: float) -> None:
    """Let the owner do what the step asks for, until the next one is reached."""
    doing = {"fill": (16.75, 5.0), "refill": (16.75, 5.0), "drain": None}
    before = ask(rig)["step"]
    rig.world.charger = doing.get(before)
    rig.world.load_a = 11 if before == "drain" else 0
    rig.until(lambda: rig.session.parts.doctor.relearn.step == ORDER.index(step) + 1, hours * 3600, 30)
    rig.world.charger = None
    rig.world.load_a = 0


def test_a_whole_cycle_cut_off_at_every_step_ends_with_a_report() -> None:
    rig = make()
    begin(rig)
    for step, hours in zip(ORDER[1:], (2, 1, 2, 1, 2), strict=True):
        rig.run(60)
        cut(rig)
        assert ask(rig)["step"] == ORDER[ORDER.index(step) - 1], "it goes on where it was"
        until(rig, step, hours)
    told = ask(rig)
    assert told["before_mah"] == 6000
    assert told["capacity_mah"] == pytest.approx(TRUE_MAH * 0.96, rel=0.03)
    assert told["after_mah"] < told["capacity_mah"], "from full to the lower limit, not to the last drop"
    assert told["after_mah"] == pytest.approx(TRUE_MAH * 0.96 * 0.95, rel=0.05)
    assert told["confidence_permille"] >= 950
    assert told["capacity_sigma_permille"] <= 30
    assert all(mv > 4100 for mv in told["rested_full_mv"])
    assert min(told["rested_empty_mv"]) == told["rested_empty_mv"][SMALL_CELL - 1], "it names the cell"
    assert len(told["cell_charge_permille"]) == len(told["balance_from_permille"]) == 4
    assert all(5 < each < 60 for each in told["balance_from_permille"])
    assert told["self_discharge_order"] is None, "that takes days"
    assert told["due_in_days"] in (89, 90)
    assert told["text"] == "the learning cycle is complete"
    events = rig.events("learning cycle")
    assert events[-1].startswith("the learning cycle is complete")
    cut(rig)
    assert ask(rig)["capacity_mah"] == pytest.approx(told["capacity_mah"], rel=0.01), "a cut later too"


def test_breaking_it_off_gives_back_what_was_known() -> None:
    rig = make()
    health = rig.session.parts.health
    health.capacity.take(0.83, 0.01, 4)
    rig.session.parts.soc.use_capacity(health.capacity.share)
    for k in range(4):
        health.resistance.ten_s[k] = 7000 + k
    health.resistance.late_steps = 12.0
    before = rig.rpc("health")
    begin(rig)
    assert rig.rpc("health")["swings_measured"] == 0
    rig.run(120)
    cut(rig)
    rig.session.parts.access._until_s = rig.session.parts.reporter.operating_s + 600
    assert rig.rpc("relearn", "abort")["step"] == "idle"
    after = rig.rpc("health")
    assert after["capacity_mah"] == pytest.approx(before["capacity_mah"], abs=15)
    assert after["swings_measured"] == 4
    assert after["ten_s_uohm"] == pytest.approx(before["ten_s_uohm"], rel=0.01)
    assert rig.session.parts.doctor._learned is None


def test_a_natural_cycle_is_taken_as_evidence() -> None:
    """Nobody has asked for anything: full, used to empty, charged again; here its last moment."""
    rig = make()
    parts = rig.session.parts
    parts.remembered.base_s += relearn.DUE_S
    rig.run(2)
    assert ask(rig)["due_in_days"] <= 0
    parts.doctor.relearn._natural = [2, 16000, 16200]
    parts.soc.anchors += 1
    rig.run(3)
    told = ask(rig)
    assert (told["step"], told["natural_mah"]) == ("idle", 4472)
    assert told["due_in_days"] in (89, 90)
    assert rig.events("learning cycle") == ["a full charge and discharge was seen: 4472 mAh"]
    rig.run(5)
    cut(rig)
    assert ask(rig)["natural_mah"] == 4472
