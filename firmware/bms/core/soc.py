"""How full the pack is, and how sure that is: exact counting, judged by the voltage.

Charge is whole coulombs plus a remainder in mA*ms, so nothing is lost to rounding and the counting itself
stays inside MicroPython's 31-bit small ints. What the count may be off by is estimated twice (`follow`): once
believing what was remembered, and once from the voltage alone. A remembered charge is either right or of
another day: as long as both agree the first one counts, and a voltage that is merely unusual cannot move it;
once they contradict each other the second one takes over.
"""

from micropython import const

from bms.core import chemistry
from bms.core import snapshot as s
from bms.core.follow import Follower
from bms.core.fullness import Fullness, sigma
from bms.core.overvoltage import Overvoltage
from bms.core.rest import Rest
from bms.core.spread import middle_mv

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.core.spread import Spread
    from bms.ports import Values

UNKNOWN_SIGMA = const(300)  # permille: nothing remembered, nothing measured
STEP_S = const(5)  # one look at the voltage
_REMEMBERED_SIGMA = 3.0  # of a remembered charge that is right
_RESET_SIGMA = 150.0
_SETTLED_SIGMA = 60.0
_PART = 0.6  # of what may be claimed beyond the filters' own variance, and
_CONTRADICTION = 5.3  # square of 2.3 standard deviations of that, ...
_PATIENCE = const(72)  # ... so many looks in a row: what flowed before the start has faded by then
_REBASE_PERMILLE = 50.0
_MA_MS_PER_C = const(1000000)
# Standard deviations of counting: gain and capacity together, and the offset in permille a second (0.0004 C).
_GAIN_SIGMA = 0.009
_DRIFT_SIGMA = 0.00012


class ChargeCounter:
    """State of charge in permille with its standard deviation."""

    def __init__(self) -> None:
        self.known = False  # there has been evidence, measured or remembered
        self.settling = False  # reset while not rested: shown as unsure until the voltage agrees
        self.rest = Rest()
        self.over = Overvoltage()
        self.trusted = Follower(_GAIN_SIGMA, _DRIFT_SIGMA)
        self.fresh = Follower(0.05, 0.0005)  # may be told anything
        self.doubt = 0.0  # standard deviation of the remembered charge being another day's
        self.capacity_c = 3600  # as learned, ...
        self.stated_c = 3600  # ... and as the owner says
        self.capacity_share = 1.0
        self.moved_share = 0.0  # in the last second, of the capacity
        self.over_mv = 0.0  # what the current adds to a cell's voltage
        self.anchors = 0  # how often the pack was seen to be full, ...
        self.tops = 0  # ... or its fullest cell, ...
        self.anchor = self.anchor_sigma = 0.0  # ... and what the usual cell held then, permille
        self.spread: "Spread | None" = None
        self.counted_c = self._before_c = 1800
        self._rest_ma_ms = self._before_ma_ms = 0
        self._began = False  # the fresh view has seen its first voltage
        self.fullness = Fullness()
        self._kind = self._contradicted = self._phase = 0
        self._sum_mv = self._sum_over = self._sum_tired = self._moved = 0.0
        self._mean: "tuple[float, float, float, float] | None" = None  # what both views see next

    @property
    def permille(self) -> int:
        """Believed charge, 0..1000."""
        mean = self.spread.usable(self.middle()) if self.spread else self.middle()
        return max(0, min(1000, int(mean + 0.5)))

    @property
    def sigma_permille(self) -> int:
        """Its standard deviation."""
        if not self.known:
            return UNKNOWN_SIGMA
        variance = self._variance()
        if self.spread:
            variance = self.spread.usable_var(self.middle(), variance)
        return max(1, min(UNKNOWN_SIGMA, int(variance**0.5 + 0.5)))

    def middle(self) -> float:
        """Believed charge of the usual cell in permille; `permille` is that of the pack."""
        return self.counted() + self.trusted.off

    def kept(self) -> "list[int]":
        """What `set` understands: of the usual cell, since the spread of the others is kept by itself."""
        return [max(0, min(1000, int(self.middle() + 0.5))), int(self._variance() ** 0.5 + 0.5)]

    def counted(self) -> float:
        """The bare count in permille."""
        return self.counted_c * 1000.0 / self.capacity_c

    def configure(self, values: "Values") -> None:
        """Take capacity, chemistry and the full rule; the believed share of the capacity stays."""
        share = self.counted()
        self._kind = chemistry.index(values["chemistry"])
        self.stated_c = self.capacity_c = values["capacity_mah"] * 18 // 5
        self.capacity_share = 1.0
        rest_ma = min(s.IDLE_MA, max(20, values["capacity_mah"] // 100))
        self.counted_c = self._before_c = int(self.capacity_c * (share * 0.001) + 0.5)
        self.rest.configure(rest_ma, values["capacity_mah"])
        self.fullness.configure(self._kind, values, rest_ma)
        for part in (self.over, self.trusted, self.fresh):
            part.configure(self._kind)

    def use_capacity(self, share: float) -> None:
        """The pack holds this share of what was stated; the believed share of it stays."""
        permille = self.counted()
        self.capacity_share = share
        self.capacity_c = int(self.stated_c * share)
        self.counted_c = self._before_c = int(self.capacity_c * (permille * 0.001) + 0.5)

    def set(self, permille: int, sigma_permille: int) -> None:
        """Believe this charge of the usual cell with this standard deviation, until the voltage differs."""
        sigma = max(1, min(UNKNOWN_SIGMA, sigma_permille))
        narrow = min(sigma, _REMEMBERED_SIGMA)
        permille = max(0, min(1000, permille))
        whole_c = self.capacity_c // 1000 * permille + self.capacity_c % 1000 * permille // 1000
        self.counted_c = self._before_c = whole_c
        self._rest_ma_ms = self._before_ma_ms = 0
        self.trusted.restart(0.0, narrow)
        self.known = True
        self.doubt = max(0.0, sigma * sigma - narrow * narrow) ** 0.5
        self._began = False
        self._mean = None

    def count(self, current_ma: int, elapsed_ms: int) -> None:
        """Integrate one reading over the time it stands for (at most 1 s)."""
        total = self._rest_ma_ms + current_ma * elapsed_ms
        whole_c = total // _MA_MS_PER_C
        self._rest_ma_ms = total - whole_c * _MA_MS_PER_C
        self.counted_c += whole_c

    def second(self, snap: s.Snapshot) -> None:
        """Look at the voltage and for anchors; call once a second with a valid snapshot."""
        self.count(-self.rest.second(snap), 1)
        moved_c = self.counted_c - self._before_c + (self._rest_ma_ms - self._before_ma_ms) * 0.000001
        self._before_c = self.counted_c
        self._before_ma_ms = self._rest_ma_ms
        per_c = 3600.0 / self.capacity_c
        temp_ddegc = (snap.values[s.TEMP_MAX_DDEGC] + snap.values[s.TEMP_MIN_DDEGC]) >> 1
        idle = self._began and self._phase == STEP_S - 2
        self.over.second(moved_c * per_c, self.middle(), temp_ddegc, idle)
        rate = (snap.current_ma * 0.001 - self.rest.offset_ma * 0.001) * per_c
        self.over_mv = over_mv = self.over.ohmic_mv * rate + self.over.lagging_mv()
        cell_mv = middle_mv(snap)
        self.moved_share = moved_c / self.capacity_c
        self._moved += self.moved_share * 1000.0
        # An anchor and a first voltage have a second each, and a look has four: none of them is a long one.
        if self.fullness.second(snap, cell_mv, cell_mv - self.over.ohmic_mv * rate):
            self.anchors += 1
            lacking = self.fullness.lacking(snap, cell_mv, over_mv * (1.0 + self.trusted.ohm))
            self._full(lacking, sigma(lacking))
            self.doubt = 0.0
            self.settling = False
        elif self.spread and self.fullness.top(snap, over_mv):
            at = snap.cell_max_at
            self._full(max(0.0, self.spread.off[at]), (sigma(0.0) ** 2 + self.spread.var[at]) ** 0.5)
        elif self._began:
            self._step(cell_mv, over_mv)
        else:
            self._first(cell_mv, over_mv)

    def reset(self, _snap: s.Snapshot) -> None:
        """Soft reset: believe the voltage of a rested pack, else keep the count and say that it is unsure."""
        if self.rest.relaxed and self._began:
            self.trusted.take_over(self.fresh)
            self.doubt = 0.0
            self.settling = False
        else:
            self.settling = True
            self.doubt = max(self.doubt, _RESET_SIGMA)

    def _first(self, cell_mv: float, over_mv: float) -> None:
        """The fresh view begins with what the first voltage says."""
        self._began = True
        self.fresh.begin(cell_mv, over_mv, self.counted())
        if not self.known:
            self.trusted.take_over(self.fresh)
            self.doubt = _SETTLED_SIGMA
            self.known = True

    def _step(self, cell_mv: float, over_mv: float) -> None:
        """Gather a second of a look, and do what is due of the one before."""
        self._sum_mv += cell_mv
        self._sum_over += over_mv
        self._sum_tired += self.over.tired_mv()
        self._phase += 1
        if self._phase == STEP_S:
            self._look()
        elif self._phase == 3:
            self._judge()
        elif self._mean and self._phase < 3:
            (self.trusted if self._phase == 1 else self.fresh).see(*self._mean)

    def _look(self) -> None:
        """The mean of the last seconds, for both views to see one after the other."""
        share = self.counted()
        self.trusted.passed(self._moved, STEP_S, share)
        self.fresh.passed(self._moved, STEP_S, share)
        self._mean = (self._sum_mv / STEP_S, self._sum_over / STEP_S, self._sum_tired / STEP_S, share)
        self._phase = 0
        self._sum_mv = self._sum_over = self._sum_tired = self._moved = 0.0

    def _judge(self) -> None:
        """Do the two views contradict each other, or one of them what a cell can hold?"""
        trusted, fresh = self.trusted, self.fresh
        count = self.counted()
        if fresh.absurd >= _PATIENCE or fresh.impossible(count):
            self._began = False  # it has lost its way: the next voltage begins it anew
        apart = fresh.off - trusted.off
        if apart * apart > _CONTRADICTION * (fresh.claimed(_PART) + trusted.claimed(_PART)):
            self._contradicted += 1
        else:
            self._contradicted = 0
            self.doubt = min(self.doubt, max(0.0, apart * apart + fresh.claimed() - trusted.claimed()) ** 0.5)
        if self._began and (self._contradicted >= _PATIENCE or trusted.impossible(count)):
            self._contradicted = 0
            trusted.take_over(fresh)
            self.doubt = 0.0
        if max(abs(apart), fresh.off_var**0.5) < _SETTLED_SIGMA:
            self.settling = False
        if abs(trusted.off) > _REBASE_PERMILLE:
            self._rebase()

    def _variance(self) -> float:
        """Of the usual cell's charge."""
        return self.trusted.claimed() + self.doubt * self.doubt

    def _rebase(self) -> None:
        """Put what the count is known to be off by into the count, so that it stays a small number."""
        moved_c = int(self.trusted.off * self.capacity_c * 0.001)
        self.counted_c += moved_c
        self._before_c += moved_c
        moved = moved_c * 1000.0 / self.capacity_c
        self.trusted.off -= moved
        self.fresh.off -= moved

    def _full(self, lacking: float, sigma_permille: float) -> None:
        """The fullest cell is; the usual one still lacks so much, give or take `sigma_permille`."""
        self.tops += 1
        self.anchor = 1000.0 - lacking
        self.anchor_sigma = sigma_permille
        off = self.anchor - self.counted()
        self.trusted.told(off, sigma_permille)
        self.fresh.told(off, sigma_permille)
        self.doubt = min(self.doubt, sigma_permille)
