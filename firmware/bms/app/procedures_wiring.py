"""Steps that look at the wiring: cells, their order, loose taps, thermistors, and each switch by itself."""

from micropython import const

from bms.app.procedures import LOOK, ask, mean, record, sees_outside, wait
from bms.core import commission
from bms.core import snapshot as s

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.app.parts import Parts
    from bms.app.procedures import Steps
    from bms.core.commission import Verdict

_TAPS_S = const(10)
_FINGER_S = const(120)
_FOLLOWS = const(12)  # cycles in which a switch must have followed: below what counts as a mismatch
_MOVES = const(60)  # and a contactor, or one with a precharge before it
_SURE = const(3)  # cycles in a row


def begin(p: "Parts", step: int) -> "Steps":
    """The step by its number."""
    return (_cells, _order, _taps, _thermistors, _fets)[step](p)


def _cells(p: "Parts") -> "Steps":
    yield from wait(LOOK)
    yield commission.count(p.snap.cells_mv, p.snap.stack_mv)


def _order(p: "Parts") -> "Steps":
    yield from wait(LOOK)
    yield commission.order(p.snap.cells_mv)


def _taps(p: "Parts") -> "Steps":
    """A loose wire is pulled away by the front end's own check, slowly: watch it."""
    before: list[int] = []
    yield from mean(p, before)
    verdict: "Verdict" = ("", [])
    for left_s in range(_TAPS_S, 0, -1):
        ask(p, "taps", left_s)
        yield from wait(LOOK)
        verdict = commission.taps(before, p.snap.cells_mv, p.snap.values[s.TAP_MV], p.snap.tap_at)
        if "-" in verdict[0]:
            break
    yield verdict


def _temperatures(p: "Parts") -> "tuple[list[int], int]":
    """All of them, the FETs' last, and bits of those that are broken."""
    snap = p.snap
    found = list(snap.temps_ddegc)
    bad = snap.temps_bad
    if p.settings.values["fet_thermistor"]:
        bad |= snap.fet_bad << len(found)
        found.append(snap.fet_ddegc)
    return found, bad


def _thermistors(p: "Parts") -> "Steps":
    """One after the other; which are done outlives a power cut."""
    verdict: "Verdict" = ("", [0, 0])
    for sensor in range(len(_temperatures(p)[0])):
        kept = record(p)
        done = kept["sensors"]
        if done & 1 << sensor:
            continue
        coldest = _temperatures(p)[0]
        for _ in range(_FINGER_S * LOOK // _SURE):
            now, bad = _temperatures(p)
            if bad & 1 << sensor:
                yield "thermistors-broken", [sensor + 1]
            coldest[sensor] = min(coldest[sensor], now[sensor])
            rise = now[sensor] - coldest[sensor]
            ask(p, "thermistors", sensor + 1, f"{rise // 10}.{rise % 10} C")
            verdict = commission.warmed(coldest, now, sensor, done)
            if verdict[0]:
                break
            yield from wait(_SURE)
        if "-" in verdict[0]:
            yield verdict
        if not verdict[0]:
            yield "thermistors-dead", [sensor + 1, _FINGER_S]
        kept["sensors"] |= 1 << sensor
        p.arming.keep(kept)
    yield commission.NAMES[commission.THERMISTORS], verdict[1][1:]


def _fets(p: "Parts") -> "Steps":
    """Each alone, with nothing flowing: what reads closed, and what then stands outside."""
    snap = p.snap
    yield from wait(LOOK)
    # Behind the diode of an open charge switch nothing comes up far enough to end a precharge.
    second = s.BOTH if p.precharge and not p.hal.contactors else s.DSG
    for told in (0, s.CHG, second):
        if abs(snap.current_ma) >= s.IDLE_MA:
            yield "fets-current", [snap.current_ma]
        if sees_outside(p) and snap.pack_mv * 2 > snap.stack_mv:
            yield "fets-outside", [snap.pack_mv]
        if not told:
            continue
        ask(p, "fets", commission.SWITCHES[told])
        p.arming.closing = told
        follows = _MOVES if p.hal.contactors or p.precharge else _FOLLOWS
        verdict: "Verdict" = ("", [])
        row = waited = 0
        while row < _SURE:
            yield None
            waited += 1
            verdict = commission.reads(snap.fets & s.BOTH, told)
            row = 0 if "-" in verdict[0] else row + 1
            if waited >= follows and not row:
                yield verdict
        if sees_outside(p) and told & s.DSG and snap.pack_mv * 2 < snap.stack_mv:
            yield "fets-silent", [snap.pack_mv]
        if sees_outside(p) and told == s.CHG and snap.pack_mv * 2 > snap.stack_mv:
            yield "fets-outside", [snap.pack_mv]
        p.arming.closing = 0
        yield from wait(LOOK)
        verdict = commission.reads(snap.fets & s.BOTH, 0)
        if "-" in verdict[0]:
            yield verdict
    p.resetter.zero()  # what the sensor shows of no current, while that is certain
    yield commission.NAMES[commission.FETS], []
