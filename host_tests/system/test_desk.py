"""What answers questions comes with the first one and goes when nobody asks any more, if memory is short."""

import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from bms.app import overlay
from bms.app.desk import Desk

MODULES = overlay.DESK.split()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A controller, on which none of it is loaded; afterwards the modules are those from before."""
    before = {name: sys.modules[name] for name in sys.modules if name.startswith("bms.")}
    monkeypatch.setattr(overlay, "is_small", lambda: True)
    for name in MODULES:
        __import__(name)
    overlay.forget(overlay.DESK)
    yield
    for name, module in before.items():
        sys.modules[name] = module
        package, last = name.rsplit(".", 1)
        setattr(sys.modules[package], last, module)


def parts() -> Any:
    return SimpleNamespace(
        loop=SimpleNamespace(uptime_s=100),
        reporter=SimpleNamespace(watch_s=0),
        console=SimpleNamespace(busy=False),
        access=None,
        hal=SimpleNamespace(collect=lambda: None),
    )


def test_on_a_computer_it_is_there_from_the_start_and_stays() -> None:
    p = parts()
    desk = Desk(p)
    assert desk.find("status") is not None
    desk.second(10_000)
    assert desk.rows
    assert p.api.rows is desk.rows


@pytest.mark.usefixtures("small")
def test_on_a_controller_it_comes_a_module_a_slice_and_goes_after_a_minute() -> None:
    p = parts()
    desk = Desk(p)
    assert not desk.rows
    assert not any(name in sys.modules for name in MODULES)
    slices = list(desk.load())
    assert 1 < len(slices) <= len(MODULES)
    assert set(slices) == {""}
    assert desk.find("status") is not None
    assert all(name in sys.modules for name in MODULES)
    desk.second(159)
    assert desk.rows
    desk.second(160)
    assert not desk.rows
    assert p.api is None
    assert not any(name in sys.modules for name in MODULES)
    assert list(desk.load()) == slices
    assert desk.find("status") is not None


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(("watch_s", "busy"), [(1, False), (0, True)])
def test_it_stays_while_somebody_is_being_answered(watch_s: int, busy: bool) -> None:
    p = parts()
    desk = Desk(p)
    list(desk.load())
    p.reporter.watch_s = watch_s
    p.console.busy = busy
    desk.second(500)
    assert desk.rows
    p.reporter.watch_s = 0
    p.console.busy = False
    desk.second(559)
    assert desk.rows
    desk.second(560)
    assert not desk.rows


@pytest.mark.usefixtures("small")
def test_no_memory_is_an_answer_and_no_exception() -> None:
    def full() -> None:
        raise MemoryError

    p = parts()
    desk = Desk(p)
    p.hal.collect = full
    assert list(desk.load()) == []
    assert desk.find("status") is None
    assert "no memory" in desk.unknown("status")


@pytest.mark.usefixtures("small")
def test_a_stream_brings_it_between_cycles_and_without_memory_tries_now_and_then() -> None:
    p = parts()
    desk = Desk(p)
    tries: list[int] = []

    def full() -> None:
        tries.append(p.loop.uptime_s)
        if len(tries) < 3:
            raise MemoryError

    p.hal.collect = full
    desk.poll()
    assert not tries, "nobody streams"
    p.reporter.watch_s = 1
    for number in range(500):
        p.loop.uptime_s += number % 10 == 0
        desk.poll()
    assert tries[1] - tries[0] == tries[2] - tries[1] == 10
    assert desk.find("status") is not None


def test_on_a_computer_nothing_is_forgotten() -> None:
    name = overlay.SET_UP.split()[0]
    __import__(name)
    overlay.forget(overlay.SET_UP)
    assert overlay.is_loaded(name)
