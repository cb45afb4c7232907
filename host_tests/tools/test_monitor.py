"""The live view on a simulated pack, a recording and a port that goes away: what it shows, what keys do."""

import asyncio
import json
import os
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from packwarden import monitor, recording
from packwarden.client import LinkError, RefusalError
from packwarden.errors import InputError
from packwarden.monitor import feeds, panels, talk
from packwarden.monitor.dialogs import laid_out
from packwarden.monitor.drawing import bar, centred, spark, uncertain
from packwarden.monitor.feeds import Feed, PackFeed, RecordedFeed
from packwarden.monitor.keys import KEYS, footer
from packwarden.monitor.picture import Picture
from packwarden.monitor.screen import Monitor
from packwarden.monitor.simulated import SimulatedFeed
from textual.pilot import Pilot

Play = Callable[[Monitor, Pilot[int]], Coroutine[Any, Any, None]]
SLICE_US = 250_000


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A status at every step."""
    monkeypatch.setattr(feeds, "_EVERY_S", 0.0)


def on_screen(
    feed: Feed, play: Play, size: tuple[int, int] = (100, 40), record: Path | None = None
) -> Monitor:
    app = Monitor(feed, record, running=False)

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await play(app, pilot)

    asyncio.run(run())
    return app


def go(app: Monitor, seconds: float) -> None:
    """Let simulated time pass, with looks at it."""
    assert isinstance(app.feed, SimulatedFeed)
    for _ in range(round(seconds * 1e6 / SLICE_US)):
        app.feed.session.advance(SLICE_US)
        app.step()


async def shown(app: Monitor, pilot: Pilot[int]) -> str:
    await pilot.pause()
    app.draw()
    await pilot.pause()
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def simulated() -> SimulatedFeed:
    return SimulatedFeed(running=False)


@pytest.mark.parametrize("size", [(80, 40), (100, 40), (160, 50)])
def test_the_screen_answers_what_a_person_asks(size: tuple[int, int]) -> None:
    async def play(app: Monitor, pilot: Pilot[int]) -> None:
        go(app, 10)
        text = await shown(app, pilot)
        for each in (
            "ACTIVE  Charging and discharging are allowed",
            "Charge", "± 5.3 %", "▒", "Current", "Warmth", "charge ON discharge ON",
            "What stands, and what to do", "none", "Spread", "selftest -> active",
        ):  # fmt: skip
            assert each in text
        assert all(f"{cell:>2} 3.2" in text for cell in range(1, 17))
        assert all(f"{key} {label}" in text for key, label in footer(app.feed))

    on_screen(simulated(), play, size)


def test_why_it_is_not_active_and_what_to_do() -> None:
    async def play(app: Monitor, pilot: Pilot[int]) -> None:
        assert isinstance(app.feed, SimulatedFeed)
        go(app, 6)
        app.feed.session.world.load_a = 150.0
        go(app, 10)
        text = await shown(app, pilot)
        assert "CHARGE ONLY  OCD1: " in text
        assert "discharge OPEN" in text
        assert "OCD1 P1A02  trip, seen 1x" in text
        assert "→ Switch the load" in text

    on_screen(simulated(), play)


def test_a_narrow_terminal_has_one_column_and_nothing_is_lost() -> None:
    async def play(app: Monitor, pilot: Pilot[int]) -> None:
        go(app, 8)
        text = await shown(app, pilot)
        lines = text.splitlines()
        cells = next(k for k, line in enumerate(lines) if "Cells between" in line)
        assert cells > next(k for k, line in enumerate(lines) if "FETs" in line), "below each other"
        assert all(f"{cell:>2} 3.2" in text for cell in range(1, 17))
        assert all(f"{key} {label}" in text for key, label in footer(app.feed))

    on_screen(simulated(), play, (44, 50))


def test_resizing_to_nothing_and_back() -> None:
    async def play(app: Monitor, pilot: Pilot[int]) -> None:
        go(app, 6)
        for size in ((30, 10), (10, 4), (200, 60), (80, 24)):
            await pilot.resize_terminal(*size)
            go(app, 0.5)
            text = await shown(app, pilot)
        assert "ACTIVE" in text
        assert "q quit" in text
        await pilot.press("pagedown")
        assert "selftest -> active" in await shown(app, pilot), "scrolled to"

    on_screen(simulated(), play)


def test_reset_asks_first_and_tells_what_came_of_it() -> None:
    async def play(app: Monitor, pilot: Pilot[int]) -> None:
        assert isinstance(app.feed, SimulatedFeed)
        app.feed.session.world.load_profile = None
        go(app, 6)
        await pilot.press("r", "n")
        go(app, 2)
        assert app.feed.session.parts.remembered.resets == 0
        await pilot.press("r")
        assert "Reset? Lockouts end" in await shown(app, pilot)
        await pilot.press("y")
        go(app, 2)
        assert app.feed.session.parts.remembered.resets == 1
        assert "reset: reset done" in await shown(app, pilot)

    on_screen(simulated(), play)


def test_a_refusal_is_shown_in_the_packs_own_words() -> None:
    async def play(app: Monitor, pilot: Pilot[int]) -> None:
        go(app, 6)
        await pilot.press("s", "y")
        go(app, 2)
        assert "locked" in await shown(app, pilot)

    on_screen(simulated(), play)


def test_any_command_can_be_typed() -> None:
    async def play(app: Monitor, pilot: Pilot[int]) -> None:
        go(app, 6)
        await pilot.press("colon", *"get cell_count", "enter")
        go(app, 1)
        assert "get: cell_count 16" in await shown(app, pilot)
        await pilot.press("colon", *"limits", "enter")
        go(app, 1)
        text = await shown(app, pilot)
        assert "cell_ov_mv" in text
        await pilot.press("escape", "colon", "escape")
        assert "ACTIVE" in await shown(app, pilot)

    on_screen(simulated(), play)


def test_answers_have_words_and_units_as_at_the_console() -> None:
    async def play(app: Monitor, pilot: Pilot[int]) -> None:
        go(app, 6)
        for keys, said in (
            (["d"], "Nothing wrong found: no bad charger"),
            (["c"], "No trouble codes are stored."),
            (["colon", *"get cell_ov_mv", "enter"], "cell_ov_mv 3700 mV"),
            (["colon", *"soc", "enter"], "believed sigma"),
            (["colon", *"soc", "enter"], "60000 mAh"),
            (["colon", *"pin", "enter"], "set no, wait 0 s, unlocked 0 s"),
        ):
            await pilot.press(*keys)
            go(app, 1)
            assert said in await shown(app, pilot), keys
            await pilot.press("escape")

    on_screen(simulated(), play)


@pytest.mark.parametrize("size", [(60, 30), (76, 30), (80, 24), (100, 30)])
def test_open_switches_are_told_whole_on_any_terminal(size: tuple[int, int]) -> None:
    async def play(app: Monitor, pilot: Pilot[int]) -> None:
        go(app, 6)
        feed = app.feed
        assert isinstance(feed, SimulatedFeed)
        feed.session.world.inject("impact")
        go(app, 3)
        text = await shown(app, pilot)
        assert "charge OPEN discharge OPEN" in text

    on_screen(simulated(), play, size)


def test_a_diagnosis_reads_as_at_the_console() -> None:
    row = {"cause": "spread", "confidence": 0.64, "evidence": "88 permille; 50 are enough", "cell": 3}
    row |= {"text": "the cells differ in charge", "advice": "Leave it on the charger.", "figure": 88}
    told = laid_out([row, row])
    assert told.startswith("the cells differ in charge, cell 3 (88 permille; 50 are enough)\n  Leave it on")
    assert "figure" not in told


def test_service_is_needed_for_more_reasons_than_a_permanent_fault() -> None:
    picture = Picture()
    picture.status = {"mode": "active", "why": "all is well", "service_needed": True, "protected": True}
    assert "SERVICE NEEDED  type :service for why" in str(panels.verdict(picture, ""))
    picture.status["mode"] = "permanent"
    assert "do not use the pack" in str(panels.verdict(picture, ""))


def test_help_explains_every_key() -> None:
    async def play(app: Monitor, pilot: Pilot[int]) -> None:
        await pilot.press("h")
        text = await shown(app, pilot)
        assert all(each.help in text for each in KEYS)
        await pilot.press("escape", "q")

    assert on_screen(simulated(), play, (100, 50)).return_value == 0


def test_every_key_is_bound_once() -> None:
    keys = [key for each in KEYS for key in each.key.split(",")]
    assert len(keys) == len(set(keys))


def test_the_simulated_button_and_its_speed() -> None:
    async def play(app: Monitor, pilot: Pilot[int]) -> None:
        assert isinstance(app.feed, SimulatedFeed)
        go(app, 6)
        await pilot.press("plus", "plus")
        assert app.feed.speed == feeds_speed(app, 2)
        await pilot.press("b")
        assert app.feed.speed == 1
        go(app, 12)
        assert app.feed.session.parts.remembered.resets + app.feed.session.parts.remembered.refusals == 1

    on_screen(simulated(), play)


def feeds_speed(app: Monitor, steps: int) -> int:
    return app.feed.speeds[steps]


def test_what_is_recorded_is_replayed(tmp_path: Path) -> None:
    file = tmp_path / "pack.jsonl"

    async def record(app: Monitor, pilot: Pilot[int]) -> None:
        assert isinstance(app.feed, SimulatedFeed)
        go(app, 6)
        assert "● REC" in await shown(app, pilot)
        app.feed.session.world.load_a = 150.0
        go(app, 12)

    on_screen(simulated(), record, record=file)
    kinds = {said.kind for said in recording.read(file)}
    assert kinds == set(recording.KINDS)

    async def replay(app: Monitor, pilot: Pilot[int]) -> None:
        assert isinstance(app.feed, RecordedFeed)
        app.step()
        app.feed.play(4.0)
        assert "ACTIVE" in await shown(app, pilot)
        app.feed.play(100.0)
        text = await shown(app, pilot)
        assert "CHARGE ONLY" in text
        assert "OCD1" in text
        assert "come to its end" in text
        await pilot.press("left")
        assert "ACTIVE" in await shown(app, pilot)
        await pilot.press("r")
        assert "A recording answers nothing" in await shown(app, pilot)
        assert "standby" not in "".join(label for _, label in footer(app.feed))

    on_screen(RecordedFeed(file), replay, (120, 45))


def test_pausing_stops_the_news_and_says_so() -> None:
    async def play(app: Monitor, pilot: Pilot[int]) -> None:
        go(app, 6)
        await pilot.press("space")
        before = len(app.picture.times_s)
        go(app, 3)
        assert len(app.picture.times_s) <= before + 1, "what was asked before may still come"
        assert "PAUSED" in await shown(app, pilot)
        await pilot.press("space")
        go(app, 3)
        assert len(app.picture.times_s) > before + 1

    on_screen(simulated(), play)


class Wire:
    """A pack on a port, as far as the screen can tell."""

    name = "/dev/pack"

    def __init__(self) -> None:
        self.time_s = 0.0
        self.sent = b""
        self.gone = False
        self.mute = False
        self.noise = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        self.sent += data

    def read(self, _wait_s: float) -> bytes:
        if self.gone:
            raise LinkError("/dev/pack is gone: unplugged.")
        *lines, self.sent = self.sent.split(b"\n")
        answers = [self._answer(line) for line in lines if b"{" in line and not self.mute]
        return self.noise + b"".join(answers)

    def _answer(self, line: bytes) -> bytes:
        request = json.loads(line[line.index(b"{") :])
        result: Any = []
        if request["method"] == "status":
            result = {"mode": "active", "why": "fine", "pack_mv": 1, "current_ma": 2, "uptime_ms": 3}
        return json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}).encode() + b"\r\n"

    def now_s(self) -> float:
        return self.time_s

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def wire() -> Wire:
    return Wire()


def steps(feed: Feed, count: int = 12) -> None:
    for _ in range(count):
        feed.step()


def test_a_port_that_goes_away_is_tried_again_until_it_is_back(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "_AGAIN_S", 0.0)
    feed = PackFeed("/dev/pack", lambda: wire)
    heard: list[str] = []
    feed.listeners.append(lambda _t, kind, _v: heard.append(kind))
    steps(feed)
    assert recording.STATUS in heard
    wire.gone = True
    steps(feed, 1)
    assert "unplugged" in feed.trouble
    assert wire.closed
    refused: list[Any] = []
    feed.ask("reset", then=refused.append)
    assert isinstance(refused[0], RefusalError)
    wire.gone = False
    heard.clear()
    steps(feed)
    assert recording.STATUS in heard
    assert not feed.trouble


def test_silence_is_told_and_ends(wire: Wire) -> None:
    feed = PackFeed("/dev/pack", lambda: wire)
    steps(feed)
    wire.mute = True
    steps(feed, 2)
    wire.time_s += talk.PATIENCE_S + 1
    steps(feed, 2)
    assert "does not answer" in feed.trouble
    wire.mute = False
    steps(feed)
    assert not feed.trouble


def test_noise_on_the_line_does_no_harm(wire: Wire) -> None:
    feed = PackFeed("/dev/pack", lambda: wire)
    wire.noise = b'\x00\xff{"broken\r\npw> [3 s] mode: x\r\n[1]\n{"jsonrpc":"2.0","id":"x","result":1}\r\n'
    steps(feed)
    assert not feed.trouble
    wire.noise = b"x" * 2_000_000
    feed.step()
    assert "not a Packwarden console" in feed.trouble


def test_a_status_that_is_none_is_told(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Wire, "_answer", lambda _s, line: _stranger(line))
    feed = PackFeed("/dev/pack", lambda: wire)
    steps(feed)
    assert "no status" in feed.trouble


def _stranger(line: bytes) -> bytes:
    ident = json.loads(line[line.index(b"{") :])["id"]
    return json.dumps({"jsonrpc": "2.0", "id": ident, "result": "hello"}).encode() + b"\n"


def test_only_new_events_are_told(wire: Wire) -> None:
    feed = PackFeed("/dev/pack", lambda: wire)
    told: list[Any] = []
    feed.listeners.append(lambda _t, kind, value: told.append(value) if kind == recording.EVENT else None)
    one, two, three = ({"t_s": t_s, "event": "mode", "detail": ""} for t_s in (1, 2, 3))
    for rows in ([one], [one, two], [one, two], [two, three], "no list"):
        feed._hear_history(rows)
    assert told == [one, two, three]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"source": "sim"}, "needs a terminal"),
        ({"pack": Path("x.toml")}, "for a simulation"),
        ({"source": "sim", "speed": 7}, "is not one of 1, 10"),
        ({"source": "/dev/does-not-exist"}, "There is no port"),
        ({"source": "nothing.jsonl"}, "recording nothing.jsonl cannot be read"),
    ],
)
def test_what_the_command_line_cannot_mean(
    words: dict[str, Any], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "terminal" not in sentence:
        monkeypatch.setattr(monitor, "_on_screen", lambda: True)
    given = {"source": None, "record": None, "pack": None, "scenario": None, "seed": 1, "speed": 1}
    with pytest.raises(InputError, match=sentence):
        monitor.show(**(given | words))


def test_bars_and_curves() -> None:
    assert bar(0.5, 4) == "██  "
    assert bar(2.0, 3) == "███"
    assert bar(-1.0, 3) == "   "
    assert "".join(uncertain(0.5, 0.25, 8)) == "██▒▒▒▒··"
    assert "".join(uncertain(0.0, 1.0, 4)) == "▒▒▒▒"
    assert centred(-0.5, 9) == ("  ██", "    ")
    assert centred(3.0, 9) == ("    ", "████")
    assert spark([0.0, None, 1.0], 5) == "  ▁ █"
    assert spark([2.0, 2.0], 2) == "▅▅"
    assert spark([], 3) == "   "


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    before = Path.cwd()
    os.chdir(tmp_path)
    yield tmp_path
    os.chdir(before)


def test_a_key_begins_and_ends_a_recording(folder: Path) -> None:
    async def play(app: Monitor, pilot: Pilot[int]) -> None:
        go(app, 5)
        await pilot.press("w")
        go(app, 2)
        await pilot.press("w")
        assert "recorded in packwarden-" in await shown(app, pilot)

    on_screen(simulated(), play)
    (file,) = folder.glob("packwarden-*.jsonl")
    assert recording.read(file)
