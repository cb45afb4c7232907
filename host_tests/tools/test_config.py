"""`packwarden config`: the file, the verdict on it, and its way into a pack and back."""

import re
from pathlib import Path
from typing import Any

import pytest
from bms.core import chemistry, params, params_check, silicon
from bms.drivers.bq76952_registers import plan
from packwarden.commands import app
from packwarden.config import form, lint, odd, table
from packwarden.config.pack import Pack, RefusedError
from packwarden.errors import InputError
from packwarden.ports import SerialPort, SimulatedPort, simulated
from tools.test_consoles import running
from typer.testing import CliRunner, Result

LFP = {"chemistry": "lfp", "cell_count": 16, "capacity_mah": 100000, "shunt_uohm": 250}
ODDITIES = {
    "full_mv": {"full_mv": 3660},
    "cell_ov_perm_mv": {"cell_ov_mv": 3740, "cell_ov_perm_mv": 3800},
    "occ_ma": {"occ_ma": 110000},
    "full_ma": {"full_ma": 25000},
    "utc_ddegc": {"utc_ddegc": -50},
    "balance_max_cells": {"balance_max_cells": 0},
    "balance_min_mv": {"balance_min_mv": 3500},
    "balance_start_mv": {"balance_start_mv": 200, "imbalance_warn_mv": 200},
    "ocd1_ma": {"ocd1_ma": 180000},
    "shunt_uohm": {"capacity_mah": 20000},
    "thermistors": {"thermistors": 1},
    "limp_permille": {"limp_permille": 1000},
    "precharge_ms": {"precharge_ms": 100},
    "watch_json": {"watch_json": 1},
    "cell_ov_ms": {"cell_ov_ms": 0},
    "pack_uv_ms": {"pack_uv_ms": 0},
    "fet_ot_ms": {"fet_ot_ms": 3000},
    "charger_ov_clear_mv": {"charger_ov_clear_mv": 3440},
}


def config(*words: object, status: int = 0) -> Result:
    result = CliRunner().invoke(app, ["config", *(str(each) for each in words)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == status, result.output
    return result


def begun(folder: Path, *more: object) -> Path:
    file = folder / "pack.toml"
    config("init", file, "--chemistry", "lfp", "--cells", 16, "--capacity", 100, *more)
    return file


def verdict(text: str) -> lint.Verdict:
    return lint.judge(form.read(text))


def test_init_writes_a_file_that_only_lacks_the_shunt(tmp_path: Path) -> None:
    file = begun(tmp_path)
    assert form.load(file).values == {k: v for k, v in LFP.items() if k != "shunt_uohm"}
    wrong = config("check", file, status=2).stderr
    assert wrong == "packwarden: pack.toml: shunt_uohm is not set, and has no default.\n"
    text = file.read_text()
    assert "# 250 would do for the defaults: is it what is fitted?\n#shunt_uohm = 250\n" in text
    file.write_text(text.replace("#shunt_uohm", "shunt_uohm"))
    assert form.load(file).values == LFP
    config("check", file)


def test_every_parameter_stands_in_the_file_with_unit_bounds_and_help(tmp_path: Path) -> None:
    lines = begun(tmp_path, "--shunt", 250).read_text().splitlines()
    values = params.resolve(LFP)
    for name in [*params.WORDS, *params.NAMES]:
        place = next(k for k, line in enumerate(lines) if re.match(rf"#?{name} = ", line))
        value = values[name]
        shown = f'"{value}"' if isinstance(value, str) else str(value)
        assert lines[place] == ("" if name in LFP else "#") + f"{name} = {shown}"
        row = params.index(name)
        if row >= 0:
            span = f"{params.LOW[row]} to {params.HIGH[row]}"
            assert re.search(rf"\({params.unit(row)}.*{span}", lines[place - 1]), name
    assert max(map(len, lines)) < 120


def test_a_file_that_is_there_is_not_written_over_by_accident(tmp_path: Path) -> None:
    file = begun(tmp_path)
    options = ("init", file, "--chemistry", "nmc", "--cells", 4, "--capacity", 5)
    assert "--force writes over it" in config(*options, status=2).stderr
    config(*options, "--force")
    assert form.load(file).values["chemistry"] == "nmc"
    assert "must be one of: nmc, lfp" in config(*options, "--chemistry", "lead", status=2).stderr
    config("init", tmp_path / "no" / "x", "--chemistry", "nmc", "--cells", 4, "--capacity", 5, status=2)


@pytest.mark.parametrize("kind", chemistry.NAMES)
def test_what_was_written_reads_back_the_same(kind: str) -> None:
    for row, name in enumerate(params.NAMES):
        for value in (params.LOW[row], params.HIGH[row]):
            given = LFP | {"chemistry": kind, "pack_name": "Van-2_b.1", name: value}
            draft = form.read(form.write(given))
            assert draft.values == given
            assert draft.wrong == []


def test_check_finds_everything_that_is_wrong_in_one_go_each_with_its_line() -> None:
    found = verdict(
        "a = 1\nb =\n[foo]\ncell_count = 99\nx.y = 2\ncell_ov_mv = 36\ncell_ov_mv = 3\n"
        'full_mv = 99999999999999999999\nchemistry = "lfp"\nshunt_uohm = true\n'
        "cel_uv_mv = 4\ndeep_mv = 2600\n"
    )
    sag = "where the AFE stops a discharge: a load's sag is no deep discharge"
    assert found.lines("x") == [
        "x:1: 'a' is not a parameter.",
        "x:2: this is not 'name = value': invalid value.",
        "x:3: only the table [parameters] is known here, not 'foo'.",
        "x:4: cell_count = 99 is outside 3..16.",
        "x:5: only the table [parameters] is known here, not 'x'.",
        "x:6: cell_ov_mv = 36 mV is outside 3000..4350 mV.",
        "x:7: cell_ov_mv is set in line 6 already.",
        "x:8: full_mv is a number far too large.",
        "x:10: shunt_uohm must be a whole number of uohm, not True.",
        "x:11: 'cel_uv_mv' is not a parameter; did you mean 'cell_uv_mv'?",
        "x:12: deep_mv = 2600 must be below cell_uv_mv = 2500.",
        f"x:12: deep_mv = 2600 must not be above 2400 mV, {sag}.",
        "x: capacity_mah is not set, and has no default.",
    ]
    assert found.columns == found.odd == []


def test_a_value_that_cannot_be_read_is_not_also_called_missing() -> None:
    text = form.write(LFP).replace("shunt_uohm = 250", "shunt_uohm = abc")
    assert [sentence.partition(":")[0] for _, sentence in verdict(text).errors] == [
        "this is not 'name = value'"
    ]


def test_what_only_the_afe_knows_is_said_with_its_line() -> None:
    found = verdict(form.write(LFP | {"shunt_uohm": 20000}))
    assert [line > 0 for line, _ in found.errors] == [False] * 3, (
        "of defaults: they have no line of their own"
    )
    assert all("the AFE was asked for" in sentence for _, sentence in found.errors)
    text = form.write(LFP | {"capacity_mah": 10000, "occ_ma": 16500})
    ((line, sentence),) = verdict(text).errors
    assert sentence.startswith(
        "occ_ma = 16500: with 250 microohm the AFE's occ_ma would act at 16000 mA, before"
    )
    assert text.splitlines()[line - 1] == "occ_ma = 16500"


def test_check_shows_three_columns_owner_silicon_and_firmware(tmp_path: Path) -> None:
    shown = config("check", begun(tmp_path, "--shunt", 250)).stdout.splitlines()
    assert shown[0].split() == ["limit", "asked", "AFE", "firmware"]
    values = params.resolve(LFP)
    applied = plan(silicon.derive(values))[1]
    rows = {line.split()[0]: line.split()[1:] for line in shown[1:]}
    assert rows["cell_ov_mv"] == ["3700", str(applied["cell_ov_mv"]), "3700", "mV"]
    assert rows["deep_mv"] == ["2000", "-", "2000", "mV"]
    assert rows["scd_ma"][:3] == ["600000", str(applied["scd_ma"]), "-"]


def test_another_front_end_makes_something_else_of_it(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    config("init", file, "--chemistry", "lfp", "--cells", 15, "--capacity", 20, "--shunt", 1000)
    small = config("check", file, "--afe", "bq76940").stdout.splitlines()
    assert next(line.split()[1:4] for line in small if line.startswith("occ_ma")) == ["14000", "-", "14000"]
    assert "bq76952, bq76920" in config("check", file, "--afe", "bq1", status=2).stderr
    assert "bq76940" not in config("check", file, "--afe", "bq76920", status=2).stdout


@pytest.mark.parametrize("about", ODDITIES)
def test_an_odd_combination_is_warned_of_and_allowed(about: str) -> None:
    given = LFP | {"thermistors": 2} | ODDITIES[about]
    found = verdict(form.write(given))
    assert found.errors == []
    said = [sentence for _, sentence in found.odd if sentence.startswith(about)]
    assert len(said) == 1, found.odd
    lines = form.write(given).splitlines()
    line = next(number for number, sentence in found.odd if sentence.startswith(about))
    assert not line or lines[line - 1].split(" = ")[0] in given


def test_a_sensible_set_is_not_nagged_about() -> None:
    values = LFP | {"thermistors": 2}
    assert (
        list(odd.found(values, params.resolve(values), plan(silicon.derive(params.resolve(values)))[1])) == []
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "cannot be read"), (b"\xff\xfe", "UTF-8"), (b"#" * 1_000_001, "is it the right file")],
)
def test_what_is_no_file_of_parameters_is_said(tmp_path: Path, content: bytes | None, words: str) -> None:
    file = tmp_path / "x.toml"
    if content is not None:
        file.write_bytes(content)
    assert words in config("check", file, status=2).stderr


def test_a_byte_order_mark_and_returns_do_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_bytes(b"\xef\xbb\xbf" + form.write(LFP).replace("\n", "\r\n").encode())
    assert form.load(file).values == LFP


def test_the_groups_and_words_are_those_of_the_chip() -> None:
    entries = table.entries()
    assert {entry.name for entry in entries} == {*params.WORDS, *params.NAMES}
    assert all(entry.group and entry.help for entry in entries)
    named = {entry.name: entry for entry in entries}
    assert named["occ_ma"].default(1) == "0.7 C"
    assert named["occ_warn_ma"].default(0) == "occ_ma x 0.95"
    assert named["cell_ov_warn_mv"].default(0) == "cell_ov_mv - 35"
    assert named["pack_ov_clear_mv"].default(0) == "cell_ov_clear_mv"
    assert named["hwd_s"].default(0) == "5"
    assert named["shunt_uohm"].default(0) == ""


def pack(line: SimulatedPort) -> Pack:
    return Pack(lambda: line, lambda: line.session.world.press(3.0))


def pushed(line: SimulatedPort, given: dict[str, Any]) -> list[str]:
    there = pack(line)
    changed = there.push(given)
    assert there.given() == given
    return changed


def test_from_a_file_to_the_chip_and_back_is_identity() -> None:
    line = simulated()
    before = pack(line).given()
    assert pack(line).push(before) == []
    rich = form.canonical(before | {"cell_ov_mv": 3650, "hwd_s": 5, "pack_name": "van", "watch_s": 7})
    text = form.write(rich)
    assert pushed(line, form.read(text).values) == ["pack_name", "cell_ov_mv", "hwd_s", "watch_s"]
    assert form.write(pack(line).given()) == text
    assert line.session.parts.settings.values["cell_ov_mv"] == 3650
    assert pushed(line, before) == ["pack_name", "cell_ov_mv", "hwd_s", "watch_s"]


def test_every_parameter_goes_into_the_chip_and_comes_back() -> None:
    line = simulated()
    before = pack(line).given()
    values = params.resolve(before)
    assert set(pushed(line, form.canonical(values | {"pack_name": "all"}))) == {*values} - {*before}


def test_what_the_pack_refuses_is_told_with_every_reason_and_changes_nothing() -> None:
    line = simulated()
    before = pack(line).given()
    with pytest.raises(RefusedError) as caught:
        pack(line).push(before | {"cell_ov_mv": 3400, "deep_mv": 2450})
    assert len(caught.value.reasons) > 4
    assert any("deep_mv = 2450 must not be above 2400 mV" in reason for reason in caught.value.reasons)
    with pytest.raises(RefusedError, match="not a parameter"):
        pack(line).push(before | {"colour": 3, "cell_ov_mv": 99})
    assert pack(line).given() == before
    assert line.session.parts.settings.staged == before


def test_nobody_at_the_button_is_a_sentence_and_changes_nothing() -> None:
    line = simulated()
    asked = []
    there = Pack(lambda: line, lambda: asked.append(1))
    with pytest.raises(InputError, match="Nobody held the button"):
        there.push(there.given() | {"cell_ov_mv": 3650})
    assert asked == [1]


def test_a_pack_that_goes_back_is_not_called_pushed() -> None:
    line = simulated()
    there = pack(line)
    before = there.given()
    settle = there._settle

    def fall_silent(boot: int) -> None:
        line.session.world.inject("afe_silent")
        settle(boot)

    there._settle = fall_silent  # type: ignore[method-assign]
    with pytest.raises(RefusedError, match="went back to the one before"):
        there.push(before | {"cell_ov_mv": 3650})
    assert there.given() == before


def test_the_commands_on_a_simulated_pack_that_remembers(tmp_path: Path) -> None:
    sim = ("--sim", "--state", tmp_path / "flash")
    file = begun(tmp_path, "--shunt", 250)
    file.write_text(file.read_text().replace("#cell_ov_mv = 3700", "cell_ov_mv = 3650"))
    shown = config("diff", file, *sim, status=1).stdout
    assert shown == "cell_ov_mv: 3650 in the file, the default, 3700 in the pack\n"
    assert "changed: cell_ov_mv;" in config("push", file, *sim).stderr
    assert config("diff", file, *sim).stdout == ""
    assert "nothing to change" in config("push", file, *sim).stderr
    again = tmp_path / "again.toml"
    config("pull", again, *sim)
    assert form.load(again).values == form.load(file).values
    assert "--force" in config("pull", again, *sim, status=2).stderr
    assert config("push", file, "--state", tmp_path, status=2).stderr.startswith("packwarden: --pack and")


def test_a_file_that_is_wrong_reaches_no_pack(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_text("cell_ov_mv = 1\n")
    for command in ("push", "diff"):
        assert "x.toml:1: " in config(command, file, "--sim", status=2).stderr


def test_over_a_real_line_across_the_restart(tmp_path: Path) -> None:
    """A pseudo-terminal is a serial port to whoever opens it. Nobody presses a button: only what is free."""
    with running("--console", "pty", "--speed", "20") as (_, path):
        there = Pack(lambda: SerialPort(path), lambda: None)
        wanted = there.given() | {"pack_name": "bench"}
        assert there.push(form.canonical(wanted)) == ["pack_name"]
        assert there.given() == wanted
        there.close()
        file = tmp_path / "out.toml"
        config("pull", file, "--port", path)
        assert form.load(file).values == wanted


def test_every_rule_that_is_broken_in_a_file_is_found_in_it() -> None:
    """Each order rule by itself, through the file: the sentence and the line of a value that is to blame."""
    for lesser, greater in params_check.ORDER:
        values = params.resolve(LFP)
        low, high = params.index(lesser), params.index(greater)
        meet = max(values[greater], params.LOW[low], params.LOW[high])
        meet = min(meet, params.HIGH[low], params.HIGH[high])
        text = form.write(LFP | {lesser: meet, greater: meet})
        sentence = f"{lesser} = {meet} must be below {greater} = {meet}"
        lines = [line for line, found in verdict(text).errors if found == sentence]
        assert len(lines) == 1, sentence
        assert text.splitlines()[lines[0] - 1] == f"{lesser} = {meet}"
