"""Simulated packs of sixteen cells that differ: is it known what the pack can give, and which cell is weak?

Days of life: a drive down to the first empty cell, a rest, a charge with constant current and then constant
voltage of the fullest cell, a night. The truth is the pack's own: what the first cell to empty still holds,
over that and the room of the first to fill. Balancing is on, as it is in a pack.
"""

from dataclasses import dataclass

from bms.core import checkup
from bms.core.balance import Balancer

from packwarden.sim import cells
from packwarden.sim.pack import Pack
from packwarden.sim.spread import Spread
from packwarden.soc_bench.body import Body
from packwarden.soc_bench.drive import COLD, Score
from packwarden.traces import DRIVE_PROFILE, load_current

CELLS = 16
_AH = 5.0
_SEED = 5
_SPREAD = {"capacity": 0.01, "soc": 0.01, "resistance": 0.08, "self_discharge_per_month": 0.005}
_SKIP_S = 1800
_SCORE_S = 10
_START = 0.7
_NIGHT_S = 4 * 3600
_REST_S = 2400
_CHARGE_C = 0.33
_TAPER_C = 0.03
EMPTY_V = {"nmc": 3.15, "lfp": 2.85}  # under load: where a careful user stops
CEILING_V = {"nmc": 4.2, "lfp": 3.55}
_ANCHOR_LOW, _ANCHOR_HIGH = 0.08, 0.985


@dataclass(frozen=True)
class Plan:
    """One pack: what it is called, and which cell is worse than the rest, by which factors."""

    name: str
    model: str
    weak: tuple[dict[str, float], ...] = ()
    days: int = 3

    @property
    def chemistry(self) -> str:
        """The preset."""
        return "nmc" if self.model == "nmc" else "lfp"


PLANS = (
    Plan("NMC, ordinary spread", "nmc"),
    Plan("NMC, cell 7 has 90 % of the capacity", "nmc", ({"cell": 7, "capacity": 0.90},)),
    Plan("NMC, cell 12 has 1.6 times the resistance", "nmc", ({"cell": 12, "resistance": 1.6},)),
    Plan("LFP, ordinary spread", "ael"),
    Plan("LFP with hysteresis, cell 7 has 90 %", "aelh", ({"cell": 7, "capacity": 0.90},)),
    Plan("LFP, cell 3 has 92 %", "ael", ({"cell": 3, "capacity": 0.92},)),
)


@dataclass
class Found:
    """What came of one pack."""

    plan: Plan
    cold: bool
    score: Score
    anchored: Score
    named: int  # from 1; 0: nobody
    because: str


class Day:
    """The life of a pack, a second at a time."""

    def __init__(self, plan: Plan) -> None:
        model = cells.load(plan.model)
        spread = Spread(CELLS, _SEED, dict(_SPREAD), [dict(each) for each in plan.weak])
        self.pack = Pack(model, CELLS, _AH, _START, 25.0, spread)
        self._plan = plan
        _, self._drive = load_current(DRIVE_PROFILE)
        self._at = 0
        self._left_s = _REST_S
        self._phase = 0  # 0 rests before a drive, 1 drives, 2 rests, 3 charges
        self._amps = 0.0
        self.days = 0

    def second(self) -> float:
        """One second; returns its current."""
        pack = self.pack
        current_a = self._wanted()
        pack.step(1.0, current_a)
        pack.apply(current_a)
        return current_a

    def _wanted(self) -> float:
        volts = self.pack.volts
        if self._phase in (0, 2):
            self._left_s -= 1
            if self._left_s <= 0:
                self._phase += 1
                self._amps = _CHARGE_C * _AH
            return 0.0
        if self._phase == 1:
            self._at = (self._at + 1) % len(self._drive)
            if min(volts) < EMPTY_V[self._plan.chemistry]:
                self._phase, self._left_s = 2, _REST_S
            return self._drive[self._at] * _AH / 5.0
        over_v = max(volts) - CEILING_V[self._plan.chemistry]
        worst_ohm = self.pack.ohm / CELLS
        self._amps = min(_CHARGE_C * _AH, self._amps - 0.5 * over_v / worst_ohm)
        if self._amps < _TAPER_C * _AH and over_v > -0.005:
            self._phase, self._left_s = 0, _NIGHT_S
            self.days += 1
            return 0.0
        return self._amps


def run(plan: Plan, cold: bool) -> Found:
    """Live it."""
    life = Day(plan)
    pack = life.pack
    body = Body(plan.chemistry, CELLS, _AH)
    balancer = Balancer()
    balancer.configure(body.values)
    body.snap.die_ddegc = 350
    body.believe(pack.usable() - (COLD if cold else 0.0))
    found = Found(plan, cold, Score(), Score(), 0, "")
    second = 0
    anchored = False
    while life.days < plan.days:
        second += 1
        sensed_a = body.sensed(life.second())
        body.count(sensed_a)
        body.look(sensed_a, pack.volts, pack.temp_c[0], balancer.mask)
        pack.bleed(balancer.step(body.snap, True, body.health.spread, body.soc.middle()))
        if second % _SCORE_S == 0 and second >= _SKIP_S:
            truth = pack.usable()
            anchored = anchored or truth < _ANCHOR_LOW or truth > _ANCHOR_HIGH
            error = body.soc.permille / 10 - 100 * truth
            found.score.add(error, body.soc.sigma_permille / 10)
            if anchored:
                found.anchored.add(error, body.soc.sigma_permille / 10)
    cell, found.because = checkup.weakest(body.health)
    found.named = cell + 1
    return found
