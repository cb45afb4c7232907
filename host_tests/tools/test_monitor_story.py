"""A person's path at the live view alone: a bare board, set up, driven, cut out, understood, mended."""

import asyncio

import pytest
from packwarden.monitor import feeds
from packwarden.monitor.screen import Monitor
from packwarden.monitor.simulated import SimulatedFeed
from packwarden.session import Session
from packwarden.sim.board import MemoryFiles, VirtualBoard
from packwarden.sim.world import World
from textual.pilot import Pilot

SPEC = {"chemistry": "lfp", "cells": 4, "capacity_ah": 20.0, "soc": 0.6, "shunt_ohm": 0.001}
GIVEN = ("chemistry lfp", "cell_count 4", "capacity_mah 20000", "shunt_uohm 1000")
SLICE_US = 250_000
BROKEN_TAP = 2
STEPS = ("cells", "order", "taps", "thermistors", "fets", "shunt", "bleed")
SLOW = ("taps", "bleed")


async def after(app: Monitor, pilot: Pilot[int], seconds: float) -> str:
    """What the screen shows a while later."""
    assert isinstance(app.feed, SimulatedFeed)
    for _ in range(round(seconds * 1e6 / SLICE_US)):
        app.feed.session.advance(SLICE_US)
        app.step()
    await pilot.pause()
    app.draw()
    await pilot.pause()
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def type_command(app: Monitor, pilot: Pilot[int], line: str) -> str:
    await pilot.press("colon", *line, "enter")
    return await after(app, pilot, 1.0)


async def commission(app: Monitor, pilot: Pilot[int], world: World) -> None:
    """Every step, by its name, as the pack asks for it; the person at the pack does what is asked."""
    await pilot.press("b")
    await after(app, pilot, 1.0)
    await type_command(app, pilot, "unlock")
    await pilot.press("escape")
    volts = f"{sum(world.pack.volts):.3f}"
    for step in (*STEPS, f"volts {volts}", "amps label"):
        assert "running" in await type_command(app, pilot, f"commission {step}") or step[0] in "va"
        await pilot.press("escape")
        world.touch(1 if step == "thermistors" else 0)
        world.charger = (14.4, 5.0) if step == "shunt" else None
        await after(app, pilot, 18.0 if step in SLOW else 5.0)
        world.charger = None


def test_from_a_bare_board_to_a_healthy_pack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "_EVERY_S", 0.0)
    world = World(SPEC)
    feed = SimulatedFeed(running=False, session=Session(world, VirtualBoard(world, MemoryFiles())))
    app = Monitor(feed, running=False)

    async def run() -> None:
        async with app.run_test(size=(110, 45)) as pilot:
            assert "parameters are not usable: chemistry" in (await after(app, pilot, 4.0)).replace("\n", " ")

            await pilot.press("b")
            await after(app, pilot, 1.0)
            assert "unlock" in await type_command(app, pilot, "unlock")
            for each in GIVEN:
                await type_command(app, pilot, f"set {each}")
                await pilot.press("escape")
            await type_command(app, pilot, "save")
            text = await after(app, pilot, 15.0)
            assert "STANDBY" in text
            assert "Not commissioned: cells, order, taps" in text
            await pilot.press("escape")
            await commission(app, pilot, world)
            assert "ACTIVE" in await after(app, pilot, 10.0)

            world.load_a = 8.0
            assert "discharging" in await after(app, pilot, 5.0)

            world.inject("open_tap", tap=BROKEN_TAP)
            world.load_a = 0.0
            text = await after(app, pilot, 60.0)
            assert "FAULT" in text
            assert "charge OPEN discharge OPEN" in text
            standing = (app.picture.status or {})["faults"]
            assert standing
            assert all(mnemonic in text for mnemonic in standing)
            assert "→" in text, "what to do"

            world.clear("open_tap")
            await after(app, pilot, 20.0)
            await pilot.press("r", "y")
            await after(app, pilot, 2.0)
            await pilot.press("escape")
            text = await after(app, pilot, 15.0)
            assert "ACTIVE" in text
            assert "before: " in text, "what had been is still told"

    asyncio.run(run())
