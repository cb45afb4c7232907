"""Modules that are needed for a moment, and let go afterwards: a controller has no memory for all at once.

What is imported within a function, where it is used, can be forgotten here and is loaded again from flash
the next time, which takes an RP2040 some 20 ms a module. So it has no place in the fast half of a cycle. On a
computer everything stays: there is room, and tests hold on to what they have imported.

The lists are one string each: as forty strings they take 2 KB for ever.
"""

import sys

# Needed once, to wire the parts together, and to find the end of the journal.
BUILD = "bms.app.compose bms.app.waking bms.app.fronts bms.services.journal_reader"
# Needed until the AFE is set up, and for each new set of parameters.
SET_UP = (
    "bms.core.params bms.core.params_check bms.app.enforce bms.drivers.bq76952_registers "
    "bms.drivers.bq76952_config bms.drivers.bq76952_board bms.drivers.bq76952_setup "
    "bms.drivers.bq769x0_setup bms.drivers.bq769x0_limits bms.drivers.monitor_setup"
)
# Needed to answer people and programs, in the order in which they need each other.
DESK = (
    "bms.app.fronts bms.services.rpc bms.app.views bms.core.checkup bms.app.wellness bms.app.answers "
    "bms.app.commands"
)
# Needed by some of the commands, one after the other.
PARTS = (
    "bms.services.journal_reader bms.app.figures bms.app.past_views bms.app.past bms.core.params "
    "bms.core.params_check bms.app.parameters bms.core.diagnosis bms.app.care bms.app.calibration "
    "bms.app.selftest bms.app.commission bms.app.discover bms.services.pin bms.app.pinpad"
)


def is_small() -> bool:
    """Whether this runs where memory is short."""
    return sys.implementation.name == "micropython"


def is_loaded(name: str) -> bool:
    """Whether an import of this would cost nothing."""
    return name in sys.modules


def forget(names: str) -> None:
    """Let these go (a name each, and blanks); whoever holds on to what is in them keeps that alive."""
    if not is_small():
        return
    for name in names.split():
        if name in sys.modules:
            del sys.modules[name]
            package, last = name.rsplit(".", 1)
            delattr(sys.modules[package], last)
