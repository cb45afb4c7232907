"""The live screen with real keys: each does what its footer says, and typing reaches the firmware."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from packwarden.demo import pack
from packwarden.demo.live import Live
from packwarden.demo.pace import SPEEDS
from packwarden.demo.world_keys import KEYS, OVERLOAD_A
from textual.pilot import Pilot

SECOND_US = 1_000_000
Play = Callable[[Live, Pilot[int]], Coroutine[Any, Any, None]]


def screen(play: Play, size: tuple[int, int] = (80, 24)) -> Live:
    """Run `play` on a screen whose pack has been up for some seconds and whose time only moves when told."""
    app = Live(running=False)

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            app.demo.session.advance(6 * SECOND_US)
            await play(app, pilot)

    asyncio.run(run())
    return app


def shown(app: Live) -> str:
    """The screen as text."""
    app.terminal.poll()
    app.draw()
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def settle(app: Live, pilot: Pilot[int], seconds: float = 0.0) -> str:
    app.demo.session.advance(round(seconds * SECOND_US))
    shown(app)
    await pilot.pause()
    return shown(app)


@pytest.mark.parametrize("size", [(80, 24), (130, 45), (100, 30)])
def test_the_screen_tells_what_a_person_asks(size: tuple[int, int]) -> None:
    async def play(app: Live, pilot: Pilot[int]) -> None:
        text = await settle(app, pilot)
        assert "ACTIVE  charging and discharging are allowed" in text
        for each in (
            "Charge",
            "truth",
            "Limits",
            "Warmth",
            "charge ON",
            "discharge ON",
            "Faults   none",
            "LED",
            "at 1x",
        ):
            assert each in text
        assert all(f"{cell:>2} 3.2" in text for cell in range(1, pack.CELLS + 1))
        assert "Packwarden 0" in text, "the firmware's greeting"
        assert all(f"{each.shown} {each.label}" in text for each in KEYS)
        assert "q quit" in text, "the footer is whole"

    screen(play, size)


def test_every_key_of_the_footer_is_bound_once() -> None:
    keys = [key for each in KEYS for key in each.key.split(",")]
    assert len(keys) == len(set(keys))
    assert not {"tab", "enter", "escape", "q"} & set(keys)


def test_the_button_is_pressed_and_let_go_by_the_same_key_at_real_speed() -> None:
    async def play(app: Live, pilot: Pilot[int]) -> None:
        await pilot.press("plus", "b")
        assert app.pace.speed == 1
        assert "BUTTON DOWN  4.0 s" in await settle(app, pilot, 4.0)
        await pilot.press("b")
        assert not app.demo.world.button
        assert "button up" in await settle(app, pilot, 1.0)
        assert app.demo.session.parts.remembered.resets == 0

    screen(play)


@pytest.mark.parametrize(("key", "resets"), [("9", 0), ("0", 1)])
def test_a_hold_by_one_key(key: str, resets: int) -> None:
    async def play(app: Live, pilot: Pilot[int]) -> None:
        await pilot.press("l", key)
        await settle(app, pilot, 12.0)
        assert app.demo.session.parts.remembered.resets == resets

    screen(play)


def test_a_refused_reset_is_explained() -> None:
    async def play(app: Live, pilot: Pilot[int]) -> None:
        await pilot.press("l", "c", "0")
        assert "refused: the pack is not isolated" in await settle(app, pilot, 12.0)
        assert app.demo.session.parts.remembered.refusals == 1
        await pilot.press("c", "0")
        assert "reset done" in await settle(app, pilot, 12.0)

    screen(play)


def test_charger_load_and_overload() -> None:
    async def play(app: Live, pilot: Pilot[int]) -> None:
        world = app.demo.world
        await pilot.press("l")
        assert "load none" in await settle(app, pilot)
        await pilot.press("c")
        assert "charger plugged" in await settle(app, pilot, 2)
        assert world.current_a == pytest.approx(pack.CHARGER[1])
        await pilot.press("c", "o")
        text = await settle(app, pilot, 7)
        assert world.charger is None
        assert f"load +{OVERLOAD_A:g} A" in text
        assert "CHARGE ONLY" in text
        assert "OCD1" in text
        assert "discharge OPEN" in text
        assert "Switch the load" in text
        await pilot.press("o")
        assert "ACTIVE" in await settle(app, pilot, 20)
        await pilot.press("l")
        assert "load drive" in await settle(app, pilot)

    screen(play)


def test_warm_and_cool() -> None:
    async def play(app: Live, pilot: Pilot[int]) -> None:
        await pilot.press("w", "w", "w")
        assert "55.0" in await settle(app, pilot, 8)
        assert "OTC" in app.demo.ask("status")["faults"]
        await pilot.press("k", "k", "k", "k")
        assert "15.0" in await settle(app, pilot, 20)
        assert app.demo.ask("status")["faults"] == []

    screen(play)


def test_a_broken_wire_is_seen_and_mended() -> None:
    async def play(app: Live, pilot: Pilot[int]) -> None:
        await pilot.press("l", "t")
        text = await settle(app, pilot, 40)
        assert "WIRE BROKEN" in text
        assert "FAULT" in text
        await pilot.press("t")
        assert "WIRE BROKEN" not in await settle(app, pilot, 40)

    screen(play)


def test_a_short_and_a_power_cut() -> None:
    async def play(app: Live, pilot: Pilot[int]) -> None:
        await pilot.press("l", "s")
        text = await settle(app, pilot, 1)
        assert "SHORTED" in text
        assert "SCD" in text
        await pilot.press("s", "p")
        text = await settle(app, pilot, 1)
        assert "NO FIRMWARE" in text
        assert "NO POWER" in text
        await pilot.press("p")
        assert "ACTIVE" in await settle(app, pilot, 15)
        assert app.demo.session.boots == 2

    screen(play)


def test_a_new_board_is_commissioned_with_the_keys_and_the_console_alone() -> None:
    async def play(app: Live, pilot: Pilot[int]) -> None:
        async def typed(line: str, seconds: float = 2.0) -> str:
            await pilot.press("tab")
            app.terminal.type(line + "\r")
            await pilot.press("escape")
            return await settle(app, pilot, seconds)

        async def passed(step: str, most_s: int = 90) -> None:
            for _ in range(most_s):
                await settle(app, pilot, 1.0)
                steps = app.demo.ask("commission")["steps"]
                if any(row and row["step"] == step and row["state"] == "passed" for row in steps):
                    return
            raise AssertionError(f"{step}: {app.demo.session.parts.arming.told}")

        await pilot.press("c", "n")
        assert "unlock, commission" in await settle(app, pilot, 5)
        assert app.demo.world.charger is None
        assert not app.demo.world.chip.dsg_on
        assert "not commissioned" in " ".join(app.demo.ask("status")["why"].split())
        await pilot.press("b")
        await settle(app, pilot, 2)
        await typed("unlock")
        await pilot.press("b")
        assert "unlocked  600 s" in app.terminal.text
        for step in ("cells", "order", "taps"):
            await typed(f"commission {step}")
            await passed(step)
        await typed("commission thermistors")
        for sensor in (1, 2, 3):
            await pilot.press("f")
            assert f"FINGER {sensor}" in await settle(app, pilot)
            await settle(app, pilot, 8)
        await pilot.press("f")
        assert "FINGER" not in await settle(app, pilot)
        await passed("thermistors")
        await typed("commission fets")
        await passed("fets")
        await typed("commission shunt", 4)
        await pilot.press("c")
        await passed("shunt")
        await pilot.press("c")
        await typed("commission bleed")
        await passed("bleed")
        await pilot.press("m")
        shows = (await settle(app, pilot)).partition("the meter shows ")[2].split()[0]
        await typed(f"commission volts {shows}")
        await passed("volts")
        await typed("commission amps label")
        assert "ACTIVE" in await settle(app, pilot, 10)

    screen(play, (100, 30))


def test_speeds_end_at_both_ends() -> None:
    async def play(app: Live, pilot: Pilot[int]) -> None:
        for speed in (*SPEEDS[1:], SPEEDS[-1]):
            await pilot.press("plus")
            assert app.pace.speed == speed
        for speed in (*SPEEDS[-2::-1], SPEEDS[0]):
            await pilot.press("minus")
            assert app.pace.speed == speed

    screen(play)


def test_what_is_typed_reaches_the_firmware_and_not_the_world() -> None:
    async def play(app: Live, pilot: Pilot[int]) -> None:
        await pilot.press("tab", *"statsu", "backspace", "backspace", *"us", "enter")
        text = await settle(app, pilot, 2)
        assert "pw> status" in app.terminal.text
        assert "What you type goes to the firmware" in text
        assert app.demo.world.charger is None
        assert not app.demo.world.button
        assert app.demo.ask("status")["pack_mv"] > 0
        app.terminal.type('{"jsonrpc": "2.0", "id": 7, "method": "status"}\r')
        await settle(app, pilot, 2)
        reply = next(line for line in app.terminal.text.splitlines() if line.startswith('{"jsonrpc"'))
        assert json.loads(reply)["id"] == 7
        await pilot.press("escape", "c")
        assert app.demo.world.charger == pack.CHARGER

    screen(play)


def test_ctrl_c_clears_the_line_of_the_firmware() -> None:
    async def play(app: Live, pilot: Pilot[int]) -> None:
        await pilot.press("tab", *"reboo")
        await settle(app, pilot, 0.5)
        await pilot.press("ctrl+c", *"time", "enter")
        await settle(app, pilot, 2)
        assert "uptime" in app.terminal.text

    screen(play)


def test_resizing_to_small_and_back_loses_nothing() -> None:
    async def play(app: Live, pilot: Pilot[int]) -> None:
        for size in ((40, 12), (20, 5), (200, 60), (80, 24)):
            await pilot.resize_terminal(*size)
            text = await settle(app, pilot)
        assert "q quit" in text
        assert "Faults   none" in text

    screen(play)


@pytest.mark.parametrize("keys", [["q"], ["tab", "ctrl+q"]])
def test_quit_ends_with_success(keys: list[str]) -> None:
    async def play(_: Live, pilot: Pilot[int]) -> None:
        await pilot.press(*keys)

    assert screen(play).return_value == 0
