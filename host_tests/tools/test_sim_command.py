"""`packwarden sim` from end to end: exit statuses, scenarios, records, replays, a flash that remembers."""

import csv
import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tools.sim_command import PACK, process, sim, write

HEADER = (
    "t_s,mode,chg_fet,dsg_fet,current_ma,pack_mv,cell_min_mv,cell_max_mv,temp_min_ddegc,temp_max_ddegc,"
    "soc_permille,soc_sigma_permille,shown_permille,soh_permille,true_soc_permille,faults,balance_mask,"
    "charge_limit_ma,discharge_limit_ma,resets,refusals,led"
)
TRIP = """
[[at]]
t = 3
load_a = 5
expect = {within_s = 2, mode = "active", chg_fet = 1, dsg_fet = 1, current_ma = "< -4000"}
[[at]]
t = 6
load_a = 45            # above the fast limit of 2 C
expect = {within_s = 1.0, faults = "has OCD2", dsg_fet = 0, mode = "charge_only"}
[[at]]
t = 10
load_a = 0
console = "faults"
expect = {within_s = 10, faults = "none", mode = "active", for_s = 2}
"""


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_story_with_all_expectations_met_ends_with_0(tmp_path: Path) -> None:
    pack = write(tmp_path, "pack.toml", PACK)
    result = sim("--pack", pack, "--scenario", write(tmp_path, "trip.toml", TRIP))
    assert result.exit_code == 0, result.stderr
    assert "3 of 3 expectations met" in result.stderr
    assert result.stdout == ""


def test_an_expectation_that_fails_says_which_when_and_what_was_seen(tmp_path: Path) -> None:
    text = TRIP.replace('faults = "has OCD2"', 'faults = "has SCD"') + "[[at]]\nt = 30\nexpect = {led = 1}\n"
    pack = write(tmp_path, "pack.toml", PACK)
    result = sim("--pack", pack, "--scenario", write(tmp_path, "trip.toml", text), "--duration", 25)
    assert result.exit_code == 1
    failed = [line for line in result.stderr.splitlines() if "expectation failed" in line]
    assert (
        "entry 2, t = 6 s: expected faults = 'has SCD', dsg_fet = 0, mode = 'charge_only' within 1 s"
        in failed[0]
    )
    assert "last seen: faults = OCD2, dsg_fet = 0, mode = charge_only at 7.0 s" in failed[0]
    assert "entry 4, t = 30 s" in failed[1]
    assert "the run ended before it" in failed[1]
    assert "2 of 4 expectations met" in result.stderr


def test_statuses_of_the_process(tmp_path: Path) -> None:
    scenario = write(tmp_path, "s.toml", "[[at]]\nt = 2\nexpect = {mode = 'active', within_s = 2}\n")
    good = process("sim", "--scenario", scenario)
    assert (good.returncode, good.stdout) == (0, "")
    scenario.write_text("[[at]]\nt = 2\nexpect = {mode = 'fault'}\n")
    assert process("sim", "--scenario", scenario).returncode == 1
    scenario.write_text("[[at]]\nt = 2\nexpect = {mod = 'fault'}\n")
    bad = process("sim", "--scenario", scenario)
    assert bad.returncode == 2
    assert "Traceback" not in bad.stderr
    assert bad.stderr.startswith("packwarden: s.toml: at 1: expect: 'mod' is not a record column")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--board", "nosuch"], "Board 'nosuch' is not known; known are: sim"),
        (["--speed", "0"], "--speed 0 must be a number from 0.01"),
        (["--speed", "nan"], "--speed nan must be"),
        (["--speed", "fast"], "--speed fast must be"),
        (["--duration", "0"], "--duration 0 must be"),
        (["--duration", "inf"], "--duration inf must be"),
        (["--duration", "soon"], "Invalid value"),
        (["--seed", "-1"], "Invalid value"),
        (["--console", "usb"], "--console 'usb' is not known"),
        (["--console", "tcp:"], "--console 'tcp:' is not known"),
        (["--console", "tcp:65536"], "is not known"),
        (["--pack", "/nowhere/pack.toml"], "cannot be read: No such file"),
        (["--pack", "bad\0name"], "embedded null"),
        (["--scenario", "/"], "cannot be read"),
        (["--replay", "/nowhere/x.csv"], "cannot be read"),
        (["--record", "/nowhere/x.csv", "--duration", "1"], "--record /nowhere/x.csv cannot be written"),
        (["--state", "/dev/null/x"], "--state /dev/null/x cannot be used"),
        (["--scenario", "a", "--replay", "b"], "exclude each other"),
        (["--nonsense"], "No such option"),
    ],
)
def test_bad_options_end_with_2_and_a_sentence(options: list[str], sentence: str) -> None:
    result = sim(*options)
    assert result.exit_code == 2
    assert sentence in " ".join(result.stderr.split())


def test_a_record_has_the_header_to_the_letter_and_a_row_a_second(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    story = "[[at]]\nt = 3\nload_a = 5\n[[at]]\nt = 10\npower = 'cut'\n[[at]]\nt = 13\npower = 'restore'\n"
    pack = write(tmp_path, "pack.toml", PACK)
    scenario = write(tmp_path, "s.toml", story)
    assert sim("--pack", pack, "--scenario", scenario, "--record", out, "--duration", 20).exit_code == 0
    assert out.read_text().splitlines()[0] == HEADER
    table = rows(out)
    assert [float(row["t_s"]) for row in table] == [float(k) for k in range(21)]
    first, driving, dark, back = table[0], table[8], table[12], table[20]
    assert (first["mode"], first["chg_fet"], first["soc_permille"], first["faults"]) == ("off", "0", "", "")
    assert (driving["mode"], driving["chg_fet"], driving["dsg_fet"]) == ("active", "1", "1")
    assert -5100 < int(driving["current_ma"]) < -4900
    assert int(driving["pack_mv"]) == pytest.approx(4 * int(driving["cell_min_mv"]), abs=8)
    assert (driving["temp_min_ddegc"], driving["temp_max_ddegc"]) == ("250", "250")
    assert int(driving["true_soc_permille"]) == 600
    assert abs(int(driving["soc_permille"]) - 600) < 150
    assert int(driving["soc_sigma_permille"]) > 20
    assert int(driving["discharge_limit_ma"]) > int(driving["charge_limit_ma"]) > 0
    assert (driving["resets"], driving["refusals"], driving["balance_mask"]) == ("0", "0", "0")
    assert driving["soh_permille"] == ""
    assert {row["led"] for row in table} <= {"0", "1"}
    assert (dark["mode"], dark["pack_mv"], dark["resets"]) == ("off", "", "")
    assert back["mode"] == "active"


def test_the_chips_gates_are_told_while_no_firmware_runs(tmp_path: Path) -> None:
    story = """
    [[at]]
    t = 5
    power = "cut"
    expect = {within_s = 0.5, mode = "off", chg_fet = 1, dsg_fet = 1}
    [[at]]
    t = 6
    expect = {within_s = 8, mode = "off", chg_fet = 0, dsg_fet = 0}   # the chip's host watchdog
    """
    result = sim("--scenario", write(tmp_path, "s.toml", story))
    assert result.exit_code == 0, result.stderr


def test_the_state_folder_is_the_flash(tmp_path: Path) -> None:
    quiet = "[sensors]\ncurrent_noise_uv = 0\n"  # not a thousandth may go astray
    pack = write(tmp_path, "pack.toml", PACK + quiet + "[firmware]\nbelieved_soc = 0.9\n")
    state, out = tmp_path / "flash" / "of" / "it", tmp_path / "out.csv"
    story = write(tmp_path, "s.toml", "[[at]]\nt = 3\npress_s = 10.5\nexpect = {within_s = 15, resets = 1}\n")
    assert sim("--pack", pack, "--state", state, "--scenario", story).exit_code == 0
    assert {file.suffix for file in state.iterdir()} <= {".a", ".b"}
    again = sim("--pack", pack, "--state", state, "--duration", 5, "--record", out, "--console", "none")
    assert again.exit_code == 0
    last = rows(out)[-1]
    assert last["resets"] == "1"
    assert last["soc_permille"] == "900"
    pack.write_text(PACK + "[parameters]\ncell_ov_mv = 3690\n")
    noted = sim("--pack", pack, "--state", state, "--duration", 1, "--console", "none")
    assert "the pack file differs in: cell_ov_mv" in noted.stderr


def test_a_seed_is_a_pack(tmp_path: Path) -> None:
    pack = write(tmp_path, "pack.toml", PACK + "[spread]\nsoc = 0.02\n")
    seen: list[str] = []
    for seed in (5, 5, 6):
        out = tmp_path / "out.csv"
        sim("--pack", pack, "--seed", seed, "--duration", 4, "--record", out, "--console", "none")
        seen.append(out.read_text())
    assert seen[0] == seen[1]
    assert seen[0] != seen[2]


def trace(samples: int, soc: bool = True) -> str:
    header = "t_s,current_a,voltage_v,temperature_c" + ",soc" * soc
    rows_of_it = (
        f"{100 + k},{-2.0 if k else 0.0},{3.30 - k * 0.001:.4f},{20 + k * 0.1:.2f}"
        + f",{0.8 - k * 0.001:.4f}" * soc
        for k in range(samples)
    )
    return "\n".join([header, *rows_of_it, ""])


def test_a_replay_starts_when_the_path_closes_and_ends_with_the_trace(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    (tmp_path / "cell.csv.gz").write_bytes(gzip.compress(trace(31).encode()))
    pack = write(tmp_path, "pack.toml", PACK)
    result = sim("--pack", pack, "--replay", tmp_path / "cell.csv.gz", "--record", out)
    assert result.exit_code == 0, result.stderr
    table = rows(out)
    closed = next(k for k, row in enumerate(table) if row["dsg_fet"] == "1")
    assert all(row["true_soc_permille"] == "800" for row in table[:closed])
    assert all(abs(int(row["current_ma"] or 0)) <= 2100 for row in table)
    assert float(table[-1]["t_s"]) == pytest.approx(30 + closed, abs=1.5)
    last = table[-1]
    assert abs(int(last["current_ma"]) + 2000) < 20
    assert abs(int(last["cell_min_mv"]) - 3270) <= 3
    assert abs(int(last["temp_max_ddegc"]) - 230) <= 3
    assert abs(int(last["true_soc_permille"]) - 770) <= 2


def test_a_replay_without_soc_leaves_the_truth_empty(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    cell = write(tmp_path, "cell.csv", trace(5, soc=False))
    assert sim("--pack", write(tmp_path, "p.toml", PACK), "--replay", cell, "--record", out).exit_code == 0
    assert {row["true_soc_permille"] for row in rows(out)} == {""}


def test_a_replay_that_never_closes_the_path_still_ends(tmp_path: Path) -> None:
    cell = write(tmp_path, "cell.csv", trace(5))
    write(tmp_path, "params.a", "damaged: the firmware keeps the path open")
    result = sim("--pack", write(tmp_path, "p.toml", PACK), "--replay", cell, "--state", tmp_path)
    assert result.exit_code == 0
    assert "the replay began anyway" in result.stderr


def test_a_corrupt_trace_is_a_sentence(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(trace(400).encode()))
    for broken in (packed[:40], packed[:20] + b"\xff" * 30 + packed[50:], b"\0" * 50):
        (tmp_path / "cell.csv.gz").write_bytes(bytes(broken))
        result = sim("--replay", tmp_path / "cell.csv.gz")
        assert result.exit_code == 2
        assert "cell.csv.gz cannot be" in result.stderr


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=80), option=st.sampled_from(["--pack", "--scenario", "--replay"]))
def test_no_file_content_yields_a_traceback(tmp_path: Path, data: bytes, option: str) -> None:
    file = tmp_path / "input"
    file.write_bytes(data)
    result = sim(option, file, "--duration", 0.1)
    assert result.exit_code == 2
    assert result.stderr.startswith("packwarden: ")
