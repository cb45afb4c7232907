"""On the emulated chip: bytes of any kind on the port, for a minute, and how late a cycle gets by them."""

import os
import random
import re
from collections.abc import Callable

from emulated.story import Story
from system.test_console_fuzz import FIRST_SEED, noise

FUZZ_S = float(os.environ.get("PACKWARDEN_FUZZ_S", "60"))
LATEST_MS = 400  # CYCLE_OVERRUN warns at 500; what is brought from flash, and a word to guess at, take most


def test_noise_on_the_port_makes_no_cycle_late(emulator: Callable[..., Story]) -> None:
    """PW-135."""
    chance = random.Random(FIRST_SEED + 1)
    story = emulator(run_by="lateness.py")
    story.run(12)
    calm = lateness(story)
    start_s = story.now_us / 1e6
    while story.now_us / 1e6 - start_s < FUZZ_S:
        story.emulator.type(noise(chance)[:300].decode("latin-1"))
        story.run(chance.choice((0.05, 0.3, 1.0)))
    noisy = lateness(story)
    print(f"latest cycle: {max(calm)} ms in the calm, {max(noisy[len(calm) :])} ms under noise")
    assert max(noisy[len(calm) :]) <= LATEST_MS, noisy
    assert not story.resets
    assert story.fets == (True, True)
    story.emulator.type("\x15")
    story.run(20)
    assert story.ask("status")["faults"] == []


def lateness(story: Story) -> list[int]:
    """What the chip has told of itself so far."""
    return [int(text) for text in re.findall(r"late: (\d+)", story.printed)]


def test_a_pin_is_set_and_judged_on_the_chip_and_makes_no_cycle_late(emulator: Callable[..., Story]) -> None:
    """The hash takes its time, and what it takes is less than a cycle has left."""
    story = emulator(run_by="lateness.py")
    story.run(12)
    calm = len(lateness(story))
    story.press(4)
    story.run(0.5)
    assert story.ask("pin", "set", "4711") == {"set": True}
    story.run(5)
    assert "not the PIN" in story.ask("unlock", "0815")["message"]
    assert story.ask("unlock", "4711")["unlocked_s"] > 500
    story.run(10)
    late = lateness(story)[calm + 1 :]
    print(f"latest cycle while a PIN was set and judged: {max(late)} ms")
    assert max(late) <= LATEST_MS, late
    story.emulator.type("repl\r")
    story.until(lambda: story.fets == (False, False), 2)
    story.until(lambda: "Ctrl-D" in story.printed, 8)
    story.run(10)
    assert story.fets == (False, False)
    assert len(story.resets) == 1, "no watchdog runs at the prompt"
    story.emulator.type("\x04")
    story.until(lambda: story.fets == (True, True), 10)


# What looks, on the largest pack: no other answer has more to say.
LOOKS = (
    "status", "cells", "faults", "limits", "soc", "health", "balance", "dtc", "history", "lifetime", "log",
    "get cell_ov_mv", "params cell_ov_mv", "params", "params.schema", "relearn", "diagnose", "selftest",
    "service", "commission", "time", "version", "pin", "rpc.discover", "help", "help status", "statsu",
)  # fmt: skip
AT_ONCE_S = 3.0  # until the first line of the answer, with everything behind it still on flash
WHOLE_S = 30.0  # until the last; what is longer than a screen comes in a stream


def test_every_question_is_answered_at_once_and_makes_no_cycle_late(emulator: Callable[..., Story]) -> None:
    story = emulator(run_by="lateness.py", cells=16)
    story.run(12)
    for line in LOOKS:
        late = len(lateness(story))
        start, start_us = len(story.printed), story.now_us

        def said(start: int = start) -> str:
            return re.sub(r"\r?\nlate: \d+\r\n", "", story.printed[start:]).partition("\r\n")[2]

        story.emulator.type(line + "\r")
        story.until(lambda: said().strip(), AT_ONCE_S)
        first_s = (story.now_us - start_us) / 1e6
        story.until(lambda: said().endswith("pw> "), WHOLE_S)
        whole_s = (story.now_us - start_us) / 1e6
        assert "no memory" not in said(), line
        story.run(4)
        worst = max(lateness(story)[late:])
        print(f"{line}: begins after {first_s:.1f} s, whole after {whole_s:.1f} s; latest cycle {worst} ms")
        assert worst <= LATEST_MS, line
    assert not story.resets
    assert story.fets == (True, True)
    assert story.ask("status")["faults"] == []
