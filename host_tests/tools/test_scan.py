"""`packwarden scan` as a workshop uses it: a simulated pack with a past, and lines that a test writes."""

import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from packwarden import __version__, ports
from packwarden.client import Client, talk
from packwarden.commands import app
from packwarden.scan import acts
from packwarden.scan.findings import QUESTIONS, Findings, gather
from packwarden.scan.page import page
from rich.console import Console
from tools.sim_command import PACK, sim, write
from typer.testing import CliRunner, Result

LOOSE = """
[[at]]
t = 5
load_a = 15

[[at]]
t = 8
fault = {kind = "contact_resistance", cell = 3, ohm = 0.07}

[[at]]
t = 11
clear = "contact_resistance"
load_a = 0
"""
CHARGING = """
[[at]]
t = 1
charger = {v = 14.4, i = 5}
"""
HEADINGS = (
    "What it looks like", "Trouble codes", "Cells", "Now", "Charge", "Health", "Learning cycle", "Lifetime",
    "Limits", "Latest events", "All parameters",
)  # fmt: skip
ADDED = "http:", "https:", "@import", "<script", "<img", "<link"


def scan(*options: object, typed: str = "") -> Result:
    """`packwarden scan`; an exception that no sentence was made of is the test's failure."""
    result = CliRunner().invoke(app, ["scan", *(str(each) for each in options)], input=typed)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def plain(result: Result) -> str:
    """What it printed, whatever width the terminal had."""
    return re.sub(r"\s+", " ", result.stdout)


@pytest.fixture
def healthy(tmp_path: Path) -> list[object]:
    return ["sim", "--pack", write(tmp_path, "pack.toml", PACK)]


@pytest.fixture
def loose(tmp_path: Path) -> list[object]:
    """A pack whose cell 3 jumped under load before it came to the workshop."""
    pack = write(tmp_path, "pack.toml", PACK)
    where = ["--pack", pack, "--state", tmp_path / "flash"]
    done = sim(*where, "--scenario", write(tmp_path, "loose.toml", LOOSE), "--duration", 90)
    assert done.exit_code == 0, done.stderr
    return ["sim", *where]


class Text(HTMLParser):
    """The visible words of a page, and whether its tags are closed in order."""

    VOID = ("meta", "line", "rect")

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, _tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def test_a_healthy_pack_is_told_so(healthy: list[object]) -> None:
    result = scan(*healthy)
    assert result.exit_code == 0
    said = plain(result)
    assert f"Packwarden {__version__} on sim" in said
    assert "mode active: charging and discharging are allowed" in said
    assert re.search(
        r"4 cells: 3\d{3} mV \(cell 1\) to 3\d{3} mV \(cell 1\), 0\.0 A, charge \d\d\.\d \+- ", said
    )
    assert "25.0 degC; may take " in said
    assert "Nothing wrong found. No trouble code is stored." in said
    assert "Service" not in said


def test_a_code_comes_with_its_figure_its_meaning_and_the_next_step(loose: list[object]) -> None:
    said = plain(scan(*loose))
    assert "P1A25 CELL_JUMP pending 1" in said
    for each in ("a cell's voltage jumped", "(cell 3: ", "Check that cell's joints"):
        assert all(word in said for word in each.split()), each


def test_the_report_is_one_file_that_stands_alone(loose: list[object], tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    result = scan(*loose, "--report", report)
    assert result.exit_code == 0
    assert "The report is in" in plain(result)
    source = report.read_text(encoding="utf-8")
    assert not [each for each in ADDED if each in source], "nothing is fetched"
    shown = Text(source)
    assert shown.open == []
    for heading in HEADINGS:
        assert heading in shown.text
    assert "P1A25 CELL_JUMP: a cell's voltage jumped as no cell's can" in shown.text
    assert re.search(r"At the trip: cell 3: \d+ mV, mode fault, -1\d\.\d A, charge ", shown.text)
    assert source.count("<polyline") == 4, "highest and lowest cell, current, warmth"
    assert source.count('<rect class="bar"') == 8, "the cells at the trip, and the cells now"


def test_curves_leave_out_what_was_never_read(loose: list[object], tmp_path: Path) -> None:
    """The ring begins at power-on, with zeros; drawn, they would press everything else flat."""
    report = tmp_path / "report.html"
    scan(*loose, "--report", report)
    chart = report.read_text().split('aria-label="Cells"')[1].split("</svg>")[0]
    labels = [float(each) for each in re.findall(r'text-anchor="end">([\d.]+)<', chart)]
    assert min(labels) > 2.0


def test_a_report_that_cannot_be_written_is_a_sentence(healthy: list[object], tmp_path: Path) -> None:
    result = scan(*healthy, "--report", tmp_path / "nowhere" / "report.html")
    assert result.exit_code == 2
    assert "cannot be written: No such file or directory." in result.stderr


def test_a_soft_reset_clears_what_is_pending(loose: list[object]) -> None:
    result = scan(*loose, "--reset", "soft")
    assert result.exit_code == 0
    said = plain(result)
    assert said.startswith("reset soft: reset done Packwarden")
    assert "mode active" in said, "it waits until the pack is back"
    assert "No trouble code is stored." in said


def test_a_reset_that_is_refused_ends_with_its_reason_and_status_1(tmp_path: Path) -> None:
    pack, flash = write(tmp_path, "pack.toml", PACK), tmp_path / "flash"
    story = write(tmp_path, "impact.toml", '[[at]]\nt = 5\nfault = {kind = "impact"}\n')
    sim("--pack", pack, "--state", flash, "--scenario", story, "--duration", 10)
    result = scan("sim", "--pack", pack, "--state", flash, "--reset", "soft")
    assert result.exit_code == 1
    said = plain(result)
    assert said.startswith("reset soft: refused: an impact is on record; have the pack inspected")
    assert "Service needed: a permanent fault stands." in said
    assert "P1A0E IMPACT confirmed 1" in said


@pytest.mark.parametrize("level", ["hard", "relearn"])
def test_more_than_a_soft_reset_is_refused_without_access(healthy: list[object], level: str) -> None:
    result = scan(*healthy, "--reset", level)
    assert result.exit_code == 1
    assert plain(result).startswith(f"reset {level}: ")
    assert "mode active" in plain(result), "and the rest is told all the same"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["sim", "--reset", "factory"], "type `reset factory ERASE` at its own console"),
        (["sim", "--reset", "warm"], "--reset is one of soft, hard, relearn, not 'warm'"),
        (["COM99", "--pack", "x.toml"], "belong to the simulation"),
        (["COM99", "--state", "x"], "belong to the simulation"),
        (["sim", "--pack", "absent.toml"], "absent.toml"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_sentence(options: list[str], words: str) -> None:
    result = scan(*options)
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stdout == ""


PIN = "47110815"


@pytest.fixture
def secured(tmp_path: Path) -> list[object]:
    """A pack whose owner has set a PIN."""
    where = write(tmp_path, "pack.toml", PACK), tmp_path / "flash"
    port = ports.simulated(*where)
    with talk(port) as client:
        port.session.world.button = True
        port.pause(0.5)
        client.call("unlock")
        port.session.world.button = False  # a press is used up by what it has allowed
        port.pause(0.5)
        port.session.world.button = True
        port.pause(0.5)
        client.call("pin", "set", PIN)
        port.session.world.button = False
        port.pause(5)
    return ["sim", "--pack", where[0], "--state", where[1]]


@pytest.mark.parametrize("level", ["hard", "relearn"])
def test_the_pin_of_the_service_opens_the_rest(secured: list[object], level: str) -> None:
    refused = scan(*secured, "--reset", level)
    assert refused.exit_code == 2
    assert "A PIN is set on this pack: say it with --pin" in " ".join(refused.output.split())
    wrong = scan(*secured, "--reset", level, "--pin", "0000")
    assert wrong.exit_code == 1
    assert plain(wrong).startswith(f"reset {level}: that is not the PIN")
    done = scan(*secured, "--reset", level, "--pin", PIN)
    assert done.exit_code == 0
    said = plain(done)
    assert said.startswith(f"reset {level}: reset done")
    assert "mode active" in said
    assert ("Learning cycle: charging to full. Charge until" in said) is (level == "relearn")


class Line:
    """A pack that answers what a test says; what is missing is a method that it does not know."""

    name = "the line"

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, list[Any]]] = []
        self.clock_s = 0.0
        self.waiting = b""

    def write(self, data: bytes) -> None:
        for line in data.split(b"\n"):
            if line.startswith(b"{"):
                asked = json.loads(line)
                self.asked.append((asked["method"], asked.get("params", [])))
                found = self.answers.get(asked["method"])
                if found is None:
                    body: dict[str, Any] = {"error": {"code": -32601, "message": "no such method"}}
                elif isinstance(found, str):
                    body = {"error": {"code": -32000, "message": found}}
                else:
                    body = {"result": found}
                self.waiting += json.dumps({"jsonrpc": "2.0", "id": asked["id"], **body}).encode() + b"\n"

    def read(self, _wait_s: float) -> bytes:
        data, self.waiting = self.waiting, b""
        return data

    def now_s(self) -> float:
        return self.clock_s

    def pause(self, wait_s: float) -> None:
        self.clock_s += wait_s

    def close(self) -> None:
        pass


def reset(line: Line, level: str, pin: str | None) -> tuple[bool, str]:
    console = Console(width=200, file=io.StringIO())
    done = acts.reset(Client(line), line, level, pin, console)  # type: ignore[arg-type]
    return done, console.file.getvalue()  # type: ignore[attr-defined]


def test_the_pin_unlocks_before_and_nothing_stays_unlocked_after() -> None:
    done = {"accepted": True, "reason": "reset done"}
    line = Line({"pin": {"set": True}, "unlock": {}, "lock": {}, "reset": done, "status": {}})
    assert reset(line, "hard", "4711") == (True, "reset hard: reset done\n")
    assert line.asked[1:] == [("unlock", ["4711"]), ("reset", ["hard"]), ("lock", []), ("status", [])]


def test_a_wrong_pin_asks_for_no_reset() -> None:
    answers = {"pin": {"set": True}, "unlock": "that is not the PIN", "lock": {}, "reset": {"accepted": True}}
    line = Line(answers)
    assert reset(line, "relearn", "1") == (False, "reset relearn: that is not the PIN\n")
    assert ("reset", ["relearn"]) not in line.asked


def test_it_waits_for_a_pack_that_starts_anew_but_not_for_ever() -> None:
    line = Line({"reset": {"accepted": True, "reason": "reset done"}, "status": {"mode": "selftest"}})
    assert reset(line, "soft", None)[0] is True
    assert 15 < line.clock_s < 30
    assert "unlock" not in [method for method, _ in line.asked]


def test_an_old_firmware_is_told_as_far_as_it_answers() -> None:
    status = {"mode": "active", "cells_mv": []}
    line = Line({"version": {"firmware": "0.0.1", "board": "old"}, "status": status})
    with talk(line) as client:
        found = gather(client)
    assert len(found.missing) == len(QUESTIONS) - 2
    assert found.missing[0] == "This firmware does not know 'cells': a newer one tells more."
    assert found.newer == f"The board runs firmware 0.0.1; `packwarden flash` would bring {__version__}."
    shown = Text(page(found)).text
    assert "This firmware does not diagnose." in shown
    assert "does not know 'cells'" in shown


def test_whatever_a_pack_says_stays_text() -> None:
    evil = "<script>alert('x')</script>&"
    found = Findings(
        evil,
        {
            "version": {"firmware": evil, "board": evil},
            "status": {"mode": evil, "why": evil, "cells_mv": [3300], "service_needed": True, evil: evil},
            "service": {"reasons": [evil]},
            "diagnose": [{"text": evil, "figure": evil, "unit": evil, "advice": evil, "cell": evil}],
            "dtc.list": [{}],
            "relearn": {evil: evil},
            "log": [{evil: evil}],
            "params": [{"name": evil, "value": 3}],
        },
        [dict.fromkeys(("code", "mnemonic", "text", "state", "advice"), evil) | {"frame": {"seen": evil}}],
        [evil],
    )
    source = page(found)
    assert "<script" not in source
    assert source.count("&lt;script&gt;") > 20
    Text(source)


def test_the_simulated_pack_is_the_one_of_the_flash_that_is_given(loose: list[object]) -> None:
    port = ports.simulated(*loose[2::2])  # type: ignore[arg-type]
    with talk(port) as client:
        assert [row["mnemonic"] for row in client.call("dtc.list")] == ["CELL_JUMP"]
