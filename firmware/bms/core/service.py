"""When a pack needs service and not another reset: the five rules of the safety concept.

A reset that is needed again and again hides a failing pack. So what a reset has cleared is remembered, and
what limps, refuses to charge or ages too fast is counted, over days of operating time: this clock runs only
while there is power, which makes every span longer and never hides a cause.
"""

from micropython import const

DAY_S = const(86400)
RETURN_S = const(259200)  # 3 days
WEEK_S = const(604800)
YEAR_S = const(31536000)
LOSS_PERMILLE = const(100)
LIMPS = const(3)
REFUSALS = const(3)

# Why, as bits, in the order of `REASONS`.
RETURNED = const(1)
LIMPED = const(2)
AGED = const(4)
REFUSED = const(8)
PERMANENT = const(16)
REASONS = (
    "a code came back within 3 days of a reset",
    "limp mode three times in 7 days",
    "more than 10 % of the capacity lost within a year",
    "three attempts to charge were refused",
    "a permanent fault stands",
)


class Service:
    """Remembers what the rules ask about; `needed` is a set of the bits above, and only `clear` ends most."""

    def __init__(self) -> None:
        self.needed = 0
        self.cleared: list[str] = []  # mnemonics that the last soft reset ended ...
        self.reset_s = 0  # ... and when that was, operating seconds
        self._limps: list[int] = []  # when each of the last few began
        self._refusals = 0  # in a row: a charge that was let in ends the row
        self._capacity_mah = 0  # a year ago at most ...
        self._capacity_s = 0  # ... and when that was

    def take_up(self, kept: object) -> None:
        """Go on with what `to_keep` wrote; anything else is passed over."""
        if not isinstance(kept, dict):
            return
        self.needed = _whole(kept.get("needed")) & (RETURNED | LIMPED | AGED | REFUSED)
        names = kept.get("cleared")
        self.cleared = [each for each in names if isinstance(each, str)] if isinstance(names, list) else []
        self.reset_s = _whole(kept.get("reset_s"))
        limps = kept.get("limps")
        self._limps = [_whole(each) for each in limps][-LIMPS:] if isinstance(limps, list) else []
        self._refusals = _whole(kept.get("refusals"))
        self._capacity_mah = _whole(kept.get("capacity_mah"))
        self._capacity_s = _whole(kept.get("capacity_s"))

    def to_keep(self) -> dict[str, object]:
        """Plain data for the state record."""
        return {
            "needed": self.needed,
            "cleared": self.cleared,
            "reset_s": self.reset_s,
            "limps": self._limps,
            "refusals": self._refusals,
            "capacity_mah": self._capacity_mah,
            "capacity_s": self._capacity_s,
        }

    def clear(self) -> None:
        """It has been serviced."""
        self.needed = self._refusals = 0
        self.cleared = []
        self._limps = []

    def soft_reset(self, now_s: int, cleared: list[str]) -> None:
        """A reset has ended these faults."""
        if cleared or now_s - self.reset_s >= RETURN_S:
            self.cleared = cleared
            self.reset_s = now_s

    def tripped(self, mnemonic: str, now_s: int) -> None:
        """A fault has come, perhaps come back."""
        if mnemonic in self.cleared and now_s - self.reset_s < RETURN_S:
            self.needed |= RETURNED

    def limped(self, now_s: int) -> None:
        """Limp mode has begun."""
        self._limps.append(now_s)
        self._limps = self._limps[-LIMPS:]
        if len(self._limps) == LIMPS and now_s - self._limps[0] < WEEK_S:
            self.needed |= LIMPED

    def charge(self, let_in: bool) -> None:
        """A charger came: was it let in?"""
        self._refusals = 0 if let_in else self._refusals + 1
        if self._refusals >= REFUSALS:
            self.needed |= REFUSED

    def measured(self, capacity_mah: int, now_s: int) -> None:
        """The capacity has been learned anew: what of it was lost within the year?"""
        before = self._capacity_mah
        if before and (before - capacity_mah) > before // 1000 * LOSS_PERMILLE:
            self.needed |= AGED
        if capacity_mah > before or now_s - self._capacity_s >= YEAR_S:
            self._capacity_mah = capacity_mah
            self._capacity_s = now_s

    def reasons(self, permanent: bool) -> list[str]:
        """Why it needs service, as sentences; none if it does not."""
        bits = self.needed | (PERMANENT if permanent else 0)
        return [REASONS[index] for index in range(len(REASONS)) if bits & 1 << index]


def _whole(value: object) -> int:
    return value if isinstance(value, int) and value >= 0 else 0
