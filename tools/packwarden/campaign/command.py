"""`packwarden faults`: chooses the runs, has them done, and says what came of them."""

import sys
import time

from rich.console import Console
from rich.progress import track

from packwarden.campaign import crew, matrix, plan
from packwarden.campaign.run import Result, run
from packwarden.errors import InputError

SLICES = ("all", "ci")


def campaign(seed: int, runs: int, part: str, jobs: int | None) -> bool:
    """Do it and print the outcome; True if every run passed."""
    if part not in SLICES:
        raise InputError(f"--slice {part} must be one of: {', '.join(SLICES)}.")
    keys = plan.ci() if part == "ci" else plan.keys(runs)
    start_s = time.monotonic()
    results = list(
        track(
            crew.results(keys, seed, jobs),
            "breaking things",
            len(keys),
            console=Console(stderr=True),
            transient=True,
            disable=not sys.stderr.isatty(),
        )
    )
    matrix.show(results, seed)
    failed = sum(1 for result in results if result.findings)
    print(
        f"{len(results)} runs with seed {seed}, {failed} failed, in {time.monotonic() - start_s:.0f} s;"
        f" {sum(result.simulated_s for result in results) / 3600:.1f} simulated hours"
    )
    return not failed


def replay(text: str, seed: int) -> bool:
    """One run again, told as it goes; True if it passed."""
    result: Result = run(plan.parse(text), seed, print)
    print(f"{result.key}: {result.story}")
    for finding in result.findings or ("passed",):
        print(finding)
    return not result.findings
