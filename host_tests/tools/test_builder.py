"""The builder's part: a shunt that suits the pack, parameters that the firmware accepts, flash records."""

import pytest
from bms.app.enforce import unreachable
from bms.core import commission, params, params_check, silicon
from bms.services.storage import Record
from packwarden import builder
from packwarden.errors import InputError
from packwarden.packfile import Pack
from packwarden.sim.board import MemoryFiles

CAPACITIES_AH = (
    0.5,
    1.0,
    1.2,
    2.0,
    2.9,
    5.0,
    8.0,
    10.0,
    20.0,
    35.0,
    50.0,
    75.0,
    100.0,
    150.0,
    200.0,
    300.0,
    500.0,
    700.0,
)


@pytest.mark.parametrize("chemistry", ["nmc", "lfp"])
@pytest.mark.parametrize("capacity_ah", CAPACITIES_AH)
def test_every_capacity_gets_a_shunt_whose_limits_the_afe_enforces(
    chemistry: str, capacity_ah: float
) -> None:
    given = builder.parameters(Pack(chemistry=chemistry, cells=4, capacity_ah=capacity_ah), "x")
    assert params_check.check(given) == []
    values = params.resolve(given)
    asked = silicon.derive(values)
    assert unreachable(asked) == []
    drop_mv = values["ocd1_ma"] * values["shunt_uohm"] // 1_000_000
    assert 8 <= drop_mv <= 100  # resolved well, and cool enough
    assert asked["scd_ma"] * values["shunt_uohm"] <= 500_000_000  # the short-circuit comparator reaches it


def test_the_largest_packs() -> None:
    assert builder.parameters(Pack(chemistry="lfp", cells=4, capacity_ah=1000.0), "x")["shunt_uohm"] == 50
    huge = Pack(chemistry="nmc", cells=4, capacity_ah=1000.0)
    with pytest.raises(InputError, match="choose lower ocd2_ma and scd_ma"):
        builder.parameters(huge, "pack.toml")
    lower = huge.model_copy(
        update={"parameters": {"ocd2_ma": 1_000_000, "ocd1_ma": 800_000, "scd_ma": 2_000_000}}
    )
    assert builder.parameters(lower, "pack.toml")["shunt_uohm"] == 50


def test_a_shunt_that_is_given_is_taken_or_refused() -> None:
    pack = Pack(chemistry="lfp", cells=4, capacity_ah=100.0, parameters={"shunt_uohm": 200})
    assert builder.parameters(pack, "x")["shunt_uohm"] == 200
    with pytest.raises(InputError, match="the shunt is too large"):
        builder.parameters(pack.model_copy(update={"parameters": {"shunt_uohm": 2000}}), "x")


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"foo": 1}, "x, parameters: 'foo' is not a parameter"),
        ({"cell_ov_mv": 3700.0}, "cell_ov_mv must be a whole number of mV"),
        ({"cell_ov_mv": 9000}, "cell_ov_mv = 9000 mV is outside 3000..4350 mV"),
        ({"cell_ov_mv": 3400}, "cell_ov_clear_mv = 3500 must be below cell_ov_mv = 3400"),
        ({"cell_ov_mv": 3790}, "above the 3800 mV that lfp cells stand"),
        ({"occ_ma": 100, "full_ma": 50}, "the shunt is too"),
    ],
)
def test_parameters_are_judged_by_the_firmwares_own_rules(parameters: dict[str, int], sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        builder.parameters(Pack(chemistry="lfp", cells=4, capacity_ah=100.0, parameters=parameters), "x")
    assert sentence in str(caught.value)


def test_a_new_flash_gets_parameters_and_belief() -> None:
    pack = Pack.model_validate(
        {"chemistry": "lfp", "cells": 4, "capacity_ah": 20.0, "firmware": {"believed_soc": 0.4}}
    )
    files = MemoryFiles()
    given = builder.parameters(pack, "x")
    assert builder.prepare_flash(files, pack, given) == []
    assert Record(files, "params").load() == given
    state = Record(files, "state").load()
    assert state is not None
    assert state["soc"][0] == 400


def test_the_pack_is_commissioned_unless_the_board_is_new() -> None:
    pack = Pack(chemistry="lfp", cells=4, capacity_ah=20.0)
    files, given = MemoryFiles(), builder.parameters(pack, "x")
    builder.prepare_flash(files, pack, given, bare=True)
    assert files.files == {}
    builder.prepare_flash(files, pack, given)
    kept = Record(files, commission.RECORD).load() or {}
    assert commission.passed(kept, params.resolve(given)) == commission.ALL
    stored = Record(files, commission.RECORD)
    stored.load()
    stored.save(commission.bare(True))
    builder.prepare_flash(files, pack, given)
    assert (Record(files, commission.RECORD).load() or {})["passed"] == 0, "a factory reset stays one"


def test_a_flash_that_knows_keeps_what_it_knows() -> None:
    pack = Pack(chemistry="lfp", cells=4, capacity_ah=20.0)
    files = MemoryFiles()
    builder.prepare_flash(files, pack, builder.parameters(pack, "x"))
    before = dict(files.files)
    other = Pack.model_validate(
        {"chemistry": "nmc", "cells": 5, "capacity_ah": 20.0, "firmware": {"believed_soc": 0.4}}
    )
    Record(files, "state").save({"soc": [700, 30]})
    notes = builder.prepare_flash(files, other, builder.parameters(other, "x"))
    assert "cell_count, chemistry" in notes[0]
    assert files.files["params.b"] == before["params.b"]
    state = Record(files, "state").load()
    assert state is not None
    assert state["soc"] == [700, 30]


def test_a_damaged_flash_is_left_for_the_firmware_to_find() -> None:
    pack = Pack(chemistry="lfp", cells=4, capacity_ah=20.0)
    files = MemoryFiles({"params.a": b"rubbish"})
    builder.prepare_flash(files, pack, builder.parameters(pack, "x"))
    assert files.files == {"params.a": b"rubbish"}
