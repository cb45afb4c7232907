"""Which runs there are: every fault kind in every situation, for each chemistry and both ends of the pack.

A run is named by its key; key and seed together are the whole run, so one that failed can be had again.
"""

from collections.abc import Collection
from dataclasses import dataclass

from packwarden.campaign.kinds import KINDS
from packwarden.campaign.limits import CHEMISTRIES
from packwarden.campaign.situations import SITUATIONS
from packwarden.errors import InputError, nearest


@dataclass(frozen=True, order=True)
class Key:
    """One run."""

    kind: str
    situation: str
    chemistry: str
    last: bool  # the last cell, tap or sensor; else the first
    dead: bool  # the firmware is stopped dead as well
    number: int

    def __str__(self) -> str:
        end = "last" if self.last else "first"
        state = "dead" if self.dead else "alive"
        return f"{self.kind}:{self.situation}:{self.chemistry}:{end}:{state}:{self.number}"


def parse(text: str) -> Key:
    """A key as it is printed; InputError if there is no such run."""
    parts = text.split(":")
    if len(parts) != 6 or not parts[5].isascii() or not parts[5].isdigit():
        raise InputError(f"--only {text} must be KIND:SITUATION:CHEMISTRY:first|last:alive|dead:NUMBER.")
    words: tuple[Collection[str], ...] = (
        KINDS,
        SITUATIONS,
        CHEMISTRIES,
        ("first", "last"),
        ("alive", "dead"),
    )
    for part, known in zip(parts, words, strict=False):
        if part not in known:
            raise InputError(f"--only {text}: '{part}' is none of: {', '.join(known)}{nearest(part, known)}.")
    return Key(parts[0], parts[1], parts[2], parts[3] == "last", parts[4] == "dead", int(parts[5]))


def keys(runs: int) -> list[Key]:
    """All combinations, each `runs` times."""
    return [
        Key(kind, situation, chemistry, last, dead, number)
        for kind, entry in KINDS.items()
        for situation in SITUATIONS
        for chemistry in CHEMISTRIES
        for last in (False, True)
        for dead in ((False, True) if entry.with_dead else (False,))
        for number in range(runs)
    ]


def ci() -> list[Key]:
    """A fixed slice: every kind, every situation, firmware alive and dead, in half a minute on two cores."""
    chosen: list[Key] = []
    for i, (kind, entry) in enumerate(KINDS.items()):
        for j, situation in enumerate(SITUATIONS):
            turn = i + j
            chemistry = CHEMISTRIES[turn // 3 % 2]
            if turn % 3 == 0:
                chosen.append(Key(kind, situation, chemistry, bool(turn // 6 % 2), dead=False, number=0))
            if turn % 3 == 1 and entry.with_dead:
                chosen.append(Key(kind, situation, chemistry, bool(turn // 6 % 2), dead=True, number=0))
    return chosen
