"""Spreads the traces over a few processes, and hands the outcomes back in order."""

import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from functools import partial

from packwarden.soc_bench import drive, learned, packs
from packwarden.soc_bench.cases import Case
from packwarden.soc_bench.drive import Outcome
from packwarden.soc_bench.learned import Learned
from packwarden.soc_bench.packs import Found

_PULSES = "hppc"
_CYCLED = ("nmc", "ael", "aelh")
_DRIVEN = ("nmc", "ael")


def outcomes(cases: Sequence[Case], rivals: bool, jobs: int) -> Iterator[Outcome]:
    """Each trace started cold, then good."""
    work = [(case, cold) for case in cases for cold in (True, False)]
    with multiprocessing.get_context("spawn").Pool(max(1, jobs), _be_quiet) as pool:
        yield from pool.imap(partial(_play, rivals=rivals), work, 1)


def lives(jobs: int) -> list[Found]:
    """Each pack of sixteen cells, started cold and good."""
    work = [(plan, cold) for plan in packs.PLANS for cold in (True, False)]
    with multiprocessing.get_context("spawn").Pool(max(1, jobs), _be_quiet) as pool:
        return pool.starmap(packs.run, work, 1)


def lessons(cases: Sequence[Case], jobs: int) -> list[Learned]:
    """Capacities stated wrong, and the resistances of the pulse tests."""
    work: list[tuple[str, Case | str, float]] = []
    for told in learned.TOLD:
        work += [("cycle", model, told) for model in _CYCLED]
        work += [("use", case, told) for case in cases if case.name in learned.USED]
        work += [("days", model, told) for model in _DRIVEN]
    work += [("resistances", case, 1.0) for case in cases if f"_{_PULSES}_" in case.name]
    with multiprocessing.get_context("spawn").Pool(max(1, jobs), _be_quiet) as pool:
        return [each for found in pool.imap(_learn, work, 1) for each in found]


def _learn(job: tuple[str, Case | str, float]) -> list[Learned]:
    how, what, told = job
    if isinstance(what, str):
        return [learned.cycle(what, told) if how == "cycle" else learned.days(what, told)]
    return learned.resistances(what) if how == "resistances" else [learned.use(what, told)]


def _play(job: tuple[Case, bool], rivals: bool) -> Outcome:
    case, cold = job
    return drive.run(case, cold, rivals)


def _be_quiet() -> None:
    """Ctrl-C is for the process that started this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
