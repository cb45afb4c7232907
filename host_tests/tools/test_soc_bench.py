"""The bench of the charge estimator: it finds its traces or says so, and a short trace meets its goals."""

import csv
import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest
from packwarden.simulate import Options, Simulation
from packwarden.soc_bench import body, cases, drive, learned, packs, table
from packwarden.soc_bench.rivals import Counter

DATA = cases.folder()
SHORT = "lg_drive_pause_10C"


@pytest.fixture
def short() -> cases.Case:
    if DATA is None:
        pytest.skip("no traces: shared/data is not beside the project")
    return next(case for case in cases.find(DATA) if case.name == SHORT)


def test_without_traces_it_says_so(tmp_path: Path) -> None:
    missing = tmp_path / "nothing"
    if cases.BESIDE.is_dir():
        assert cases.folder(str(missing)) == cases.BESIDE
        return
    said = subprocess.run(
        [sys.executable, "-m", "packwarden.soc_bench", "--data", str(missing)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {cases.VARIABLE: ""},
    )
    assert "Skipped: there are no traces" in said.stdout


def test_a_cold_start_finds_the_charge_and_a_good_one_keeps_it(short: cases.Case) -> None:
    outcomes = [drive.run(short, cold) for cold in (True, False)]
    assert table.verdicts(outcomes) == []
    assert outcomes[0].scores["counter"].rmse > 19, "the counter stays where it was told to begin"


def test_a_whole_firmware_comes_to_the_same(short: cases.Case, tmp_path: Path) -> None:
    until_s = 400
    moments = list(itertools.islice(drive.seconds(short), until_s))
    fed = body.Body(short.chemistry, 4, short.capacity_ah)
    fed.believe(1.0)
    rows = ["t_s,current_a,voltage_v,temperature_c,soc"]
    for t_s, current_a, volts, temp_c, truth in moments:
        rows.append(f"{t_s},{current_a},{volts},{temp_c},{truth}")
        fed.count(fed.sensed(current_a))
        fed.look(fed.sensed(current_a), [volts] * 4, temp_c)
    trace, pack, record = tmp_path / "cell.csv", tmp_path / "pack.toml", tmp_path / "record.csv"
    trace.write_text("\n".join(rows))
    pack.write_text(
        f'chemistry = "{short.chemistry}"\ncells = 4\ncapacity_ah = {short.capacity_ah}\n[sensors]\n'
        f"current_gain_error = {body.GAIN_ERROR}\ncurrent_offset_a = {body.OFFSET_C * short.capacity_ah}\n"
        f"voltage_noise_mv = {body.NOISE_MV}\n[firmware]\nbelieved_soc = 1.0\n"
    )
    Simulation(Options(pack=pack, replay=trace, record=record)).run()
    with record.open(newline="") as file:
        last = list(csv.DictReader(file))[-1]
    assert abs(int(last["soc_permille"]) - fed.soc.permille) <= 10
    assert abs(int(last["soc_sigma_permille"]) - fed.soc.sigma_permille) <= 10


def test_packs_and_lessons_have_rows_and_missed_goals_are_sentences() -> None:
    plan = packs.PLANS[1]
    found = packs.Found(plan, True, drive.Score(), drive.Score(), 0, "")
    figure = learned.Learned("capacity of something", 5.2, 5.0, 0.03)
    assert table.packs([found]).row_count == 1
    assert table.learned([figure]).row_count == 1
    said = table.more_verdicts([found], [figure])
    assert "+4.0 %, not within 3 %" in said[0]
    assert "the weak cell is 7, not none" in said[1]
    found.score.add(10.0, 1.0)
    said = table.more_verdicts([found], [])
    assert "cold start: within 2 sigma 0.0 % of the time, not 95 %." in said[0]


def test_a_missed_goal_is_a_sentence(short: cases.Case) -> None:
    outcome = drive.Outcome(short, True)
    for _ in range(10):
        drive.score(outcome.scores, "firmware", 50.0, 60.0, 1.0)
    said = table.verdicts([outcome])
    assert len(said) == 2
    assert "within 2 sigma 0.0 %" in said[0]
    assert "10.00 / 10.0, not 1.5 / 4" in said[1]


def test_the_counter_counts() -> None:
    counter = Counter(0.5, 2.0)
    for _ in range(3600):
        counter.second(0.2, 3.7, 25.0)
    assert abs(counter.soc - 0.6) < 1e-9
