"""The README's picture of the live screen, from a real run: `python -m packwarden.demo.screenshot OUT.svg`.

A charge runs until its highest cell trips, somebody asks the console about it, and the screen is saved as it
stands.
"""

import asyncio
import re
import sys
from pathlib import Path

from packwarden.demo import pack
from packwarden.demo.live import Live

_SIZE = (100, 30)
_AT_MOST_S = 1800
_SECOND_US = 1_000_000
# The picture must not fetch anything: a viewer's own monospaced font will do.
_WEB_FONT = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)


async def take() -> str:
    """The screen as SVG."""
    demo = pack.build(soc=0.972)
    session = demo.session
    app = Live(demo, running=False)
    async with app.run_test(size=_SIZE) as pilot:
        session.advance(5 * _SECOND_US)
        for key in ("l", "c"):
            await pilot.press(key)
        for _ in range(_AT_MOST_S):
            session.advance(_SECOND_US)
            if "CELL_OV" in demo.ask("status")["faults"]:
                break
        session.advance(20 * _SECOND_US)
        await pilot.press("tab", *"faults", "enter")
        session.advance(2 * _SECOND_US)
        await pilot.press("tab")
        app.pace.brightness = 1.0  # as in the lit part of its blink
        app.terminal.poll()
        app.draw()
        await pilot.pause()
        return _WEB_FONT.sub("", app.export_screenshot(title="packwarden demo"))


def main() -> int:
    """Write the file named on the command line."""
    if len(sys.argv) != 2:
        print("usage: python -m packwarden.demo.screenshot OUT.svg", file=sys.stderr)
        return 2
    Path(sys.argv[1]).write_text(asyncio.run(take()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
