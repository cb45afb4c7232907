"""Parameters on a pack that runs: staged, judged, tried in silicon, and only then kept."""

import json
from typing import Any

import pytest
from bms.app.enforce import unreachable
from bms.app.settings import TRIAL_S, Settings
from bms.core import chemistry, params, params_check, silicon
from bms.drivers.bq76952_registers import plan
from bms.services.command import CommandError
from bms.services.storage import Record
from packwarden.sim.board import MemoryFiles
from system.rig import Rig
from system.test_owner import GOOD, all_reachable, stored


def unlocked(rig: Rig) -> Rig:
    rig.world.press(2.0)
    rig.run(0.2)
    assert rig.rpc("unlock")["unlocked_s"] > 0
    rig.run(2.0)
    return rig


def kept(files: Any) -> Any:
    return Record(files, "params").load()


def after_saving(rig: Rig, **changes: Any) -> None:
    for name, value in changes.items():
        rig.rpc("set", name, value)
    assert rig.rpc("save") == {"saved": True, "restarting": True}
    rig.until(lambda: rig.session.loop is None, 5)
    rig.until(lambda: rig.session.loop is not None, 2)


def test_a_running_pack_keeps_the_old_set_until_the_new_one_is_verified_in_silicon() -> None:
    """PW-111."""
    rig = unlocked(Rig())
    old = kept(rig.files)
    after_saving(rig, cell_ov_mv=3650)
    assert rig.rpc("version")["parameters"] == "on trial"
    assert rig.session.parts.settings.values["cell_ov_mv"] == 3650, "it is tried, ..."
    assert kept(rig.files) == old, "... and not kept yet"
    rig.until(lambda: rig.rpc("version")["parameters"] == "in force", 5)
    assert kept(rig.files) == old | {"cell_ov_mv": 3650}
    assert rig.files.size("trial.a") == rig.files.size("trial.b") == -1
    assert rig.session.parts.keeper.afe.applied["cell_ov_mv"] > 3650
    assert "verified in the AFE, and kept" in rig.events("parameters")
    rig.until(lambda: rig.mode == "active", 3)


def test_an_afe_that_does_not_verify_the_new_set_brings_the_old_one_back() -> None:
    """PW-111."""
    rig = unlocked(Rig())
    old = kept(rig.files)
    after_saving(rig, cell_ov_mv=3650)
    rig.world.inject("afe_silent")
    rig.run(TRIAL_S + 5)
    assert rig.session.boots == 3
    assert rig.session.parts.settings.values["cell_ov_mv"] == 3700
    assert kept(rig.files) == old
    assert any("not verified" in told for told in rig.events("storage"))
    rig.world.clear("afe_silent")
    rig.until(lambda: rig.session.parts.keeper.ready, 5)
    assert rig.rpc("version")["parameters"] == "in force"
    assert rig.files.size("trial.a") == rig.files.size("trial.b") == -1


def test_power_that_fails_in_the_middle_of_a_trial_brings_the_old_set_back() -> None:
    rig = unlocked(Rig())
    old = kept(rig.files)
    after_saving(rig, cell_ov_mv=3650)
    rig.world.powered = False
    rig.run(0.5)
    rig.world.powered = True
    rig.run(4)
    assert rig.session.parts.settings.values["cell_ov_mv"] == 3700
    assert kept(rig.files) == old


def test_a_pack_that_does_not_run_yet_has_nothing_to_keep() -> None:
    """On the desk there may be no AFE at all."""
    rig = Rig(boot=False, files=MemoryFiles())
    rig.run(1)
    assert rig.rpc("version")["parameters"] == "not usable"
    unlocked(rig)
    for name, value in {
        "chemistry": "lfp",
        "cell_count": 4,
        "capacity_mah": 20000,
        "shunt_uohm": 1000,
    }.items():
        rig.rpc("set", name, value)
    rig.rpc("save")
    rig.run(4)
    assert rig.mode == "active"
    assert rig.rpc("version")["parameters"] == "in force"


def test_a_trial_that_the_flash_refuses_is_not_begun_twice() -> None:
    flash = stored(GOOD)
    settings = Settings(flash, all_reachable)
    settings.stage("cell_ov_mv", "3650")
    settings.save(running=True)
    flash.fail = True
    assert Settings(flash, all_reachable).values["cell_ov_mv"] == 3700
    flash.fail = False
    tried = Settings(flash, all_reachable)
    assert tried.on_trial
    assert tried.values["cell_ov_mv"] == 3650
    assert tried.second(ready=False) == ""
    flash.fail = True
    for _ in range(TRIAL_S - 2):
        assert tried.second(ready=True) == ""
    assert "the flash refused" in tried.second(ready=True)
    assert tried.rejected
    assert tried.second(ready=True) == "", "said once"
    flash.fail = False
    back = Settings(flash, all_reachable)
    assert not back.on_trial
    assert back.values["cell_ov_mv"] == 3700
    assert "not verified in the AFE" in back.reason
    assert Settings(flash, all_reachable).reason == "", "and told once"


@pytest.mark.parametrize("content", [b"", b"PWR", b"\xff" * 200])
def test_a_damaged_trial_changes_nothing(content: bytes) -> None:
    flash = stored(GOOD)
    flash.write("trial.a", content)
    settings = Settings(flash, all_reachable)
    assert settings.values["cell_ov_mv"] == 3700
    assert not settings.on_trial


def test_a_trial_of_what_is_no_set_is_dropped() -> None:
    flash = stored(GOOD)
    Record(flash, "trial").save({"given": [1], "begun": False})
    assert Settings(flash, all_reachable).given == GOOD
    assert flash.size("trial.a") == -1


def test_a_set_that_a_trial_kept_has_the_number_that_it_had_while_it_was_tried() -> None:
    flash = stored(GOOD)
    first = Settings(flash, all_reachable)
    first.stage("cell_ov_mv", "3650")
    first.save(running=True)
    tried = Settings(flash, all_reachable)
    number = tried.version
    assert number == first.version + 1
    tried.second(ready=True)
    assert Settings(flash, all_reachable).version == tried.version == number


def test_default_as_a_value_takes_back_what_was_given() -> None:
    flash = stored(GOOD | {"cell_ov_mv": 3650, "pack_name": "van"})
    settings = Settings(flash, all_reachable)
    for name in ("cell_ov_mv", "pack_name"):
        assert settings.stage(name, "default") == "default"
    with pytest.raises(CommandError, match="chemistry must be"):
        settings.stage("chemistry", "default")
    settings.stage("cell_count", "default")
    with pytest.raises(CommandError, match="cell_count is not set"):
        settings.save()
    settings.stage("cell_count", "4")
    settings.save()
    assert Settings(flash, all_reachable).given == GOOD


def test_what_guards_nothing_may_be_changed_without_the_button() -> None:
    """PW-134: and only that."""
    rig = Rig()
    assert "locked" in rig.rpc("set", "cell_ov_mv", 3650)["message"]
    assert rig.rpc("set", "pack_name", "van")["pack_name"] == "van"
    assert rig.rpc("get", "pack_name") == {"pack_name": "", "staged": "van"}
    assert rig.rpc("save")["saved"]
    rig.run(6)
    assert rig.rpc("version")["pack_name"] == "van"
    unlocked(rig)
    rig.rpc("set", "cell_ov_mv", 3650)
    rig.rpc("lock")
    assert "locked" in rig.rpc("save")["message"], "staged by somebody else, and still guarded"
    rig.rpc("revert")
    assert "nothing is staged" in rig.rpc("save")["message"]
    assert (
        "not a parameter" in rig.rpc("set", "voltage", 1)["message"]
        or "locked" in rig.rpc("set", "voltage", 1)["message"]
    )


def test_telemetry_begins_with_the_firmware_if_the_owner_wants_it() -> None:
    rig = Rig(parameters={"watch_s": 2, "watch_json": 1})
    rig.board.serial.take()
    rig.run(5)
    lines = [json.loads(line) for line in rig.board.serial.take().decode().splitlines() if line[:1] == "{"]
    assert [line["method"] for line in lines] in (["status"] * 2, ["status"] * 3)


def test_rows_carry_all_that_a_program_needs() -> None:
    rig = Rig(parameters={"cell_ov_mv": 3650})
    rows = {row["name"]: row for row in rig.rpc("params")}
    assert set(rows) == {*params.WORDS, *params.NAMES}
    assert rows["cell_ov_mv"] == {
        "name": "cell_ov_mv",
        "value": 3650,
        "unit": "mV",
        "min": 3000,
        "max": 4350,
        "default": 3700,
        "access": "owner",
        "help": "cell over-voltage: charging stops",
        "given": True,
    }
    assert rows["cell_ov_warn_mv"]["value"] == 3610
    assert not rows["cell_ov_warn_mv"]["given"]
    assert [row["name"] for row in rig.rpc("params", "fitted")] == ["precharge_fitted", "pchg_fitted"]
    assert rows["watch_s"]["access"] == "anyone"


def schema_allows(schema: dict[str, Any], given: dict[str, Any]) -> bool:
    """As much of JSON Schema as ours uses."""
    known = schema["properties"]
    if any(name not in given for name in schema["required"]) or any(name not in known for name in given):
        return False
    for name, value in given.items():
        rules = known[name]
        if "enum" in rules:
            good = value in rules["enum"]
        elif rules["type"] == "string":
            good = isinstance(value, str) and len(value) <= 24
        else:
            good = isinstance(value, int) and rules["minimum"] <= value <= rules["maximum"]
        if not good:
            return False
    return True


def test_the_schema_says_what_the_check_says_of_each_value_alone() -> None:
    schema = Rig().rpc("params.schema")
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["required"] == ["chemistry", "cell_count", "capacity_mah", "shunt_uohm"]
    assert list(schema["properties"]) == [*params.WORDS, *params.NAMES]
    for row, name in enumerate(params.NAMES):
        rules = schema["properties"][name]
        assert rules["unit"] == params.unit(row)
        assert rules["description"]
        assert rules["access"] in ("owner", "anyone")
        for value in (params.LOW[row], params.HIGH[row], params.LOW[row] - 1, params.HIGH[row] + 1):
            assert schema_allows(schema, GOOD | {name: value}) == (params_check.check_value(row, value) == "")
    assert schema["properties"]["occ_ma"]["defaults"] == {
        "nmc": {"of": "capacity_mah", "permille": 1000},
        "lfp": {"of": "capacity_mah", "permille": 700},
    }
    assert schema["properties"]["cell_ov_mv"]["defaults"] == {"nmc": 4250, "lfp": 3700}
    assert schema["properties"]["cell_count"]["defaults"] == {}


def test_every_default_of_the_schema_is_the_tables() -> None:
    schema = Rig().rpc("params.schema")["properties"]
    for kind, chemistry_name in enumerate(chemistry.NAMES):
        values = params.resolve(GOOD | {"chemistry": chemistry_name})
        for row, name in enumerate(params.NAMES):
            rule = schema[name]["defaults"].get(chemistry_name)
            if isinstance(rule, dict):
                base = values[rule["of"]]
                wanted = base * rule["permille"] // 1000 if "permille" in rule else base + rule["plus"]
                assert params.default(row, kind, values) == max(
                    params.LOW[row], min(params.HIGH[row], wanted)
                )
            else:
                assert params.default(row, kind, values) == rule


def test_a_person_gets_the_schema_too() -> None:
    rig = Rig()
    text = rig.type("params.schema")
    rig.run(2)
    text += rig.board.serial.take().decode()
    assert json.loads("".join(line.strip("\r") for line in text.splitlines() if line[:1] in "{,}[]"))["title"]


def asked(**changes: Any) -> dict[str, int]:
    return silicon.derive(params.resolve(GOOD | changes))


def test_every_limit_that_the_afe_refuses_is_named_with_the_owners_parameter() -> None:
    """PW-110."""
    reasons = unreachable(asked(shunt_uohm=20000))
    assert [reason.split(":")[0] for reason in reasons] == ["occ_ma", "ocd2_ma", "scd_ma"]
    assert all("the shunt is too large" in reason for reason in reasons)
    assert unreachable({"cell_count": 4})[0].endswith("this limit is missing")


def test_no_step_of_the_afe_brings_it_before_the_firmware() -> None:
    """PW-107: silicon stands wider than the firmware, whatever the shunt makes of it."""
    refused: set[str] = set()
    fine = 0
    for shunt_uohm in (250, 500, 1000):
        for occ_ma in range(3000, 20000, 350):
            changes = {
                "shunt_uohm": shunt_uohm,
                "occ_ma": occ_ma,
                "ocd1_ma": 2 * occ_ma,
                "ocd2_ma": 3 * occ_ma,
            }
            changes |= {"scd_ma": 3 * occ_ma + 5000}
            values = params.resolve(GOOD | changes)
            limits = silicon.derive(values)
            reasons = unreachable(limits)
            if reasons:
                refused |= {reason.split(" = ")[0] for reason in reasons if "before the firmware" in reason}
                continue
            fine += 1
            applied = plan(limits)[1]
            assert applied["occ_ma"] >= values["occ_ma"]
            assert min(applied[name] for name in ("ocd1_ma", "ocd2_ma", "scd_ma")) >= values["ocd2_ma"]
    assert refused == {"occ_ma", "ocd2_ma"}
    assert fine > 10
