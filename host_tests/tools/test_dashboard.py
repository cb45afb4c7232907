"""The page's scripts without a browser: protocol, store, session and recordings, under Node."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from packwarden.page import PAGES

NODE = Path(sys.prefix) / "node"
TESTS = sorted((PAGES / "tests").glob("*.test.cjs"))


class Named(HTMLParser):
    """What the page names: its scripts and style sheets, and its ids."""

    def __init__(self) -> None:
        super().__init__()
        self.files: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("src") if tag == "script" else given.get("href") if tag == "link" else None
        if name and not name.startswith("data:"):
            self.files.append(name)
        if given.get("id"):
            self.ids.append(str(given["id"]))


@pytest.fixture(scope="module")
def named() -> Named:
    parser = Named()
    parser.feed((PAGES / "index.html").read_text())
    return parser


@pytest.mark.parametrize("file", TESTS, ids=lambda file: str(file.name))
def test_scripts_under_node(file: Path) -> None:
    done = subprocess.run(
        [str(NODE), "--test", "--test-reporter=tap", str(file)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    failed = re.findall(r"^not ok \d+ - .*", done.stdout, re.MULTILINE)
    assert failed == [], done.stdout
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(re.findall(r"^# pass (\d+)", done.stdout, re.MULTILINE)[-1]) > 0


def test_everything_that_the_page_needs_lies_beside_it(named: Named) -> None:
    """No server, no build, no other machine: plain files, each of them used."""
    scripts = {file.name for file in PAGES.glob("*.js")} | {file.name for file in PAGES.glob("*.css")}
    assert set(named.files) == scripts
    assert len(named.ids) == len(set(named.ids))
    for file in (*PAGES.glob("*.js"), PAGES / "index.html", PAGES / "style.css"):
        addresses = re.findall(r"https?://[^\"'`\s]+", file.read_text())
        assert [each for each in addresses if "www.w3.org/2000/svg" not in each] == [], file.name


def test_elements_that_the_scripts_reach_for_are_there(named: Named) -> None:
    asked = re.findall(r"byId\(\"([\w-]+)\"\)", (PAGES / "app.js").read_text())
    assert set(asked) <= set(named.ids)
    assert len(asked) > 20


@pytest.mark.parametrize("file", sorted(PAGES.glob("*.js")), ids=lambda file: str(file.name))
def test_nothing_from_the_line_can_become_markup(file: Path) -> None:
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
        assert way not in file.read_text()
