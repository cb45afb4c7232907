"""Two chapters of the tour about limits: too much current, and the highest cell at the end of a charge.

Both show the same idea: the direction that does harm opens, the other stays, and the way back is a rule that
does not depend on anybody pressing anything.
"""

from packwarden.demo import pack
from packwarden.demo.stage import Stage

_OVERLOAD_A = 150.0
_REST_S = 600


def over_current(stage: Stage) -> None:
    """A trip by the sustained limit, and its recovery when the load has gone."""
    stage.title("3  Too much current")
    world, chip = stage.world, stage.world.chip
    limit_a, delay_s = stage.demo.parameter("ocd1_ma") / 1000, stage.demo.parameter("ocd1_ms") / 1000
    stage.say(f"A load of {_OVERLOAD_A:g} A: {limit_a:g} A are allowed, and more for {delay_s:g} s at most.")
    stage.listen()
    world.load_a = _OVERLOAD_A
    took_s = stage.wait_for(lambda: not chip.dsg_on, at_most_s=delay_s + 1, step_s=0.01)
    # Its own delay, plus the front end's next scan, plus the firmware's next cycle.
    stage.claim(
        delay_s <= took_s <= delay_s + 0.4 and "OCD1" in stage.status["faults"] and world.current_a == 0.0,
        f"The discharge FET opened after {took_s:.2f} s, and the current is zero.",
    )
    stage.claim(chip.chg_on, "The charge FET still conducts: charging would do no harm.")
    stage.wait(10)
    stage.claim(not chip.dsg_on, "With the load still there, it stays open for as long as that takes.")
    world.load_a = 0.0
    took_s = stage.wait_for(lambda: chip.dsg_on, at_most_s=30)
    stage.wait(0.5)
    stage.claim(
        not stage.status["faults"] and stage.status["mode"] == "active",
        f"Load unplugged: the front end saw it go, and after {took_s:.0f} s the path closed again by itself.",
    )
    stage.events()


def end_of_charge(stage: Stage) -> None:
    """Over-voltage of the highest cell, what a reset may not do about it, balancing, and the way back."""
    stage.title("4  The end of a charge")
    world, chip = stage.world, stage.world.chip
    volts, amps = pack.CHARGER
    stage.say(
        f"A charger of {volts} V and {amps:g} A: {volts / pack.CELLS:.2f} V a cell, were all cells equal."
    )
    world.charger = pack.CHARGER
    bled: set[int] = set()

    def tripped() -> bool:
        bled.update(_cells(chip.balancing))
        return "CELL_OV" in stage.status["faults"]

    took_s = stage.wait_for(tripped, at_most_s=3600, step_s=1)
    highest = max(range(pack.CELLS), key=lambda k: world.pack.soc[k])
    cells_mv = stage.status["cells_mv"]
    stage.claim(
        not chip.chg_on and chip.dsg_on and world.current_a == 0.0,
        f"After {took_s / 60:.0f} min the charge FET opened; the discharge FET still conducts.",
    )
    stage.claim(
        cells_mv[highest] == max(cells_mv) and min(cells_mv) < 3450,
        f"Cell {highest + 1} was full and passed {stage.demo.parameter('cell_ov_mv') / 1000:.3f} V, "
        f"with the lowest still at {min(cells_mv) / 1000:.3f} V.",
    )
    stage.claim(highest + 1 in bled, "The firmware had been bleeding it, but 0.1 A cannot hold 30 A back.")
    stage.events()
    stage.command("cells")
    stage.command("faults")
    stage.say("Somebody unplugs the charger and holds the button for 10.5 s, to get rid of the fault.")
    world.charger = None
    stage.wait(3)
    stage.hold(10.5)
    stage.claim(
        stage.answer(3) == [3, 3, 3] and "CELL_OV" in stage.status["faults"],
        "Refused: the LED blinks three, three times over: what tripped is still present.",
    )
    _balance(stage, highest)
    _empty_a_little(stage, highest)


def _balance(stage: Stage, highest: int) -> None:
    stage.say(f"The pack rests for {_REST_S // 60} min.")
    before_ah = _charges_ah(stage)
    stage.wait(_REST_S)
    lost_mah = [1000 * (a - b) for a, b in zip(before_ah, _charges_ah(stage), strict=True)]
    low = min(range(pack.CELLS), key=lambda k: stage.world.pack.soc[k])
    stage.claim(
        lost_mah[highest] > 10 > 5 * lost_mah[low],
        f"Balancing took {lost_mah[highest]:.0f} mAh out of cell {highest + 1}; cell {low + 1}, the lowest, "
        f"lost {lost_mah[low]:.1f} mAh by itself. It is slow, and goes on at rest near full.",
    )


def _empty_a_little(stage: Stage, highest: int) -> None:
    clear_v = stage.demo.parameter("cell_ov_clear_mv") / 1000
    stage.say("Discharging was allowed all the while: the pack is driven off with 40 A.")
    chip, volts = stage.world.chip, stage.world.pack.volts[highest]
    stage.listen()
    stage.world.load_a = 40.0
    # Not chip.chg_on: while current flows out, the front end closes that FET to spare its diode (TRM 5.2.3).
    took_s = stage.wait_for(lambda: stage.status["mode"] == "active", at_most_s=900, step_s=0.2)
    now_v = stage.world.pack.volts[highest]
    stage.world.load_a = 0.0
    stage.wait(0.5)
    stage.claim(
        volts > clear_v > now_v and chip.chg_on and not stage.status["faults"],
        f"{took_s:.0f} s later cell {highest + 1} was below {clear_v:.3f} V, and charging is allowed again.",
    )
    stage.events()


def _charges_ah(stage: Stage) -> list[float]:
    cells = stage.world.pack
    return [soc * ah for soc, ah in zip(cells.soc, cells.capacity_ah, strict=True)]


def _cells(mask: int) -> list[int]:
    return [k + 1 for k in range(pack.CELLS) if mask >> k & 1]
