"""`packwarden monitor`: the pack on a full screen, from a port, a simulation or a recording."""

import sys
from pathlib import Path

from packwarden import finder
from packwarden.errors import InputError
from packwarden.monitor.feeds import Feed, PackFeed, RecordedFeed
from packwarden.monitor.screen import Monitor
from packwarden.monitor.simulated import SimulatedFeed
from packwarden.ports import SerialPort

SIMULATED = "sim"
_ENDING = ".jsonl"


def show(
    source: str | None,
    record: Path | None,
    pack: Path | None,
    scenario: Path | None,
    seed: int,
    speed: int,
) -> int:
    """Show it until the user leaves; returns an exit status."""
    if source != SIMULATED and (pack or scenario):
        raise InputError(
            "--pack and --scenario are for a simulation: packwarden monitor sim --pack FILE.toml."
        )
    if not _on_screen():
        raise InputError("The monitor needs a terminal; `packwarden log` and `packwarden plot` do not.")
    feed = _feed(source, pack, scenario, seed)
    try:
        if speed not in (feed.speeds or (1,)):
            known = ", ".join(str(each) for each in feed.speeds)
            raise InputError(
                f"--speed {speed} is not one of {known}." if known else "A real pack has no --speed."
            )
        feed.speed = speed
        return Monitor(feed, record).run() or 0
    finally:
        feed.close()


def _on_screen() -> bool:
    return all(each is not None and each.isatty() for each in (sys.stdin, sys.stdout, sys.stderr))


def _feed(source: str | None, pack: Path | None, scenario: Path | None, seed: int) -> Feed:
    if source == SIMULATED:
        return SimulatedFeed(pack, scenario, seed)
    if source is not None and (source.endswith(_ENDING) or Path(source).is_file()):
        return RecordedFeed(Path(source))
    name = finder.the_port(source, "monitor")
    return PackFeed(source or name, lambda: SerialPort(name))
