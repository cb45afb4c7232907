"""What must outlive a power cut: charge, operating time, resets done, lockouts, permanent faults.

One record in two copies. It is written when the charge has moved by a percent or when something happened that
must not be forgotten, and only from the slow half of a cycle, because a flash erase stops everything for up
to 400 ms.
"""

from micropython import const

from bms.core import faults, protection
from bms.core import reset as r
from bms.services.storage import Record

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.core.soc import ChargeCounter
    from bms.ports import Fields, Files

_STEP_PERMILLE = const(10)
_EVERY_S = const(3600)  # operating time is written at least this often
_DOUBT_PERMILLE = const(10)  # added to sigma by a boot: nobody counted while the power was off


class Remembered:
    """The state record, in memory and on flash."""

    def __init__(self, files: "Files") -> None:
        self._record = Record(files, "state")
        data = self._record.load() or {}
        self.damage = self._record.damage
        self.base_s = _whole(data, "operating_s")
        self.resets_s = [each for each in _list(data, "resets_s") if isinstance(each, int)]
        self.resets = _whole(data, "resets")
        self.refusals = _whole(data, "refusals")
        self._standing = (
            (protection.LOCKED, _list(data, "locked")),
            (protection.PERMANENT, _list(data, "permanent")),
        )
        self._soc = data.get("soc")
        self._written_permille = -1
        self._written_s = self.base_s
        self.urgent = False

    def restore(self, soc: "ChargeCounter", protect: protection.Protection) -> None:
        """Hand back what was known at the last write."""
        known = self._soc
        if isinstance(known, list) and len(known) == 2 and all(isinstance(each, int) for each in known):
            soc.set(known[0], known[1] + _DOUBT_PERMILLE)
            self._written_permille = soc.permille
        for state, mnemonics in self._standing:
            for i in range(protect.count):
                if faults.ROWS[i][faults.MNEMONIC] in mnemonics:
                    protect.state[i] = state

    def due(self, soc: "ChargeCounter", now_s: int) -> bool:
        """Whether a write is worth its wear."""
        if self.urgent or now_s - self._written_s >= _EVERY_S:
            return True
        return soc.known and abs(soc.permille - self._written_permille) >= _STEP_PERMILLE

    def write(self, soc: "ChargeCounter", protect: protection.Protection, now_s: int) -> None:
        """Write the record; OSError if the flash refuses."""
        self.urgent = False
        self._written_s = now_s
        self._written_permille = soc.permille
        self._record.save(
            {
                "operating_s": now_s,
                "soc": [soc.permille, soc.sigma_permille] if soc.known else None,
                "resets_s": [each for each in self.resets_s if now_s - each < r.MONTH_S],
                "resets": self.resets,
                "refusals": self.refusals,
                "locked": _in_state(protect, protection.LOCKED),
                "permanent": _in_state(protect, protection.PERMANENT),
            }
        )


def _in_state(protect: protection.Protection, state: int) -> list[str]:
    """Mnemonics of the rows that are in this state."""
    return [faults.ROWS[i][faults.MNEMONIC] for i in range(protect.count) if protect.state[i] == state]


def _whole(data: "Fields", name: str) -> int:
    value = data.get(name, 0)
    return value if isinstance(value, int) and value >= 0 else 0


def _list(data: "Fields", name: str) -> list[object]:
    value = data.get(name)
    return value if isinstance(value, list) else []
