"""From bare board to armed pack: which steps prove the wiring, what each must show, and what undoes it.

A step counts for the wiring that it was passed on: with another number of cells, other thermistors or another
shunt the steps that such a change can spoil are asked for again. What a step saw becomes a verdict here, a
key of bms/texts/commission.txt with its figures; who makes things happen, and waits, is the app.

The order is that of need: nothing is closed before the taps are known to be right, no current is asked for
before each switch has shown that it follows, and nothing is calibrated before its sign is known.
"""

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from array import array

    from bms.ports import Fields, Values

    Verdict = tuple[
        str, list[int | str]
    ]  # key of a text, and its figures; a key without '-' is a step passed

RECORD = "commission"  # its file

CELLS, ORDER, TAPS, THERMISTORS, FETS, SHUNT, BLEED, VOLTS, AMPS = range(9)
NAMES = ("cells", "order", "taps", "thermistors", "fets", "shunt", "bleed", "volts", "amps")
ALL = const(511)
READINGS = const(7)  # CELLS, ORDER, TAPS: what everything else relies on
NEEDS = (0, 0, 3, 0, READINGS, 23, READINGS, 3, 55)

# What each piece of the wiring bears on: cell_count, thermistors, fet_thermistor, shunt_uohm.
_WIRING = ("cell_count", "thermistors", "fet_thermistor", "shunt_uohm")
_BEARS_ON = (199, 8, 8, 288)

_NOTHING_MV = const(500)
_REVERSED_MV = const(-100)
_DRIFT_MV = const(80)  # a tap that hangs loose sinks some 150 mV in a second, and takes two cells apart
_OPEN_MV = const(150)
_WARM_DDEGC = const(20)
_CLEARLY_DDEGC = const(10)
_DIP_MV = const(50)  # what bleeding shows on a good wire is a fraction of a millivolt
_METER_PERMILLE = const(10)
_METER_LEAST_MV = const(20)
_GAIN_PERMILLE = const(100)  # more than any shunt is off by
_EXACT_PERMILLE = const(3)
_SERVED_S = const(3600)
CALIBRATE_MA = const(500)
SWITCHES = ("", "charge", "discharge", "charge and discharge")


def wiring(values: "Values") -> list[int]:
    """What the steps are proofs of."""
    return [values[name] for name in _WIRING]


def bare(served: bool = False) -> "Fields":
    """The record of a board of which nothing is proven; `served`: it was in service once."""
    return {"passed": 0, "wiring": None, "sensors": 0, "served": served, "figures": [0] * len(NAMES)}


def vouched(values: "Values") -> "Fields":
    """The record of a pack that somebody answers for: a builder, or the years that it has run."""
    kept = bare(True)
    kept["passed"] = ALL
    kept["wiring"] = wiring(values)
    return kept


def in_service(operating_s: int, moved_ah: int) -> bool:
    """Whether a pack without a record ran on a firmware that asked for none: it must not be stranded.

    That firmware closed the path of whatever was described to it. An hour of it, or an ampere-hour through
    it, is no look at the bench any more. Firmware that asks leaves a record with its first boot.
    """
    return operating_s >= _SERVED_S or moved_ah > 0


def passed(kept: "Fields", values: "Values") -> int:
    """The steps that count for this wiring, as bits; no content of a record makes this raise."""
    done = kept.get("passed")
    was = kept.get("wiring")
    if not values or not isinstance(done, int) or not isinstance(was, list) or len(was) != len(_WIRING):
        return 0
    now = wiring(values)
    for i in range(len(now)):
        if was[i] != now[i]:
            done &= ~_BEARS_ON[i]
    return done & ALL


def required(values: "Values") -> int:
    """The steps that this pack needs: without balancing there is none to be proven."""
    return ALL & ~(0 if values.get("balance_max_cells", 1) else 1 << BLEED)


def names(bits: int) -> list[str]:
    """Of the steps in a mask."""
    return [NAMES[i] for i in range(len(NAMES)) if bits & 1 << i]


def next_step(missing: int) -> int:
    """The first that can be done now, -1 if there is none left."""
    for i in range(len(NAMES)):
        if missing & 1 << i and not NEEDS[i] & missing:
            return i
    return -1


# -- verdicts


def count(cells_mv: "array[int]", stack_mv: int) -> "Verdict":
    """As many cells as the parameter says: each input sees one, and together they are the stack."""
    for index in range(len(cells_mv)):
        if abs(cells_mv[index]) < _NOTHING_MV and cells_mv[index] > _REVERSED_MV:
            return "cells-nothing", [index + 1, cells_mv[index], len(cells_mv)]
    middle = sorted(cells_mv)[len(cells_mv) // 2]
    middle = max(_NOTHING_MV, middle)
    seen = (stack_mv + middle // 2) // middle
    total = sum(cells_mv)
    if abs(stack_mv - total) * 2 >= middle:
        return "cells-count", [stack_mv, total, seen, len(cells_mv)]
    return NAMES[CELLS], [stack_mv]


def order(cells_mv: "array[int]") -> "Verdict":
    """Every cell the right way round, and none that spans two."""
    middle = sorted(cells_mv)[len(cells_mv) // 2]
    first = last = 0
    for index in range(len(cells_mv)):
        if cells_mv[index] <= _REVERSED_MV:
            first = first or index + 1
            last = index + 1
    if first:
        return "order-reversed", [first - 1, last, first]
    for index in range(len(cells_mv)):
        if cells_mv[index] * 2 > middle * 3 or cells_mv[index] * 3 < middle:
            return "order-odd", [index + 1, cells_mv[index], middle]
    return NAMES[ORDER], [max(cells_mv) - min(cells_mv)]


def taps(before_mv: list[int], cells_mv: "array[int]", apart_mv: int, apart_at: int) -> "Verdict":
    """No wire hangs loose: `apart_mv` as `plausible` sees it, and what has drifted since `before_mv`."""
    if apart_mv >= _OPEN_MV:
        return "taps-open", [apart_at]
    moved = [cells_mv[i] - before_mv[i] for i in range(len(before_mv))]
    for i in range(1, len(moved)):
        opposite = moved[i] < 0 < moved[i - 1] or moved[i - 1] < 0 < moved[i]
        if opposite and abs(moved[i] - moved[i - 1]) >= _DRIFT_MV:
            return "taps-open", [i]
    return NAMES[TAPS], [max([abs(each) for each in moved])]


def warmed(coldest: list[int], now_ddegc: list[int], asked: int, done: int) -> "Verdict":
    """Whether the sensor that was asked for got warm, or another that is not `done`; "": neither yet."""
    rises = [now_ddegc[i] - coldest[i] for i in range(len(coldest))]
    if rises[asked] >= _WARM_DDEGC:
        return NAMES[THERMISTORS], [asked + 1, rises[asked]]
    for other in range(len(rises)):
        clearly = rises[other] >= _WARM_DDEGC and rises[other] - rises[asked] >= _CLEARLY_DDEGC
        if clearly and not done & 1 << other:
            return "thermistors-other", [other + 1, asked + 1]
    return "", []


def reads(closed: int, told: int) -> "Verdict":
    """What reads closed against what was told, both 1 charge and 2 discharge."""
    if closed == told:
        return NAMES[FETS], []
    if closed & ~told:
        return "fets-extra", [SWITCHES[closed & ~told]]
    return "fets-missing", [SWITCHES[told]]


def direction(current_ma: int) -> "Verdict":
    """The sign of a current that can only be a charge."""
    if current_ma < 0:
        return "shunt-reversed", [current_ma]
    return NAMES[SHUNT], [current_ma]


def bled(wanted: int, seen: int, before_mv: list[int], cells_mv: "array[int]") -> "Verdict":
    """The front end bleeds what it was told, and no reading minds: behind a bad wire it would sag."""
    for index in range(len(before_mv)):
        if wanted & ~seen & 1 << index:
            return "bleed-missing", [index + 1]
    for index in range(len(before_mv)):
        if wanted & 1 << index and abs(cells_mv[index] - before_mv[index]) >= _DIP_MV:
            return "bleed-wire", [index + 1, cells_mv[index] - before_mv[index]]
    return NAMES[BLEED], []


def voltage(ours_mv: int, meter_mv: int) -> "Verdict":
    """Ours against a meter. A front end is trimmed by its maker: what differs is the wiring, or the meter."""
    if abs(ours_mv - meter_mv) > max(_METER_LEAST_MV, meter_mv * _METER_PERMILLE // 1000):
        return "volts-off", [ours_mv, meter_mv]
    return NAMES[VOLTS], [ours_mv - meter_mv]


def current(ours_ma: int, meter_ma: int, shunt_uohm: int) -> "tuple[Verdict, int]":
    """Ours against a meter, and the resistance that the shunt then has."""
    meter_ma = abs(meter_ma)
    if abs(ours_ma - meter_ma) * 1000 // max(1, meter_ma) > _GAIN_PERMILLE:
        return ("amps-off", [ours_ma, meter_ma]), shunt_uohm
    if abs(ours_ma - meter_ma) * 1000 <= _EXACT_PERMILLE * meter_ma:
        return (NAMES[AMPS], [ours_ma, meter_ma]), shunt_uohm
    return (NAMES[AMPS], [ours_ma, meter_ma]), int(shunt_uohm * (ours_ma / meter_ma) + 0.5)
