"""Words for the state of the pack: which faults stand, and why the mode is what it is."""

from micropython import const

from bms.core import faults as f
from bms.core import path, protection
from bms.core import snapshot as s
from bms.services import texts

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.app.parts import Parts
    from bms.core.snapshot import Snapshot
    from bms.ports import Row

_ALL_WELL = {
    path.ACTIVE: "charging and discharging are allowed",
    path.SELFTEST: "checking three scans before the path may close",
    path.STANDBY: "nobody asks for power: 'resume', or the enable input, closes the path",
    path.PRECHARGE: "the load comes up through the precharge resistor",
    path.SHIP: "asleep for transport: press the button to wake the firmware, a charger wakes the AFE",
}
# Unit of each source in the snapshot, by the end of its name; what is not here is a yes or no.
_IN_MV = (
    s.CELL_MAX_MV, s.CELL_MIN_MV, s.SPREAD_MV, s.STACK_ERROR_MV, s.STACK_CELL_MV, s.PACK_CELL_MV, s.DROP_MV,
    s.JUMP_MV, s.TAP_MV, s.FROZEN_MV, s.SOUND_MIN_MV, s.SOUND_MAX_MV, s.AUX_MV,
)  # fmt: skip
_IN_MA = (
    s.CHARGE_MA,
    s.DISCHARGE_MA,
    s.RESCUE_MA,
    s.CHG_WELD_MA,
    s.DSG_WELD_MA,
    s.OFF_MA,
    s.WRONG_PORT_MA,
)
_IN_MS = (s.AGE_MS, s.SILENT_MS, s.FET_MISMATCH_MS, s.PRECHARGE_MS, s.LATE_MS)
_IN_DDEGC = (
    s.TEMP_MAX_DDEGC, s.TEMP_MIN_DDEGC, s.DIE_DDEGC, s.TEMP_SPREAD_DDEGC, s.FET_DDEGC, s.TEMP_RISE_DDEGC,
)  # fmt: skip
_UNITS = ((_IN_MV, "mV", 1), (_IN_MA, "mA", 1), (_IN_MS, "ms", 1), (_IN_DDEGC, "C", 10))


def faults_standing(protect: protection.Protection) -> list[str]:
    """Mnemonics of everything that stands, warnings included."""
    return [f.ROWS[i][f.MNEMONIC] for i in range(protect.count) if protect.state[i] >= protection.TRIPPED]


def words(row: "Row") -> tuple[str, str]:
    """What a fault is, and what to do about it; read from flash, so not for the fast half."""
    found = texts.find("faults", row[f.MNEMONIC])
    return (found[0], found[1]) if len(found) == 2 else (texts.MISSING, texts.MISSING)


def limp_causes(protect: protection.Protection) -> list[str]:
    """What stands of that which takes current away without opening, in words."""
    causes = []
    for i in range(protect.count):
        row = f.ROWS[i]
        if protect.state[i] >= protection.TRIPPED and row[f.OPENS] & s.LIMP:
            text, advice = words(row)
            causes.append(f"{row[f.MNEMONIC]}, {text}. {advice}")
    return causes


def evidence(snap: "Snapshot", row: "Row", value: int) -> str:
    """The figure that made a row trip or clear, as ' (cell 7: 4262 mV)'; empty for a yes or no."""
    source = row[f.SOURCE]
    where = ""
    if source in (s.CELL_MAX_MV, s.SOUND_MAX_MV):
        where = f"cell {snap.cell_max_at + 1}: "
    elif source in (s.CELL_MIN_MV, s.SOUND_MIN_MV):
        where = f"cell {snap.cell_min_at + 1}: "
    elif source == s.JUMP_MV:
        where = f"cell {snap.jump_at + 1}: "
    elif source == s.TAP_MV:
        where = f"cells {snap.tap_at} and {snap.tap_at + 1}: "
    elif source == s.FROZEN_MV:
        where = f"cell {snap.frozen_at + 1}: "
    if value == s.ABSENT:
        return " (its sense input says so)"
    for sources, unit, per in _UNITS:
        if source in sources:
            return f" ({where}{value / per if per > 1 else value:g} {unit})"
    return ""


def why(p: "Parts") -> str:
    """One sentence for the mode: the gravest standing fault, or what is being waited for."""
    worst = -1
    gravest = 0
    for i in range(p.protect.count):
        state = p.protect.state[i]
        if state >= protection.TRIPPED and f.ROWS[i][f.CLASS] != f.WARNING:
            # What opens everything explains more than what opens one direction; an empty cell explains least.
            opens = f.ROWS[i][f.OPENS]
            weight = 512 * state + (256 if opens & s.BOTH == s.BOTH else 0) + opens
            if f.ROWS[i][f.RELEASE] != f.CHARGING:
                weight += 128
            if weight > gravest:
                gravest = weight
                worst = i
    if worst >= 0:
        row = f.ROWS[worst]
        if row[f.MNEMONIC] == "PARAMS_INVALID":
            return "the parameters are not usable: " + "; ".join(p.settings.reasons[:3])
        locked = p.protect.state[worst] == protection.LOCKED
        held = " (locked out; reset when the cause is gone)" if locked else ""
        text, advice = words(row)
        return f"{row[f.MNEMONIC]}: {text}{held}. {advice}"
    if p.loop.mode == path.LIMP_HOME:
        return "reduced current: " + "; ".join(limp_causes(p.protect))
    if p.loop.mode == path.BOOT:
        return p.keeper.error or "setting up the AFE"
    if p.loop.mode == path.STANDBY and p.arming.missing:
        return p.arming.why()
    return _ALL_WELL.get(p.loop.mode, "")
