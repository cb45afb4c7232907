"""A snapshot and parameter sets for tests of the core, so that each test says only what it is about."""

from array import array

from bms.core import params, protection
from bms.core import snapshot as s
from bms.core.snapshot import Snapshot

NMC = {"chemistry": "nmc", "cell_count": 4, "capacity_mah": 5000, "shunt_uohm": 1000}
LFP = {"chemistry": "lfp", "cell_count": 4, "capacity_mah": 100000, "shunt_uohm": 250}


def values(given: dict = LFP, **changes: int) -> dict:
    """All parameters, resolved, with some changed."""
    return params.resolve(dict(given, **changes))


def calm(cell_mv: int = 3300, cells: int = 4) -> Snapshot:
    """A fresh, valid picture of a pack at rest with both FETs closed, at 25 degC."""
    snap = Snapshot(array("i", [cell_mv] * cells), array("i", [250]))
    snap.stack_mv = snap.pack_mv = cell_mv * cells
    snap.die_ddegc = 300
    snap.fets = s.BOTH
    snap.fresh = snap.valid = True
    snap.derive()
    return snap


def protect(given: dict = LFP, **changes: int) -> protection.Protection:
    """The fault table, configured."""
    machine = protection.Protection()
    machine.configure(values(given, **changes))
    return machine
