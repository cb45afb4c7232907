"""When a pack may be called idle: nothing flows, nobody is there, nothing is on its way, for long enough.

An idle pack is one to save current on, and nothing that protects may wait for that: whatever stirs ends it in
the same cycle, and the time counts anew. `bms.app.idling` gathers what is known, as bits.
"""

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Values

# What stirs: each of these ends it, and the time counts anew.
CURRENT = const(1)  # it flows, or a charger waits outside
CHANGE = const(2)  # a protection is about to act or has just done so, or the mode leads on to another
PERSON = const(4)  # a finger on the button, somebody at the console
WORK = const(8)  # cells are bled, a step of commissioning or a reset runs, a restart is due
_STIRS = const(15)
UNWRITTEN = const(16)  # what waits for the flash: not yet, but the time goes on
SHIPPED = const(32)  # ship mode: without waiting


class Idle:
    """`is_idle`: nothing has stirred for `sleep_after_s`."""

    def __init__(self) -> None:
        self.is_idle = False
        self.total_s = 0  # so far
        self.afe_too = False  # the owner lets the front end sleep as well
        self._after_s = 0  # 0: never
        self._quiet_s = 0

    def configure(self, values: "Values") -> None:
        """Take the rows from a checked set of parameters."""
        self._after_s = values["sleep_after_s"]
        self.afe_too = values["afe_sleep"] != 0

    def wake(self) -> None:
        """Something stirs."""
        self.is_idle = False
        self._quiet_s = 0

    def step(self, passed_s: int, facts: int) -> None:
        """Once a second, and as often as anybody likes with no time passed. Allocates nothing."""
        if facts & _STIRS:
            self.wake()
            return
        if self.is_idle:
            self.total_s += passed_s
        self._quiet_s = quiet_s = min(self._after_s, self._quiet_s + passed_s)
        long_enough = quiet_s >= self._after_s or facts & SHIPPED
        self.is_idle = self._after_s > 0 and not facts & UNWRITTEN and bool(long_enough)
