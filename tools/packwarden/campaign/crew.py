"""Spreads the runs of a campaign over all cores, and hands the results back as they come."""

import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from functools import partial

from packwarden.campaign.plan import Key
from packwarden.campaign.run import Result, run

_SHARE = 8  # runs that a worker fetches at once


def results(keys: Sequence[Key], seed: int, jobs: int | None) -> Iterator[Result]:
    """One result for each key, in no order; `jobs`: processes, None for one on each core."""
    jobs = jobs or os.cpu_count() or 1
    if jobs == 1 or len(keys) == 1:
        for key in keys:
            yield run(key, seed)
        return
    # Each worker starts afresh, so that a run cannot depend on what was done before the campaign.
    with multiprocessing.get_context("spawn").Pool(jobs, _be_quiet) as pool:
        yield from pool.imap_unordered(partial(run, seed=seed), keys, _SHARE)


def _be_quiet() -> None:
    """Ctrl-C is for the process that started this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
