"""`make bench-soc`: every trace through the firmware's estimator, a counter and a textbook filter."""

import argparse
import os
import sys

from rich.console import Console

from packwarden.soc_bench import cases, crew, drive, table

_MOST_JOBS = 2
_WIDE = 120  # columns in a file


def main() -> int:
    """Run the bench; 0 also when a goal is missed: it measures, the tests judge."""
    parser = argparse.ArgumentParser(prog="make bench-soc", description=__doc__)
    parser.add_argument(
        "--data", help=f"the folder of traces (default: {cases.VARIABLE}, or shared/data beside)"
    )
    parser.add_argument("--only", default="", help="traces whose name or group contains this")
    parser.add_argument("--jobs", type=int, default=min(_MOST_JOBS, os.cpu_count() or 1))
    parser.add_argument("--alone", action="store_true", help="without the counter and the textbook filter")
    chosen = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else _WIDE)
    folder = cases.folder(chosen.data)
    if folder is None:
        console.print(
            f"Skipped: there are no traces. Put them beside the project, or name them in {cases.VARIABLE}."
        )
        return 0
    found = [case for case in cases.find(folder) if chosen.only in case.name or chosen.only in case.group]
    outcomes: list[drive.Outcome] = []
    for outcome in crew.outcomes(found, not chosen.alone, chosen.jobs):
        if outcome.scores:
            outcomes.append(outcome)
        elif outcome.cold:
            console.print(f"{outcome.case.name}: no reference charge, so nothing to judge by.")
    if not outcomes:
        console.print("No trace matches.")
        return 1
    console.print(table.traces(outcomes))
    console.print(table.groups(outcomes))
    missed = table.verdicts(outcomes)
    if not chosen.only:
        lives = crew.lives(chosen.jobs)
        console.print(table.packs(lives))
        lessons = crew.lessons(found, chosen.jobs)
        console.print(table.learned(lessons))
        missed += table.more_verdicts(lives, lessons)
    for sentence in missed:
        console.print(f"Missed: {sentence}")
    if not missed:
        console.print("Every goal is met.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
