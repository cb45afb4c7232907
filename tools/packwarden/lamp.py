"""What a person at a simulated pack sees and hears after pressing its button, in a sentence.

Watched from each press on until the last answer must be over; what is told is the LED's own changes, counted
as a person counts them.
"""

from itertools import pairwise

from packwarden.sim.board import VirtualBoard
from packwarden.sim.world import World

_AFTER_US = 8_500_000  # three times the longest answer, and its pauses
_SEEN_US = 30_000  # what is shorter nobody sees
_BLINK_US = 600_000  # what is longer is no blink but a light
_GAP_US = 700_000  # what is dark for longer ends a row of blinks
_SOUND = 4
_COLOURS = {1: "green", 2: "red", 3: "amber"}

Span = tuple[int, int]  # (us, lamp)


class Watcher:
    """Looks at the lamp while a button is pressed, and for as long as an answer may take."""

    def __init__(self, world: World, board: VirtualBoard) -> None:
        self.told: list[str] = []
        self._world = world
        self._board = board
        self._from_us = self._released_us = self._until_us = 0

    def pressed(self, seconds: float) -> None:
        """The button goes down now, for so long."""
        self.finish()
        now_us = self._world.clock.now_us
        self._from_us, self._released_us = now_us, now_us + round(seconds * 1e6)
        self._until_us = self._released_us + _AFTER_US
        self._world.watched = [(now_us, self._world.lamp)]

    def step(self) -> None:
        """Look away once nothing more is to come."""
        if self._world.watched is not None and self._world.clock.now_us >= self._until_us:
            self.finish()

    def finish(self) -> None:
        """Tell what was seen, if anything was looked at."""
        seen, self._world.watched = self._world.watched, None
        if seen is None:
            return
        end_us = min(self._world.clock.now_us, self._until_us)
        held = [*_until(seen, self._released_us), (min(self._released_us, end_us), 0)]
        after = [(self._released_us, 0), *_from(seen, self._released_us), (end_us, 0)]
        colours = self._board.two_colours
        sound = [lamp & _SOUND for _, lamp in seen]
        beeps = sum(1 for before, now in pairwise(sound) if now > before)
        self.told.append(
            f"Button down at {self._from_us / 1e6:.1f} s "
            f"for {(self._released_us - self._from_us) / 1e6:g} s; "
            f"LED: {words(held, colours)}. Released: {words(after, colours)}."
            + (f" The buzzer sounded {beeps} times." if beeps else "")
        )


def words(spans: list[Span], two_colours: bool = True) -> str:
    """A list of changes, the last one being the end, as a person would tell it."""
    told: list[str] = []
    row: list[tuple[int, int, int]] = []  # blinks: from, to, lamp

    def colour(lamp: int) -> str:
        return f"{_COLOURS[lamp & 3]} " if two_colours else ""

    def count() -> None:
        nonlocal row
        if row:
            blinks = f"{colour(row[0][2])}blink{'s' if len(row) > 1 else ''}"
            told.append(f"{len(row)} {blinks} in {_seconds(row[-1][1] - row[0][0])}")
        row = []

    for (at_us, lamp), (next_us, _) in pairwise(spans):
        lasts_us = next_us - at_us
        if lasts_us < _SEEN_US:
            continue
        if lamp & 3 and lasts_us <= _BLINK_US:
            if row and (at_us - row[-1][1] > _GAP_US or row[-1][2] != lamp or _uneven(row, at_us)):
                count()
            row.append((at_us, next_us, lamp))
            continue
        if lamp & 3:
            count()
            told.append(f"{colour(lamp)}light for {_seconds(lasts_us)}")
        elif lasts_us > _GAP_US:
            count()
            told.append(f"dark for {_seconds(lasts_us)}")
    count()
    return ", ".join(told) or "dark"


def _uneven(row: list[tuple[int, int, int]], at_us: int) -> bool:
    """This blink begins a row of another pace."""
    if len(row) < 2:  # one blink has no pace yet
        return False
    pace_us = row[-1][0] - row[-2][0]
    return abs(at_us - row[-1][0] - pace_us) > pace_us // 4


def _seconds(us: int) -> str:
    return f"{us / 1e6:.1f} s"


def _until(seen: list[Span], us: int) -> list[Span]:
    return [each for each in seen if each[0] < us]


def _from(seen: list[Span], us: int) -> list[Span]:
    return [each for each in seen if each[0] >= us]
