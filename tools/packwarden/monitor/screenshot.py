"""The README's picture of the live view, from a real run: `python -m packwarden.monitor.screenshot OUT.svg`.

A pack is driven, then charged until its highest cell trips, and the screen is saved as it stands.
"""

import asyncio
import re
import sys
from pathlib import Path

from packwarden.demo import pack
from packwarden.monitor.screen import Monitor
from packwarden.monitor.simulated import SimulatedFeed

_SIZE = (100, 33)
_DRIVE_S = 120
_AT_MOST_S = 1800
_SECOND_US = 1_000_000
_LOOKS = 2  # a second
# The picture must not fetch anything: a viewer's own monospaced font will do.
_WEB_FONT = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)


async def take() -> str:
    """The screen as SVG."""
    demo = pack.build(soc=0.972)
    feed = SimulatedFeed(session=demo.session, running=False)
    feed.every_s = 0.0
    app = Monitor(feed, running=False)
    async with app.run_test(size=_SIZE) as pilot:

        def second() -> bool:
            """One second more; whether the highest cell has tripped."""
            for _ in range(_LOOKS):
                demo.session.advance(_SECOND_US // _LOOKS)
                app.step()
            return "CELL_OV" in (app.picture.status or {}).get("faults", [])

        for _ in range(_DRIVE_S):
            second()
        demo.driving = False
        demo.world.charger = pack.CHARGER
        for _ in range(_AT_MOST_S):
            if second():
                break
        for _ in range(10):
            second()
        await pilot.pause()
        app.draw()
        await pilot.pause()
        return _WEB_FONT.sub("", app.export_screenshot(title="packwarden monitor"))


def main() -> int:
    """Write the file named on the command line."""
    if len(sys.argv) != 2:
        print("usage: python -m packwarden.monitor.screenshot OUT.svg", file=sys.stderr)
        return 2
    Path(sys.argv[1]).write_text(asyncio.run(take()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
