"""The bench: that each kind runs and its figures hang together; how fast is the machine's business."""

import pytest
from packwarden import bench
from packwarden.commands import app
from packwarden.recorder import read
from typer.testing import CliRunner


@pytest.mark.parametrize("kind", [bench.PLAIN, bench.CRC, bench.REPLAY])
def test_figures(kind: str) -> None:
    result = bench.measure(kind, 6.0)
    assert result["firmware_us"] + result["world_us"] == pytest.approx(result["cycle_us"])
    assert min(result["firmware_us"], result["world_us"]) > 0
    assert result["speed"] * result["cycle_us"] == pytest.approx(1e5, rel=0.5)


@pytest.mark.parametrize("kind", [bench.PLAIN, bench.CRC, bench.REPLAY])
def test_nothing_trips_in_what_is_measured(kind: str) -> None:
    run = bench.session(kind)
    run.advance(60_000_000)
    assert read(run, "mode") == "active"
    assert read(run, "faults") == ""


def test_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.run, "__defaults__", (3.0,))
    result = CliRunner().invoke(app, ["bench"])
    assert result.exit_code == 0
    assert "driving" in result.stdout
