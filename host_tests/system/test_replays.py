"""Recorded cells, replayed to the production firmware: reality may not trip what stayed inside the limits.

Every trace of `shared/data/measured`, beside the project, with its own chemistry and capacity, the presets,
and the sensor errors of an ordinary front end. The recordings are not part of the project, so without that
folder these tests are skipped. Each trace is cut to its start and to what surrounds its extremes (nothing is
thinned out), so that a test run stays short; with PACKWARDEN_WHOLE_REPLAYS=1 in the environment every
recorded second is replayed, which takes about half an hour.
"""

import csv
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from bms.core import faults, params
from bms.services.storage import Record
from packwarden.files import DirectoryFiles
from packwarden.simulate import Options, Simulation
from packwarden.traces import Trace, load_trace

MEASURED = Path(__file__).resolve().parents[3] / "shared" / "data" / "measured"
WHOLE = os.environ.get("PACKWARDEN_WHOLE_REPLAYS", "") not in ("", "0")
START_S = 600.0
AROUND_S = 60.0  # before and after each extreme

# Folder of the recordings: (preset, capacity in Ah when new).
CELLS = {
    "aboutenergy_lfp_18650": ("lfp", 2.0),
    "aboutenergy_nmc111_pouch": ("nmc", 12.5),
    "lg_18650hg2_nmc": ("nmc", 2.875),
    "panasonic_18650pf_nca": ("nmc", 2.833),  # NCA lives by the same limits
    "shi_lfp_1p2ah": ("lfp", 1.2),
}
FILES = sorted(MEASURED.glob("*/*.csv.gz"))

# What the simulated front end gets wrong, and how far a reading may therefore be from the recording.
GAIN_ERROR = 0.01
OFFSET_C = 0.0004  # of the capacity, in A
NOISE_MV = 2.0
MARGIN_MV = 10.0
MARGIN_MA = 10.0
MARGIN_C = 0.3
# All cells are the recorded one, so whoever passes the first may pass the others.
DEEPER = {"CELL_UV": ("PACK_UV", "CELL_DEEP"), "CELL_OV": ("PACK_OV",)}
TRIP_S = 1.0  # on top of a delay: a scan, a cycle, and samples a second apart
BELIEF_SIGMA_PERMILLE = 1


@dataclass(frozen=True)
class Limit:
    """One fault row, as a question to a recording: how far beyond the limit is a sample?"""

    mnemonic: str
    parameter: str
    delay: str
    excess: Callable[[Trace, int, float], float]  # trace, sample, limit in the parameter's unit
    margin: Callable[[float, float], float]  # limit, capacity in Ah


def _mv(_limit: float, _ah: float) -> float:
    return MARGIN_MV


def _ma(limit: float, ah: float) -> float:
    return limit * GAIN_ERROR + ah * 1000 * OFFSET_C + MARGIN_MA


def _ddegc(_limit: float, _ah: float) -> float:
    return 10 * MARGIN_C


LIMITS = (
    Limit("CELL_OV", "cell_ov_mv", "cell_ov_ms", lambda t, k, x: 1000 * t.voltage_v[k] - x, _mv),
    Limit("CELL_UV", "cell_uv_mv", "cell_uv_ms", lambda t, k, x: x - 1000 * t.voltage_v[k], _mv),
    Limit("OCC", "occ_ma", "occ_ms", lambda t, k, x: 1000 * t.current_a[k] - x, _ma),
    Limit("OCD1", "ocd1_ma", "ocd1_ms", lambda t, k, x: -1000 * t.current_a[k] - x, _ma),
    Limit("OCD2", "ocd2_ma", "ocd2_ms", lambda t, k, x: -1000 * t.current_a[k] - x, _ma),
    Limit("SCD", "scd_ma", "scd_us", lambda t, k, x: -1000 * t.current_a[k] - x, _ma),
    Limit("OTC", "otc_ddegc", "temp_ms", lambda t, k, x: 10 * t.temperature_c[k] - x, _ddegc),
    Limit("OTD", "otd_ddegc", "temp_ms", lambda t, k, x: 10 * t.temperature_c[k] - x, _ddegc),
    Limit("UTC", "utc_ddegc", "temp_ms", lambda t, k, x: x - 10 * t.temperature_c[k], _ddegc),
    Limit("UTD", "utd_ddegc", "temp_ms", lambda t, k, x: x - 10 * t.temperature_c[k], _ddegc),
)


def may_trip(trace: Trace, values: dict[str, Any], ah: float) -> set[str]:
    """Rows whose limit some sample reaches, sensor errors included."""
    found = set()
    for limit in LIMITS:
        level = values[limit.parameter]
        worst = max(limit.excess(trace, k, level) for k in range(len(trace.t_s)))
        if worst >= -limit.margin(level, ah):
            found.add(limit.mnemonic)
    return found


def must_trip(trace: Trace, values: dict[str, Any], ah: float) -> set[str]:
    """Rows whose limit is exceeded, sensor errors included, for longer than the delay."""
    found = set()
    for limit in LIMITS:
        level = values[limit.parameter]
        since = None
        for k, t_s in enumerate(trace.t_s):
            if limit.excess(trace, k, level) <= limit.margin(level, ah):
                since = None
                continue
            since = t_s if since is None else since
            if t_s - since >= values[limit.delay] / 1000 + TRIP_S:
                found.add(limit.mnemonic)
    return found


def cut(trace: Trace, start: int, end: int) -> Trace:
    soc = trace.soc[start:end] if trace.soc else None
    columns = (trace.t_s, trace.current_a, trace.voltage_v, trace.temperature_c)
    return Trace(*(column[start:end] for column in columns), soc)


def windows(trace: Trace) -> list[Trace]:
    """The start of a trace and the surroundings of its extremes, in order, those that overlap as one."""
    if WHOLE:
        return [trace]
    t_s = trace.t_s
    spans = [(t_s[0], t_s[0] + START_S)]
    for column in (trace.current_a, trace.voltage_v, trace.temperature_c):
        for extreme in (min(column), max(column)):
            at_s = t_s[column.index(extreme)]
            spans.append((at_s - AROUND_S, at_s + AROUND_S))
    merged: list[tuple[float, float]] = []
    for start_s, end_s in sorted(spans):
        if merged and start_s <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end_s))
        else:
            merged.append((start_s, end_s))
    found = []
    for start_s, end_s in merged:
        inside = [k for k, each in enumerate(t_s) if start_s <= each <= end_s]
        # One sample more on either side: recordings at rest have one a minute.
        found.append(cut(trace, max(0, inside[0] - 1), inside[-1] + 2))
    return found


def replay(trace: Trace, chemistry: str, ah: float, folder: Path) -> tuple[Simulation, list[dict[str, str]]]:
    """Through the command's own code; returns it and the record."""
    pack, recording, record = folder / "pack.toml", folder / "cell.csv", folder / "record.csv"
    pack.write_text(
        f'chemistry = "{chemistry}"\ncells = 4\ncapacity_ah = {ah}\n[sensors]\n'
        f"current_gain_error = {GAIN_ERROR}\ncurrent_offset_a = {ah * OFFSET_C}\n"
        f"voltage_noise_mv = {NOISE_MV}\n"
    )
    names = ["t_s", "current_a", "voltage_v", "temperature_c"]
    columns = [trace.t_s, trace.current_a, trace.voltage_v, trace.temperature_c]
    state = None
    if trace.soc:
        names.append("soc")
        columns.append(trace.soc)
        state = folder / "flash"
        state.mkdir()
        belief = {"operating_s": 0, "soc": [max(0, round(1000 * trace.soc[0])), BELIEF_SIGMA_PERMILLE]}
        Record(DirectoryFiles(state), "state").save(belief)
    with recording.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(names)
        rows.writerows(zip(*columns, strict=True))
    simulation = Simulation(Options(pack=pack, replay=recording, record=record, state=state))
    simulation.run()
    with record.open(newline="") as file:
        return simulation, list(csv.DictReader(file))


def test_every_recorded_cell_is_known() -> None:
    if not FILES:
        pytest.skip("no recordings: shared/data/measured is not beside the project")
    assert {file.parent.name for file in FILES} == set(CELLS)


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.name.split('.')[0]}")
def test_a_recorded_cell_trips_nothing_that_stays_inside_its_limits(file: Path, tmp_path: Path) -> None:
    chemistry, ah = CELLS[file.parent.name]
    for number, trace in enumerate(windows(load_trace(file))):
        folder = tmp_path / str(number)
        folder.mkdir()
        simulation, rows = replay(trace, chemistry, ah, folder)
        session = simulation.session
        values: dict[str, Any] = session.parts.settings.values
        assert (
            values["cell_ov_mv"]
            == params.resolve({"chemistry": chemistry, "capacity_mah": 1000})["cell_ov_mv"]
        )
        counts = session.parts.protect.occurrences
        tripped = {
            row[faults.MNEMONIC]
            for row, count in zip(faults.ROWS, counts, strict=True)
            if count and row[faults.CLASS] != faults.WARNING
        }
        where = f"{trace.t_s[0]:g} to {trace.t_s[-1]:g} s"
        assert session.boots == 1
        allowed = may_trip(trace, values, ah)
        allowed |= {deeper for row in allowed for deeper in DEEPER.get(row, ())}
        assert tripped <= allowed, f"a false trip in {where}"
        assert tripped >= must_trip(trace, values, ah), f"a missing trip in {where}"
        assert not [event for _, event, _ in session.parts.history.events if event == "exception"]
        believed = [int(row["soc_permille"]) for row in rows if row["soc_permille"]]
        assert len(believed) >= len(rows) - 3
        assert min(believed) >= 0
        assert max(believed) <= 1000
        if trace.soc:
            error = int(rows[-1]["soc_permille"]) - int(rows[-1]["true_soc_permille"])
            sigma = int(rows[-1]["soc_sigma_permille"])
            print(
                f"{where}: {error:+d} permille, sigma {sigma}, tripped {sorted(tripped)}"
            )  # pytest -rP shows it
            assert abs(error) <= 3 * sigma, f"{error} permille off, but sigma is {sigma}, in {where}"
