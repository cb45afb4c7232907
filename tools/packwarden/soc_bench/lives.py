"""Lives of simulated packs of sixteen cells that differ, a second at a time.

Three ways to live, none of which asks the firmware. Days: a drive down to the first empty cell, a rest, a
charge with constant current and then constant voltage of the fullest cell, a night. Errands: the same, but
somebody turns back early, and seldom comes home nearly empty. A house: its load and its panels, until a cell
is empty, and as far as the fullest cell lets the sun in.
"""

from dataclasses import dataclass

from packwarden.sim import cells
from packwarden.sim.pack import Pack
from packwarden.sim.spread import Spread
from packwarden.traces import DRIVE_PROFILE, load_current

CELLS = 16
AH = 5.0
_SEED = 5
_SPREAD = {"capacity": 0.01, "soc": 0.01, "resistance": 0.08, "self_discharge_per_month": 0.005}
_START = 0.7
_NIGHT_S = 4 * 3600
_AWAKE_S = 600.0  # of rest, with a picture that changes every second; then ...
_STILL_S = 5.0  # ... one of so many seconds
_REST_S = 2400
_CHARGE_C = 0.33
_TAPER_C = 0.03
_PROFILE_AH = 5.0  # of the pack that the drive was recorded for
_BACK_AT = (0.45, 0.3, 0.6, 0.15)  # charge of the pack at which an errand ends
_SUN = 1.5  # more panels than the recorded house: else it is never full
EMPTY_V = {"nmc": 3.15, "lfp": 2.85}  # under load: where a careful user stops
CEILING_V = {"nmc": 4.2, "lfp": 3.55}


@dataclass(frozen=True)
class Plan:
    """One pack: what it is called, and which cell is worse than the rest, by which factors."""

    name: str
    model: str
    weak: tuple[dict[str, float], ...] = ()
    days: int = 3
    ambient_c: float = 25.0

    @property
    def chemistry(self) -> str:
        """The preset."""
        return "nmc" if self.model == "nmc" else "lfp"


class Day:
    """A drive, a rest, a charge, a night; `days` of them are over."""

    def __init__(self, plan: Plan, back_at: tuple[float, ...] = (0.0,)) -> None:
        spread = Spread(CELLS, _SEED, dict(_SPREAD), [dict(each) for each in plan.weak])
        self.pack = Pack(cells.load(plan.model), CELLS, AH, _START, plan.ambient_c, spread)
        self.days = 0
        self._empty_v = EMPTY_V[plan.chemistry]
        self._ceiling_v = CEILING_V[plan.chemistry]
        self._back_at = back_at
        _, self._drive = load_current(DRIVE_PROFILE)
        self._at = 0
        self._left_s = _REST_S
        self._phase = 0  # 0 rests before a drive, 1 drives, 2 rests, 3 charges
        self._amps = 0.0
        self._still_s = 0.0

    def second(self) -> float:
        """One second; returns its current. A pack at rest hardly moves: it does so every few seconds."""
        pack = self.pack
        current_a = self._wanted()
        self._still_s = 0.0 if current_a else self._still_s + 1.0
        if not current_a and self._still_s > _AWAKE_S:
            if self._still_s % _STILL_S == 0.0:
                pack.step(_STILL_S, 0.0)
                pack.apply(0.0)
            return 0.0
        pack.step(1.0, current_a)
        pack.apply(current_a)
        return current_a

    def _wanted(self) -> float:
        if self._phase in (0, 2):
            self._left_s -= 1
            if self._left_s <= 0:
                self._phase += 1
                self._amps = _CHARGE_C * AH
            return 0.0
        if self._phase == 1:
            self._at = (self._at + 1) % len(self._drive)
            back = self._back_at[self.days % len(self._back_at)]
            if min(self.pack.volts) < self._empty_v or (back and self.pack.usable() < back):
                self._phase, self._left_s = 2, _REST_S
            return self._drive[self._at] * AH / _PROFILE_AH
        return self._charged(_CHARGE_C * AH)

    def _charged(self, most_a: float) -> float:
        """What a charger lets in; a night follows the charge that has ended."""
        over_v = max(self.pack.volts) - self._ceiling_v
        self._amps = min(most_a, self._amps - 0.5 * over_v * CELLS / self.pack.ohm)
        if self._amps < _TAPER_C * AH and over_v > -0.005:
            self._phase, self._left_s = 0, _NIGHT_S
            self.days += 1
            return 0.0
        return self._amps


class House(Day):
    """Panels by day, loads all the time: a recorded current, as far as the pack can give and take it."""

    def __init__(self, plan: Plan, current_c: list[float]) -> None:
        """`current_c`: a current a second over the capacity; a whole number of days, which begin anew."""
        super().__init__(plan)
        self._current_c = current_c
        self._seconds = 0
        self._full = False

    def _wanted(self) -> float:
        wanted_a = self._current_c[self._seconds % len(self._current_c)] * AH
        self._seconds += 1
        self.days = self._seconds // 86400
        if wanted_a <= 0.0:
            self._full = False
            self._amps = 0.0
            return 0.0 if min(self.pack.volts) < self._empty_v else wanted_a
        return 0.0 if self._full else self._let_in(_SUN * wanted_a)

    def _let_in(self, most_a: float) -> float:
        over_v = max(self.pack.volts) - self._ceiling_v
        self._amps = max(0.0, min(most_a, self._amps - 0.5 * over_v * CELLS / self.pack.ohm))
        self._full = self._amps < _TAPER_C * AH and over_v > -0.005
        return self._amps


def errands(plan: Plan) -> Day:
    """Days of which hardly any sees the pack empty."""
    return Day(plan, _BACK_AT)


def usual_soc(pack: Pack) -> float:
    """Charge of the usual cell: what firmware keeps, and from which that of the pack follows."""
    return sorted(pack.soc)[len(pack.soc) // 2]
