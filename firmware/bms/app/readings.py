"""From what the AFE driver decoded to the snapshot that decisions are made on: one picture."""

from micropython import const

from bms.core import snapshot as s
from bms.drivers import afe as chip

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from array import array

    from bms.app.keeper import Keeper
    from bms.core.snapshot import Snapshot
    from bms.ports import Afe

# What the driver calls a trip, and what the fault table calls it.
HARDWARE = (
    (chip.OV, s.HW_OV),
    (chip.UV, s.HW_UV),
    (chip.OCC, s.HW_OCC),
    (chip.OCD1, s.HW_OCD1),
    (chip.OCD2, s.HW_OCD2),
    (chip.SCD, s.HW_SCD),
    (chip.OTC, s.HW_OTC),
    (chip.UTC, s.HW_UTC),
    (chip.OTD, s.HW_OTD),
    (chip.UTD, s.HW_UTD),
    (chip.OTF, s.HW_OT_FET),
    (chip.OTINT, s.HW_OT_DIE),
    (chip.HWD, s.HW_HOST_SILENT),
    (chip.PF, s.HW_FAULT),
    (chip.OTHER, s.HW_FAULT),
)

_MOST_MS = const(1000)  # that one reading is counted for
_NEVER_MS = const(60000)  # ages saturate here
_BY_THERMISTOR = const(0x3C0)  # HW_OTC, HW_UTC, HW_OTD, HW_UTD


def take(afe: "Afe", snap: "Snapshot") -> None:
    """Copy a new scan; whoever knows what the gates close derives the rest. Allocates nothing.

    The cells and temperatures are the driver's own arrays already.
    """
    snap.stack_mv = afe.stack_mv
    snap.pack_mv = afe.pack_mv
    snap.ld_mv = afe.ld_mv
    snap.current_ma = afe.current_ma
    snap.die_ddegc = afe.die_ddegc
    snap.temps_bad = ~afe.temps_ok & ((1 << len(snap.temps_ddegc)) - 1)
    snap.fet_ddegc = afe.fet_ddegc
    snap.fet_bad = not afe.fet_ok
    snap.fets = afe.fets
    bits = 0
    safety = afe.safety
    if safety:
        for theirs, ours in HARDWARE:
            if safety & theirs:
                bits |= ours
    if snap.temps_bad:  # to the AFE a broken thermistor is a very hot or cold one; we know better
        bits &= ~_BY_THERMISTOR
    if snap.fet_bad:
        bits &= ~s.HW_OT_FET
    snap.hardware = bits
    snap.values[s.AGE_MS] = 0
    snap.values[s.STILL] = afe.still
    snap.fresh = True
    snap.valid = True


def none_due(keeper: "Keeper") -> bool:
    """Whether no scan is due yet: those of an AFE that sleeps come later. One that is not read has none."""
    afe = keeper.afe
    return keeper.ready and afe.nap is not None and afe.configured and afe.nap.left_ms > 0


def flowed_ms(afe: "Afe", elapsed_ms: int) -> int:
    """How long the present current has flowed by now."""
    nap = afe.nap
    if nap is None or not (nap.left_ms or nap.owed_ms):
        return min(_MOST_MS, elapsed_ms)
    return nap.flowed_ms(elapsed_ms, afe.fresh)


def grow(values: "array[int]", age: int, by_ms: int) -> None:
    """An age of the snapshot's, later by so much."""
    values[age] = min(_NEVER_MS, values[age] + by_ms)
