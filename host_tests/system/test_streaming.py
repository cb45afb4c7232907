"""A program that streams the status and does not always read: the pack must not care, for a day or for ever.

A quarter of an hour here. `PACKWARDEN_STREAM_H=24` makes it a day, which takes this test half an hour.
"""

import gc
import json
import os
import random

import pytest
from bms.services.outbox import SIZE
from packwarden.session import Session
from system.rig import Rig

HOURS = float(os.environ.get("PACKWARDEN_STREAM_H", "0.25"))
SEED = 7
MOST_READ, MOST_WRITTEN = 64, 128  # bytes, by one poll of the console
CYCLES_A_SECOND = 10


class Meter:
    """Between the firmware and the wire: how much one step reads and writes."""

    def __init__(self, rig: Rig) -> None:
        self.most_read = self.most_written = self.written = 0
        serial, session = rig.board.serial, rig.session
        readinto, write = serial.readinto, serial.write
        step = session.loop.step if session.loop else None
        assert step is not None
        now = {"read": 0, "written": 0}

        def counted_read(buf: bytearray) -> int:
            count = readinto(buf)
            now["read"] += count
            return count

        def counted_write(buf: bytes | bytearray) -> int:
            count = write(buf)
            now["written"] += count
            self.written += count
            return count

        def counted_step(tick: int) -> int:
            now["read"] = now["written"] = 0
            wait_ms = step(tick)
            self.most_read = max(self.most_read, now["read"])
            self.most_written = max(self.most_written, now["written"])
            return wait_ms

        serial.readinto = counted_read  # type: ignore[method-assign]
        serial.write = counted_write  # type: ignore[method-assign]
        session.loop.step = counted_step  # type: ignore[method-assign,union-attr]


def drive(rig: Rig, chance: random.Random) -> None:
    """Something to report: a load or a charger, far from any limit, and a charge that stays in the middle."""
    full = rig.status()["soc_permille"] > 600
    rig.world.charger = None if full or chance.random() < 0.3 else (14.2, 4)
    rig.world.load_a = chance.choice((0, 2, 6)) if full else 0


def test_a_reader_that_stalls_costs_the_pack_nothing() -> None:
    """PW-135."""
    chance = random.Random(SEED)
    rig = Rig()
    session: Session = rig.session
    meter = Meter(rig)
    rig.rpc("watch", "1", "json")
    loop, outbox = session.loop, session.parts.console.out
    assert loop is not None
    start_s, cycles, uptime_s = rig.world.clock.now_us / 1e6, loop.cycles, loop.uptime_s
    seen: list[int] = []
    objects: list[int] = []
    stalled_s = stalls = 0
    while rig.world.clock.now_us / 1e6 - start_s < HOURS * 3600:
        drive(rig, chance)
        rig.board.serial.stalled = stalled = chance.random() < 0.5
        span_s = chance.choice((1, 7, 40, 100) if stalled else (1, 7, 40, 60))
        text = b""
        for _ in range(span_s):
            rig.run(1)
            text += rig.board.serial.take()
            assert outbox.used <= SIZE
        if stalled:
            stalls += 1
            stalled_s += span_s
        else:
            seen = read(text, seen)
        gc.collect()
        objects.append(len(gc.get_objects()))
    spent_s = rig.world.clock.now_us / 1e6 - start_s
    assert stalls > 5
    assert stalled_s > spent_s / 3, "it was not read for much of the time"
    assert abs(loop.cycles - cycles - spent_s * CYCLES_A_SECOND) <= 2, "no cycle was late or left out"
    assert abs(loop.uptime_s - uptime_s - spent_s) <= 1
    assert (rig.mode, rig.faults, session.boots) == ("active", [], 1)
    assert meter.most_read <= MOST_READ
    assert meter.most_written <= MOST_WRITTEN
    assert meter.written > (spent_s - stalled_s) * 300, "and it was told all the rest"
    assert objects[-1] < objects[len(objects) // 3] + 2000, "nothing piles up behind it"
    print(f"{spent_s / 3600:.2f} h, {loop.cycles - cycles} cycles: {len(seen)} whole statuses were read;")
    print(f"{stalls} stalls of {stalled_s} s together, {outbox.dropped} bytes dropped")


def read(text: bytes, seen: list[int]) -> list[int]:
    """Every line that came whole is a whole status, younger than the one before: their uptimes, ms."""
    lines = text.split(b"\r\n")
    for line in lines[1:-1]:
        if not line:
            continue
        told = json.loads(line)
        assert told["method"] == "status"
        uptime_ms = told["params"]["uptime_ms"]
        assert not seen or uptime_ms > seen[-1]
        seen.append(uptime_ms)
    return seen


@pytest.mark.parametrize("stalled", [False, True])
def test_protection_acts_as_soon_behind_a_stalled_reader(stalled: bool) -> None:
    """PW-135."""
    rig = Rig()
    rig.rpc("watch", "1", "json")
    rig.run(5)
    rig.board.serial.stalled = stalled
    rig.board.serial.feed(b"params\rparams\rparams\r")
    rig.run(60)
    rig.world.load_a = 44
    spent = rig.until(lambda: not rig.fets[1], 2)
    assert 0.4 < spent < 0.5 + 0.063 + 0.1 + 0.1


def test_the_stream_goes_on_where_the_reader_does() -> None:
    rig = Rig()
    rig.rpc("watch", "1", "json")
    rig.board.serial.stalled = True
    rig.run(600)
    rig.board.serial.stalled = False
    rig.run(5)
    rig.board.serial.take()
    rig.run(10)
    told = read(b"\r\n" + rig.board.serial.take(), [])
    assert 8 <= len(told) <= 10
    assert told[-1] > 600_000, "of now, not of ten minutes ago"
