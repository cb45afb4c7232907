"""The campaign's plan: nothing is left out of it, and its figures agree with the firmware's."""

from random import Random

import pytest
from bms.core import faults as f
from bms.core import params, params_check, path
from packwarden.campaign import draws, limits, plan
from packwarden.campaign.classes import FAULTS, class_of
from packwarden.campaign.draws import Draw
from packwarden.campaign.kinds import KINDS as PLANNED
from packwarden.campaign.kinds import NO_FAULT, allowed
from packwarden.campaign.limits import CHEMISTRIES
from packwarden.campaign.owner import Pack
from packwarden.campaign.plan import Key
from packwarden.campaign.scene import Scene
from packwarden.campaign.situations import SITUATIONS
from packwarden.campaign.standing import standing
from packwarden.errors import InputError
from packwarden.sim.faults import KINDS


def test_every_fault_kind_of_the_simulator_is_in_the_plan_and_no_other() -> None:
    assert set(PLANNED) - {NO_FAULT} == set(KINDS)


def test_every_combination_is_run() -> None:
    keys = plan.keys(2)
    assert len(set(keys)) == len(keys)
    assert {(key.kind, key.situation, key.chemistry, key.last) for key in keys} == {
        (kind, situation, chemistry, last)
        for kind in PLANNED
        for situation in SITUATIONS
        for chemistry in CHEMISTRIES
        for last in (False, True)
    }
    assert {key.kind for key in keys if not key.dead} == set(PLANNED)
    assert {key.kind for key in keys if key.dead} == set(PLANNED) - {"hung_firmware"}
    assert len(plan.keys(1)) > 2000


def test_the_slice_for_every_day_leaves_no_kind_and_no_situation_out() -> None:
    keys = plan.ci()
    assert set(keys) <= set(plan.keys(1))
    for dead in (False, True):
        assert {key.situation for key in keys if key.dead == dead} == set(SITUATIONS)
    assert {key.kind for key in keys if not key.dead} == set(PLANNED)
    assert {key.chemistry for key in keys} == set(CHEMISTRIES)
    assert {key.last for key in keys} == {False, True}


@pytest.mark.parametrize("key", [*plan.keys(3)[::999], Key("nack", "hot", "lfp", True, True, 41)])
def test_a_key_as_printed_is_that_run(key: Key) -> None:
    assert plan.parse(str(key)) == key


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "must be KIND:SITUATION"),
        ("nack:hot:lfp:first:alive", "must be KIND:SITUATION"),
        ("nack:hot:lfp:first:alive:x", "must be KIND:SITUATION"),
        ("nak:hot:lfp:first:alive:0", "did you mean 'nack'?"),
        ("nack:hott:lfp:first:alive:0", "did you mean 'hot'?"),
        ("nack:hot:lto:first:alive:0", "'lto' is none of: nmc, lfp"),
        ("nack:hot:lfp:middle:alive:0", "'middle' is none of: first, last"),
        ("nack:hot:lfp:first:asleep:0", "'asleep' is none of: alive, dead"),
    ],
)
def test_a_key_that_names_no_run_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(InputError, match="--only") as caught:
        plan.parse(text)
    assert sentence in str(caught.value)


@pytest.mark.parametrize("kind", sorted(PLANNED))
@pytest.mark.parametrize("last", [False, True])
def test_what_is_drawn_fits_the_simulator(kind: str, last: bool) -> None:
    entry = PLANNED[kind]
    for seed in range(20):
        scene = Scene("lfp", last, False, Random(seed), entry.spec, entry.parameters)
        drawn = entry.draw(Draw(Random(seed), scene.pack.cells, last, scene.sensed + 1, dead=bool(seed % 2)))
        if kind != NO_FAULT:
            scene.world.inject(kind, **drawn)
            scene.world.clear(kind)


def test_faults_strike_at_both_ends_of_the_stack() -> None:
    first, last = (Draw(Random(1), 16, end, 3, dead=False) for end in (False, True))
    assert (first.cell, last.cell) == (1, 16)
    assert (first.tap, last.tap) == (1, 15)
    taps = {tuple(draws.swapped(draw).values()) for draw in (first, last) for _ in range(20)}
    assert taps == {(0, 1), (1, 2), (15, 16), (14, 15)}


def test_with_dead_firmware_the_host_watchdog_itself_is_not_broken_too() -> None:
    watchdog = {0x9263, 0x92B2, 0x92B3}

    def hit(dead: bool) -> set[int]:
        return {draws.flipped(Draw(Random(seed), 4, False, 1, dead))["address"] for seed in range(500)}

    assert watchdog <= hit(dead=False)
    assert not watchdog & hit(dead=True)


@pytest.mark.parametrize("chemistry", CHEMISTRIES)
def test_the_firmware_accepts_what_the_owner_asks(chemistry: str) -> None:
    given = {
        params.CHEMISTRY: chemistry,
        "cell_count": 4,
        "capacity_mah": 20000,
        "shunt_uohm": 1000,
        **limits.parameters(chemistry, 20.0),
    }
    assert params_check.check(given) == []
    assert given["cell_ov_mv"] == {"nmc": 4250, "lfp": 3700}[chemistry]
    assert given["ocd1_ma"] == {"nmc": 40000, "lfp": 24000}[chemistry]
    assert given["utd_ddegc"] == -200


@pytest.mark.parametrize("chemistry", CHEMISTRIES)
@pytest.mark.parametrize(
    ("asked", "absolute", "sign"),
    [
        ("cell_ov_mv", "cell too high", 1),
        ("cell_uv_mv", "cell too low", -1),
        ("otc_ddegc", "too hot to charge", 1),
        ("utc_ddegc", "too cold to charge", -1),
        ("otd_ddegc", "too hot to discharge", 1),
        ("utd_ddegc", "too cold to discharge", -1),
        ("occ_ma", "charged too hard", 1),
        ("ocd1_ma", "overloaded", 1),
        ("ocd2_ma", "heavily overloaded", 1),
        ("scd_ma", "shorted", 1),
    ],
)
def test_cells_stand_more_than_is_asked(chemistry: str, asked: str, absolute: str, sign: int) -> None:
    assert sign * limits.beyond(absolute, chemistry, 20.0) > sign * limits.asked(asked, chemistry, 20.0)
    assert limits.ABSOLUTE[absolute].allowed_s > 0


def test_every_fault_of_the_firmware_has_the_class_that_the_safety_concept_gives_it() -> None:
    assert {row[f.MNEMONIC]: f.CLASS_NAMES[row[f.CLASS]] for row in f.ROWS} == {
        fault: class_of(fault) for fault in FAULTS
    }


def test_causes_name_faults_that_exist() -> None:
    pack = Pack("nmc", 4, 20.0, 0.001, 5.0, fet_sensor=True, contactors=True)
    causes = standing(pack)
    for kind in PLANNED.values():
        causes += [*kind.causes, *map(allowed, kind.allows)]
    assert {fault for cause in causes for fault in cause.faults} <= set(FAULTS)
    for cause in causes:
        told = [FAULTS[fault] for fault in cause.faults]
        assert any(opens & cause.opens == cause.opens for opens, _ in told) or not told, cause.what


def test_each_operating_mode_has_its_situation() -> None:
    """The others come of what is broken, but for ship mode, which is asleep."""
    by_mode = {
        "boot": "starting", "selftest": "starting", "standby": "standby", "precharge": "precharge",
        "active": "resting", "limp": "limp",
    }  # fmt: skip
    others = {"charge_only", "discharge_only", "fault", "permanent", "ship"}
    assert set(by_mode) | others == set(path.NAMES)
    assert set(by_mode.values()) <= set(SITUATIONS)
