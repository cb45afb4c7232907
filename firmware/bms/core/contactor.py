"""Contactors where a board has them instead of FETs: how their coils are driven, and what their contacts say.

A coil needs full drive to pull its contact in and would burn under it, so it is held with less; with less it
cannot pull in again, so one that has lost its contact is switched off, never left to hum. Opening is never
delayed, for nothing; closing waits until the last opening is well over. A contact that has welded looks like
one that is closed: only a sense input tells. Time is an argument, and nothing here allocates.
"""

from micropython import const

from bms.core import ticks
from bms.core.snapshot import CHG, DSG

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Values

# What a coil is doing; from PULLING on it has current.
OPEN = const(0)  # rested: may close
RESTING = const(1)
PULLING = const(2)
HOLDING = const(3)

# What a sense input says of a contact.
UNSENSED = const(-1)  # there is none
APART = const(0)
MADE = const(1)

FULL = const(1000)  # permille of drive
RELEASE_MS = const(250)  # a contact that takes longer to fall open, its coil's diode included, is welded
SETTLE_MS = const(50)  # a closed contact that reads open for longer does not bounce any more
HOT_MA = const(1000)  # well above what still draws an arc between silver contacts, 0.4 A
BLIND_MS = const(2500)  # under 3 s, the least after which the AFE's host watchdog may have dropped a coil
NEAR_SCANS = const(2)  # the first may have begun before the relay closed
_LOOK_MS = const(50)  # a pause in which nobody looked says nothing: a look counts for no more than this


class Coil:
    """One coil with its contact: the drive that it needs, and whether the contact obeys.

    RESTING   off       -> OPEN when rested
    OPEN      off       -> PULLING when wanted, unless the contact reads closed or something else comes first
    PULLING   full      -> HOLDING after the time to pull in; -> RESTING at once when not wanted
    HOLDING   economic  -> RESTING at once when not wanted, or when the contact is lost
    """

    def __init__(self, now: int) -> None:
        self.state = RESTING  # it may have been closed until this very start
        self.permille = 0
        self.closed = False  # by its contact; where none is sensed, once it has been pulled in
        self.welded = False  # off, and the contact still reads closed
        self.failed = False  # the contact did not close or opened by itself; until wanted no longer
        self.waits = False  # something else comes first
        self.hot_openings = 0
        self.pull_ms = 100
        self.hold_permille = FULL
        self.rest_ms = RELEASE_MS
        self._since = now
        self._differs_ms = 0  # how long the contact has not been where the coil wants it

    def configure(self, pull_ms: int, hold_permille: int, rest_ms: int) -> None:
        """Take over the parameters. Within RELEASE_MS no weld has shown yet, so no rest is shorter."""
        self.pull_ms = pull_ms
        self.hold_permille = hold_permille
        self.rest_ms = max(rest_ms, RELEASE_MS)

    def step(self, now: int, looked_ms: int, wanted: bool, contact: int, hot: bool) -> None:
        """Advance to `now`, `looked_ms` after the last time; `hot`: to open now breaks a current."""
        self._judge(looked_ms, contact)
        if not wanted:
            self.failed = False
        age = ticks.diff(now, self._since)
        state = self.state
        if state >= PULLING and (not wanted or self.failed):
            if hot:
                self.hot_openings += 1
            self._enter(RESTING, now)
        elif state == PULLING and age >= self.pull_ms:
            self._enter(HOLDING, now)
        elif state == RESTING and age >= self.rest_ms:
            self._enter(OPEN, now)
        if self.state == OPEN and wanted and contact != MADE and not self.failed and not self.waits:
            self._enter(PULLING, now)
        state = self.state
        self.permille = self.hold_permille if state == HOLDING else FULL if state == PULLING else 0
        self.closed = state >= PULLING and (contact == MADE or (contact == UNSENSED and state == HOLDING))

    def _enter(self, state: int, now: int) -> None:
        self.state = state
        self._since = now

    def _judge(self, looked_ms: int, contact: int) -> None:
        """A contact may lag behind its coil for as long as it needs to move, and no longer."""
        driven = self.state >= PULLING
        if contact == UNSENSED or (contact == MADE) == driven:
            self._differs_ms = 0
            self.welded = False
            return
        if self._differs_ms < RELEASE_MS:
            self._differs_ms += looked_ms
        if not driven:
            self.welded = self._differs_ms >= RELEASE_MS
        elif self.state == HOLDING and self._differs_ms >= SETTLE_MS:
            self.failed = True


class Contactors:
    """A charge and a discharge contactor, and the relay that precharges the load before the latter closes.

    Directions are masks of CHG and DSG. How long a precharge may take is for its owner to say, who ends it by
    wanting DSG no longer.
    """

    def __init__(self, now: int) -> None:
        self.chg = Coil(now)
        self.dsg = Coil(now)
        self.relay = Coil(now)
        self.closed = 0
        self.welded = 0
        self.failed = 0
        self.moving = 0  # wanted, not pulled in yet, and nothing wrong so far
        self.precharging = False
        self._last = now
        self._fitted = False  # a precharge relay
        self._delta_mv = 0
        self._near = 0  # scans in a row that found the load near the stack
        self._current_ma = 0

    @property
    def hot_openings(self) -> int:
        """Openings that had to break a current: those wear contacts out."""
        return self.chg.hot_openings + self.dsg.hot_openings

    def configure(self, values: "Values") -> None:
        """Take over the parameters."""
        self._fitted = values["precharge_fitted"] != 0
        self._delta_mv = values["precharge_delta_mv"]
        for coil in (self.chg, self.dsg, self.relay):
            coil.configure(values["coil_pull_ms"], values["coil_hold_permille"], values["coil_rest_ms"])

    def scan(self, stack_mv: int, outside_mv: int, current_ma: int) -> None:
        """Once a scan of the AFE: how far the load has come up, and what an opening would break."""
        self._current_ma = current_ma
        if self.relay.state != HOLDING or abs(stack_mv - outside_mv) > self._delta_mv:
            self._near = 0
        elif self._near < NEAR_SCANS:
            self._near += 1

    def step(self, now: int, wanted: int, contacts: int) -> None:
        """Often: drive the coils towards `wanted`. `contacts`: bits that read closed; -1: none is sensed."""
        looked_ms = ticks.diff(now, self._last)
        self._last = now
        if not 0 <= looked_ms < BLIND_MS:
            wanted = looked_ms = 0  # nobody knows what has dropped meanwhile: begin again from open
        elif looked_ms > _LOOK_MS:
            looked_ms = _LOOK_MS
        chg = self.chg
        dsg = self.dsg
        # Each contactor has a port of its own, so it breaks the current of its direction.
        chg.step(now, looked_ms, wanted & CHG != 0, _contact(contacts, CHG), self._current_ma > HOT_MA)
        dsg.waits = self._fitted and self._near < NEAR_SCANS
        dsg.step(now, looked_ms, wanted & DSG != 0, _contact(contacts, DSG), self._current_ma < -HOT_MA)
        self.closed = (CHG if chg.closed else 0) | (DSG if dsg.closed else 0)
        self.welded = (CHG if chg.welded else 0) | (DSG if dsg.welded else 0)
        self.failed = (CHG if chg.failed else 0) | (DSG if dsg.failed else 0)
        arrived = (CHG if chg.state == HOLDING else 0) | (DSG if dsg.state == HOLDING else 0)
        self.moving = wanted & ~(arrived | self.welded | self.failed)
        self._precharge(now, looked_ms)

    def _precharge(self, now: int, looked_ms: int) -> None:
        """From when DSG could close until it has."""
        relay = self.relay
        coming = self._fitted and self.moving & DSG and self.dsg.state != RESTING
        relay.step(now, looked_ms, bool(coming), UNSENSED, False)
        self.precharging = relay.state >= PULLING
        if not self.precharging:
            self._near = 0


def _contact(contacts: int, which: int) -> int:
    if contacts < 0:
        return UNSENSED
    return MADE if contacts & which else APART
