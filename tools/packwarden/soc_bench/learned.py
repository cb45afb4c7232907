"""What is learned besides charge: the capacity that was stated wrong, and the resistance of the pulse tests.

A learning cycle is what `reset relearn` guides a person through, on the simulated pack: full, rest, empty,
rest, full. Natural use is what the recorded and computed traces show, and weeks of a car or a house, without
any order. Firmware that was told too little and firmware that was told too much look at the same pack.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bms.core.balance import Balancer

from packwarden.sim import cells
from packwarden.sim.pack import Pack
from packwarden.sim.spread import Spread
from packwarden.soc_bench import drive, lives
from packwarden.soc_bench.body import Body, Sensors
from packwarden.soc_bench.cases import Case
from packwarden.soc_bench.lives import AH, CELLS, Day, House, Plan

TOLD = (0.85, 1.15)
CYCLE, USE, RESISTANCE = "capacity after a learning cycle", "capacity after natural use", "resistance"
CYCLE_GOAL, USE_GOAL, RESISTANCE_GOAL = 0.02, 0.03, 0.10
_REST_S = 1800
_PULSED = (0.2, 0.8)  # pulses between these charges make the truth; firmware speaks of half charge
# Traces with more than one swing between full and empty.
USED = ("nmc_cc_25C", "nmc_ocv_25C", "ael_cc_25C", "ael_ocv_25C", "aelh_ocv_25C")


@dataclass
class Learned:
    """One figure against the truth."""

    kind: str
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


class Class:
    """Bodies that were told different capacities, at the same pack."""

    def __init__(self, chemistry: str, cell_count: int, capacity_ah: float) -> None:
        self.sensors = Sensors(cell_count)
        self.bodies = [Body(chemistry, cell_count, capacity_ah, told, self.sensors) for told in TOLD]
        self.balancer = Balancer()
        self.balancer.configure(self.bodies[0].values)

    def believe(self, soc: float) -> None:
        """What flash remembers."""
        for body in self.bodies:
            body.believe(soc)

    def second(self, mean_a: float | None, sensed_a: float, volts: Sequence[float], temp_c: float) -> None:
        """A second at a mean current (None: the first moment of all), and what is to be seen at its end."""
        self.sensors.look(sensed_a, volts, temp_c)
        for body in self.bodies:
            if mean_a is not None:
                body.count(mean_a)
            body.think(self.balancer.mask)

    def live(self, pack: Pack, current_a: float) -> None:
        """The same of a simulated pack, which the first of them balances."""
        sensed_a = self.bodies[0].sensed(current_a)
        self.second(sensed_a, sensed_a, pack.volts, pack.temp_c[0])
        first = self.bodies[0]
        pack.bleed(self.balancer.step(first.snap, True, first.health.spread, first.soc.middle()))

    def report(self, kind: str, what: str, truth_ah: float, goal: float) -> list[Learned]:
        """Whatever each of them holds for the capacity by now."""
        return [
            Learned(
                kind,
                f"{what}, told {told:.2f}",
                body.soc.capacity_c / 3600,
                truth_ah,
                goal,
                body.health.capacity.sigma,
            )
            for told, body in zip(TOLD, self.bodies, strict=True)
        ]


def cycle(model: str) -> list[Learned]:
    """One learning cycle of a simulated pack whose capacity was stated wrong."""
    chemistry = Plan("", model).chemistry
    pack = Pack(cells.load(model), CELLS, AH, 0.6, 25.0, Spread(CELLS, 3, {"resistance": 0.05}, []))
    pupils = Class(chemistry, CELLS, AH)
    pupils.believe(0.6)
    ceiling_v, floor_v = lives.CEILING_V[chemistry], lives.EMPTY_V[chemistry] - 0.1

    def second(current_a: float) -> None:
        pack.step(1.0, current_a)
        pack.apply(current_a)
        pupils.live(pack, current_a)

    def fill() -> None:
        amps = 0.5 * AH
        while amps > 0.02 * AH:
            second(amps)
            over_v = max(pack.volts) - ceiling_v
            amps = min(0.5 * AH, amps - 0.5 * over_v * CELLS / pack.ohm)

    def rest() -> None:
        for _ in range(_REST_S):
            second(0.0)

    fill()
    rest()
    while min(pack.volts) > floor_v:
        second(-0.3 * AH)
    rest()
    fill()
    return pupils.report(CYCLE, f"{model}, one learning cycle", AH, CYCLE_GOAL)


def use(case: Case) -> list[Learned]:
    """A trace from beginning to end, the capacity stated wrong and the charge 20 points too low."""
    pupils = Class(case.chemistry, drive.CELLS, case.capacity_ah)
    before_a: float | None = None
    for _, current_a, volts, temp_c, truth in drive.seconds(case):
        sensed_a = pupils.bodies[0].sensed(current_a)
        mean_a = None
        if before_a is None:
            pupils.believe((truth or 0.5) - drive.COLD)
        else:
            mean_a = before_a if case.held else (before_a + sensed_a) / 2
        before_a = sensed_a
        pupils.second(mean_a, sensed_a, [volts] * drive.CELLS, temp_c)
    return pupils.report(USE, f"{case.name} as it is", case.capacity_ah, USE_GOAL)


def days(model: str) -> list[Learned]:
    """A working week of driving until empty, then charging."""
    return _lived(Plan("days until empty", model, days=5), Day)


def errands(model: str) -> list[Learned]:
    """A week, seldom nearly empty."""
    return _lived(Plan("days of errands", model, days=7), lives.errands)


def house(model: str, case: Case, count: int) -> list[Learned]:
    """Days under panels: the current of a recorded house, over the capacity of its cell."""
    current_c = [each[1] / case.capacity_ah for each in drive.seconds(case)]
    whole = current_c[: len(current_c) // 86400 * 86400]

    def begin(plan: Plan) -> House:
        return House(plan, whole)

    return _lived(Plan("days under panels", model, days=count), begin)


def _lived(plan: Plan, begin: Callable[[Plan], Day]) -> list[Learned]:
    life = begin(plan)
    pack = life.pack
    pupils = Class(plan.chemistry, CELLS, AH)
    pupils.believe(lives.usual_soc(pack) - drive.COLD)
    while life.days < plan.days:
        pupils.live(pack, life.second())
    usual_ah = sorted(pack.capacity_ah)[CELLS // 2]
    return pupils.report(USE, f"{plan.model}, {plan.days} {plan.name}", usual_ah, USE_GOAL)


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
        found.append(Learned(RESISTANCE, f"{case.name}, resistance {what}", mohm, mean, RESISTANCE_GOAL))
    return found
