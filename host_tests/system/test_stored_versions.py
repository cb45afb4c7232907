"""Whatever an earlier firmware stored is read by this one: one file of every version, kept for ever."""

from pathlib import Path
from typing import Any

import pytest
from bms.app import settings
from bms.app.enforce import unreachable
from bms.core import chemistry, faults, params, params_check, recall, ring
from bms.core.dtc import Codes
from bms.core.lifetime import Lifetime
from bms.services import storage
from bms.services.frames import Frames
from bms.services.journal_reader import Reader
from packwarden.sim.flash import SimulatedFlash

FIXTURES = Path(__file__).parent.parent / "services" / "fixtures"

# The steps of each kind that has any.
MIGRATIONS: dict[str, tuple[Any, ...]] = {"params": settings.MIGRATIONS}
STATE = {
    "operating_s": 123456,
    "soc": [640, 25],
    "resets_s": [100000, 120000],
    "resets": 3,
    "refusals": 2,
    "standing": {"SCD": [4, 2], "IMPACT": [5, 1]},
}
PARAMS = {"chemistry": "lfp", "cell_count": 16, "capacity_mah": 100000, "shunt_uohm": 500, "cell_ov_mv": 3650}
# An owner who had said every row that the first version's table had, some at the ends of their bounds.
EVERY_ROW: dict[str, Any] = storage.decode((FIXTURES / "params.1.every_row.bin").read_bytes())[1]
TRIAL = {"given": PARAMS | {"cell_ov_mv": 3640}, "begun": False}
CHARGE = {
    "ah": [1234, 567, 1300, 89],
    "temps_s": [0, 3600, 90000, 400000, 50000, 0, 0],
    "charges_s": [0, 100, 20000, 200000, 300000, 23500, 0],
    "counts": [5, 4, 1, 0, 2, 0, 12, 1, 3, 2, 1, 0, 0, 0, 0, 0],
    "bled_c": [120, 0, 33, 0],
    "deep": False,
    "t": 543600,
    "soc": [640, 25],
}
CODES = {
    "cycle": 16,
    "codes": {"CELL_OV": [46, 3, 7, 100000, 123000, 2], "SCD": [174, 1, 1, 90000, 90000, 0]},
    "untested": ["CELL_DEAD"],
}
HISTORY = {
    "values": [3648, 2650, 90, 58300, 42800, 80000, 180000, 412, -35, 31, 590, -20, 268435456, 13100, 11900],
    "times_s": [123000, 300000, 300000, 123000, 300000, 5, 90000, 6, 400000, 7, 90000, 400000, 0, 8, 90000],
    "cells": [3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
}
# What each file means to today's firmware.
TODAY: dict[str, Any] = {
    "state.1": STATE,
    "params.1": PARAMS,
    "params.1.every_row": EVERY_ROW,
    "trial.1": TRIAL,
    "charge.1": CHARGE,
    "codes.1": CODES,
    "history.1": HISTORY,
}
LOG = [
    (17, {"t": 3600, "event": "mode", "detail": "boot -> selftest"}),
    (18, {"t": 3601, "event": "fault", "detail": "CELL_OV P0AFB: a cell is charged too high"}),
    (19, {"t": 3700, "event": "reset", "detail": "soft: refused, a charger is present"}),
]


def test_every_version_is_there_and_none_is_left_out() -> None:
    assert sorted(file.stem for file in FIXTURES.glob("*.bin")) == sorted([*TODAY, "log.1", "frame.1"])
    for kind, steps in MIGRATIONS.items():
        assert {f"{kind}.{version}" for version in range(1, len(steps) + 2)} <= set(TODAY)


@pytest.mark.parametrize("stored", TODAY)
@pytest.mark.parametrize("slot", ["a", "b"])
def test_a_record_of_any_version_is_brought_up_to_date(stored: str, slot: str) -> None:
    kind, version = stored.split(".")[:2]
    content = (FIXTURES / f"{stored}.bin").read_bytes()
    assert storage.decode(content)[2] == int(version)
    flash = SimulatedFlash({f"{kind}.{slot}": content})
    record = storage.Record(flash, kind, MIGRATIONS.get(kind, ()))
    assert record.load() == TODAY[stored]
    assert record.found == storage.WHOLE
    record.save(TODAY[stored])
    again = storage.Record(flash, kind, MIGRATIONS.get(kind, ()))
    assert again.load() == TODAY[stored]
    assert again.found == storage.WHOLE


@pytest.mark.parametrize("stored", [stored for stored in TODAY if stored.startswith("params.")])
def test_parameters_of_any_version_can_be_armed_with_today(stored: str) -> None:
    flash = SimulatedFlash({"params.a": (FIXTURES / f"{stored}.bin").read_bytes()})
    found = settings.Settings(flash, unreachable)
    assert found.reasons == []
    assert found.values["cell_ov_mv"] == TODAY[stored]["cell_ov_mv"]
    assert found.given == TODAY[stored], "nothing that its owner said is lost"
    assert set(found.values) == {*params.WORDS, *params.NAMES}, "and what has come since has its default"
    assert None not in found.values.values()


def test_rows_that_came_later_leave_every_earlier_set_what_it_was() -> None:
    """Nothing is migrated, because a set holds only what its owner said; so no later row may refuse one."""
    assert len(EVERY_ROW) == 80
    later = [name for name in params.NAMES if name not in EVERY_ROW]
    assert len(later) >= 35
    for name in later:
        row = params.index(name)
        for kind in range(len(chemistry.NAMES)):
            follows, level, _ = params.rule(row, kind)
            if follows:
                base = params.index(follows)
                assert params.LOW[row] <= params.LOW[base] + level, "not clamped onto what it follows"
                assert params.HIGH[row] >= params.HIGH[base] + level
    for lesser, greater in params_check.ORDER:
        pair = {lesser, greater}
        if pair & set(later):
            ours = (pair & set(later)).pop() if not pair <= set(later) else lesser
            assert params.rule(params.index(ours), 0)[0] in pair, "only against the row that it follows"


def test_a_set_that_was_on_trial_goes_on_with_its_trial() -> None:
    flash = SimulatedFlash({"trial.a": (FIXTURES / "trial.1.bin").read_bytes()})
    found = settings.Settings(flash, unreachable)
    assert found.on_trial
    assert found.given == TRIAL["given"]


def test_a_journal_of_any_version_is_read() -> None:
    flash = SimulatedFlash({"log.1": (FIXTURES / "log.1.bin").read_bytes()})
    reader = Reader(flash, "log", [1])
    assert [record for record in reader if record is not None] == LOG
    assert reader.lost == []


def test_what_was_kept_of_the_past_means_the_same_today() -> None:
    codes, life = Codes(), Lifetime(4)
    recall.codes(codes, CODES)
    assert codes.to_keep() == CODES
    recall.life(life, CHARGE)
    assert life.to_keep() | {"t": CHARGE["t"], "soc": CHARGE["soc"]} == CHARGE
    recall.extremes(life, HISTORY)
    assert life.extremes_to_keep() == HISTORY


def test_a_freeze_frame_of_any_version_is_read() -> None:
    frames = Frames(SimulatedFlash({"frame.1": (FIXTURES / "frame.1.bin").read_bytes()}))
    while not frames.ready:
        frames.step()
    assert frames.lost == []
    slot = frames.of(faults.index("SCD"))
    head = frames.head(slot)
    assert (head["t"], head["current_ma"], head["ring"]["used"]) == (90000, -180000, 2)
    records = list(frames.records(slot, 0, 2, ring.SLOTS, ring.WIDTH))
    assert [[ring.number(each, 2 * k) for k in range(6)] for each in records] == [
        [100, 3300, 3302, -40, 3301, 251],
        [97, 3289, 3291, -7200, 3290, 251],
    ]
