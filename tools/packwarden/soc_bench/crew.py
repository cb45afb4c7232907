"""Spreads the traces over a few processes, and hands the outcomes back in order."""

import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from functools import partial

from packwarden.soc_bench import drive
from packwarden.soc_bench.cases import Case
from packwarden.soc_bench.drive import Outcome


def outcomes(cases: Sequence[Case], rivals: bool, jobs: int) -> Iterator[Outcome]:
    """Each trace started cold, then good."""
    work = [(case, cold) for case in cases for cold in (True, False)]
    with multiprocessing.get_context("spawn").Pool(max(1, jobs), _be_quiet) as pool:
        yield from pool.imap(partial(_play, rivals=rivals), work, 1)


def _play(job: tuple[Case, bool], rivals: bool) -> Outcome:
    case, cold = job
    return drive.run(case, cold, rivals)


def _be_quiet() -> None:
    """Ctrl-C is for the process that started this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
