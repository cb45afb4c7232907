"""The bench of the charge estimator: it finds its traces or says so, and a short trace meets its goals."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from packwarden.soc_bench import cases, drive, table
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
