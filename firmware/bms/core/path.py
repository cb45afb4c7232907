"""The power path: which mode the pack is in, and which FETs that mode may close.

A table of transitions, most dangerous first; what is not listed stays. Charge and discharge are decided
apart: the mode says what may close, the standing faults take their directions away.
"""

from micropython import const

from bms.core.snapshot import BOTH, CHG, DSG

BOOT = const(0)  # parameters or AFE not ready
SELFTEST = const(1)  # waiting for good consecutive scans
ACTIVE = const(2)
CHARGE_ONLY = const(3)
DISCHARGE_ONLY = const(4)
FAULT = const(5)  # a trip or lockout holds both directions open
PERMANENT_FAULT = const(6)
NAMES = ("boot", "selftest", "active", "charge_only", "discharge_only", "fault", "permanent")

# What is known this cycle, as bits.
DEAD = const(1)  # a permanent fault stands
NO_CHARGE = const(2)  # a fault opens the charge direction
NO_DISCHARGE = const(4)
READY = const(8)  # parameters valid, AFE configured and read back
PROVEN = const(16)  # enough good consecutive scans since READY

_NEITHER = const(6)  # NO_CHARGE | NO_DISCHARGE
_CLOSED = (ACTIVE, CHARGE_ONLY, DISCHARGE_ONLY)
_ANY = (BOOT, SELFTEST, ACTIVE, CHARGE_ONLY, DISCHARGE_ONLY, FAULT)

# (from, these bits set, these bits clear, to): the first row that fits is taken.
TRANSITIONS = (
    (_ANY, DEAD, 0, PERMANENT_FAULT),
    (_ANY, _NEITHER, 0, FAULT),
    (_ANY, 0, READY, BOOT),
    ((BOOT, FAULT), READY, 0, SELFTEST),
    (_CLOSED, NO_DISCHARGE, 0, CHARGE_ONLY),
    (_CLOSED, NO_CHARGE, 0, DISCHARGE_ONLY),
    (_CLOSED, 0, 0, ACTIVE),
    ((SELFTEST,), PROVEN | NO_DISCHARGE, 0, CHARGE_ONLY),
    ((SELFTEST,), PROVEN | NO_CHARGE, 0, DISCHARGE_ONLY),
    ((SELFTEST,), PROVEN, 0, ACTIVE),
)

# The FETs that a mode may close.
MAY_CLOSE = (0, 0, BOTH, CHG, DSG, 0, 0)


class PowerPath:
    """Holds the mode and steps it by the table."""

    def __init__(self) -> None:
        self.mode = BOOT

    def step(self, facts: int, blocks: int) -> int:
        """Advance on this cycle's facts; returns the FETs to close (CHG | DSG). Allocates nothing."""
        if blocks & CHG:
            facts |= NO_CHARGE
        if blocks & DSG:
            facts |= NO_DISCHARGE
        mode = self.mode
        for sources, needs, forbids, target in TRANSITIONS:
            if mode in sources and facts & needs == needs and not facts & forbids:
                mode = target
                break
        self.mode = mode
        return MAY_CLOSE[mode] & ~blocks

    def restart(self) -> None:
        """Begin again from the start-up mode; only a permanent fault is beyond this."""
        if self.mode != PERMANENT_FAULT:
            self.mode = BOOT
