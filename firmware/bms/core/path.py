"""The power path: which mode the pack is in, and which directions that mode may close.

A table of transitions, most dangerous first; the first row that fits is taken, and what no row fits stays.
Charge and discharge are decided apart: the mode says what may close, the standing faults take their
directions away.
"""

from micropython import const

from bms.core.snapshot import BOTH, CHG, DSG, LIMP

BOOT = const(0)  # parameters or AFE not ready
SELFTEST = const(1)  # waiting for good consecutive scans in which nothing is wrong
STANDBY = const(2)  # ready, and nobody wants the path
PRECHARGE = const(3)  # the load comes up through a resistor
ACTIVE = const(4)
CHARGE_ONLY = const(5)
DISCHARGE_ONLY = const(6)
LIMP_HOME = const(7)  # both directions, at reduced current
FAULT = const(8)  # a trip or lockout holds both directions open
PERMANENT_FAULT = const(9)
SHIP = const(10)  # asleep for transport and storage
NAMES = (
    "boot",
    "selftest",
    "standby",
    "precharge",
    "active",
    "charge_only",
    "discharge_only",
    "limp",
    "fault",
    "permanent",
    "ship",
)

# What is known this cycle, as bits.
DEAD = const(1)  # a permanent fault stands
NO_CHARGE = const(2)  # a fault opens the charge direction
NO_DISCHARGE = const(4)
READY = const(8)  # parameters valid, AFE configured and read back
PROVEN = const(16)  # enough good consecutive scans since READY, and no trip on its way
WANTED = const(32)  # nobody asks for standby
SHIPPED = const(64)  # somebody asks for ship mode
PRECHARGING = const(128)  # a precharge is fitted and the discharge switch is not closed yet
LIMPING = const(256)  # a fault takes current away without opening
_FACTS = const(9)  # bits

_NEITHER = const(6)  # NO_CHARGE | NO_DISCHARGE
_GOING = (SELFTEST, PRECHARGE, ACTIVE, CHARGE_ONLY, DISCHARGE_ONLY, LIMP_HOME)
_ANY = (BOOT, SELFTEST, STANDBY, PRECHARGE, ACTIVE, CHARGE_ONLY, DISCHARGE_ONLY, LIMP_HOME, FAULT)

# (from, these bits set, these bits clear, to)
TRANSITIONS = (
    (_ANY, DEAD, 0, PERMANENT_FAULT),
    (_ANY, SHIPPED, 0, SHIP),
    (_ANY, _NEITHER, 0, FAULT),
    (_ANY, 0, READY, BOOT),
    (_ANY, 0, WANTED, STANDBY),
    ((BOOT, STANDBY, FAULT), READY, 0, SELFTEST),
    ((SELFTEST,), 0, PROVEN, SELFTEST),
    (_GOING, PRECHARGING, NO_DISCHARGE, PRECHARGE),
    (_GOING, NO_DISCHARGE, 0, CHARGE_ONLY),
    (_GOING, NO_CHARGE, 0, DISCHARGE_ONLY),
    (_GOING, LIMPING, 0, LIMP_HOME),
    (_GOING, 0, 0, ACTIVE),
)

# The directions that a mode may close.
MAY_CLOSE = (0, 0, 0, BOTH, BOTH, CHG, DSG, BOTH, 0, 0, 0)


class PowerPath:
    """Holds the mode and steps it by the table."""

    def __init__(self) -> None:
        self.mode = BOOT
        self._stays = -1  # mode and facts that lead nowhere else, and so nowhere else the next time

    def step(self, facts: int, blocks: int) -> int:
        """Advance on this cycle's facts; returns the directions to close (CHG | DSG). Allocates nothing."""
        if blocks & CHG:
            facts |= NO_CHARGE
        if blocks & DSG:
            facts |= NO_DISCHARGE
        if blocks & LIMP:
            facts |= LIMPING
        before = self.mode << _FACTS | facts
        if before != self._stays:
            self.mode = _next(self.mode, facts)
            self._stays = before if self.mode == before >> _FACTS else -1
        return MAY_CLOSE[self.mode] & ~blocks

    def restart(self) -> None:
        """Begin again from the start-up mode; only a permanent fault is beyond this."""
        if self.mode != PERMANENT_FAULT:
            self.mode = BOOT


def _next(mode: int, facts: int) -> int:
    """The mode after this one."""
    for sources, needs, forbids, target in TRANSITIONS:
        if mode in sources and facts & needs == needs and not facts & forbids:
            return target
    return mode
