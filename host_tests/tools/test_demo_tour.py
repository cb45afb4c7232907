"""The guided tour is true from end to end, readable when piped, and says so when something is not as told."""

import io
import os
import subprocess
import sys
from pathlib import Path

from packwarden.demo import pack, tour
from packwarden.demo.stage import NotSeenError, Stage, flashes, groups
from portable import raises

ROOT = Path(__file__).parents[2]


def test_the_tour_stops_at_the_first_thing_that_is_not_so() -> None:
    def untrue(stage: Stage) -> None:
        stage.claim(False, "The moon is full.")

    power_up, tour.power_up = tour.power_up, untrue
    out = io.StringIO()
    try:
        assert tour.play(out) == 1
    finally:
        tour.power_up = power_up
    assert "THIS DID NOT HAPPEN: The moon is full." in out.getvalue()


def test_a_claim_is_only_told_when_true() -> None:
    out = io.StringIO()
    stage = Stage(pack.build(), out)
    stage.claim(True, "It rains.")
    assert str(raises(NotSeenError, stage.claim, False, "It snows.")) == "It snows."
    assert "rains" in out.getvalue()
    assert "snows" not in out.getvalue()


def test_waiting_for_what_does_not_come_ends() -> None:
    stage = Stage(pack.build(), io.StringIO())
    raises(NotSeenError, stage.wait_for, lambda: False, 0.5)


def test_blinks_are_counted_as_a_person_would() -> None:
    seen = [(k / 100, k in (*range(10, 35), *range(200, 225), *range(260, 285))) for k in range(400)]
    assert groups(seen) == [1, 2]
    assert len(flashes(seen)) == 3
    assert groups([(0.0, False), (1.0, False)]) == []


def test_without_a_terminal_the_command_plays_the_tour() -> None:
    paths = [str(ROOT / each) for each in ("firmware", "tools", "tools/packwarden/shims")]
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from packwarden.demo import run; sys.exit(run())"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": "ascii"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    assert done.stderr == b""
    told = done.stdout.decode("ascii")
    assert max(map(len, told.splitlines())) <= 79
    assert "\x1b" not in told
    for each in ("OCD1", "CELL_OV", "SCD", "locked out", "Released too early", "not isolated", "Reset done"):
        assert each in told
