"""What can be drawn is recognised by its content; a picture comes of it where matplotlib is there."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from packwarden import plots, recording
from packwarden.errors import InputError
from packwarden.plots import canvas, data

HAS_MATPLOTLIB = importlib.util.find_spec("matplotlib") is not None
drawn = pytest.mark.skipif(not HAS_MATPLOTLIB, reason="matplotlib is not installed")

STATUS = {
    "mode": "active", "why": "", "soc_permille": 612, "soc_sigma_permille": 30, "pack_mv": 52_000,
    "current_ma": -12_000, "cells_mv": [3250, 3260], "temps_ddegc": [251, 263], "charge_limit_ma": 63_000,
    "discharge_limit_ma": 108_000, "uptime_ms": 1,
}  # fmt: skip
TABLE = (
    "t_s,mode,current_ma,pack_mv,cell_min_mv,cell_max_mv,soc_permille,soc_sigma_permille,true_soc_permille,faults\n"
    "0.0,off,,,,,,,600,\n"
    "1.0,active,-1000,52000,3250,3260,500,100,600,\n"
    "2.0,charge_only,0,52500,3255,3265,500,100,600,OCD1\n"
)
FRAME: dict[str, Any] = {
    "code": "P0AFB", "mnemonic": "CELL_OV", "text": "a cell is charged too high", "frame": {"t": 4711},
    "columns": ["t_ms", "cell_min_mv", "cell_max_mv", "current_ma", "pack_mv", "temp_max_ddegc", "mode"],
    "samples": [
        [-100, 3400, 3690, 5000, 54000, 250, "active"], [0, 3400, 3700, 5000, 54000, 250, "discharge_only"],
    ],
}  # fmt: skip
LOG = "n,t_s,event,detail\n1,5,start,after power\n2,7,fault,CELL_OV\n3,,journal,lost\n"


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    file = tmp_path / "pack.jsonl"
    writer = recording.Writer(file, "test")
    writer.take(0.0, recording.PARAMETERS, {"cell_uv_mv": 2500})
    writer.take(0.0, recording.PARAMETERS, {"cell_ov_mv": 3700})
    for t_s in range(5):
        writer.take(t_s, recording.STATUS, STATUS if t_s else {**STATUS, "cells_mv": [], "temps_ddegc": []})
    writer.take(4.5, recording.EVENT, {"t_s": 9, "event": "fault", "detail": "OCD1"})
    writer.close()
    return file


def of(tmp_path: Path, content: str) -> data.Past:
    file = tmp_path / "file"
    file.write_text(content)
    return data.read(file)


def test_a_recording(recorded: Path) -> None:
    past = data.read(recorded)
    assert past.times_s == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert past.columns["current_a"] == [None, -12.0, -12.0, -12.0, -12.0]
    assert past.columns["cell_max_v"][1] == pytest.approx(3.26)
    assert past.columns["soc"][0] == pytest.approx(61.2)
    assert past.cell_limits_v == (2.5, 3.7)
    assert past.events == [(4.5, "fault", "OCD1")]


def test_a_table_of_the_simulator(tmp_path: Path) -> None:
    past = of(tmp_path, TABLE)
    assert past.columns["current_a"] == [None, -1.0, 0.0]
    assert past.columns["true_soc"] == [60.0] * 3
    modes = [(0.0, "mode", "off"), (1.0, "mode", "active"), (2.0, "mode", "charge_only")]
    assert past.events == [*modes, (2.0, "fault", "OCD1")]


def test_a_freeze_frame(tmp_path: Path) -> None:
    for content in (FRAME, {"jsonrpc": "2.0", "id": 1, "result": FRAME}):
        past = of(tmp_path, json.dumps(content))
        assert past.times_s == [-0.1, 0.0]
        assert past.columns["cell_max_v"][1] == pytest.approx(3.7)
        assert (0.0, "mode", "active -> discharge_only") in past.events
        assert "CELL_OV P0AFB" in past.title


def test_a_log_in_both_forms(tmp_path: Path) -> None:
    rows = [
        {"n": 1, "t_s": 5, "event": "start", "detail": "after power"},
        {"n": 2, "t_s": 7, "event": "fault", "detail": "CELL_OV"},
    ]
    for content in (LOG, json.dumps({"packwarden": "log", "log": rows}), json.dumps(rows)):
        past = of(tmp_path, content)
        assert past.events == [(5.0, "start", "after power"), (7.0, "fault", "CELL_OV")]
        assert not past.times_s


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "nothing that can be drawn"),
        ("a,b\n1,2\n", "nothing that can be drawn"),
        ("{", "not valid JSON"),
        ('{"a": 1}', "neither a log nor a freeze frame"),
        ('{"samples": []}', "no freeze frame"),
        (TABLE + "3.0,active,many\n", "line 5 holds something that is no number"),
        ("n,t_s,event,detail\n1,,x,y\n", "no event with a time"),
    ],
)
def test_what_is_none_of_these_is_a_sentence(tmp_path: Path, content: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        of(tmp_path, content)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        data.read(tmp_path / "nothing")


def test_what_the_command_line_cannot_mean(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Say what to draw"):
        plots.run(None, None, None, None)
    with pytest.raises(InputError, match=r"must end in \.png"):
        canvas.check(tmp_path / "x.gif")


@drawn
@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_a_picture_of_everything_that_is_known(recorded: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"pack.{ending}"
    plots.run(recorded, None, None, out)
    assert out.stat().st_size > 5000


@drawn
@pytest.mark.parametrize(("content", "panels"), [(TABLE, 4), (json.dumps(FRAME), 4), (LOG, 1)])
def test_a_panel_for_each_thing_that_is_known_and_none_for_the_rest(
    tmp_path: Path, content: str, panels: int
) -> None:
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure()
    canvas.fill(figure, of(tmp_path, content))
    stacked = [
        axis for axis in figure.axes if axis.get_subplotspec() is not None and axis.get_ylabel() != "pack, V"
    ]
    assert len(stacked) == panels


@drawn
def test_a_place_that_cannot_be_written_is_a_sentence(recorded: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        plots.run(recorded, None, None, tmp_path / "no" / "where.png")
