"""What a person asks of the estimators: which cell is weak, how fast capacity fades, how long it lasts.

Brought when somebody asks: what is needed all the time is in `health`.
"""

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.core.health import Health

_WEAK_PERMILLE = 25.0  # less charge than the others: worth naming; of sixteen good cells one is 2 % off
_SMALL_SHARE = 0.055  # less capacity than the others: likewise, and ...
_SURE = 2.5  # ... by so many standard deviations
_LEAKY_PERMILLE = 10.0  # more self-discharge a month: likewise
_WEAK_SHARE = 1.25  # more resistance than the mean: likewise
_IDLE_RATE = 0.005  # C: slower, and it is not worth a forecast
_FADE_AFTER_S = const(7776000)  # a fade is not told from less than 90 days of operation
_YEAR_S = 31557600.0


def weakest(health: "Health") -> "tuple[int, str]":
    """(cell from 0, why), or (-1, what is not known yet)."""
    spread = health.spread
    row = health.resistance
    if row.steps:
        worst = row.weakest()
        known = row.ten_s if row.late_steps else row.ohmic
        mean = sum(known) / len(known)
        if known[worst] > mean * _WEAK_SHARE:
            return worst, f"resistance {known[worst] * 0.001:.2f} mohm, mean {mean * 0.001:.2f} mohm"
    leak = health.leakage
    for k in range(len(spread.off)):
        size = spread.steeper[k]
        if size > _SMALL_SHARE and size > _SURE * spread.steeper_var[k] ** 0.5:
            return k, f"capacity {100.0 * size / (1.0 + size):.1f} % below that of the others"
        if leak.rate[k] > max(_LEAKY_PERMILLE, 3.0 * leak.sigma):
            return k, f"loses {leak.rate[k] * 0.1:.1f} % of its charge a month more than the others"
    if spread.low < -_WEAK_PERMILLE:
        low = spread.low_at
        return low, f"holds {-spread.off[low] * 0.1:.1f} % less charge than the others"
    if not row.steps:
        return -1, "no step of the current has been seen yet"
    return -1, "no cell differs enough to be named"


def left_min(health: "Health") -> "tuple[int | None, int | None]":
    """Minutes to full and to empty at the current of the last minutes; None for what does not come."""
    soc = health.soc
    rate = soc.over.lately()
    if abs(rate) < _IDLE_RATE:
        return None, None
    left = (1000.0 - soc.permille if rate > 0.0 else soc.permille) * 0.06 / abs(rate)
    left *= soc.capacity_share * health.spread.width(soc.middle())
    return (int(left), None) if rate > 0.0 else (None, int(left))


def fade(health: "Health") -> "tuple[int, int] | None":
    """Permille of the stated capacity that go in a year, and sigma; None while that cannot be told."""
    share, sigma, began_s = health.first
    if not share or health.age_s - began_s < _FADE_AFTER_S:
        return None
    per_year = 1000.0 * _YEAR_S / (health.age_s - began_s)
    now = health.capacity
    both = (sigma * sigma + now.sigma * now.sigma) ** 0.5
    return int((share - now.share) * per_year), int(both * per_year + 1.0)
