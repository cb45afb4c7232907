"""The bench of the charge estimator: it finds its traces or says so, and a short trace meets its goals."""

import csv
import gzip
import itertools
import os
import statistics
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from packwarden.simulate import Options, Simulation
from packwarden.soc_bench import body, cases, crew, drive, goals, learned, lives, packs, table
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
    outcomes = drive.play(short)
    assert [each.cold for each in outcomes] == [True, False]
    assert all(each.met for each in goals.of_traces(outcomes))
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


def missed(verdicts: list[goals.Verdict]) -> list[str]:
    return [f"{each.what} {each.found}" for each in verdicts if not each.met]


def a_pack(plan: lives.Plan, named: int) -> packs.Found:
    case = cases.Case(plan.name, "16 cells NMC", plan.chemistry, 5.0, "", False)
    return packs.Found(plan, drive.Outcome(case, True), named, plan.days)


def test_a_pack_whose_weak_cell_is_not_named_misses_its_goal() -> None:
    found = [a_pack(packs.PLANS[0], 0), a_pack(packs.PLANS[1], 0)]
    assert missed(goals.of_packs(found)) == ["packs whose weak cell was named 1"]
    rows = [line for line in table.packs(found) if line.startswith("16 cells")]
    assert [row.endswith("MISSED") for row in rows] == [False, True]
    assert missed(goals.of_packs([a_pack(packs.PLANS[1], 7)])) == []


def test_a_pack_is_lived_by_firmware_and_rivals_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    def short_day(life: lives.Day) -> float:
        life.days += life.pack.usable() < 0.68
        return life_second(life)

    life_second = lives.Day.second
    monkeypatch.setattr(lives.Day, "second", short_day)
    found = packs.run(lives.Plan("", "nmc", days=1), False)
    scores = found.outcome.scores
    assert {name: score.count > 0 for name, score in scores.items()} == dict.fromkeys(
        ("firmware", "unanchored", "counter", "textbook"), True
    )
    assert scores["firmware"].worst < 4.0
    assert scores["counter"].worst < 2.0, "it began right"


def test_the_worst_lesson_of_a_kind_is_its_verdict() -> None:
    close = learned.Learned(learned.USE, "one thing", 5.1, 5.0, 0.03)
    far = learned.Learned(learned.USE, "another", 4.8, 5.0, 0.03, 0.01)
    assert missed(goals.of_lessons([close, far])) == ["capacity after natural use, worst -4.0 %"]
    assert [line.endswith("MISSED") for line in table.learned([close, far])][-2:] == [False, True]


def test_a_missed_goal_of_a_trace_is_told(short: cases.Case) -> None:
    cold, good = drive.Outcome(short, True), drive.Outcome(short, False)
    for outcome in (cold, good):
        outcome.scores["firmware"].add(10.0, 1.0)
        outcome.scores["counter"].add(9.0, 0.0)
    assert missed(goals.of_traces([cold, good])) == [
        "measured NMC, cold 10.00/10.0",
        "measured NMC, cold: within 2 sigma 0.0 %",
        "measured NMC, good: above the counter +1.00",
        "measured NMC, good: within 2 sigma 0.0 %",
    ]
    rows = [line for line in table.traces([cold, good]) if line.startswith(short.name)]
    assert [row.endswith("!") for row in rows] == [False, True], "only who began right is held to the counter"


def test_it_fits_into_eighty_columns() -> None:
    far = drive.Score()
    far.add(99.94, 1.0)
    lines: list[str] = []
    for group in goals.COLD_GOALS:
        case = cases.Case("panasonic_mixcycle1_25C", group, "lfp", 2.0, "", False)
        outcomes = [drive.Outcome(case, cold) for cold in (True, False)]
        for outcome in outcomes:
            for name in ("firmware", "anchored", "unanchored", "counter", "textbook"):
                outcome.scores[name].add(99.94, 1.0)
        lines += table.traces(outcomes)
        lines += table.wholes([(case, True, far)], outcomes)
        lines += table.verdicts(goals.of_traces(outcomes) + goals.of_wholes([(case, True, far)], outcomes))
    found = [a_pack(plan, 16) for plan in (*packs.PLANS, *packs.MORE)]
    lines += [*table.packs(found), *table.verdicts(goals.of_packs(found))]
    most = [
        learned.Learned(learned.RESISTANCE, "aelh_hppc_25C, resistance after 10 s", 199.99, 99.99, 0.1, 0.5),
        learned.Learned(learned.CYCLE, "aelh, 8 days under panels, told 1.15", 5.0, 99.99, 0.1, 0.5),
    ]
    lines += [*table.learned(most), *table.verdicts(goals.of_lessons(most))]
    assert max(map(len, lines)) <= table.WIDTH, max(lines, key=len)


def test_a_cell_that_is_not_known_is_judged_by_its_folder_and_its_reference(tmp_path: Path) -> None:
    rows = ["t_s,current_a,voltage_v,temperature_c,soc"]
    rows += [f"{t},-2.0,3.3,25.0,{0.9 - 2.0 * t / 3600 / 2.5:.5f}" for t in range(1800)]
    for folder in ("somebody_lfp_26650", "somebody_26650"):
        (tmp_path / "measured" / folder).mkdir(parents=True)
        with gzip.open(tmp_path / "measured" / folder / "drive_0C.csv.gz", "wt") as file:
            file.write("\n".join(rows))
    (case,) = found = cases.find(tmp_path)
    assert (case.group, case.chemistry, case.name) == ("measured LFP", "lfp", "somebody_drive_0C")
    assert abs(case.capacity_ah - 2.5) < 0.01
    assert case.span_s == 1799
    assert cases.unknown(tmp_path, found) == ["drive_0C.csv.gz"], "its chemistry is anybody's guess"


def test_the_crew_takes_the_longest_first_and_keeps_the_order(capfd: pytest.CaptureFixture[str]) -> None:
    jobs = [crew.Job("trace", cost, partial(str, cost)) for cost in (1.0, 5.0, 3.0)]
    with crew.Crew(1) as processes:
        assert processes.do(jobs) == [(job, str(job.cost)) for job in jobs]
    assert "Pieces of work: 3" in capfd.readouterr().err


def test_progress_tells_what_is_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now_s[0])
    jobs = [crew.Job("trace", 50.0, partial(int)) for _ in range(2)]
    told = crew.Progress(jobs)
    now_s[0] = 120.0
    told.done(jobs[0])
    assert capsys.readouterr().err.splitlines()[-1] == "1 of 2 pieces (50 %) in 2.0 min, about 2 min left"


def test_noise_is_of_the_size_that_is_said() -> None:
    sensors = body.Sensors(16)
    seen: list[int] = []
    for _ in range(400):
        sensors.look(0.0, [3.5] * 16, 25.0)
        seen += [each - 3500 for each in sensors.snap.cells_mv]
    assert 1.9 < statistics.pstdev(seen) < 2.15, "2 mV, and what rounding adds"
    assert abs(statistics.fmean(seen)) < 0.15


def test_a_house_stops_at_full_and_at_empty() -> None:
    full = lives.House(lives.Plan("", "nmc"), [0.6] * 86400)
    empty = lives.House(lives.Plan("", "nmc"), [-0.6] * 86400)
    for _ in range(9000):
        full.second()
        empty.second()
    assert full.second() == empty.second() == 0.0
    assert max(full.pack.soc) > 0.97
    assert full.pack.usable() > 0.97
    assert empty.pack.usable() < 0.1


def test_errands_turn_back_before_the_pack_is_empty() -> None:
    life = lives.errands(lives.Plan("", "nmc"))
    least = 1.0
    while life.days < 1:
        life.second()
        least = min(least, life.pack.usable())
    assert 0.42 < least < 0.45
    assert life.pack.usable() > 0.95


def test_the_counter_counts() -> None:
    counter = Counter(0.5, 2.0)
    for _ in range(3600):
        counter.second(0.2, 0.0, 3.7, 25.0)
    assert abs(counter.soc - 0.6) < 1e-9
