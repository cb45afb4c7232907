"""The same traces by `packwarden sim --replay`: the whole firmware, its driver and a simulated front end.

A hundred times slower than the estimators alone, so it is done for a few short traces: what it comes to must
be what the table says of them.
"""

import csv
import tempfile
from pathlib import Path

from packwarden.simulate import Options, Simulation
from packwarden.soc_bench import drive
from packwarden.soc_bench.body import GAIN_ERROR, NOISE_MV, OFFSET_C
from packwarden.soc_bench.cases import Case
from packwarden.soc_bench.drive import CELLS, COLD, Score

WITNESSES = (("measured LFP", "aboutenergy_1c_25C"), ("measured NMC", "lg_us06_n10C"))


def run(case: Case, cold: bool) -> Score:
    """Replay it, and score each fifth row of the record like `drive`."""
    trace = case.load()
    if trace.soc is None:
        return Score()
    believed = max(0.0, trace.soc[0] - (COLD if cold else 0.0))
    score = Score()
    with tempfile.TemporaryDirectory() as folder:
        pack, record = Path(folder) / "pack.toml", Path(folder) / "record.csv"
        pack.write_text(
            f'chemistry = "{case.chemistry}"\ncells = {CELLS}\ncapacity_ah = {case.capacity_ah}\n[sensors]\n'
            f"current_gain_error = {GAIN_ERROR}\ncurrent_offset_a = {OFFSET_C * case.capacity_ah}\n"
            f"voltage_noise_mv = {NOISE_MV}\n[firmware]\nbelieved_soc = {believed}\n"
        )
        Simulation(Options(pack=pack, replay=Path(case.path), record=record)).run()
        skip_s = drive.skipped_s(case)
        with record.open(newline="") as file:
            for row in csv.DictReader(file):
                t_s = float(row["t_s"])
                if t_s >= skip_s and int(t_s) % drive.SCORE_S == 0 and row["soc_permille"]:
                    error = (int(row["soc_permille"]) - int(row["true_soc_permille"])) / 10
                    score.add(error, int(row["soc_sigma_permille"]) / 10)
    return score
