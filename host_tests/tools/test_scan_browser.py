"""The report of `packwarden scan` in a real Chromium: nothing fetched, nothing cut off, printable.

Needs a Chromium, as `test_dashboard_browser` does.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tools.test_dashboard_browser import browser, opened
from tools.test_scan import loose, scan

__all__ = ("browser", "loose")

LEAST_BYTES = 20_000  # of a picture that shows something


@pytest.fixture
def report(loose: list[object], tmp_path: Path) -> Path:
    file = tmp_path / "report.html"
    assert scan(*loose, "--report", file).exit_code == 0
    return file


@pytest.fixture
def page(browser: Any, report: Path) -> Iterator[Any]:
    with opened(browser, report.as_uri()) as page:
        yield page


def test_it_is_seen_whole_and_fetches_nothing(browser: Any, report: Path) -> None:
    asked: list[str] = []
    context = browser.new_context(viewport={"width": 1000, "height": 800})
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())
    assert asked == [report.as_uri()]
    assert page.title() == "Packwarden report"
    assert len(page.screenshot(full_page=True)) > LEAST_BYTES
    for box in page.locator("svg").evaluate_all(
        "all => all.map(each => each.getBoundingClientRect().toJSON())"
    ):
        assert box["width"] > 500
        assert box["height"] > 50
    context.close()


@pytest.mark.parametrize("width", [360, 800])
def test_it_needs_no_scrolling_to_the_side(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_curves_and_words_keep_apart_in_every_chart(page: Any) -> None:
    """No label of a chart lies over another one."""
    for chart in page.locator("svg").all():
        boxes = chart.locator("text").evaluate_all(
            "all => all.map(each => each.getBoundingClientRect().toJSON())"
        )
        for k, one in enumerate(boxes):
            for other in boxes[k + 1 :]:
                apart = (
                    one["right"] <= other["left"] + 1
                    or other["right"] <= one["left"] + 1
                    or one["bottom"] <= other["top"] + 3
                    or other["bottom"] <= one["top"] + 3
                )
                assert apart, (one, other)


def test_it_prints_on_a_few_pages_without_the_parameters(page: Any) -> None:
    pdf = page.pdf(format="A4")
    assert 2 <= pdf.count(b"/Type /Page\n") <= 10
    page.emulate_media(media="print")
    assert not page.get_by_text("All parameters").is_visible()
    page.emulate_media(media="screen")
    assert page.get_by_text("All parameters").is_visible()
