"""Steps in which a current flows, or a meter is asked: the shunt's sign, bleeding, voltages and the gain."""

from micropython import const

from bms.app import fronts
from bms.app.procedures import LOOK, ask, mean, sees_outside, wait
from bms.core import commission
from bms.core import snapshot as s
from bms.drivers.afe import AfeError
from bms.services.command import CommandError

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.app.parts import Parts
    from bms.app.procedures import Steps
    from bms.core.commission import Verdict

_CHARGER_S = const(120)
_METER_S = const(180)
_FLOWS = const(50)  # cycles in which a charger must have begun
_WAITS = const(300)  # and where nobody can see one before: in which somebody must have plugged it in
_SURE = const(3)  # cycles in a row
_BLEEDS = const(4)  # seconds
_GROUPS = const(4)  # cells bled at once have three others between them
LABEL = "label"


def begin(p: "Parts", step: int) -> "Steps":
    """The step by its number."""
    return (_shunt, _bleed, _volts, _amps)[step - commission.SHUNT](p)


def milli(text: str) -> int:
    """Thousandths of a decimal number, such as 13.21; CommandError if it is none."""
    whole, _, rest = text.partition(".")
    digits = whole + (rest + "000")[:3]
    if not (0 < len(whole) < 6 and len(rest) < 4) or [c for c in whole + rest if c not in "0123456789"]:
        raise CommandError(f"'{text[:12]}' is not a figure: write it as 13.21")
    return int(digits)


def _charging(p: "Parts") -> "Steps":
    """Wait for a charger, see that nothing passes the open switch, close it, wait until something flows."""
    snap = p.snap
    yield from wait(LOOK)  # what was outside before is no news
    if sees_outside(p):
        left = _CHARGER_S * LOOK
        while not snap.charger:
            ask(p, "charger")
            yield None
            left -= 1
            if not left:
                yield "shunt-late", [_CHARGER_S]
        yield from wait(LOOK)
    if abs(snap.current_ma) >= s.IDLE_MA:
        yield "shunt-past", [snap.current_ma]
    ask(p, "shunt" if sees_outside(p) else "charger")
    p.arming.closing = s.CHG
    row = 0
    left = _FLOWS if sees_outside(p) else _WAITS
    while row < _SURE:
        yield None
        row = row + 1 if snap.fresh and abs(snap.current_ma) >= s.IDLE_MA else 0
        left -= 1
        if left <= 0 and not row:
            yield "shunt-none", [(_FLOWS if sees_outside(p) else _WAITS) // LOOK]


def _shunt(p: "Parts") -> "Steps":
    yield from _charging(p)
    yield commission.direction(p.snap.current_ma)


def _bleed(p: "Parts") -> "Steps":
    """A quarter of the cells at a time."""
    snap = p.snap
    for group in range(_GROUPS):
        mask = 0
        for cell in range(group, len(snap.cells_mv), _GROUPS):
            mask |= 1 << cell
        if not mask:
            continue
        before: list[int] = []
        yield from mean(p, before)
        ask(p, "bleed", ", ".join([str(k + 1) for k in range(len(before)) if mask & 1 << k]))
        p.keeper.balance(mask)
        closed = 0
        verdict: "Verdict" = ("", [])
        for _ in range(_BLEEDS):
            for _ in range(LOOK):
                yield None
                verdict = commission.bled(mask, mask, before, snap.cells_mv)
                if "-" in verdict[0]:
                    yield verdict
            closed = _closed(p)
            verdict = commission.bled(mask, closed, before, snap.cells_mv)
            if "-" not in verdict[0]:
                break
        p.keeper.balance(0)
        if "-" in verdict[0]:
            yield verdict
        yield from wait(2 * LOOK)
    yield commission.NAMES[commission.BLEED], []


def _closed(p: "Parts") -> int:
    """The cells that the front end says it bleeds; none if it does not say."""
    try:
        return fronts.bled(p.keeper.afe, p.hal)
    except AfeError:
        return 0


def _volts(p: "Parts") -> "Steps":
    """The pack, or one cell, against a meter."""
    figure, _, cell = p.arming.figure.partition(" ")
    meter_mv = milli(figure)
    ours: list[int] = []
    yield from mean(p, ours)
    yield commission.voltage(ours[int(cell) - 1] if cell else sum(ours), meter_mv)


def _amps(p: "Parts") -> "Steps":
    """Show what flows until somebody says what the meter shows."""
    snap = p.snap
    if p.arming.figure == LABEL:
        yield commission.NAMES[commission.AMPS], []
    yield from _charging(p)
    p.arming.figure = ""
    for _ in range(_METER_S):
        total = 0
        for _ in range(LOOK):
            yield None
            total += snap.current_ma
        ours_ma = total // LOOK
        if ours_ma < commission.CALIBRATE_MA:
            yield "amps-little", [ours_ma, commission.CALIBRATE_MA]
        ask(p, "amps", ours_ma)
        if p.arming.figure:
            shunt_uohm = p.settings.values["shunt_uohm"]
            verdict, better_uohm = commission.current(ours_ma, milli(p.arming.figure), shunt_uohm)
            if "-" not in verdict[0] and better_uohm != shunt_uohm:
                verdict[1].append(better_uohm)
            yield verdict
    yield "amps-late", [_METER_S]
