"""The entry point: Ctrl-C ends the command quietly even while most of it is still being loaded."""

import os
import signal
import sys

INTERRUPTED = 130  # as a shell reports it


def main() -> None:
    """Run the command."""
    heeded = (
        signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )  # a job in the background ignores it
    if heeded:
        signal.signal(signal.SIGINT, _leave)
    from packwarden.commands import app  # noqa: PLC0415 - all that takes time to load

    if heeded:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _leave(*_: object) -> None:
    """At once: there is nothing to clean up yet, and an import may turn an exception into another one."""
    os._exit(INTERRUPTED)
