"""`make bench-soc`: every trace through the firmware's estimator, a counter and a textbook filter."""

import argparse
import os
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from packwarden.soc_bench import cases, crew, goals, table, whole
from packwarden.soc_bench import packs as packs_of
from packwarden.soc_bench.cases import Case
from packwarden.soc_bench.drive import Outcome, Score
from packwarden.soc_bench.learned import Learned
from packwarden.soc_bench.packs import Found

_MOST_JOBS = 2
_STOPPED = 130  # as shells say it


def main() -> int:
    """Run the bench; 0 also when a goal is missed, unless --strict: it measures, the tests judge."""
    parser = argparse.ArgumentParser(prog="make bench-soc", description=__doc__)
    parser.add_argument(
        "--data", help=f"the folder of traces (default: {cases.VARIABLE}, or shared/data beside)"
    )
    parser.add_argument("--only", default="", help="traces alone whose name or group contains this")
    parser.add_argument("--all", action="store_true", help="more packs, longer lives")
    parser.add_argument("--whole", action="store_true", help="each trace also by packwarden sim --replay")
    parser.add_argument("--alone", action="store_true", help="without the counter and the textbook filter")
    parser.add_argument("--strict", action="store_true", help="end with 1 when a goal is missed")
    parser.add_argument("--jobs", type=int, default=min(_MOST_JOBS, os.cpu_count() or 1))
    chosen = parser.parse_args()
    folder = cases.folder(chosen.data)
    if folder is None:
        print(f"Skipped: there are no traces. Put them beside the project, or name them in {cases.VARIABLE}.")
        return 0
    try:
        return _run(chosen, folder)
    except KeyboardInterrupt:
        print("\nStopped before it was done: nothing is judged.", file=sys.stderr)
        return _STOPPED


def _run(chosen: argparse.Namespace, folder: Path) -> int:
    known = cases.find(folder)
    found = [case for case in known if chosen.only in case.name or chosen.only in case.group]
    if not found:
        print(f"No trace has '{chosen.only}' in its name or group.")
        return 1
    work = crew.traces(found, not chosen.alone)
    if chosen.whole:
        work += crew.wholes(found)
    elif not chosen.only:
        work += crew.wholes([case for case in found if (case.group, case.name) in whole.WITNESSES])
    if not chosen.only:
        work += crew.lives(chosen.all, not chosen.alone) + crew.lessons(found, chosen.all)
    begun_s = time.monotonic()
    with crew.Crew(chosen.jobs) as processes:
        results = processes.do(work)
    took_min = (time.monotonic() - begun_s) / 60
    outcomes = [each for one in _of("trace", results) for each in one]
    judged = [each for each in outcomes if each.scores]
    if not judged:
        print("No trace of these has a reference charge, so there is nothing to judge by.")
        return 1
    wholes, packs = _of("whole", results), _of("pack", results)
    lessons = [each for one in _of("lesson", results) for each in one]
    judged += [each.outcome for each in packs]
    verdicts = goals.of_traces(judged) + goals.of_wholes(wholes, judged)
    verdicts += goals.of_packs(packs) + goals.of_lessons(lessons)
    console = Console(highlight=False)
    for line in _lines(judged, wholes, packs, lessons, verdicts):
        console.print(Text(line, "bold red" if line.endswith(table.MARKS) else ""), soft_wrap=True)
    print()
    for sentence in _not_run(chosen, outcomes, cases.unknown(folder, known)):
        print(textwrap.fill(sentence, table.WIDTH))
    busy_min = os.times().children_user / 60
    took = f"in {took_min:.1f} min by processes: {chosen.jobs}; {busy_min:.1f} min of processor time"
    print(f"Pieces of work: {len(work)}, {took}.")
    return int(chosen.strict and not all(each.met for each in verdicts))


def _of(kind: str, results: list[tuple[crew.Job, Any]]) -> list[Any]:
    return [result for job, result in results if job.kind == kind]


def _lines(
    judged: list[Outcome],
    wholes: list[tuple[Case, bool, Score]],
    packs: list[Found],
    lessons: list[Learned],
    verdicts: list[goals.Verdict],
) -> Iterator[str]:
    yield from table.traces(judged)
    if wholes:
        yield from table.wholes(wholes, judged)
    if packs:
        yield from table.packs(packs)
    if lessons:
        yield from table.learned(lessons)
    yield from table.verdicts(verdicts)


def _not_run(chosen: argparse.Namespace, outcomes: list[Outcome], unknown: list[str]) -> Iterator[str]:
    """What the table does not hold, so that nobody takes it for more."""
    blind = [each.case.name for each in outcomes if each.cold and not each.scores]
    if blind:
        yield f"Not judged, for want of a reference charge: {', '.join(blind)}."
    if unknown:
        yield f"Not judged, because the cell is not known: {', '.join(unknown)}."
    if chosen.only:
        yield f"Not run: traces without '{chosen.only}', packs, and what is learned."
    elif not chosen.all:
        yield (
            f"Not run (--all): {len(packs_of.MORE)} more packs, twice as long under panels, and LFP with "
            "hysteresis in natural use."
        )
    if not chosen.whole:
        some = "" if chosen.only else "; the whole firmware replayed those that have a row of their own"
        yield (
            f"The traces went to the estimators as the firmware's loop feeds them{some} (all of them: "
            "--whole, which takes a hundred times as long)."
        )


if __name__ == "__main__":
    sys.exit(main())
