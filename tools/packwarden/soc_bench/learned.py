"""What is learned besides charge: the capacity that was stated wrong, and the resistance of the pulse tests.

A learning cycle is what `reset relearn` guides a person through, on the simulated pack: full, rest, empty,
rest, full. Natural use is what the recorded and computed traces show, and days of driving, without any order.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from packwarden.sim import cells
from packwarden.sim.pack import Pack
from packwarden.sim.spread import Spread
from packwarden.soc_bench import drive, packs
from packwarden.soc_bench.body import Body
from packwarden.soc_bench.cases import Case

TOLD = (0.85, 1.15)
CYCLE_GOAL, USE_GOAL, RESISTANCE_GOAL = 0.02, 0.03, 0.10
_AH = 5.0
_REST_S = 1800
_PULSED = (0.2, 0.8)  # pulses between these charges make the truth; firmware speaks of half charge
# Traces with more than one swing between full and empty.
USED = ("nmc_cc_25C", "nmc_ocv_25C", "ael_cc_25C", "ael_ocv_25C", "aelh_ocv_25C")


@dataclass
class Learned:
    """One figure against the truth."""

    what: str
    found: float
    truth: float
    goal: float
    sigma: float = 0.0

    @property
    def off(self) -> float:
        """Relative error."""
        return self.found / self.truth - 1.0

    @property
    def met(self) -> bool:
        """Within the goal."""
        return abs(self.off) <= self.goal


def cycle(model: str, told: float) -> Learned:
    """One learning cycle of a simulated pack whose capacity was stated wrong."""
    chemistry = "nmc" if model == "nmc" else "lfp"
    pack = Pack(
        cells.load(model), packs.CELLS, _AH, 0.6, 25.0, Spread(packs.CELLS, 3, {"resistance": 0.05}, [])
    )
    body = Body(chemistry, packs.CELLS, _AH, told)
    body.believe(0.6)
    ceiling_v, floor_v = packs.CEILING_V[chemistry], packs.EMPTY_V[chemistry] - 0.1

    def second(current_a: float) -> None:
        pack.step(1.0, current_a)
        pack.apply(current_a)
        sensed_a = body.sensed(current_a)
        body.count(sensed_a)
        body.look(sensed_a, pack.volts, pack.temp_c[0])

    def fill() -> None:
        amps = 0.5 * _AH
        while amps > 0.02 * _AH:
            second(amps)
            over_v = max(pack.volts) - ceiling_v
            amps = min(0.5 * _AH, amps - 0.5 * over_v * packs.CELLS / pack.ohm)

    def rest() -> None:
        for _ in range(_REST_S):
            second(0.0)

    fill()
    rest()
    while min(pack.volts) > floor_v:
        second(-0.3 * _AH)
    rest()
    fill()
    found_ah = body.soc.capacity_c / 3600
    sigma = body.health.capacity.sigma
    return Learned(f"capacity, {model} told {told:.2f}: one cycle", found_ah, _AH, CYCLE_GOAL, sigma)


def use(case: Case, told: float) -> Learned:
    """A trace from beginning to end, the capacity stated wrong and the charge 20 points too low."""
    body = Body(case.chemistry, drive.CELLS, case.capacity_ah, told)
    before_a: float | None = None
    for _, current_a, volts, temp_c, truth in drive.seconds(case):
        sensed_a = body.sensed(current_a)
        if before_a is None:
            body.believe((truth or 0.5) - drive.COLD)
        else:
            body.count(before_a if case.held else (before_a + sensed_a) / 2)
        before_a = sensed_a
        body.look(sensed_a, [volts] * drive.CELLS, temp_c)
    return Learned(
        f"capacity, {case.name} told {told:.2f}: as it is used",
        body.soc.capacity_c / 3600,
        case.capacity_ah,
        USE_GOAL,
        body.health.capacity.sigma,
    )


def days(model: str, told: float) -> Learned:
    """A week of driving and charging, sixteen cells that differ."""
    plan = packs.Plan("use", model, days=5)
    life = packs.Day(plan)
    body = Body(plan.chemistry, packs.CELLS, _AH, told)
    body.believe(life.pack.usable() - drive.COLD)
    while life.days < plan.days:
        sensed_a = body.sensed(life.second())
        body.count(sensed_a)
        body.look(sensed_a, life.pack.volts, life.pack.temp_c[0])
    truth_ah = sorted(life.pack.capacity_ah)[packs.CELLS // 2]
    found_ah = body.soc.capacity_c / 3600
    sigma = body.health.capacity.sigma
    return Learned(f"capacity, {model} told {told:.2f}: days of driving", found_ah, truth_ah, USE_GOAL, sigma)


def resistances(case: Case) -> list[Learned]:
    """A pulse test, and what its truth file says of the pulses in the middle, both directions."""
    truth = json.loads(Path(case.path.removesuffix(".csv.gz") + "_resistance_truth.json").read_text())
    pulses = [each for each in truth["pulses"] if _PULSED[0] <= each["soc"] <= _PULSED[1]]
    body = Body(case.chemistry, drive.CELLS, case.capacity_ah)
    body.believe(1.0)
    before_a = 0.0
    for _, current_a, volts, temp_c, _ in drive.seconds(case):
        sensed_a = body.sensed(current_a)
        body.count(before_a)
        before_a = sensed_a
        body.look(sensed_a, [volts] * drive.CELLS, temp_c)
    row = body.health.resistance
    found: list[Learned] = []
    for what, known, names in (
        ("at once", row.ohmic, ("R_dis_0_mohm", "R_chg_0_mohm")),
        ("after 10 s", row.ten_s, ("R_dis_10s_mohm", "R_chg_10s_mohm")),
    ):
        mean = sum(each[name] for each in pulses for name in names) / len(pulses) / len(names)
        mohm = sum(known) / len(known) / 1000
        found.append(Learned(f"resistance in mohm, {case.name}, {what}", mohm, mean, RESISTANCE_GOAL))
    return found
