"""The keys of the live view: one table for the bindings, the footer and the help."""

from collections.abc import Iterator
from typing import NamedTuple

from packwarden.monitor.feeds import Feed, RecordedFeed
from packwarden.monitor.simulated import SimulatedFeed

ANY, LIVE, SIMULATED, RECORDED, PACED = range(5)


class Key(NamedTuple):
    """A row: as Textual names it, as the footer shows it, what it is for, when it is of use, what it does."""

    key: str
    shown: str
    label: str
    when: int
    action: str
    help: str


KEYS = (
    Key("h,question_mark", "h", "help", ANY, "help", "this text"),
    Key("q", "q", "quit", ANY, "quit", "leave; the pack goes on"),
    Key("r", "r", "reset", LIVE,
        "command('reset soft', 'Reset? Lockouts end where their cause is gone; else the pack refuses.')",
        "soft reset, as the ten-second hold of the button does"),
    Key("s", "s", "standby", LIVE, "switch_standby", "open the path, or let it close again (needs unlock)"),
    Key("u", "u", "unlock", LIVE, "unlock", "allow changes for ten minutes"),
    Key("l", "l", "lock", LIVE, "command('lock')", "forbid changes again"),
    Key("c", "c", "codes", LIVE, "command('dtc')", "trouble codes that the pack has stored"),
    Key("d", "d", "diagnose", LIVE, "command('diagnose')", "what the firmware thinks is the cause"),
    Key("colon", ":", "command", LIVE, "type", "any command of the console, with arguments"),
    Key("w", "w", "record", LIVE, "record", "write a recording into this folder, or end it"),
    Key("b", "b", "button 10.5 s", SIMULATED, "button", "hold the button of the simulated pack"),
    Key("space", "Space", "pause", ANY, "pause", "stop looking; go on"),
    Key("plus,equals_sign", "+", "faster", PACED, "speed(1)", "simulated or recorded time goes faster"),
    Key("minus,underscore", "-", "slower", PACED, "speed(-1)", "slower"),
    Key("left", "←", "back", RECORDED, "seek(-1)", "10 s back, times the speed"),
    Key("right", "→", "on", RECORDED, "seek(1)", "10 s on"),
)  # fmt: skip


def footer(feed: Feed) -> Iterator[tuple[str, str]]:
    """Yield (key, label) of what is of use with this feed."""
    of_use = {
        ANY: True,
        LIVE: feed.live,
        SIMULATED: isinstance(feed, SimulatedFeed),
        RECORDED: isinstance(feed, RecordedFeed),
        PACED: bool(feed.speeds),
    }
    for each in KEYS:
        if of_use[each.when]:
            yield each.shown, each.label


HELP = "\n".join(
    [
        *(f"{each.shown:<6} {each.help}" for each in KEYS),
        "↑ ↓    scroll, as do k and j, PgUp and PgDn",
        "",
        "Charge: the solid part is there for sure, the hatched part perhaps (one sigma).",
        "Current: the bar grows from the middle; its ends are what may be drawn and charged now.",
        "Cells: each bar runs from under-voltage to over-voltage; ↓ marks a cell that is bled.",
        "Until now: the newest is at the right; behind each curve stand the last value and the range.",
        "Commands that change something need 'unlock' first; the pack says so.",
    ]
)
