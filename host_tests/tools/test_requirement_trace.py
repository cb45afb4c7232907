"""The requirement trace itself: each kind of orphan is found, and a mere mention claims nothing.

Ids are made by `pw` here, because one that stood in a decorator would claim what no test in this file proves.
"""

from pathlib import Path
from typing import Any

import pytest
from bms.core import faults
from checks import requirement_trace as trace
from checks import safety_page
from checks.requirement_trace import orphans
from checks.safety_rules import Hazard, Rule
from checks.safety_tables import Fault, Proof, Tables, exists, marks, of_firmware


def pw(number: int) -> str:
    """An id."""
    return f"PW-{number:03}"


HEAT = Hazard("heat", "it burns", "over-temperature", "001")
BLOW = Hazard("blow", "it is hit", "impact", "")
PLACE = "bms.core.path:PowerPath.step"
RULE = Rule(pw(101), "blow", "2", PLACE, "It opens.")
WHOLE = Tables(
    faults=(Fault(pw(1), "OTD"),),
    asked=frozenset({"otd_ddegc"}),
    path_modes=("boot",),
    hazards=(HEAT, BLOW),
    rules=(RULE,),
    limits={"otd_ddegc": pw(1)},
    modes={"boot": pw(101)},
)
CLAIMS = {pw(number): [Proof("core/test_x.py", 7, "test_x")] for number in (1, 101)}


@pytest.fixture
def firmware(tmp_path: Path) -> Path:
    """A tree in which the one code place exists."""
    file = tmp_path / "bms" / "core" / "path.py"
    file.parent.mkdir(parents=True)
    file.write_text(
        'MODE = 1\nTABLE: "tuple" = ()\nclass PowerPath:\n    def step(self): pass\ndef free(): pass\n'
    )
    return tmp_path


def test_what_fits_together_is_whole(firmware: Path) -> None:
    assert orphans(WHOLE, CLAIMS, firmware) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"hazards": (HEAT._replace(rows=""), BLOW)}, f"OTD ({pw(1)}) is against no hazard"),
        (
            {"hazards": (HEAT, BLOW._replace(rows="001"))},
            f"OTD ({pw(1)}) is against 2 hazards; choose one",
        ),
        (
            {"hazards": (HEAT._replace(rows="001 002"), BLOW)},
            f"hazard 'heat': no row of the fault table is {pw(2)}",
        ),
        ({"hazards": (HEAT, BLOW, Hazard("cold", "", "", ""))}, "nothing stands against the hazard 'cold'"),
        ({"rules": (RULE, RULE._replace(text="Again."))}, f"{pw(101)} stands for 2 requirements"),
        ({"rules": (RULE._replace(hazard="flood"),)}, f"{pw(101)}: there is no hazard 'flood'"),
        ({"rules": (RULE._replace(layers="4"),)}, f"{pw(101)}: there is no layer '4'"),
        (
            {"rules": (RULE._replace(place="bms.core.path:Gone"),)},
            f"{pw(101)}: bms.core.path:Gone does not exist",
        ),
        ({"rules": (RULE, RULE._replace(requirement=pw(102)))}, f"{pw(102)} has no test"),
        (
            {"rules": (RULE, RULE._replace(requirement=pw(2)))},
            f"{pw(2)}: rules are numbered from {pw(101)} on",
        ),
        (
            {"faults": (*WHOLE.faults, Fault(pw(102), "UTD"))},
            f"UTD: {pw(102)} is a number for rules, from {pw(101)} on",
        ),
        ({"asked": frozenset({"otd_ddegc", "hwd_s"})}, "the AFE's limit 'hwd_s' serves no requirement"),
        ({"asked": frozenset()}, "the AFE's limit 'otd_ddegc' does not exist"),
        (
            {"limits": {"otd_ddegc": pw(9)}},
            f"the AFE's limit 'otd_ddegc' serves {pw(9)}, which is no requirement",
        ),
        ({"path_modes": ("boot", "limp")}, "the mode 'limp' serves no requirement"),
        ({"path_modes": ()}, "the mode 'boot' does not exist"),
    ],
)
def test_an_orphan_in_the_tables_is_found(firmware: Path, change: dict[str, Any], sentence: str) -> None:
    assert sentence in orphans(WHOLE._replace(**change), CLAIMS, firmware)


@pytest.mark.parametrize("number", [1, 101])
def test_a_requirement_without_a_test_is_found(firmware: Path, number: int) -> None:
    claims = {name: tests for name, tests in CLAIMS.items() if name != pw(number)}
    assert orphans(WHOLE, claims, firmware) == [f"{pw(number)} has no test"]


def test_a_mark_without_a_requirement_is_found(firmware: Path) -> None:
    claims = CLAIMS | {pw(2): [Proof("core/test_y.py", 3, "test_y")]}
    assert orphans(WHOLE, claims, firmware) == [f"core/test_y.py:3: {pw(2)} is no requirement"]


@pytest.mark.parametrize(
    ("symbol", "there"),
    [
        ("MODE", True),
        ("TABLE", True),
        ("free", True),
        ("PowerPath", True),
        ("PowerPath.step", True),
        ("PowerPath.stop", False),
        ("step", False),
        ("free.step", False),
        ("", False),
    ],
)
def test_a_code_place_is_a_definition(firmware: Path, symbol: str, there: bool) -> None:
    assert exists(firmware, f"bms.core.path:{symbol}") is there
    assert not exists(firmware, f"bms.core.gone:{symbol}")


def claimed(folder: Path, source: str) -> list[str]:
    (folder / "test_a.py").write_text(source)
    return sorted(marks(folder))


def test_docstring_name_and_decorator_claim_an_id(tmp_path: Path) -> None:
    one, two = pw(1), pw(2)
    assert claimed(tmp_path, f'def test_a():\n    """{one} and {two}."""\n') == [one, two]
    assert claimed(tmp_path, f'@mark("{two}")\ndef test_b(): pass\n') == [two]
    assert claimed(tmp_path, "def test_pw_001(): pass\ndef test_over_pw_002_b(): pass\n") == [one, two]
    assert marks(tmp_path)[two] == [Proof("test_a.py", 2, "test_over_pw_002_b")]


@pytest.mark.parametrize(
    "mention", ["# {}\n", '"""{}"""\n', 'def helper():\n    """{}"""\n', 'def test_b():\n    x = "{}"\n']
)
def test_a_mere_mention_claims_nothing(tmp_path: Path, mention: str) -> None:
    assert claimed(tmp_path, mention.format(pw(2))) == []


def test_the_page_tells_of_every_row_rule_and_transition() -> None:
    tables = of_firmware()
    text = safety_page.page(tables, CLAIMS)
    for fault in tables.faults:
        assert f"| {fault.requirement} |" in text
        assert f"`{fault.mnemonic}`" in text
    for rule in tables.rules:
        assert f"| {rule.requirement} | {rule.hazard} | {rule.text} |" in text
    assert "not a certification" in text
    assert "[core/test_x.py](../host_tests/core/test_x.py): test_x" in text
    over = next(fault for fault in tables.faults if fault.mnemonic == "CELL_OV")
    assert over.row[faults.TRIP] == "cell_ov_mv"
    assert "`CELL_MAX_MV` ≥ `cell_ov_mv` for `cell_ov_ms`, or when the AFE has tripped." in text
    assert f"| {pw(1)} | overcharge |" in text


def test_a_page_that_tells_something_else_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "SAFETY.md"
    monkeypatch.setattr(trace, "ROOT", tmp_path)
    monkeypatch.setattr(trace, "PAGE", page)
    monkeypatch.setattr(trace, "orphans", lambda *_: [])
    (tmp_path / "host_tests").mkdir()
    assert trace.main() == 1
    page.write_text(safety_page.page(of_firmware(), {}))
    assert trace.main() == 0
    page.write_text(page.read_text() + "\n")
    assert trace.main() == 1
    told = capsys.readouterr().out.splitlines()
    assert told[0] == told[2] == "SAFETY.md does not tell what there is: 'make safety' writes it anew"
