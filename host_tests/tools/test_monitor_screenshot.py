"""The README's picture of the live view can be made again, stands alone, and shows what it should."""

import asyncio
import html
from pathlib import Path

from packwarden.monitor import screenshot

LARGEST = 100_000


def check(svg: str) -> None:
    assert len(svg.encode()) < LARGEST
    assert "@font-face" not in svg, "a picture must not fetch fonts"
    text = html.unescape(svg).replace("\u00a0", " ")
    for each in ("PACKWARDEN", "DISCHARGE ONLY", "CELL_OV", "↓", "▒", "Until now", "q quit"):
        assert all(word in text for word in each.split())


def test_a_new_picture_shows_a_pack_at_work() -> None:
    check(asyncio.run(screenshot.take()))


def test_the_picture_in_the_tree_is_such_a_one() -> None:
    check((Path(screenshot.__file__).parent / "screen.svg").read_text(encoding="utf-8"))
