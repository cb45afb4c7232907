"""The guided tour: one pack's day in a few seconds, for anyone who starts the demo without a terminal.

Each chapter does something to the pack, lets the firmware speak where it explains itself best, and checks
every sentence against what the simulated chip, cells and current really did.
"""

import time
from typing import TextIO

from packwarden.demo import pack
from packwarden.demo.stage import NotSeenError, Stage
from packwarden.demo.tour_button import lockout, release
from packwarden.demo.tour_limits import end_of_charge, over_current

_DRIVE_S = 2400


def play(out: TextIO) -> int:
    """Play all of it; 0 when everything was as told, 1 when something was not."""
    started = time.monotonic()
    stage = Stage(pack.build(soc=0.95), out)
    stage.say(
        f"Packwarden's firmware, as it would run on a chip, guards a simulated pack: {pack.CELLS} LFP cells, "
        f"{pack.CAPACITY_AH:g} Ah, no two of them equal. Lines behind a bar are the firmware's own console. "
        "With a terminal, the same command gives you the pack to play with."
    )
    try:
        for chapter in (power_up, drive, over_current, end_of_charge, lockout, release, close):
            chapter(stage)
    except NotSeenError as missing:
        out.write("\n")
        stage.say(f"THIS DID NOT HAPPEN: {missing}")
        stage.say("The simulation and the tour disagree, so one of them is wrong. The firmware's last word:")
        stage.command("status")
        stage.command("history")
        return 1
    out.write("\n")
    stage.say(f"{stage.now_s / 60:.0f} simulated minutes took {time.monotonic() - started:.0f} s.")
    return 0


def power_up(stage: Stage) -> None:
    """From power to a closed path."""
    stage.title("1  Power-up")
    stage.say("The controller gets power. The path stays open until the front end is proven.")
    chip = stage.world.chip
    early: list[str] = []

    def active() -> bool:
        mode = str(stage.status.get("mode", "off"))
        if mode != "active" and (chip.chg_on or chip.dsg_on):
            early.append(mode)
        return mode == "active"

    took_s = stage.wait_for(active, at_most_s=10, step_s=0.01)
    stage.wait(1)
    stage.claim(not early, f"No FET conducted until the self-test had passed, {took_s:.1f} s after power-up.")
    stage.claim(chip.chg_on and chip.dsg_on, "Now both do.")
    stage.command("status")


def drive(stage: Stage) -> None:
    """The drive schedule, with the firmware's own status line every few minutes."""
    stage.title("2  A drive")
    stage.say(f"{_DRIVE_S // 60} minutes of a drive schedule (UDDS, US06, WLTC), scaled to this pack.")
    stage.demo.driving = True
    stage.command("watch 480", keep=lambda _: False)
    lowest_a = highest_a = 0.0
    faults: set[str] = set()
    for _ in range(_DRIVE_S):
        stage.wait(1)
        lowest_a, highest_a = min(lowest_a, stage.world.current_a), max(highest_a, stage.world.current_a)
        faults.update(stage.status["faults"])
    stage.demo.driving = False
    stage.events()
    stage.command("watch 0", keep=lambda _: False)
    stage.claim(
        lowest_a < -90 and highest_a > 15 and not faults,
        f"It drew up to {-lowest_a:.0f} A and fed back up to {highest_a:.0f} A; no fault, as it should be.",
    )
    believed, sigma = stage.status["soc_permille"] / 10, stage.status["soc_sigma_permille"] / 10
    true = 100 * (stage.world.true_soc() or 0.0)
    stage.claim(
        abs(believed - true) <= 3 * sigma,
        f"The firmware believes {believed:.1f} % +/- {sigma:.1f} %; the truth is {true:.1f} %.",
    )


def close(stage: Stage) -> None:
    """How the pack is after all that."""
    stage.title("7  After all that")
    stage.command("status")
    status = stage.status
    stage.claim(
        status["mode"] == "active" and not status["faults"] and status["protected"],
        "The pack is in service again, nothing stands against it, and its history knows everything:",
    )
    stage.command("history", keep=lambda line: " mode " not in line)
