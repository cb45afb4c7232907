"""What `make run` does: a pack to play with at a terminal, a guided tour anywhere else.

Both run the production firmware; nothing here reaches into the simulator except where a person could: at the
button, the plugs, the wires and the serial port.
"""

import os
import sys

from packwarden import output


def run() -> int:
    """Show the demo in the way that suits where it was started; returns an exit status."""
    # Textual draws on stderr.
    on_screen = all(each is not None and each.isatty() for each in (sys.stdin, sys.stdout, sys.stderr))
    if on_screen and os.environ.get("TERM") != "dumb":
        from packwarden.demo.live import Live  # noqa: PLC0415 - the tour should not wait for a screen's libraries

        return Live().run() or 0
    from packwarden.demo.tour import play  # noqa: PLC0415

    return output.attempt(lambda: play(sys.stdout)) or 0
