"""The simulated pack against the electrochemical traces that its circuits were fitted to."""

import math
from pathlib import Path

import pytest
from packwarden.sim import assembly, cells
from packwarden.traces import load_trace

SIMULATED = Path(__file__).resolve().parents[3] / "shared" / "data" / "simulated"


# The documented fit: 3 to 6 mV rms at 25 degC, 7 to 20 mV at 10 degC; temperature within a degree.
@pytest.mark.parametrize(
    ("trace_name", "model_name", "rms_mv"),
    [
        ("nmc_drive_25C", "nmc", 6.5),
        ("ael_drive_25C", "ael", 6.5),
        ("aelh_drive_25C", "aelh", 6.5),
        ("nmc_drive_10C", "nmc", 20.0),
    ],
)
def test_pack_follows_the_trace(trace_name: str, model_name: str, rms_mv: float) -> None:
    path = SIMULATED / f"{trace_name}.csv.gz"
    if not path.exists():
        pytest.skip(f"{path.name} is not here: the reference traces are kept outside the project")
    trace = load_trace(path)
    assert trace.soc is not None
    model = cells.load(model_name)
    spec = {
        "cells": 1,
        "capacity_ah": model.capacity_ah,
        "soc": trace.soc[0],
        "environment": {"ambient_c": trace.temperature_c[0]},
        "weak": [{"cell": 1, "self_discharge": 0.0}],
    }
    cell = assembly.pack(spec, model, 1)
    squares = 0.0
    worst_c = 0.0
    for k in range(1, len(trace.t_s)):
        middle_a = 0.5 * (trace.current_a[k - 1] + trace.current_a[k])
        cell.step(trace.t_s[k] - trace.t_s[k - 1], middle_a)
        cell.apply(trace.current_a[k])
        squares += (cell.volts[0] - trace.voltage_v[k]) ** 2
        worst_c = max(worst_c, abs(cell.temp_c[0] - trace.temperature_c[k]))
    assert math.sqrt(squares / len(trace.t_s)) < rms_mv * 1e-3
    assert worst_c < 1.0
    assert abs(cell.soc[0] - trace.soc[-1]) < 0.001
