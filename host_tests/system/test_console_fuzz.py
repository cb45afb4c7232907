"""What comes in on the port is anything: bytes of every kind, for minutes, with the work of a cycle watched.

The work is counted in calls of Python functions, which is the same on every machine and every day; how many
milliseconds it takes on the chip, `emulated/test_slow_console.py` watches.
`PACKWARDEN_FUZZ_S` makes it longer, `PACKWARDEN_FUZZ_SEED` other noise.
"""

import json
import os
import random
import sys
from collections.abc import Callable

from packwarden.session import Session
from system.rig import Rig

SECONDS = float(os.environ.get("PACKWARDEN_FUZZ_S", "120"))
FIRST_SEED = int(os.environ.get("PACKWARDEN_FUZZ_SEED", "0"))
SEEDS = 3
MOST_MORE_CALLS = 1000  # for a piece of an answer: twice a calm cycle, collections apart
WORDS = (
    b"status", b"cells", b"dtc", b"dtc show CELL_OV", b"params cell", b"params.schema",
    b"get cell_ov_mv", b"set cell_ov_mv 9999", b"set cell_ov_mv 3650", b"save", b"revert", b"unlock",
    b"unlock 1234", b"pin set 1", b"reset hard", b"help", b"help status", b"log tail 9", b"log export",
    b"history life", b"limits", b"watch 1 json", b"watch 0", b"diagnose", b"rpc.discover", b"resume",
    b"commission", b"commission cells", b"calibrate volts 13", b"health", b"soc", b"relearn", b"pin",
    b"lifetime",
    b"params", b"params cell_ov_mv", b"get", b"service", b"balance", b"dtc show 1",
    b"standby", b"repl", b"ship", b"color on", b"color off", b"selftest", b"time", b"version",
)  # fmt: skip
KEYS = (
    b"\x1b[A",
    b"\x1b[B",
    b"\x1b[C",
    b"\x1b[D",
    b"\x1b[3~",
    b"\x1bOH",
    b"\x7f",
    b"\x08",
    b"\x03",
    b"\x15",
    b"\x1b",
)
JSON = (
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b":",
    b",",
    b"null",
    b"1e999",
    b'"jsonrpc": "2.0"',
    b'"method": "params"',
    b'"id": 1',
)


def noise(chance: random.Random) -> bytes:
    """A handful of something."""
    kind = chance.randrange(8)
    if kind == 0:
        return chance.randbytes(chance.randrange(1, 400))
    if kind == 1:
        return bytes(chance.choices(range(32, 127), k=chance.randrange(1, 2000)))
    if kind == 2:
        return chance.choice(WORDS) + chance.choice((b"\r", b"\n", b"\r\n", b" x\r", b" " * 50 + b"\r"))
    if kind == 3:
        return b"".join(chance.choices(JSON, k=chance.randrange(1, 40))) + b"\n"
    if kind == 4:
        return b"".join(chance.choices((*KEYS, *WORDS), k=chance.randrange(1, 30)))
    if kind == 5:
        method = chance.choice(WORDS).split()[0].decode()
        params = chance.choice(([], {}, ["x"], [None, 1e300, True], {"what": "x" * 500}, 7, "text"))
        one = {
            "jsonrpc": "2.0",
            "id": chance.choice((1, "a", None, 1.5, [])),
            "method": method,
            "params": params,
        }
        return json.dumps(chance.choice((one, [one] * chance.randrange(10)))).encode() + b"\n"
    if kind == 6:
        return b"[" * chance.randrange(1500) + b"\r"
    return bytes([chance.randrange(256)]) * chance.randrange(1, 1500) + b"\r"


def calls_a_step(rig: Rig, seconds: float, fed: Callable[[], None]) -> int:
    """The most calls of functions that one step of the firmware makes."""
    loop = rig.session.loop
    assert loop is not None
    step = loop.step
    most = count = 0

    def profiled(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    def counted(tick: int) -> int:
        nonlocal most, count
        count = 0
        sys.setprofile(profiled)
        try:
            return step(tick)
        finally:
            sys.setprofile(None)
            most = max(most, count)

    loop.step = counted  # type: ignore[method-assign]
    for _ in range(int(seconds)):
        fed()
        rig.run(1)
        rig.board.serial.take()
    loop.step = step  # type: ignore[method-assign]
    return most


def test_no_bytes_of_any_kind_disturb_the_pack_or_stretch_its_cycle() -> None:
    """PW-135."""
    for seed in range(FIRST_SEED, FIRST_SEED + SEEDS):
        chance = random.Random(seed)
        rig = Rig()
        session: Session = rig.session
        calm = calls_a_step(rig, 10, lambda: None)
        loop = session.loop
        assert loop is not None
        cycles, start_us = loop.cycles, rig.world.clock.now_us

        def fed(rig: Rig = rig, chance: random.Random = chance) -> None:
            for _ in range(chance.randrange(6)):
                rig.board.serial.feed(noise(chance))
            rig.board.serial.stalled = chance.random() < 0.2

        most = calls_a_step(rig, SECONDS / SEEDS, fed)
        assert session.loop is loop, "it has not restarted"
        assert (rig.mode, rig.faults, rig.fets) == ("active", [], (True, True)), seed
        spent_s = (rig.world.clock.now_us - start_us) / 1e6
        assert abs(loop.cycles - cycles - 10 * spent_s) <= 2
        assert rig.events("exception") == []
        assert most <= calm + MOST_MORE_CALLS, (seed, calm, most)
        print(f"seed {seed}: {calm} calls in a calm cycle at most, {most} under noise")
        rig.board.serial.stalled = False
        rig.board.serial.feed(b"\x15")
        rig.run(120)
        rig.board.serial.take()
        rig.rpc("watch", "0")
        assert rig.status()["cells_mv"]
        assert "charging and discharging are allowed" in rig.type("status", 3)
