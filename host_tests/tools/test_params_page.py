"""The reference page of the parameters: current, complete, and no prose that the rules do not back."""

import sys
from pathlib import Path

import pytest
from bms.core import params, params_check
from checks import params_page


def test_the_page_tells_what_there_is() -> None:
    assert params_page.PAGE.read_text() == params_page.page(), "'make params' writes it anew"


def test_every_parameter_and_every_rule_is_on_it() -> None:
    page = params_page.page()
    for name in [*params.WORDS, *params.NAMES]:
        assert f"\n| `{name}` | " in page, name
    for lesser, greater in params_check.ORDER:
        assert f"\n| `{lesser}` | `{greater}` |\n" in page
    assert "| `cell_uv_mv` | 100 below | 2500 to 4350 | 2000 to 3800 |" in page


def test_a_page_that_is_behind_fails_the_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(params_page, "ROOT", tmp_path)
    monkeypatch.setattr(params_page, "PAGE", tmp_path / "P.md")
    monkeypatch.setattr(sys, "argv", ["params_page.py", "--check"])
    assert params_page.main() == 1
    assert "'make params' writes it anew" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["params_page.py"])
    assert params_page.main() == 0
    monkeypatch.setattr(sys, "argv", ["params_page.py", "--check"])
    assert params_page.main() == 0
    (tmp_path / "P.md").write_text("old")
    assert params_page.main() == 1
