"""What must outlive a power cut: charge, operating time, resets done, lockouts, permanent faults.

One record in two copies. It is written when the charge has moved by a percent or when something happened that
must not be forgotten, and only from the slow half of a cycle, because a flash erase stops everything for up
to 400 ms.
"""

from micropython import const

from bms.core import protection, standing
from bms.core import reset as r
from bms.services.storage import LOST, NEWER, Record

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.core.health import Health
    from bms.core.soc import ChargeCounter
    from bms.ports import Fields, Files

_STEP_PERMILLE = const(10)
_RETRY_S = const(5)
_EVERY_S = const(3600)  # operating time is written at least this often
_DOUBT_PERMILLE = const(10)  # added to sigma by a boot: nobody counted while the power was off


class Remembered:
    """The state record, in memory and on flash."""

    def __init__(self, files: "Files") -> None:
        self._record = Record(files, "state")
        data = self._record.load() or {}
        self.damage = self._record.damage
        self.reason = self._record.reason
        self.base_s = _whole(data, "operating_s")
        self.resets_s = [each for each in _list(data, "resets_s") if isinstance(each, int)]
        self.resets = _whole(data, "resets")
        self.refusals = _whole(data, "refusals")
        kept = data.get("standing")
        self._standing = kept if isinstance(kept, dict) else {}
        self.lost = self._record.found in (LOST, NEWER)  # lockouts may have been forgotten with it
        self._soc = data.get("soc")
        self.health: "Health | None" = None  # what is learned, kept with the rest
        self._learned = data.get("health")
        self._written_permille = -1
        self._written_s = self.base_s
        self._not_before_s = 0
        self.urgent = bool(self.damage)  # make both copies whole again

    def catch_up(self, counted: "Fields") -> None:
        """Operating time and charge as counted since: they are written every minute, this record is not."""
        now_s = _whole(counted, "t")
        if now_s > self.base_s:
            self.base_s = self._written_s = now_s
            self._soc = counted.get("soc")

    def take_up(self, protect: protection.Protection, now: int) -> None:
        """Put faults back to where they stood at the last write, before anything is decided."""
        standing.take_up(protect, self._standing, now)

    def restore(self, soc: "ChargeCounter") -> None:
        """Hand back what was known of the charge and of the pack's health."""
        known = self._soc
        if isinstance(known, list) and len(known) == 2 and all(isinstance(each, int) for each in known):
            soc.set(known[0], known[1] + _DOUBT_PERMILLE)
        if self.health:
            self.health.restore(self._learned)
        if soc.known:
            self._written_permille = soc.permille

    def due(self, soc: "ChargeCounter", now_s: int) -> bool:
        """Whether the charge has moved, or time passed, enough to be worth the wear."""
        if now_s < self._not_before_s:
            return False
        if now_s - self._written_s >= _EVERY_S:
            return True
        if self.health and self.health.changed:
            return True
        return soc.known and abs(soc.permille - self._written_permille) >= _STEP_PERMILLE

    def pressing(self, now_s: int) -> bool:
        """Whether something waits that no power cut may undo; after a failed write, again in a while."""
        return self.urgent and now_s >= self._not_before_s

    def write(self, soc: "ChargeCounter", protect: protection.Protection, now_s: int) -> None:
        """Write the record, both copies of it when it is urgent; OSError if the flash refuses."""
        self._not_before_s = now_s + _RETRY_S
        payload = {
            "operating_s": now_s,
            "soc": soc.kept() if soc.known else None,
            "health": self.health.kept() if self.health else self._learned,
            "resets_s": [each for each in self.resets_s if now_s - each < r.MONTH_S],
            "resets": self.resets,
            "refusals": self.refusals,
            "standing": standing.to_keep(protect),
        }
        self._record.save(payload)
        if self.urgent:
            self._record.save(payload)
        self.urgent = False
        self._not_before_s = 0
        self._written_s = now_s
        self._written_permille = soc.permille
        if self.health:
            self.health.changed = False


def _whole(data: "Fields", name: str) -> int:
    value = data.get(name, 0)
    return value if isinstance(value, int) and value >= 0 else 0


def _list(data: "Fields", name: str) -> list[object]:
    value = data.get(name)
    return value if isinstance(value, list) else []
