"""What power cuts and years do to what the firmware keeps: every write of a long workload is cut off, and a
flash worn by ten years of writing.

The cuts run on both file systems that MicroPython's ports have, and on the one that they come with also with
a flipped bit besides each cut. The years use up the whole budget of the firmware every day.
"""

import time
from collections.abc import Callable

from bms.core.ring import SLOTS, WIDTH
from bms.services import frames, wear
from bms.services.journal import FILE_BYTES, FILES, Journal
from bms.services.storage import Record
from rich.console import Console

from packwarden.sim.flash import SimulatedFlash
from packwarden.sim.flash_blocks import Blocks
from packwarden.sim.flash_fat import FatFlash
from packwarden.sim.power_cuts import Trial

STEPS = 4000  # of each workload
YEARS = 10
# What a file holds while it is measured: the most that its row of the budget allows, or what is likely.
_BYTES = {
    "charge": wear.INLINE,
    "state": 1000,
    "history": 3000,
    "codes": 2500,
    "frames": 700,
    "care": 1000,
    "params": 1000,
    "trial": 1000,
    "pin": 127,
    "commission": wear.INLINE,
    "journal": 250,
}
_FAT_SHARE = 6  # a step on FAT has several times the operations and the ways


def trial(flash: SimulatedFlash, steps: int, rot: bool = False) -> Trial:
    """Run one workload with every operation cut off."""

    def journal(files: SimulatedFlash, most_files: int, file_bytes: int) -> Journal:
        return Journal(files, "log", most_files, file_bytes)

    run = Trial(flash, Record, journal, frames.Frames, rot)
    for _ in range(steps):
        run.step()
    return run


def day(share: Callable[[str], float]) -> list[str]:
    """The files that are written in a day, in order; `share` is how much of its budget each uses up."""
    moments: list[tuple[float, str]] = []
    for row in wear.ROWS:
        count = round(row[wear.PER_DAY] * share(row[wear.NAME]))
        moments += [((i + 0.5) / count, row[wear.NAME]) for i in range(count)]
    return [name for _, name in sorted(moments)]


def age(days: int, writes: list[str], blocks: Blocks | None = None) -> SimulatedFlash:
    """A flash after so many days of these writes."""
    flash = SimulatedFlash(blocks=blocks)
    content = {name: bytes(size) for name, size in _BYTES.items()}
    saves = dict.fromkeys(content, 0)
    newest = 1
    for _ in range(days):
        for name in writes:
            if name == "frames":
                saves[name] += 1
                frame(flash, saves[name])
                continue
            if name != "journal":
                saves[name] += 1
                flash.write(f"{name}.{'ab'[saves[name] % 2]}", content[name])
                continue
            if flash.size(f"log.{newest}") + len(content[name]) > FILE_BYTES:
                newest += 1
                flash.remove(f"log.{newest - FILES}")
            flash.append(f"log.{newest}", content[name])
    return flash


def frame(flash: SimulatedFlash, number: int) -> None:
    """Write a freeze frame as the firmware does: the head into one of the files, then the ring behind it."""
    name = f"frame.{number % frames.FILES + 1}"
    flash.write(name, bytes(_BYTES["frames"]))
    flash.append(name, bytes(SLOTS * WIDTH))


def run(steps: int = STEPS, years: int = YEARS) -> bool:
    """Cut and age, print what came of it; whether all is well."""
    start_s = time.perf_counter()
    lines, cuts_pass = _cut(steps)
    aged, wear_passes = _age(years)
    console = Console(highlight=False)
    for line in [*lines, aged, f"({time.perf_counter() - start_s:.0f} s)"]:
        console.print(line, markup=False, soft_wrap=True)
    return cuts_pass and wear_passes


def _cut(steps: int) -> tuple[list[str], bool]:
    """What came of all the cuts, in lines, and whether nothing was wrong."""
    trials = {
        "littlefs": trial(SimulatedFlash(), steps),
        "littlefs, with a flipped bit": trial(SimulatedFlash(), steps, rot=True),
        "FAT": trial(FatFlash(), steps // _FAT_SHARE),
    }
    wrong = [f"  {name}: {sentence}" for name, each in trials.items() for sentence in each.wrong]
    again = sum(each.cuts_again for each in trials.values())
    cuts = sum(each.cuts for each in trials.values()) + again
    verdict = "NOT every boot" if wrong else "every boot"
    figure = f"{cuts:,} power cuts ({again:,} in the boot after another)"
    lines = [f"{figure}: {verdict} found the old or the new of everything and said what was lost."]
    for name, each in trials.items():
        lines.append(f"  {name}: {each.cuts + each.cuts_again:,}; {each.told:,} boots had something to say.")
    return lines + wrong, not wrong


def _age(years: int) -> tuple[str, bool]:
    """What the years came to, and whether the budget was kept."""
    days = years * 365.25
    flash = age(round(days), day(lambda _: 1.0))
    a_day = flash.operations["erase"] / days
    hottest = max(flash.blocks.erases)
    promised = wear.millierases_a_day() / 1000
    line = (
        f"{years} years of the whole budget: {a_day:,.0f} erases a day of the {promised:,.0f} promised; "
        f"the sector most used has had {hottest:,} of {wear.ENDURANCE:,}."
    )
    return line, a_day <= promised and hottest * wear.years() <= years * wear.ENDURANCE
