"""What of the fault table must outlive a power cut, and how it comes back.

A lockout that a restart ended would be no lockout, and a short circuit that browns out the controller would
be closed into without end. So every trip that ends by more than its cause, and every count of retries, is
written down and taken up again where it stood. What ends by itself is not: the first scan finds it again.
"""

from micropython import const

from bms.core import faults as f
from bms.core import protection

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Fields


def to_keep(protect: protection.Protection) -> "Fields":
    """Mnemonic -> [state, retries] of every row that is more than passing."""
    kept = {}
    for i in range(protect.count):
        if f.is_kept(i) and (protect.state[i] >= protection.TRIPPED or protect.retries[i]):
            kept[f.ROWS[i][f.MNEMONIC]] = [protect.state[i], protect.retries[i]]
    return kept


def take_up(protect: protection.Protection, kept: "Fields", now: int) -> None:
    """Put rows back into what `to_keep` wrote; anything that it would not have written is passed over."""
    for i in range(protect.count if kept else 0):  # a start with nothing to take up is most starts
        entry = kept.get(f.ROWS[i][f.MNEMONIC])
        if not f.is_kept(i) or not isinstance(entry, list) or len(entry) != 2:
            continue
        state, retries = entry
        if state in (protection.TRIPPED, protection.LOCKED, protection.PERMANENT) and isinstance(
            retries, int
        ):
            protect.resume(i, state, max(0, min(255, retries)), now)
        elif state in (protection.OK, protection.PENDING) and isinstance(retries, int):
            protect.resume(i, protection.OK, max(0, min(255, retries)), now)
