"""Words for the state of the pack: which faults stand, and why the mode is what it is."""

from micropython import const

from bms.core import faults as f
from bms.core import path, protection

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.app.parts import Parts

_ALL_WELL = {
    path.ACTIVE: "charging and discharging are allowed",
    path.SELFTEST: "checking three scans before the path may close",
}


def faults_standing(protect: protection.Protection) -> list[str]:
    """Mnemonics of everything that stands, warnings included."""
    return [f.ROWS[i][f.MNEMONIC] for i in range(protect.count) if protect.state[i] >= protection.TRIPPED]


def why(p: "Parts") -> str:
    """One sentence for the mode: the gravest standing fault, or what is being waited for."""
    worst = -1
    gravest = 0
    for i in range(p.protect.count):
        state = p.protect.state[i]
        if state >= protection.TRIPPED and f.ROWS[i][f.CLASS] != f.WARNING:
            # With everything open, what opens everything explains it: a cell that is empty does not.
            weight = 4 * state + (f.ROWS[i][f.OPENS] if p.loop.mode == path.FAULT else 0)
            if weight > gravest:
                gravest = weight
                worst = i
    if worst >= 0:
        row = f.ROWS[worst]
        if row[f.MNEMONIC] == "PARAMS_INVALID":
            return "the parameters are not usable: " + "; ".join(p.settings.reasons[:3])
        locked = p.protect.state[worst] == protection.LOCKED
        held = " (locked out; reset when the cause is gone)" if locked else ""
        return f"{row[f.MNEMONIC]}: {row[f.TEXT]}{held}. {row[f.ADVICE]}"
    if p.loop.mode == path.BOOT:
        return p.keeper.error or "setting up the AFE"
    return _ALL_WELL.get(p.loop.mode, "")
