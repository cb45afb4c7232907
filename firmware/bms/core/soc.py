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
from bms.core.fullness import Fullness
from bms.core.overvoltage import Overvoltage
from bms.core.rest import Rest
from bms.core.spread import middle_mv

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.core.spread import Spread
    from bms.ports import Values

UNKNOWN_SIGMA = const(300)  # permille: nothing remembered, nothing measured
STEP_S = const(5)  # one look at the voltage
_FULL_SIGMA = 8.0
_REMEMBERED_SIGMA = 3.0  # of a remembered charge that is right
_RESET_SIGMA = 150.0
_SETTLED_SIGMA = 60.0
_CONTRADICTION = 6.8  # square of 2.6 standard deviations, ...
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
        self.anchors = 0  # how often the pack was seen to be full
        self.spread: "Spread | None" = None
        self.counted_c = 1800
        self._rest_ma_ms = 0
        self._began = False  # the fresh view has seen its first voltage
        self._contradicted = 0
        self.fullness = Fullness()
        self._kind = 0
        self._before_ma_ms = 0
        self._before_c = 1800
        self._phase = 0
        self._sum_mv = self._sum_over = self._sum_tired = self._moved = 0.0
        self._mean_mv = self._mean_over = self._mean_tired = self._mean_share = 0.0

    @property
    def permille(self) -> int:
        """Believed charge, 0..1000."""
        mean = self.middle()
        spread = self.spread
        if spread:
            mean = spread.usable(mean)
        return max(0, min(1000, int(mean + 0.5)))

    @property
    def sigma_permille(self) -> int:
        """Its standard deviation."""
        if not self.known:
            return UNKNOWN_SIGMA
        variance = self.trusted.off_var + self.doubt * self.doubt
        return max(1, min(UNKNOWN_SIGMA, int(variance**0.5 + 0.5)))

    def middle(self) -> float:
        """Believed charge of the usual cell in permille; `permille` is that of the pack."""
        return self.counted() + self.trusted.off

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
        """Believe this charge (0..1000) with this standard deviation, until the voltage says otherwise."""
        sigma = max(1, min(UNKNOWN_SIGMA, sigma_permille))
        narrow = min(sigma, _REMEMBERED_SIGMA)
        self._place(max(0, min(1000, permille)), narrow)
        self.doubt = max(0.0, sigma * sigma - narrow * narrow) ** 0.5
        self._began = False

    def count(self, current_ma: int, elapsed_ms: int) -> None:
        """Integrate one reading over the time it stands for (at most 1 s)."""
        total = self._rest_ma_ms + current_ma * elapsed_ms
        whole_c = total // _MA_MS_PER_C
        self._rest_ma_ms = total - whole_c * _MA_MS_PER_C
        self.counted_c += whole_c

    def second(self, snap: s.Snapshot) -> None:
        """Look at the voltage and for anchors; call once a second with a valid snapshot."""
        offset_ms = self.rest.second(snap)
        if offset_ms:
            self.count(-offset_ms, 1)
        moved_c = self.counted_c - self._before_c + (self._rest_ma_ms - self._before_ma_ms) * 0.000001
        self._before_c = self.counted_c
        self._before_ma_ms = self._rest_ma_ms
        charge = self.middle()
        per_c = 3600.0 / self.capacity_c
        temp_ddegc = (snap.values[s.TEMP_MAX_DDEGC] + snap.values[s.TEMP_MIN_DDEGC]) >> 1
        self.over.second(moved_c * per_c, charge, temp_ddegc)
        lag_mv = self.over.lagging_mv()
        rate = (snap.current_ma * 0.001 - self.rest.offset_ma * 0.001) * per_c
        self.over_mv = over_mv = self.over.ohmic_mv * rate + lag_mv
        cell_mv = middle_mv(snap)
        self._sum_mv += cell_mv
        self._sum_over += over_mv
        self._sum_tired += self.over.tired_mv()
        self.moved_share = moved_c / self.capacity_c
        self._moved += self.moved_share * 1000.0
        if not self._began:
            self._first(cell_mv, over_mv)
        self._phase += 1
        if self._phase == STEP_S:
            self._look()
        elif self._phase == 1 and self._mean_mv:
            # Spread over three seconds, so that none of them is a long one.
            self.fresh.see(self._mean_mv, self._mean_over, self._mean_tired, self._mean_share)
        elif self._phase == 2:
            self._judge()
        if self.fullness.second(snap, cell_mv, cell_mv - self.over.ohmic_mv * rate):
            self._full()

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
        kind = self._kind
        ocv_mv = int(cell_mv - over_mv)
        charge = chemistry.soc_from_ocv(kind, ocv_mv)
        sigma_mv = int(chemistry.at_knot(chemistry.CURVE_SIGMA_MV[kind], charge) + 0.3 * abs(over_mv)) + 5
        low = chemistry.soc_from_ocv(kind, ocv_mv - sigma_mv)
        high = chemistry.soc_from_ocv(kind, ocv_mv + sigma_mv)
        sigma = max(10.0, (high - low) * 0.5)
        self.fresh.forget()
        self.fresh.restart(charge - self.counted(), sigma)
        if not self.known:
            self.trusted.take_over(self.fresh)
            self.doubt = _SETTLED_SIGMA
            self.known = True

    def _look(self) -> None:
        """The trusted view sees the mean of the last seconds, the fresh one the same a second later."""
        self._mean_share = share = self.counted()
        self.trusted.passed(self._moved, STEP_S, share)
        self.fresh.passed(self._moved, STEP_S, share)
        self._mean_mv = self._sum_mv / STEP_S
        self._mean_over = self._sum_over / STEP_S
        self._mean_tired = self._sum_tired / STEP_S
        self.trusted.see(self._mean_mv, self._mean_over, self._mean_tired, share)
        self._phase = 0
        self._sum_mv = self._sum_over = self._sum_tired = self._moved = 0.0
        if abs(self.trusted.off) > _REBASE_PERMILLE:
            self._rebase()

    def _judge(self) -> None:
        """Do the two views contradict each other?"""
        trusted, fresh = self.trusted, self.fresh
        if fresh.absurd >= _PATIENCE:
            self._began = False  # it has lost its way: the next voltage begins it anew
        apart = fresh.off - trusted.off
        variance = fresh.off_var + trusted.off_var
        if apart * apart > _CONTRADICTION * variance:
            self._contradicted += 1
            if self._contradicted >= _PATIENCE:
                self._contradicted = 0
                trusted.take_over(fresh)
                self.doubt = 0.0
        else:
            self._contradicted = 0
            self.doubt = min(self.doubt, max(abs(apart), fresh.off_var**0.5))
        if self.doubt < _SETTLED_SIGMA:
            self.settling = False

    def _rebase(self) -> None:
        """Put what the count is known to be off by into the count, so that it stays a small number."""
        moved_c = int(self.trusted.off * self.capacity_c * 0.001)
        self.counted_c += moved_c
        self._before_c += moved_c
        moved = moved_c * 1000.0 / self.capacity_c
        self.trusted.off -= moved
        self.fresh.off -= moved
        self._mean_share += moved

    def _full(self) -> None:
        """The pack is: that is, its fullest cell."""
        self.anchors += 1
        spread = self.spread
        above = max(spread.off) if spread and spread.certain(_FULL_SIGMA) else 0.0
        self._place(1000 - int(above), _FULL_SIGMA)
        self.fresh.restart(0.0, _FULL_SIGMA)
        self.doubt = 0.0
        self.settling = False

    def _place(self, permille: int, sigma: float) -> None:
        """From now on the count is this, and right within `sigma`."""
        moved = self.capacity_c // 1000 * permille + self.capacity_c % 1000 * permille // 1000
        self.counted_c = self._before_c = moved
        self._rest_ma_ms = self._before_ma_ms = 0
        self.trusted.restart(0.0, sigma)
        self.known = True
