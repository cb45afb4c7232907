"""Simulated packs of sixteen cells that differ: is it known what the pack can give, and which cell is weak?

The truth is the pack's own: what the first cell to empty still holds, over that and the room of the first to
fill. Everybody is told the same at the start, the pack's charge, of which nobody knows how far it is from
that of its cells. An anchor was there once the pack was nearly empty, or the charger has ended a charge: at
its voltage, by its tail current. Balancing is on, as it is in a pack. A weak cell that is not found in
the days that count is given a few more.
"""

from dataclasses import dataclass

from bms.core import checkup
from bms.core.balance import Balancer

from packwarden.soc_bench.body import Body
from packwarden.soc_bench.cases import Case
from packwarden.soc_bench.drive import DEEP, Outcome, Player
from packwarden.soc_bench.lives import AH, CELLS, Day, Plan

_SKIP_S = 1800
_SCORE_S = 10
_PATIENCE_DAYS = 6  # to name a weak cell

PLANS = (
    Plan("ordinary spread", "nmc"),
    Plan("cell 7: 90 % capacity", "nmc", ({"cell": 7, "capacity": 0.90},)),
    Plan("cell 12: 1.6 x ohms", "nmc", ({"cell": 12, "resistance": 1.6},)),
    Plan("at 5 C", "nmc", ambient_c=5.0),
    Plan("ordinary spread", "ael"),
    Plan("cell 3: 92 % capacity", "ael", ({"cell": 3, "capacity": 0.92},)),
    Plan("hyst., cell 7: 90 %", "aelh", ({"cell": 7, "capacity": 0.90},)),
    Plan("at 5 C", "ael", ambient_c=5.0),
)
MORE = (  # with --all
    Plan("cell 16: 90 % capacity", "ael", ({"cell": 16, "capacity": 0.90},)),
    Plan("hyst., cell 1: 92 %", "aelh", ({"cell": 1, "capacity": 0.92},)),
    Plan("hysteresis, at 5 C", "aelh", ambient_c=5.0),
    Plan("cell 5: 1.6 x ohms", "ael", ({"cell": 5, "resistance": 1.6},)),
)


@dataclass
class Found:
    """What came of one pack."""

    plan: Plan
    outcome: Outcome
    named: int  # from 1; 0: nobody
    days: int  # after which this was said

    @property
    def weak(self) -> int:
        """The cell that should be named, from 1; 0: none."""
        return int(self.plan.weak[0]["cell"]) if self.plan.weak else 0


def run(plan: Plan, cold: bool, rivals: bool = True) -> Found:
    """Live it."""
    life = Day(plan)
    pack = life.pack
    body = Body(plan.chemistry, CELLS, AH)
    case = Case(plan.name, f"16 cells {plan.chemistry.upper()}", plan.chemistry, AH, "", False)
    player = Player(case, cold, body)
    player.begin(pack.usable(), rivals)
    balancer = Balancer()
    balancer.configure(body.values)
    second = 0
    anchored = False
    cell, told = -1, 0
    while life.days < plan.days or (plan.weak and cell < 0 and life.days < _PATIENCE_DAYS):
        second += 1
        sensed_a = body.sensed(life.second())
        body.count(sensed_a)
        mean_v = body.sensors.look(sensed_a, pack.volts, pack.temp_c[0])
        player.others_see(sensed_a, sensed_a, mean_v, pack.temp_c[0])
        body.think(balancer.mask)
        pack.bleed(balancer.step(body.snap, True, body.health.spread, body.soc.middle()))
        if life.days >= plan.days and life.days > told:
            told = life.days
            cell, _ = checkup.weakest(body.health)
        if second % _SCORE_S == 0 and second >= _SKIP_S and not told:
            truth = pack.usable()
            anchored = anchored or truth < DEEP or life.days > 0  # a day ends as its charge does
            player.score(100 * truth, anchored)
    return Found(plan, player.outcome, cell + 1, told)
