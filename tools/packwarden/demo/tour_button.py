"""Two chapters of the tour about the ten-second button: what locks a pack out, and the only way back in.

A reset is something a person asks for, on purpose, with the cause gone. So the tour first shows everything
that is not one.
"""

from packwarden.demo import pack
from packwarden.demo.stage import Stage, flashes

_SHORT_OHM = 0.005
_FEW_US = 20


def lockout(stage: Stage) -> None:
    """Three short circuits within the hour."""
    stage.title("5  A lockout")
    world, chip = stage.world, stage.world.chip
    stage.say("Now something shorts the terminals, three times.")
    stage.listen()
    for time in ("first", "second", "third"):
        world.inject("external_short", ohm=_SHORT_OHM)
        rush_a = -world.current_a
        us = 0
        # Too quick for the firmware, which looks every 100 ms: only the front end takes part in this.
        while world.current_a and us < 5000:
            world.advance(_FEW_US)
            us += _FEW_US
        stage.wait(1)
        stage.claim(
            us < 1000 and not chip.dsg_on and "SCD" in stage.status["faults"],
            f"The {time}: {rush_a:.0f} A; the front end alone opened the path within {us} us.",
        )
        world.clear("external_short")
        if time != "third":
            took_s = stage.wait_for(lambda: chip.dsg_on, at_most_s=60)
            well = stage.status["mode"] == "active"
            stage.claim(well, f"The short goes; {took_s:.0f} s later the path closes again.")
    stage.wait(60)
    state = next(row["state"] for row in stage.demo.ask("faults") if row["mnemonic"] == "SCD")
    stage.claim(
        state == "locked out" and not chip.dsg_on and not chip.chg_on,
        "Three in an hour is no accident: the short is gone for a minute, and the path stays open.",
    )
    stage.command("faults")


def release(stage: Stage) -> None:
    """9.9 s, 10.5 s with the charger plugged, 10.5 s."""
    stage.title("6  The button")
    world, chip = stage.world, stage.world.chip
    before = _counts(stage)
    stage.say("Held for 9.9 s.")
    seen = stage.hold(9.9)
    stage.wait(2)
    per_second = [sum(1 for at in flashes(seen) if k <= at < k + 1) for k in range(10)]
    stage.claim(
        not any(per_second[:3]) and per_second[9] > per_second[3] > 0,
        f"Flashes of the LED in each second of it: {' '.join(map(str, per_second))}.",
    )
    unchanged = _counts(stage) == before and stage.status["mode"] == "fault"
    stage.claim(unchanged, "Released too early: nothing happened.")

    stage.say("The charger is plugged, and the button held for 10.5 s.")
    world.charger = pack.CHARGER
    stage.wait(3)
    seen = stage.hold(10.5)
    solid_from_s = max(at for at, lit in seen[:-20] if not lit)
    stage.claim(10.0 <= solid_from_s <= 10.1, f"The LED is solid from {solid_from_s:.2f} s on: release now.")
    blinks = stage.answer(2)
    stage.claim(
        blinks == [2, 2, 2] and _counts(stage) == (before[0], before[1] + 1) and not chip.chg_on,
        "Refused: the LED blinks two, three times over: the pack is not isolated. Nothing was changed.",
    )
    world.charger = None
    stage.wait(3)

    stage.say("The charger is unplugged, and the button held for 10.5 s once more.")
    stage.hold(10.5)
    took_s = stage.wait_for(lambda: chip.chg_on and chip.dsg_on, at_most_s=10, step_s=0.01)
    stage.wait(1)
    stage.claim(
        _counts(stage) == (before[0] + 1, before[1] + 1) and stage.status["mode"] == "active",
        f"Reset done: the self-test ran anew, and {took_s:.1f} s after the release the pack is active.",
    )


def _counts(stage: Stage) -> tuple[int, int]:
    """Soft resets done and refused, as the firmware remembers them."""
    remembered = stage.demo.session.parts.remembered
    return remembered.resets, remembered.refusals
