"""Spreads the work over a few processes, the longest first, and tells how far it is."""

import multiprocessing
import signal
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

from packwarden.soc_bench import drive, learned, packs, whole
from packwarden.soc_bench.cases import Case

_PULSES = "_hppc_"
_MODELS = ("nmc", "ael", "aelh")
_LIVED = ("nmc", "ael")
_SUNNY = {"nmc": "nmc_solar_25C", "ael": "ael_solar_25C", "aelh": "aelh_solar_25C"}
_TELL_S = 20.0  # between two lines where there is no screen
# What a second of each takes, in the same unit: for the order of work and the time that is left.
_TRACE, _ALONE, _PACK, _CLASS, _WHOLE = 120.0, 80.0, 110.0, 150.0, 10000.0
_DAY_S = 30000.0  # of `lives.Day`
_LESSONS_S = 31000.0  # of a learning cycle


@dataclass(frozen=True)
class Job:
    """A piece of work for one process: how long it takes by guess, and what it is."""

    kind: str
    cost: float
    call: Callable[[], Any]


def traces(cases: Sequence[Case], rivals: bool) -> list[Job]:
    """Each trace, started cold and good at once."""
    each_s = _TRACE if rivals else _ALONE
    return [Job("trace", each_s * case.span_s, partial(drive.play, case, rivals)) for case in cases]


def wholes(cases: Sequence[Case]) -> list[Job]:
    """Each of them by the whole firmware, cold and good."""
    return [
        Job("whole", _WHOLE * case.span_s, partial(_whole, case, cold))
        for case in cases
        for cold in (True, False)
    ]


def lives(more: bool, rivals: bool) -> list[Job]:
    """Each pack of sixteen cells, started cold and good."""
    plans = packs.PLANS + (packs.MORE if more else ())
    return [
        Job("pack", _PACK * _DAY_S * plan.days, partial(packs.run, plan, cold, rivals))
        for plan in plans
        for cold in (True, False)
    ]


def lessons(cases: Sequence[Case], more: bool) -> list[Job]:
    """Capacities stated wrong, and the resistances of the pulse tests."""
    by_name = {case.name: case for case in cases}
    lived = _MODELS if more else _LIVED
    found = [Job("lesson", _CLASS * _LESSONS_S, partial(learned.cycle, model)) for model in _MODELS]
    found += [
        Job("lesson", _ALONE * by_name[name].span_s, partial(learned.use, by_name[name]))
        for name in learned.USED
        if name in by_name
    ]
    for model in lived:
        found.append(Job("lesson", _CLASS * _DAY_S * 5, partial(learned.days, model)))
        found.append(Job("lesson", _CLASS * _DAY_S * 9, partial(learned.errands, model)))
        if sun := by_name.get(_SUNNY[model]):
            count = 8 if more else 4
            found.append(Job("lesson", _CLASS * 86400 * count, partial(learned.house, model, sun, count)))
    pulsed = [case for case in cases if _PULSES in case.name]
    return found + [
        Job("lesson", _ALONE / 2 * case.span_s, partial(learned.resistances, case)) for case in pulsed
    ]


class Crew:
    """The processes; what they bring comes as it is done, and is handed out in the order of the jobs."""

    def __init__(self, processes: int) -> None:
        self._pool = multiprocessing.get_context("spawn").Pool(max(1, processes), _be_quiet)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.terminate()
        self._pool.join()

    def do(self, jobs: Sequence[Job]) -> list[tuple[Job, Any]]:
        """All of it, telling on the standard error stream how far it is."""
        order = sorted(range(len(jobs)), key=lambda at: -jobs[at].cost)
        results: dict[int, Any] = {}
        told = Progress(jobs)
        for at, result in self._pool.imap_unordered(_do, [(at, jobs[at].call) for at in order], 1):
            results[at] = result
            told.done(jobs[at])
        told.end()
        return [(job, results[at]) for at, job in enumerate(jobs)]


class Progress:
    """Lines, or on a screen one line that changes, of what is done and how long the rest may take."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._jobs = list(jobs)
        self._whole = sum(job.cost for job in self._jobs) or 1.0
        self._cost = 0.0
        self._count = 0
        self._begun_s = self._told_s = time.monotonic()
        self._on_screen = sys.stderr.isatty()
        self._tell(
            f"Pieces of work: {len(self._jobs)}; the long ones come first, so the first takes a while."
        )

    def done(self, job: Job) -> None:
        """One of them."""
        self._count += 1
        self._cost += job.cost
        now_s = time.monotonic()
        if self._on_screen or now_s - self._told_s >= _TELL_S:
            self._told_s = now_s
            passed_s = now_s - self._begun_s
            left_min = passed_s * (self._whole / self._cost - 1.0) / 60
            self._tell(
                f"{self._count} of {len(self._jobs)} pieces ({100 * self._cost / self._whole:.0f} %) in "
                f"{passed_s / 60:.1f} min, about {left_min:.0f} min left"
            )

    def end(self) -> None:
        """The table comes next."""
        if self._on_screen:
            self._tell("")

    def _tell(self, text: str) -> None:
        sys.stderr.write(f"\r\x1b[2K{text}" if self._on_screen else f"{text}\n")
        sys.stderr.flush()


def _do(job: tuple[int, Callable[[], Any]]) -> tuple[int, Any]:
    at, call = job
    return at, call()


def _whole(case: Case, cold: bool) -> tuple[Case, bool, drive.Score]:
    return case, cold, whole.run(case, cold)


def _be_quiet() -> None:
    """Ctrl-C is for the process that started this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
